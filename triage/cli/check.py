"""`triage check [PROFILE | CORPUS]`: find faults before they cost a mail."""

from collections import Counter
from pathlib import Path

import click

from triage.cli.options import profile_option
from triage.cli.output import report


@click.command("check", short_help="Check a profile or a corpus.")
@click.argument("target", required=False, type=click.Path(path_type=Path))
@profile_option
def command(target: Path | None, profile: Path) -> int:
    """Check a profile folder (TARGET, or the built-in one) or a corpus file against a profile's labels."""
    if target is not None and (target.is_file() or (target.is_dir() and not (target / "services.toml").exists())):
        return _corpus(target, profile)
    return _profile(target or profile)


def _profile(folder: Path) -> int:
    from triage.draft import broken_templates
    from triage.profile import failed_examples, load_profile

    profile = load_profile(folder)
    problems = failed_examples(profile) + broken_templates(profile)
    for problem in problems:
        report(problem)
    if problems:
        return 2
    rules = len(profile.urgency.rule) + len(profile.flags)
    counted = f"{len(profile.services)} services, {len(profile.natures)} natures, {rules} rules"
    click.echo(f"{folder}: {counted}, {len(profile.templates)} templates: no fault found")
    return 0


def _corpus(path: Path, profile_folder: Path) -> int:
    from triage.corpus import load_examples
    from triage.profile import load_profile

    profile = load_profile(profile_folder)
    known = {"service": set(profile.services), "nature": set(profile.natures)}
    examples = load_examples(path, ["service", "nature"])
    counts = Counter((axis, label) for example in examples for axis, label in example.labels.items() if axis in known)
    faults = [
        f"{path}: unknown {axis} {label!r} in {n} rows: rename it or add it to the profile"
        for (axis, label), n in counts.items()
        if label not in known[axis]
    ]
    twice = [text for text, n in Counter(example.text for example in examples).items() if n > 1]
    if twice:
        faults.append(f"{path}: {len(twice)} texts occur more than once: keep one of each")
    for fault in faults:
        report(fault)
    for label, n in sorted((pair, n) for pair, n in counts.items() if n < 5):
        report(f"{path}: {label[0]} {label[1]!r} has only {n} rows: it will hardly be learned")
    click.echo(f"{path}: {len(examples)} rows, {len(faults)} faults")
    return 2 if faults else 0
