import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.classify.features import WEIGHTS, Featurizer, Vocabulary, tokens_of
from triage.classify.french import chunks

TEXTS = [
    "Lampadaire éteint\nLe lampadaire de la rue Neuve est éteint depuis lundi, le lampadaire !",
    "Cantine\nJ'ai payé deux fois la cantine de ma fille, rendez-moi l'argent de la cantine.",
    "rdv passeport\nje peux pas venir au rendez-vous pour le passeport de ma fille",
    "Lampadaire\nle lampadaire clignote devant l'école et la cantine",
    "poubelle\nLa poubelle jaune de la rue Neuve n'est pas passée",
]


def words(text: str) -> list[str]:
    return [token for chunk in chunks(text) for token in tokens_of(chunk)]


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    return Featurizer(Vocabulary.learn(TEXTS, least=1))


def test_word_features_equal_scikit_learn(featurizer):
    reference = TfidfVectorizer(
        analyzer="word", tokenizer=words, lowercase=False, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True
    )
    expected = reference.fit_transform(TEXTS)
    assert list(reference.get_feature_names_out()) == list(featurizer.vocabulary.words)
    ours = featurizer.transform(TEXTS)[:, : len(featurizer.vocabulary.words)]
    np.testing.assert_allclose(ours.toarray(), WEIGHTS["word"] * expected.toarray(), atol=1e-12)


def test_character_features_equal_scikit_learn(featurizer):
    reference = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False, sublinear_tf=True)
    expected = reference.fit_transform([" ".join(words(text)) for text in TEXTS])
    start = len(featurizer.vocabulary.words)
    # scikit-learn stops at the first size longer than a padded word, as we do; it orders columns alphabetically, as we do.
    assert list(reference.get_feature_names_out()) == list(featurizer.vocabulary.characters)
    ours = featurizer.transform(TEXTS)[:, start : start + len(featurizer.vocabulary.characters)]
    np.testing.assert_allclose(ours.toarray(), WEIGHTS["character"] * expected.toarray(), atol=1e-12)


def test_each_block_has_its_weight_as_length(featurizer):
    rows = featurizer.transform(TEXTS).toarray()
    words_end = len(featurizer.vocabulary.words)
    for block, name in (
        (rows[:, :words_end], "word"),
        (rows[:, words_end:-300], "character"),
        (rows[:, -300:], "vector"),
    ):
        np.testing.assert_allclose(np.linalg.norm(block, axis=1), WEIGHTS[name])


def test_memory_does_not_change_features(featurizer):
    cold = Featurizer(featurizer.vocabulary).transform(TEXTS[2:3])
    assert (cold != featurizer.transform(TEXTS)[2]).nnz == 0


@pytest.mark.parametrize("text", ["", "\n", "😳 !!!", "zzqx wwvk", "a" * 100_000])
def test_texts_without_known_words_give_finite_rows(featurizer, text):
    row = featurizer.transform([text])
    assert row.shape == (1, featurizer.columns)
    assert np.isfinite(row.toarray()).all()


@pytest.mark.parametrize("text", [*TEXTS, "Le lampadaire le lampadaire de la cantine, rendez-vous inconnuissime", ""])
def test_contributions_add_up_to_the_score(featurizer, text):
    direction = np.random.default_rng(7).normal(size=featurizer.columns)
    row = sparse.csr_matrix(featurizer.transform([text]))
    shares = featurizer.contributions(featurizer.read(text), row, direction[row.indices], direction[-300:])
    assert [chunk for chunk, _ in shares] == chunks(text)
    assert sum(share for _, share in shares) == pytest.approx(float((row @ direction)[0]), abs=1e-9)


def test_a_term_of_one_sender_stays_out_of_the_vocabulary():
    texts = ["canari-4711 lampadaire"] * 5 + ["lampadaire"] * 5
    alone = Vocabulary.learn(texts, senders=["a"] * 5 + list("bcdef"), least=3)
    assert "lampadaire" in alone.words
    assert not [term for term in (*alone.words, *alone.characters) if "canari" in term or "471" in term]
