"""Word vectors for whoever compares texts: spaCy's, without its pipeline."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.classify.french import word_vectors


def word_meanings(words: Sequence[str]) -> NDArray[np.float32]:
    """One row of 300 numbers, of length 1, for each word; zeros for a word that has no vector."""
    vectors = word_vectors()
    found = np.zeros((len(words), vectors.table.shape[1]), dtype=np.float32)
    for place, word in enumerate(words):
        if (row := vectors.row(word)) >= 0:
            found[place] = vectors.table[row]
    return found
