"""Labelled texts on their way to training or evaluation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.errors import CorpusError


@dataclass(frozen=True)
class Example:
    """One labelled text: `text` is masked with its subject on the first line; `labels` maps axis to label.

    `acceptable` lists further services a competent colleague would accept; `group` keeps siblings (one thread,
    one author's batch) on the same side of every split; `sender` feeds the vocabulary rule. `secondary` lists the
    services of further requests in the same mail, `origin` says where the text comes from (`invented`…), and `traits`
    (see traits.py) places it in subgroups: only evaluation reads them. A `repeat` of another example makes that one
    weigh more in learning. One `singled_out` was labelled because it was doubtful or wrong. Both are learned, but no
    figure and no promise counts them: they are not like the mail at large.
    weigh more in learning; no figure and no promise counts it. `flags` are all it has, None where nobody said.
    """

    id: str
    text: str = field(repr=False)
    labels: Mapping[str, str]
    acceptable: tuple[str, ...] = ()
    group: str = ""
    sender: str = ""
    secondary: tuple[str, ...] = ()
    origin: str = ""
    traits: Mapping[str, str] = field(repr=False, default_factory=dict)
    repeat: bool = False
    singled_out: bool = False
    flags: tuple[str, ...] | None = None


def with_axis(examples: Sequence[Example], axis: str) -> list[Example]:
    """The examples labelled on an axis. Raises CorpusError when they hold fewer than two labels."""
    labelled = [example for example in examples if axis in example.labels]
    names = sorted({example.labels[axis] for example in labelled})
    if len(names) < 2:
        found = f"only {names[0]!r}" if names else "none"
        raise CorpusError(
            f"axis {axis!r} needs at least two labels, the corpus has {found}: add rows or choose another --axis"
        )
    return labelled


def folds(examples: Sequence[Example], axis: str, count: int, seed: int) -> NDArray[np.int64]:
    """Fold number of each example, shape (examples,): labels spread evenly, groups kept whole, fixed by the seed."""
    generator = np.random.default_rng(seed)
    groups: dict[str, list[int]] = {}
    for i, example in enumerate(examples):
        groups.setdefault(example.group or f"\0{i}", []).append(i)
    members = list(groups.values())
    drawn = generator.permutation(len(members)).tolist()
    main_label = [Counter(examples[i].labels[axis] for i in group).most_common(1)[0][0] for group in members]
    found = np.zeros(len(examples), dtype=np.int64)
    for rank, group in enumerate(sorted(drawn, key=main_label.__getitem__)):  # stable: random within a label
        found[members[group]] = rank % count
    return found
