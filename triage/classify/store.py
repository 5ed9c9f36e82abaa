"""A model as a folder: `manifest.json`, `weights.safetensors`, `vocabulary.txt`, `MODELE.md`. Loading runs no code.

History of the format: 1 = word 1-2-grams, character 2-5-grams, fr_core_news_md vectors, linear axes;
2 = labels with stricter thresholds, and an optional second stage on the vectors of a sentence encoder;
3 = the subject's terms count twice, word vectors of length 1 centered on the mean of the training texts;
4 = bounds of novelty, a temperature with its evenness; examples, and what is usual of each label, may be remembered
in files of their own, and the manifest may describe `flags` (models without them go on working).
To change it: raise VERSION, say what changed here, and make `load` refuse what it cannot read.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from triage.classify import encoder
from triage.classify.card import card
from triage.classify.features import SUBJECT, WEIGHTS
from triage.classify.flags import Flags
from triage.classify.model import Axis, Model, Second, Temperature
from triage.classify.nearest import DIMENSIONS, Remembered
from triage.classify.novelty import Bounds
from triage.classify.usual import Usual
from triage.classify.vocabulary import VECTOR, Vocabulary
from triage.errors import ModelError

FORMAT, VERSION = "triage-model", 4
MANIFEST, WEIGHTS_FILE, VOCABULARY_FILE = "manifest.json", "weights.safetensors", "vocabulary.txt"
CARD_FILE = "MODELE.md"  # for people; not read back
EXAMPLES_FILE = "examples.safetensors"  # may be missing; only `triage explain` reads it
USUAL_FILE = "usual.json"  # may be missing; only `triage monitor` reads it
VECTORS_PACKAGE = "fr_core_news_md"
_LARGEST_MANIFEST = 10_000_000


def save(model: Model, folder: Path, remembered: Remembered | None = None) -> Model:
    """Write a model folder all at once (an earlier model there is replaced); return the model with its id.

    `remembered` are its training examples without their texts, for `triage explain`.
    """
    from safetensors.numpy import save as to_bytes

    files = {
        WEIGHTS_FILE: to_bytes(_tensors(model)),
        VOCABULARY_FILE: _listed(model.vocabulary).encode(),
    }
    if remembered:
        files[EXAMPLES_FILE] = to_bytes(_remembered_tensors(model, remembered))
    if model.usual:
        files[USUAL_FILE] = json.dumps(_listed_usual(model.usual), ensure_ascii=False).encode()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    identity = hashlib.sha256("".join(sorted(digests.values())).encode()).hexdigest()[:12]
    name = f"{folder.resolve().name}-{identity}"
    named: dict[str, Any] = {"format": FORMAT, "version": VERSION, "id": name}
    described: dict[str, Any] = {
        "axes": {name: _described(axis) for name, axis in model.axes.items()},
        **({"flags": _described_flags(model.flags)} if model.flags else {}),
        "reread_below": model.reread_below,
        "features": {
            "weights": {**WEIGHTS, "subject": SUBJECT},
            "unseen_idf": model.vocabulary.unseen_idf,
            "novelty": asdict(model.bounds),
        },
        "vectors": {"package": VECTORS_PACKAGE, "version": importlib.metadata.version(VECTORS_PACKAGE)},
        "libraries": {name: importlib.metadata.version(name) for name in ("scikit-learn", "numpy", "spacy")},
        "files": digests,
    }
    manifest = named | described | dict(model.manifest) | named | {"files": digests}
    files[CARD_FILE] = card(manifest).encode()
    files[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    _replace(folder, files)
    return replace(model, id=name, manifest=manifest)


def changes(folder: Path) -> Callable[[Model], list[str]]:
    """Remember the model now in a folder; the function returned says what another changes, line by line."""
    try:
        old = load(folder)
    except ModelError:
        return lambda _: []

    def compared(new: Model) -> list[str]:
        if new.id == old.id:
            return [f"the same model as before ({old.id}): nothing changed"]
        lines = [f"replaces {old.id}"]
        for name, axis in new.axes.items():
            was = set(old.axes[name].labels) if name in old.axes else set()
            lines += [f"{name}: new label {label}" for label in sorted(set(axis.labels) - was) if was]
            lines += [f"{name}: label {label} is gone" for label in sorted(was - set(axis.labels))]
            before, after = (m.manifest["metrics"].get(name, {}).get("accuracy") for m in (old, new))
            if before is not None:
                lines.append(f"{name}: cross-validated accuracy {before:.3f} -> {after:.3f}")
        return lines

    return compared


def _described(axis: Axis) -> dict[str, Any]:
    described: dict[str, Any] = {
        "labels": list(axis.labels),
        "threshold": axis.threshold,
        "stricter": dict(axis.stricter),
        "temperature": {"inverse": axis.temperature.inverse, "evenness": axis.temperature.evenness},
    }
    if axis.second:
        described["second"] = {"weights": list(axis.second.weights), "threshold": axis.second.threshold}
    return described


def _described_flags(flags: Flags) -> dict[str, Any]:
    return {"names": list(flags.names), "slopes": list(flags.slopes), "offsets": list(flags.offsets)}


def _tensors(model: Model) -> dict[str, Any]:
    tensors: dict[str, Any] = {
        "word_idf": model.vocabulary.word_idf,
        "character_idf": model.vocabulary.character_idf,
        "center": model.vocabulary.center,
    }
    for name, axis in model.axes.items():
        tensors |= {f"{name}.coefficients": axis.coefficients, f"{name}.intercepts": axis.intercepts}
        if axis.second:
            tensors[f"{name}.second.coefficients"] = axis.second.coefficients
            tensors[f"{name}.second.intercepts"] = axis.second.intercepts
    if model.flags:
        tensors |= {"flags.coefficients": model.flags.coefficients, "flags.intercepts": model.flags.intercepts}
    return tensors


def _listed(vocabulary: Vocabulary) -> str:
    """One line for each term, after « w » for a word or « c » for characters."""
    kinds = (("w", vocabulary.words), ("c", vocabulary.characters))
    return "".join(f"{kind}\t{term}\n" for kind, terms in kinds for term in terms)


def _remembered_tensors(model: Model, remembered: Remembered) -> dict[str, Any]:
    tensors: dict[str, Any] = {
        "vectors": remembered.vectors,
        "references": np.array([list(bytes.fromhex(r)) for r in remembered.references], dtype=np.uint8),
    }
    for name, axis in model.axes.items():
        number = {label: i for i, label in enumerate(axis.labels)}
        tensors[f"{name}.labels"] = np.array([number.get(label, -1) for label in remembered.labels[name]], np.int16)
    return tensors


def _listed_usual(usual: Mapping[str, Usual]) -> dict[str, Any]:
    return {
        label: {"confidences": one.confidences, "typical": one.typical, "weights": one.weights}
        for label, one in usual.items()
    }


def check_free(folder: Path) -> None:
    """Raise ModelError where no model may be written: over a release, or over what is no model."""
    if (folder / "release.json").exists():
        raise ModelError(f"{folder}: is a release, which never changes: choose another --model folder")
    if folder.exists() and not (folder / MANIFEST).exists() and any(folder.iterdir()):
        raise ModelError(f"{folder}: exists and is no model folder: choose an empty or new --model folder")


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write into a neighbouring folder, then swap: a reader sees the old model or the new one, never half of one."""
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            with (fresh / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        fresh.chmod(0o755)
        old = fresh.with_name(fresh.name + ".old")
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def load(folder: Path) -> Model:
    """Read and verify a model folder. Raises ModelError, one line, for anything missing, altered, foreign or newer.

    A model whose sentence encoder is not installed comes without its second stage; `Model.note` says so.
    """
    manifest = _manifest(folder)
    contents = {name: _verified(folder, name, manifest) for name in (WEIGHTS_FILE, VOCABULARY_FILE)}
    _check_vectors(folder, manifest)
    try:
        model = _assemble(manifest, contents[WEIGHTS_FILE], contents[VOCABULARY_FILE].decode())
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError(f"{folder}: the model is inconsistent ({type(error).__name__}): train it again") from error
    lacking = _encoder_lacking(manifest) if model.has_second_stage else ""
    return replace(model.without_encoder(), note=f"{folder}: {lacking}: first stage only") if lacking else model


def load_remembered(folder: Path, model: Model) -> Remembered | None:
    """The training examples a model remembers; None where it keeps none. Raises ModelError like `load`."""
    if EXAMPLES_FILE not in model.manifest["files"]:
        return None
    content = _verified(folder, EXAMPLES_FILE, dict(model.manifest))
    try:
        return _remembered(model, content)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"{folder / EXAMPLES_FILE}: inconsistent: train the model again") from error


