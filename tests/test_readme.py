"""Every command README.md shows is run, in the order shown, and prints what the README says it prints."""

import re
import shlex

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def shown() -> list[tuple[str, list[str]]]:
    """(command, lines shown under it) of every `$ triage …` of the README."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, *output = part.strip().splitlines()
            if command.startswith("triage "):
                found.append((command, output))
    return found


@pytest.fixture
def clone(tmp_path):
    for name in ("samples", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def comparable(text: str) -> str:
    """White space and figures aside: another machine may round differently."""
    return re.sub(r"\d+", "#", re.sub(r"[ \t]+", " ", text))


def test_the_commands_print_what_is_shown(run, clone):
    assert len(shown()) >= 6
    for command, expected in shown():
        asked, _, source = command.partition(" < ")
        stdin = (clone / source).read_text("utf-8") if source else ""
        printed = comparable(run(*shlex.split(asked)[1:], stdin=stdin).stdout)
        for line in expected:
            if line.strip() and line.strip() != "…":
                assert comparable(line).strip() in printed, (command, line)


def test_files_the_readme_names_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
