"""Labels that exist no more are not learned, wherever a corpus or a verdict still bears them."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from triage.classify.examples import Example


def shared(known: Mapping[str, Collection[str]], examples: Sequence[Example]) -> dict[str, Collection[str]]:
    """The axes of `known` of which the examples bear a label: the others have a label set of their own."""
    return {axis: labels for axis, labels in known.items() if any(e.labels.get(axis) in labels for e in examples)}


def within(
    examples: Sequence[Example], known: Mapping[str, Collection[str]], report: Callable[[str], None]
) -> list[Example]:
    """The examples less the labels that their axis in `known` does not hold."""
    found = list(examples)
    for axis, labels in known.items():
        counts = Counter(example.labels[axis] for example in found if axis in example.labels)
        gone = {label: count for label, count in sorted(counts.items()) if label not in labels}
        if not gone:
            continue
        listed = ", ".join(f"{label} ({count})" for label, count in gone.items())
        report(f"{axis}: labels the profile no longer has are not learned: {listed}: see `triage reorganise`")
        found = [_without(example, axis) if example.labels.get(axis) in gone else example for example in found]
    return found


def _without(example: Example, axis: str) -> Example:
    return replace(example, labels={name: label for name, label in example.labels.items() if name != axis})