def load_usual(folder: Path, model: Model) -> dict[str, Usual]:
    """What is usual of each label; nothing where the model does not keep it. Raises ModelError like `load`."""
    if USUAL_FILE not in model.manifest["files"]:
        return {}
    content = _verified(folder, USUAL_FILE, dict(model.manifest))
    try:
        return {
            str(label): Usual(
                confidences=tuple(map(float, one["confidences"])),
                typical=tuple(map(float, one["typical"])),
                weights={str(word): float(weight) for word, weight in one["weights"].items()},
            )
            for label, one in json.loads(content).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{folder / USUAL_FILE}: inconsistent: train the model again") from error


def _remembered(model: Model, content: bytes) -> Remembered:
    tensors = _tensors_of(content)
    rows, width = len(tensors["references"]), len(next(iter(model.axes.values())).labels) + DIMENSIONS
    if tensors["vectors"].shape != (rows, width):
        raise ValueError("shapes differ")
    named = {name: [*axis.labels, ""] for name, axis in model.axes.items()}  # number -1 is the last, no label
    return Remembered(
        vectors=tensors["vectors"],
        references=[row.tobytes().hex() for row in tensors["references"]],
        labels={name: [labels[i] for i in tensors[f"{name}.labels"]] for name, labels in named.items()},
    )


def _encoder_lacking(manifest: dict[str, Any]) -> str:
    """Why the encoder a model was trained with cannot be used; empty when it can."""
    wanted = manifest.get("encoder")
    if not encoder.installed():
        return f"the second stage needs {encoder.PACKAGE} (extra triage[encoder]), which is not installed"
    if not isinstance(wanted, dict) or any(wanted.get(key) != value for key, value in encoder.identity().items()):
        return f"the second stage was trained with another version of {encoder.PACKAGE}"
    return ""


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(
            f"{folder}: no model here (no {MANIFEST}): run `triage train CORPUS --model {folder}` or check --model"
        )
    try:
        with path.open(encoding="utf-8") as file:
            manifest = json.loads(file.read(_LARGEST_MANIFEST))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}): restore the model or train it again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelError(f"{path}: not a triage model: check --model")
    if manifest.get("version") in range(1, VERSION):
        raise ModelError(
            f"{path}: format version {manifest['version']} is no longer read: train the model again with `triage train`"
        )
    if not isinstance(manifest.get("version"), int) or manifest["version"] > VERSION:
        raise ModelError(
            f"{path}: format version {manifest.get('version')!r} is newer than the {VERSION} read here: upgrade triage"
        )
    return manifest


