import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.classify.evidence import Evidence, Pair, Weights
from triage.classify.features import SUBJECT, WEIGHTS, Featurizer
from triage.classify.french import chunks
from triage.classify.vocabulary import Vocabulary, tokens_of

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
    return Featurizer.learn(TEXTS, least=1)


BODIES = [text.replace("\n", " ") for text in TEXTS]


def test_word_features_equal_scikit_learn(featurizer):
    reference = TfidfVectorizer(
        analyzer="word", tokenizer=words, lowercase=False, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True
    )
    expected = reference.fit_transform(BODIES)
    assert list(reference.get_feature_names_out()) == list(featurizer.vocabulary.words)
    ours = featurizer.transform(BODIES)[:, : len(featurizer.vocabulary.words)]
    np.testing.assert_allclose(ours.toarray(), WEIGHTS["word"] * expected.toarray(), atol=1e-12)


def test_character_features_equal_scikit_learn(featurizer):
    reference = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False, sublinear_tf=True)
    expected = reference.fit_transform([" ".join(words(text)) for text in BODIES])
    start = len(featurizer.vocabulary.words)
    # scikit-learn stops at the first size longer than a padded word, as we do; it orders columns alphabetically, as we do.
    assert list(reference.get_feature_names_out()) == list(featurizer.vocabulary.characters)
    ours = featurizer.transform(BODIES)[:, start : start + len(featurizer.vocabulary.characters)]
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


@pytest.mark.parametrize(
    "text", [*TEXTS, "Le lampadaire le lampadaire de la cantine, rendez-vous inconnuissime", "", "و في"]
)
def test_contributions_add_up_to_the_score(featurizer, text):
    coefficients = np.random.default_rng(7).normal(size=(featurizer.columns, 3))
    reading = featurizer.read(["Autre chose", text])
    weights = Weights(coefficients, featurizer.vocabulary.center)
    together, alone = Evidence(reading, 0, 2), Evidence(reading, 1, 2)
    shares = alone.contributions(weights, Pair(np.array([2]), np.array([0])))
    scores = (reading.rows @ coefficients)[1]
    assert alone.names == chunks(text)
    assert shares.sum() == pytest.approx(scores[2] - scores[0], abs=1e-5)
    both = together.contributions(weights, Pair(np.array([1, 2]), np.array([2, 0])))
    np.testing.assert_array_equal(both[2:], shares)


def test_a_row_does_not_depend_on_the_texts_beside_it(featurizer):
    together = featurizer.transform(TEXTS)
    for i, text in enumerate(TEXTS):
        assert (together[i] != featurizer.transform([text])).nnz == 0


def test_words_of_the_subject_count_as_often_as_the_field_weighs(featurizer):
    counts = featurizer.read(["cantine\nla cantine de ma fille", "cantine la cantine de ma fille"]).counts
    column = featurizer.vocabulary.words.index("cantine")
    assert counts[:, [column]].toarray().ravel().tolist() == [SUBJECT + 1, 2]


def test_a_term_of_one_sender_stays_out_of_the_vocabulary():
    texts = ["canari-4711 lampadaire"] * 5 + ["lampadaire"] * 5
    alone = Vocabulary.learn(texts, senders=["a"] * 5 + list("bcdef"), least=3)
    assert "lampadaire" in alone.words
    assert not [term for term in (*alone.words, *alone.characters) if "canari" in term or "471" in term]
