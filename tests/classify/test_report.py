import json
import re

import pytest

from tests.classify.verdicts import evaluation, verdict
from triage.classify.report import error_row, explanation, write_report

HOSTILE = '<script src="http://exemple.org/x.js"></script><img src=x onerror=alert(1)> $x$ {{7*7}}'
ROWS = (
    verdict("voirie", "voirie", 0.9, traits={"accents": "with"}),
    verdict("voirie", "école & cantine", 0.8, traits={"accents": "without"}, text=HOSTILE, id=HOSTILE),
    verdict("école & cantine", HOSTILE, 0.3, routed=False, traits={"accents": "with"}),
)
CURVE = [
    {"share": 0.5, "rows": 10, "accuracy": 0.5, "acceptable": 0.6, "macro_f1": 0.4},
    {"share": 1.0, "rows": 20, "accuracy": 0.7, "acceptable": 0.8, "macro_f1": 0.6},
]


@pytest.fixture
def page(tmp_path) -> str:
    judged = evaluation(*ROWS)
    write_report(judged, judged.figures() | {"learning_curve": CURVE}, tmp_path / "rapport")
    return (tmp_path / "rapport" / "rapport.html").read_text("utf-8")


def test_the_page_needs_no_network_and_runs_nothing(page):
    assert "Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"" in page
    assert not re.search(r"<script|<link|<iframe|@import|href=|url\(", page)
    assert {found[:22] for found in re.findall(r'src="([^"]*)', page)} == {"data:image/png;base64,"}
    assert "&lt;script src=&quot;http://exemple.org" in page


def test_the_page_says_all_in_french(page):
    for title in (
        "Évaluation du tri", "Confiance et abstention", "Par libellé", "Confusions les plus fréquentes", "Par groupe de messages",
        "Courbe d&#x27;apprentissage", "Les 2 erreurs les plus assurées, sur 2",
    ):  # fmt: skip
        assert title in page or title.replace("&#x27;", "'") in page
    assert "<td>exactitude</td><td>33,3 % (intervalle à 95 % : 0,0 % à 100,0 %)</td>" in page
    assert "<td>accents : sans</td><td>1</td><td>0,0 %</td>" in page
    assert page.count("<img ") == 4


def test_the_errors_are_listed_as_json_lines(page, tmp_path):
    assert page
    lines = [json.loads(line) for line in (tmp_path / "rapport" / "erreurs.jsonl").read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == [HOSTILE, ROWS[2].example.id]
    assert lines[0]["text"] == HOSTILE
    assert lines[0] == error_row(ROWS[1]) | {"text": HOSTILE}


def test_an_error_is_explained_in_french():
    assert explanation(verdict("voirie", "ecole", 0.6, secondary=("ecole",), acceptable=("ecole",))) == [
        "Proposé : ecole (60,0 %), devant voirie (20,0 %).",
        "Attendu : voirie, 2e avec 20,0 %.",
        "Le libellé proposé est noté comme acceptable.",
        "Le libellé proposé est celui d'une seconde demande du même message.",
        "Mots qui ont pesé pour : « lampadaire » (+1,2).",
        "Mots qui ont pesé contre : « bonjour » (-0,5).",
        "Le modèle aurait routé ce message.",
    ]


def test_an_unknown_label_and_an_abstention_are_explained():
    known = verdict("voirie", "ecole", 0.4, routed=False)
    unknown = type(known)(
        known.example, "neuf", "ecole", 0.4, False, (("ecole", 0.4), ("z", 0.3)), (), known.abstention
    )
    assert explanation(unknown) == [
        "Proposé : ecole (40,0 %), devant z (30,0 %).",
        "Attendu : neuf, que le modèle ne connaît pas.",
        "Le modèle s'abstient : confiance 0.40 sous le seuil 0.50.",
    ]


def test_a_perfect_model_has_a_page_too(tmp_path):
    judged = evaluation(verdict("a", "a", 0.9), verdict("b", "b", 0.8))
    write_report(judged, judged.figures(), tmp_path)
    page = (tmp_path / "rapport.html").read_text("utf-8")
    assert "Aucune erreur" in page
    assert "Courbe d'apprentissage" not in page
    assert (tmp_path / "erreurs.jsonl").read_text("utf-8") == ""


def test_hundreds_of_labels_have_no_confusion_matrix(tmp_path):
    judged = evaluation(*(verdict(f"l{i}", f"l{i}", 0.9) for i in range(60)))
    write_report(judged, judged.figures(), tmp_path)
    assert "Matrice de confusion" not in (tmp_path / "rapport.html").read_text("utf-8")
