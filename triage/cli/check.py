"""`triage check [PROFILE | CORPUS | MAPPING]`: find faults before they cost a mail."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from triage.cli.options import profile_option, seed_option
from triage.cli.output import printable, report

if TYPE_CHECKING:
    from triage.classify.suspects import Suspect
    from triage.quality import Contradiction, Quality

_MOST_SHOWN = 15


@click.command("check", short_help="Check a profile or a corpus.")
@click.argument("targets", metavar="[PROFILE | CORPUS… | MAPPING]", nargs=-1, type=click.Path(path_type=Path))
@profile_option
@click.option("--json", "as_json", is_flag=True, help="Print everything found in a corpus as JSON.")
@seed_option
def command(targets: tuple[Path, ...], profile: Path, as_json: bool, seed: int) -> int:
    """Check a profile folder (by default the built-in one), or corpora in any form `triage train` reads, as one.

    A corpus is compared with the profile's labels, with itself (copies, labels that cross-validation contradicts) and
    with what cleaning keeps of it. The report is in French; rows are named by their id, never quoted.

    A MAPPING (.toml, see `triage reorganise`) is checked in itself and against the profile as it must be afterwards.
    """
    if targets and targets[0].suffix == ".toml":
        return _mappings(targets, profile)
    if targets and not (targets[0] / "services.toml").is_file():
        return _corpora(targets, profile, as_json, seed)
    return _profile(targets[0] if targets else profile)


def _profile(folder: Path) -> int:
    from triage.decide import check_holidays
    from triage.draft import broken_templates, broken_texts, failed_letter_examples
    from triage.profile import failed_examples, load_profile

    profile = load_profile(folder)
    check_holidays(profile)
    examples = (*failed_examples(profile), *failed_letter_examples(profile))
    problems = [*examples, *broken_templates(profile), *broken_texts(profile)]
    for problem in problems:
        report(problem)
    if problems:
        return 2
    rules = len(profile.urgency.rule) + len(profile.flags) + len(profile.procedures)
    counted = f"{len(profile.services)} services, {len(profile.natures)} natures, {rules} rules"
    click.echo(f"{folder}: {counted}, {len(profile.templates)} templates: no fault found")
    return 0


def _mappings(paths: Sequence[Path], profile: Path) -> int:
    from triage.cli.reorganise import against_profile, described
    from triage.learn.mapping import read_mapping

    wrong = 0
    for path in paths:
        mapping = read_mapping(path)
        found = against_profile(mapping, profile)
        for fault in found:
            report(fault)
        wrong += len(found)
        if not found:
            click.echo(printable(f"{path}: {described(mapping)}: no fault found"))
    return 2 if wrong else 0


def _corpora(paths: Sequence[Path], profile_folder: Path, as_json: bool, seed: int) -> int:
    from triage.profile import load_profile
    from triage.quality import check_corpus, require_rows
    from triage.types import UrgencyLevel

    profile = load_profile(profile_folder)
    known = {
        "service": set(profile.services),
        "nature": set(profile.natures),
        "urgency": set(get_args(UrgencyLevel)),
    }
    quality = check_corpus(paths, known, seed, report)
    if as_json:
        click.echo(json.dumps(quality.as_json(), ensure_ascii=False))
    else:
        for line in _lines(quality):
            click.echo(printable(line))
    require_rows(quality)
    return 2 if quality.faults else 0


def _lines(quality: "Quality") -> Iterator[str]:
    """The French report, line by line."""
    yield f"{quality.corpus} : {_counted(quality.rows, 'texte')}, {_counted(quality.faults, 'faute')}"
    for axis, labels in quality.counts.items():
        yield f"  {axis} : {_counted(len(labels), 'libellé')} sur {_counted(sum(labels.values()), 'texte')}"
    yield from _section("Lignes refusées", quality.refused)
    yield from _section(
        "Libellés inconnus du profil (à renommer, ou à ajouter au profil)",
        [
            f"{axis} : « {label} », {_counted(n, 'texte')}"
            for axis, labels in quality.unknown.items()
            for label, n in labels.items()
        ],
    )
    yield from _section("Identifiants en double", quality.repeated_ids)
    yield from _section("Même texte, libellés différents", [_contradiction(found) for found in quality.contradictions])
    yield from _remarks(quality)


def _remarks(quality: "Quality") -> Iterator[str]:
    """What is no fault but deserves a look."""
    yield from _section(
        "Axes dont aucun libellé n'est du profil (jeu de libellés propre au corpus)", quality.foreign_axes
    )
    yield from _section(
        "Classes trop petites pour être bien apprises",
        [
            f"{axis} : « {label} », {_counted(n, 'texte')}"
            for axis, labels in quality.few.items()
            for label, n in labels.items()
        ],
    )
    yield from _section("Textes identiques", [", ".join(ids) for ids in quality.copies])
    yield from _section(
        "Textes presque identiques", [f"{a}, {b} : {_percent(share)}" for a, b, share in quality.near_copies]
    )
    for axis in quality.counts:
        yield from _section(
            f"Libellés de l'axe {axis} que la validation croisée met en doute (confiance du libellé → de l'autre)",
            [_suspect(suspect) for suspect in quality.suspects if suspect.axis == axis],
        )
    yield from _section(
        "Données personnelles probables (hors des numéros et domaines réservés à la fiction)",
        [f"{name} : {', '.join(ids[:8])}{' …' if len(ids) > 8 else ''}" for name, ids in quality.personal_data.items()],
    )
    yield from _cleaning(quality)


def _cleaning(quality: "Quality") -> Iterator[str]:
    yield f"Nettoyage : {_percent(quality.kept_share)} des mots reçus sont gardés comme propos de l'expéditeur"
    if quality.lost_share is not None:
        yield f"  {_percent(quality.lost_share)} des mots propres (own_text) sont perdus"
    yield from _section(
        "Textes dont le nettoyage perd des mots propres",
        [f"{loss.id} : {_percent(loss.share)}" for loss in quality.lost],
    )


def _contradiction(found: "Contradiction") -> str:
    alike = "" if found.similarity == 1 else f" (semblables à {_percent(found.similarity)})"
    return f"{', '.join(found.ids)} : {found.axis} {' / '.join(found.labels)}{alike}"


def _suspect(suspect: "Suspect") -> str:
    label = f"{suspect.label} ({_percent(suspect.label_confidence)})"
    return f"{suspect.example.id} : {label} → {suspect.suggested} ({_percent(suspect.suggested_confidence)})"


def _section(title: str, entries: Sequence[str]) -> Iterator[str]:
    """A title and its first entries; nothing when there are none."""
    if not entries:
        return
    yield f"{title} : {len(entries)}"
    yield from (f"  {entry}" for entry in entries[:_MOST_SHOWN])
    if len(entries) > _MOST_SHOWN:
        yield f"  … et {len(entries) - _MOST_SHOWN} autres (tout est dans --json)"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")
