"""Every template on a real mail, as its recipient reads it. After a wanted change: UPDATE_SNAPSHOTS=1, then read them all."""

import os

import pytest

from tests.draft.conftest import HERE, PROFILE, SAMPLE_SITUATIONS
from triage.draft import draft_with, lint
from triage.draft.letters import letters_of
from triage.types import Draft

SNAPSHOTS = HERE / "snapshots"
TEMPLATES = [row["template"] for row in SAMPLE_SITUATIONS]


def shown(draft: Draft) -> str:
    """A draft as text: what a mail program shows, then what the agent is told."""
    listed = [f"  {line}" for line in draft.missing] + ["Sources :"] + [f"  {line}" for line in draft.sources]
    return "\n".join([f"Objet : {draft.subject}", "", draft.body, "-" * 40, "À faire :", *listed]) + "\n"


def test_every_template_has_a_sample():
    assert sorted(TEMPLATES) == sorted(name for name in PROFILE.templates if not name.startswith("_"))
    assert sorted(TEMPLATES) == sorted(letter.template for letter in letters_of(PROFILE).letter)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_reads_as_it_was_read(template, sample):
    found = shown(draft_with(template, sample(template)))
    path = SNAPSHOTS / f"{template}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8")


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_linter_finds_only_gaps_in_our_own_letters(template, sample):
    body = draft_with(template, sample(template)).body
    assert [str(found) for found in lint(body, PROFILE) if found.article != "brouillon"] == []
