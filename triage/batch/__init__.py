"""Sources of mail -> an output folder: in chunks, on one process, several, or a cluster; resumable, in input order.

DIR/results.jsonl   one object per message (written whole at the end)   DIR/drafts/*.eml   reply drafts
DIR/journal.sqlite  what is done: a run that stops goes on from here    DIR/run.json       what the run was and did

Only this package imports dask, inside the functions of `cluster.py`.
"""

from triage.batch.local import prepare
from triage.batch.outputs import counts
from triage.batch.place import shared_journal
from triage.batch.plan import Export, Patience, Placing, Plan, Sorting
from triage.batch.recipe import Done, Recipe, with_origin
from triage.batch.running import preview, results, run
from triage.batch.sorter import NO_SERVICE
from triage.batch.summary import Summary

__all__ = [
    "NO_SERVICE",
    "Done",
    "Export",
    "Patience",
    "Placing",
    "Plan",
    "Recipe",
    "Sorting",
    "Summary",
    "counts",
    "prepare",
    "preview",
    "results",
    "run",
    "shared_journal",
    "with_origin",
]