def _verified(folder: Path, name: str, manifest: dict[str, Any]) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"{folder / name}: missing or unreadable: restore the model or train it again") from error
    files = manifest.get("files")
    expected = files.get(name) if isinstance(files, dict) else None
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(
            f"{folder / name}: altered or truncated (its digest differs): restore the model or train it again"
        )
    return content


def _check_vectors(folder: Path, manifest: dict[str, Any]) -> None:
    vectors = manifest.get("vectors")
    wanted = vectors.get("version") if isinstance(vectors, dict) else None
    found = importlib.metadata.version(VECTORS_PACKAGE)
    if wanted != found:
        raise ModelError(
            f"{folder}: needs {VECTORS_PACKAGE} {wanted}, {found} is installed: install that version or train again"
        )


def _tensors_of(content: bytes) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        return from_bytes(content)
    except SafetensorError as error:
        raise ValueError("cannot be read") from error


def _assemble(manifest: dict[str, Any], weights: bytes, listing: str) -> Model:
    tensors = _tensors_of(weights)
    vocabulary = _vocabulary(float(manifest["features"]["unseen_idf"]), tensors, listing)
    axes = {str(name): _axis(str(name), axis, tensors) for name, axis in manifest["axes"].items()}
    model = Model(
        id=str(manifest["id"]),
        vocabulary=vocabulary,
        axes=axes,
        bounds=Bounds(**{key: float(value) for key, value in manifest["features"]["novelty"].items()}),
        reread_below=float(manifest["reread_below"]),
        manifest=manifest,
        flags=_flags(manifest["flags"], tensors) if "flags" in manifest else None,
    )
    _check_shapes(model)
    return model


