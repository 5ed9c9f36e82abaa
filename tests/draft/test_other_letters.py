"""The linter on letters of other hands and other styles: each was read, and what it lacks is written below its text.

After a wanted change: UPDATE_SNAPSHOTS=1, then read what changed as the person who checks letters.
"""

import os

import pytest

from tests.draft.conftest import HERE, PROFILE
from triage.draft import lint

LETTERS = sorted((HERE / "letters").glob("*.txt"))
MARK = "\n===== ce qu'il y manque =====\n"
# An administration that prints no notice of automatic sorting.
SILENT = PROFILE.model_copy(
    update={"administration": PROFILE.administration.model_copy(update={"algorithm_notice": ""})}
)


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_a_letter_of_another_hand_is_judged_as_it_was_read(path):
    text, _, read = path.read_text("utf-8").partition(MARK)
    found = [str(finding) for finding in lint(text + "\n", SILENT)]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text.rstrip("\n") + "\n" + MARK + "".join(f"{line}\n" for line in found), "utf-8")
    assert found == read.splitlines()
    assert bool(found) == path.stem.startswith("wrong_")
