"""`triage label SOURCE… --out corpus.jsonl`: label mail from scratch, the most informative first."""

import shutil
import signal
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import click

from triage.cli.keyboard import BACK, END, ENTER, ESCAPE, Keyboard
from triage.cli.options import axis_option, columns_option, profile_option, seed_option
from triage.cli.output import printable, report
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.classify.informative import Point
    from triage.learn.labelling import Asked, Question, Session

_PASS, _BACK, _WHOLE, _QUIT, _GO_ON, _NONE = "passer", "revenir", "texte", "quitter", "continuer", ""
_HELP = (
    "touche d'un libellé : le choisir   ·   espace : passer   ·   R : revenir   ·   P : plusieurs demandes",
    "C : chercher un libellé par son nom   ·   T : tout le texte   ·   Q : quitter, tout est gardé",
)
_LINE_HELP = (
    "une ligne par message : libellé (touche, identifiant ou nom) ; « principal + autre » si plusieurs demandes ;",
    "passer (ou rien), revenir, texte, quitter",
)
_MANY_LINES = 14  # of a text, before one asks for all of it
_WIDTH = 100
_LONGEST_NAME = 33  # so that labels stand in two columns on a terminal of 80
_MOST_FEW = 6


class Said(NamedTuple):
    """What was answered: a command, or labels, the main one first."""

    command: str
    labels: tuple[str, ...] = ()


class Input(Protocol):
    """Where answers come from."""

    def ask(self, choices: Sequence[str], likely: Sequence[str]) -> Said:
        """The answer for the text just shown."""

    def ask_to_go_on(self) -> bool:
        """Whether to go on although more labels bring little."""