def _vocabulary(unseen_idf: float, tensors: Mapping[str, Any], listing: str) -> Vocabulary:
    terms: dict[str, list[str]] = {"w": [], "c": []}
    for line in listing.removesuffix("\n").split("\n") if listing else []:
        kind, _, term = line.partition("\t")
        terms[kind].append(term)
    return Vocabulary(
        words=tuple(terms["w"]),
        characters=tuple(terms["c"]),
        word_idf=tensors["word_idf"],
        character_idf=tensors["character_idf"],
        unseen_idf=unseen_idf,
        center=tensors["center"],
    )


def _axis(name: str, described: dict[str, Any], tensors: Mapping[str, Any]) -> Axis:
    second = described.get("second")
    return Axis(
        labels=tuple(map(str, described["labels"])),
        coefficients=tensors[f"{name}.coefficients"],
        intercepts=tensors[f"{name}.intercepts"],
        temperature=Temperature(**{k: float(described["temperature"][k]) for k in ("inverse", "evenness")}),
        threshold=float(described["threshold"]),
        stricter={str(label): float(least) for label, least in described["stricter"].items()},
        second=Second(
            coefficients=tensors[f"{name}.second.coefficients"],
            intercepts=tensors[f"{name}.second.intercepts"],
            weights=(float(second["weights"][0]), float(second["weights"][1])),
            threshold=float(second["threshold"]),
        )
        if second
        else None,
    )


def _flags(described: dict[str, Any], tensors: Mapping[str, Any]) -> Flags:
    return Flags(
        names=tuple(map(str, described["names"])),
        coefficients=tensors["flags.coefficients"],
        intercepts=tensors["flags.intercepts"],
        slopes=tuple(map(float, described["slopes"])),
        offsets=tuple(map(float, described["offsets"])),
    )


def _flags_fit(flags: Flags, columns: int) -> bool:
    size = len(flags.names)
    fits = size > 0 and flags.coefficients.shape == (size, columns) and flags.intercepts.shape == (size,)
    fits &= len(flags.slopes) == len(flags.offsets) == size
    return fits and bool(np.isfinite(flags.coefficients).all())


def _check_shapes(model: Model) -> None:
    """Refuse arrays that do not fit together. Raises ValueError."""
    words, characters = len(model.vocabulary.words), len(model.vocabulary.characters)
    columns = words + characters + VECTOR
    fits = model.vocabulary.word_idf.shape == (words,) and model.vocabulary.character_idf.shape == (characters,)
    fits &= model.vocabulary.center.shape == (VECTOR,)
    for axis in model.axes.values():
        fits &= len(axis.labels) >= 2 and axis.coefficients.shape == (len(axis.labels), columns)
        fits &= axis.intercepts.shape == (len(axis.labels),) and bool(np.isfinite(axis.coefficients).all())
        if axis.second:
            fits &= axis.second.coefficients.shape == (len(axis.labels), encoder.DIMENSIONS)
            fits &= axis.second.intercepts.shape == (len(axis.labels),)
    if model.flags:
        fits &= _flags_fit(model.flags, columns)
    if not fits or not model.axes:
        raise ValueError("shapes differ")