@click.command("label", short_help="Label mail from scratch, the most informative first.")
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Corpus to add to (.jsonl)."
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="File with one label a line (`label ; name`), or .toml.  [default: those of the profile]",
)
@columns_option
@click.option("--most", default=2_000, show_default=True, type=int, help="Texts to choose among.")
@click.option("--go-on", is_flag=True, help="Do not stop where more labels bring little.")
@axis_option
@seed_option
@profile_option
def command(
    sources: tuple[str, ...],
    out: Path,
    labels: Path | None,
    columns: dict[str, str],
    most: int,
    go_on: bool,
    axis: str,
    seed: int,
    profile: Path,
) -> None:
    """Show unlabelled mail, the most informative first, and keep the label you give each with one key.

    A SOURCE is any mail `triage apply` reads, a CSV export, or a .jsonl file without labels; also a corpus that
    `triage reorganise` wrote: what a split left open is asked first, between its new labels alone, then what has lost
    its label. Every answer is on disk before the next text is shown: stop whenever you like, and run the same command
    again to go on.

    One text in four is drawn at random: on those, cross-validation tells how good the labels make a model. The session
    stops where the last labels changed almost nothing. Answers may also come from a pipe, one line a text.
    """
    from triage.learn.labelling import Session, asked

    names = _names(labels, profile, axis)
    found = asked(sources, list(names), axis, most, seed, report, out, columns)
    report(f"{len(found)} texts to choose among")
    session = Session(found, out, axis, seed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if sys.stdin.isatty():
            with Keyboard() as keyboard:
                _run(session, _Keys(keyboard, names), go_on=go_on)
        else:
            _run(session, _Lines(names), go_on=go_on)
    except KeyboardInterrupt:
        click.echo()
    finally:
        session.close()
    for line in _summary(session, names, out, axis):
        click.echo(printable(line))


def _names(labels: Path | None, profile: Path, axis: str) -> dict[str, str]:
    from triage.learn.choices import read_labels
    from triage.profile import load_profile

    if labels:
        return read_labels(labels)
    known = load_profile(profile)
    if axis == "service":
        return {label.id: label.name for label in known.services.values()}
    if axis == "nature":
        return {label.id: label.name for label in known.natures.values()}
    raise UsageError(f"the profile names no labels of axis {axis!r}: give them with --labels FILE")


def _run(session: "Session", answers: Input, *, go_on: bool) -> None:
    if session.resumed:
        click.echo(f"{session.resumed} textes déjà étiquetés : on continue.")
    whole, note = False, ""
    warned: set[int] = set()
    while (asked := session.current()) is not None:
        question = session.question
        assert question is not None
        if question.steady and not go_on and id(question) not in warned:
            warned.add(id(question))
            click.echo("De nouveaux libellés apporteraient peu : les 30 derniers n'ont presque rien changé.")
            if not answers.ask_to_go_on():
                question.closed = True
                continue
        _show(session, question, asked, whole=whole, note=note)
        whole, note = False, ""
        said = answers.ask(asked.choices, session.likely())
        if said.command == _QUIT:
            return
        if said.command == _WHOLE:
            whole = True
        elif said.command == _PASS:
            session.pass_over()
        elif said.command == _BACK:
            note = "" if session.back() else "rien avant ce message"
        elif said.labels:
            session.answer(said.labels[0], said.labels[1:])


def _show(session: "Session", question: "Question", asked: "Asked", *, whole: bool, note: str) -> None:
    """The text at hand, as its writer's own words."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.clear()
    width = min(_WIDTH, shutil.get_terminal_size().columns)
    head = f"{len(question.answers)} étiquetés, {question.open} restants"
    if len(session.questions) > 1:
        head += f" (choix {session.questions.index(question) + 1} sur {len(session.questions)})"
    click.echo(f"── {head} ──{f'  {note}' if note else ''}")
    if question.points:
        click.echo(_figures(question.points[-1]))
    click.echo(click.style(f"Objet : {printable(asked.row.subject)}", bold=True))
    body = str(asked.content["text"]) if whole else asked.row.cleaned().body
    lines = [part for line in body.splitlines() for part in textwrap.wrap(printable(line), width) or [""]]
    for line in lines if whole else lines[:_MANY_LINES]:
        click.echo(line)
    if len(lines) > _MANY_LINES and not whole:
        click.echo(f"… {len(lines) - _MANY_LINES} lignes de plus (T : tout le texte)")
    click.echo()


def _figures(point: "Point") -> str:
    from triage.learn.labelling import LEAST_JUDGED

    said = f"après {point.labelled} libellés"
    if point.accuracy is not None and point.judged >= LEAST_JUDGED:
        low, high = point.interval
        said += (
            f" : justesse estimée {point.accuracy:.0%}"
            f" (entre {low:.0%} et {high:.0%}, sur {point.judged} textes tirés au hasard)"
        )
    elif point.accuracy is not None:
        said += f" : justesse encore inconnue ({point.judged} textes tirés au hasard, il en faut {LEAST_JUDGED})"
    if point.changed is not None:
        said += f", les 10 derniers ont changé la prédiction de {point.changed:.1%} des autres textes"
    return said.replace("%", " %").replace(".", ",")


class _Keys:
    """Answers from a keyboard, one key each."""

    def __init__(self, keyboard: Keyboard, names: Mapping[str, str]) -> None:
        self._keyboard, self._names = keyboard, names

    def ask(self, choices: Sequence[str], likely: Sequence[str]) -> Said:
        keys = _keys(choices, self._names)
        for line in (*_listed(keys, choices, self._names, likely), *_HELP):
            click.echo(line)
        commands = {" ": _PASS, "R": _BACK, BACK: _BACK, "T": _WHOLE, "Q": _QUIT, END: _QUIT}
        while True:
            key = self._keyboard.key()
            if key in keys:
                return Said(_NONE, (keys[key],))
            if key in commands:
                return Said(commands[key])
            if key in ("P", "+") and (labels := self._several(keys, choices)):
                return Said(_NONE, labels)
            if key in ("C", "/") and (label := self._search(choices)):
                return Said(_NONE, (label,))

    def ask_to_go_on(self) -> bool:
        click.echo("Entrée : s'arrêter ici   ·   C : continuer")
        while (key := self._keyboard.key()) not in (ENTER, END, "Q"):
            if key in ("C", "c"):
                return True
        return False

    def _several(self, keys: Mapping[str, str], choices: Sequence[str]) -> tuple[str, ...]:
        """Labels one after another, the main one first, until Enter; none when it is given up."""
        click.echo("Plusieurs demandes : la principale d'abord, puis les autres, Entrée pour finir (Échap : annuler)")
        chosen: list[str] = []
        while True:
            key = self._keyboard.key()
            label = keys.get(key) or (self._search(choices) if key in ("C", "/") else "")
            if label and label not in chosen:
                chosen.append(label)
            elif key == BACK and chosen:
                chosen.pop()
            elif key in (ESCAPE, END):
                return ()
            elif key == ENTER and chosen:
                return tuple(chosen)
            click.echo(f"\r\x1b[K{' + '.join(chosen)}", nl=False)

    def _search(self, choices: Sequence[str]) -> str:
        """A label by some letters of its name: Enter takes the first shown; empty when it is given up."""
        from triage.learn.choices import matching

        typed = ""
        while True:
            found = matching(typed, self._names, choices) if typed else []
            shown = "   ".join(self._names.get(label, label) for label in found[:4])
            click.echo(f"\r\x1b[KChercher : {typed}   → {printable(shown) or '…'}", nl=False)
            key = self._keyboard.key()
            if key == ENTER and found:
                click.echo()
                return found[0]
            if key in (ESCAPE, END):
                click.echo()
                return ""
            if key == BACK:
                typed = typed[:-1]
            elif key.isprintable():
                typed += key


class _Lines:
    """Answers from a pipe, a line each; the end of the input quits."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names, self._told = names, False

    def ask(self, choices: Sequence[str], likely: Sequence[str]) -> Said:
        keys = _keys(choices, self._names)
        if not self._told:
            self._told = True
            for line in (*_listed(keys, choices, self._names, likely), *_LINE_HELP):
                click.echo(line)
        while line := sys.stdin.readline():
            said = line.strip()
            if said in (_PASS, ""):
                return Said(_PASS)
            if said in (_BACK, _WHOLE, _QUIT):
                return Said(said)
            if labels := self._labels(said, keys, choices):
                return Said(_NONE, labels)
        return Said(_QUIT)

    def ask_to_go_on(self) -> bool:
        click.echo("Arrêt (--go-on pour continuer).")
        return False

    def _labels(self, said: str, keys: Mapping[str, str], choices: Sequence[str]) -> tuple[str, ...]:
        """The labels a line names; none, and a word why, where one is unknown."""
        from triage.learn.choices import matching
        from triage.learn.corrections import label_of

        known = {label: self._names.get(label, label) for label in choices}
        found = []
        for part in said.split("+"):
            meant = matching(part, self._names, choices)
            try:
                found.append(keys.get(part.strip()) or label_of(meant[0] if len(meant) == 1 else part, known, "label"))
            except UsageError as error:
                report(str(error))
                return ()
        return tuple(filter(None, found))


def _keys(choices: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    from triage.learn.choices import keys_of

    return keys_of({label: names.get(label, label) for label in choices})


def _listed(
    keys: Mapping[str, str], choices: Sequence[str], names: Mapping[str, str], likely: Sequence[str]
) -> Iterator[str]:
    """The labels in columns, each after its key; a dot marks the likeliest."""
    of = {label: key for key, label in keys.items()}
    cells = [
        f"{of.get(label, ' ')}  {'•' if label in likely else ' '} {_cut(printable(names.get(label, label)))}"
        for label in choices
    ]
    width = max(map(len, cells)) + 2
    columns = max(1, min(_WIDTH, shutil.get_terminal_size().columns) // width)
    rows = -(-len(cells) // columns)
    for row in range(rows):
        yield "".join(cell.ljust(width) for cell in cells[row::rows]).rstrip()


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _summary(session: "Session", names: Mapping[str, str], out: Path, axis: str) -> Iterator[str]:
    counts = Counter(label for question in session.questions for label in question.answers.values())
    total = counts.total()
    yield f"{out} : {total} textes étiquetés, {sum(q.open for q in session.questions)} restants"
    yield from (_figures(question.points[-1]).capitalize() for question in session.questions if question.points)
    few = list(dict.fromkeys(label for q in session.questions for label in q.choices if counts[label] < 5))
    if total and few:
        more = f" et {len(few) - _MOST_FEW} autres" if len(few) > _MOST_FEW else ""
        yield f"Moins de cinq exemples : {', '.join(names.get(label, label) for label in few[:_MOST_FEW])}{more}"
    if total:
        option = "" if axis == "service" else f" --axis {axis}"
        yield f"Ensuite : triage check {out} ; triage train {out} --model DOSSIER{option}"
