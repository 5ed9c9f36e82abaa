"""A year of mail, month by month, with and without the loop of verdicts and retraining.

    python benchmarks/year.py --out DIR [--seeds N] [--months N]

The train and validation parts of the corpus are dealt into a base and twelve mailboxes, and the commands themselves
run: `apply` sorts each month's mailbox by the release in use, and once more by the first model; agents fill in the
sheet that `corrections export` writes, a verdict in 33 being wrong; `retrain` releases what is not worse. In April mail
for a service that nobody had mail for appears; in October a service is split in two (`reorganise`, then a `label`
session).
First stage alone, on services. DIR gets the mailboxes, outputs and releases, `year.json` and the curves, `year.svg`.
"""

import argparse
import contextlib
import csv
import io
import json
import mailbox
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import numpy as np

from triage.classify.plots import BLUE, ORANGE, empty_figure, in_percent
from triage.classify.store import save
from triage.classify.train import Settings, train
from triage.cli.main import main as triage_main
from triage.corpus import load_examples
from triage.learn.labelling import Session, asked
from triage.profile import BUILT_IN

ROOT = Path(__file__).parents[1]
PARTS = [ROOT / "samples" / "commune" / f"{part}.jsonl" for part in ("train", "validation")]
BASE = 700
AT_RANDOM, DOUBTFUL, MISTAKES, RELABELLED = 0.1, 0.3, 0.03, 60  # shares of a month's mail; of verdicts; texts
NEW, APRIL = "petite_enfance", 4
WHOLE, HALF, OCTOBER = "voirie_eclairage", "stationnement_mobilite", 10
SETTINGS = Settings(encoder=False, noisy_copies=0)
SPLIT = f'name = "Mobilités"\n\n[[split]]\nfrom = "{WHOLE}"\nto = ["{WHOLE}", "{HALF}"]\n'
Row = dict[str, Any]


@dataclass(frozen=True)
class Month:
    """What a month's mail got from one of the two. Counts of mails.

    `right`: the first service proposed was the right one; `routed`: a service was given without a human, of them
    `wrong` to one that would not accept the mail; `verdicts`: mails that agents judged though they were routed well.
    """

    mails: int
    right: int
    routed: int
    wrong: int
    verdicts: int

    @property
    def figures(self) -> dict[str, float]:
        """Shares of the mail; `effort`: mails in a hundred that people sorted, put right, or judged for the loop."""
        by_hand = self.mails - self.routed + self.wrong + self.verdicts
        return {
            "accuracy": self.right / self.mails,
            "coverage": self.routed / self.mails,
            "error": self.wrong / max(1, self.routed),
            "effort": by_hand / self.mails,
        }


def triage(*arguments: object, allowed: Sequence[int] = (0,)) -> str:
    """What a command prints; stops the benchmark where it ends otherwise than is allowed."""
    said, told = io.StringIO(), io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        try:
            triage_main([str(one) for one in arguments])
        except SystemExit as ended:
            code = ended.code
    if code not in allowed:
        raise SystemExit(f"triage {' '.join(map(str, arguments))}: exit code {code}\n{told.getvalue()}")
    return said.getvalue()


class Year:
    """The mail of a year, dealt by a seed, and the folders in which the commands work."""

    def __init__(self, folder: Path, seed: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self.seed = folder, seed
        self.drawn = random.Random(seed)
        rows = [json.loads(line) for part in PARTS for line in part.read_text("utf-8").splitlines()]
        rows = [row for row in rows if row["labels"].get("service")]
        self.drawn.shuffle(rows)
        known = [row for row in rows if row["labels"]["service"] != NEW]
        self.fresh = [row for row in rows if row["labels"]["service"] == NEW]
        self.start, self.stream = known[:BASE], known[BASE:]
        self.truth = {row["id"]: row for row in rows}
        self.models = folder / "releases"
        self.profile = folder / "profile"
        before_october(self.profile)
        self.base = [write_rows(folder / "base.jsonl", [in_month(row, 1) for row in self.start])]
        self.first = folder / "first"
        save(train(load_examples(self.base, ["service"]), ["service"], SETTINGS, lambda _: None), self.first)
        triage("models", "release", self.first, "--models", self.models, "--note", "the first")

    def month(self, number: int) -> tuple[Month, Month, bool]:
        """Sort a month's mail without and with the loop, then let agents judge and the loop learn."""
        if number == OCTOBER:
            self.split()
        mails = self.mail_of(number)
        box = write_mailbox(self.folder / f"{number:02}.mbox", mails, number)
        sorted_by: dict[str, list[Row]] = {}
        for name, model in (("without", self.first), ("with", self.models)):
            out = self.folder / name / f"{number:02}"
            triage("apply", box, "--out", out, "--model", model, "--profile", self.profile)
            sorted_by[name] = [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
        judged = self.judge(number, len(mails))
        said = triage(
            "retrain", *sorted((self.folder / "with").iterdir()), *(x for path in self.base for x in ("--base", path)),
            "--models", self.models, "--profile", self.profile, "--no-encoder", "--json", allowed=(0, 1),
        )  # fmt: skip
        without = self.counted(sorted_by["without"], number, set())
        return without, self.counted(sorted_by["with"], number, judged), json.loads(said)["released"]

    def mail_of(self, number: int) -> list[Row]:
        """A twelfth of the stream; from April on, a ninth of the new service's mail too."""
        size, share = len(self.stream) // 12, -(-len(self.fresh) // 9)
        mails = self.stream[(number - 1) * size : number * size]
        start = (number - APRIL) * share
        mails = mails + (self.fresh[start : start + share] if number >= APRIL else [])
        return [in_month(row, number) for row in mails]

    def judge(self, number: int, mails: int) -> set[str]:
        """Agents fill in the sheet, with mistakes; the ids of the mails they judged."""
        out, sheet = self.folder / "with" / f"{number:02}", self.folder / f"avis-{number:02}.csv"
        most, control = round(DOUBTFUL * mails), round(AT_RANDOM * mails)
        triage(
            "corrections", "export", out, "--csv", sheet, "--most", most, "--control", control, "--seed", self.seed,
            "--profile", self.profile,
        )  # fmt: skip
        ids = {row["digest"]: row["id"] for row in map(json.loads, (out / "results.jsonl").open(encoding="utf-8"))}
        with sheet.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file, delimiter=";"))
        services = sorted({in_month(row, number)["labels"]["service"] for row in self.truth.values()})
        for line in lines:
            right = in_month(self.truth[ids[line["message"]]], number)["labels"]["service"]
            mistaken = self.drawn.random() < MISTAKES
            line["service juste"] = self.drawn.choice([s for s in services if s != right]) if mistaken else right
        with sheet.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.DictWriter(file, list(lines[0]), delimiter=";")
            table.writeheader()
            table.writerows(lines)
        triage("corrections", "import", sheet, "--out", out, "--by", "accueil", "--profile", self.profile)
        return {ids[line["message"]] for line in lines}

    def split(self) -> None:
        """October: the profile of the new organisation, what follows by itself, and some old mails labelled anew."""
        self.profile = self.folder / "profile-october"
        triage("init", self.profile)
        mapping = self.folder / "october.toml"
        mapping.write_text(SPLIT, "utf-8")
        triage("reorganise", mapping, *self.base, *sorted((self.folder / "with").iterdir()), "--profile", self.profile)
        followed, labelled = self.folder / "base.october.jsonl", self.folder / "labels.jsonl"
        self.base = [followed, labelled]
        texts = asked([str(followed)], [], "service", 2_000, self.seed, lambda _: None, labelled)
        session = Session(texts, labelled, "service", self.seed)
        for _ in range(min(RELABELLED, len(texts))):
            current = session.current()
            assert current is not None
            session.answer(self.truth[current.content["id"]]["labels"]["service"])
        session.close()

    def counted(self, results: Sequence[Mapping[str, Any]], number: int, judged: set[str]) -> Month:
        right = routed = wrong = verdicts = 0
        for line in results:
            row, given = in_month(self.truth[line["id"]], number), line["service"]["label"]
            service = row["labels"]["service"]
            right += line["service"]["ranking"][:1] != [] and line["service"]["ranking"][0][0] == service
            routed += given is not None
            well = given in (service, *row["acceptable"])
            wrong += given is not None and not well
            verdicts += well and line["id"] in judged
        return Month(len(results), right, routed, wrong, verdicts)


def in_month(row: Row, number: int) -> Row:
    """A mail with the services of that month: before October the half is part of the whole."""
    if number >= OCTOBER:
        return row
    now = {HALF: WHOLE}
    service = now.get(row["labels"]["service"], row["labels"]["service"])
    acceptable = [one for one in dict.fromkeys(now.get(x, x) for x in row["acceptable"]) if one != service]
    secondary = [now.get(one, one) for one in row["secondary"]]
    return row | {"labels": {"service": service}, "acceptable": acceptable, "secondary": secondary}


def before_october(folder: Path) -> None:
    """The built-in profile without the half: the whole stands wherever it stood."""
    shutil.copytree(BUILT_IN, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text("utf-8").replace(HALF, WHOLE), "utf-8")
    services = folder / "services.toml"
    head, *blocks = services.read_text("utf-8").split("[[service]]")
    own = [block for block in blocks if f'id = "{WHOLE}"' in block]
    kept = [block for block in blocks if block not in own[1:]]
    services.write_text("[[service]]".join([head, *kept]), "utf-8")
    triage("check", folder)


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def write_mailbox(path: Path, rows: Sequence[Row], number: int) -> Path:
    """An mbox of mails dated in a month, each from a writer of its own."""
    box = mailbox.mbox(path)
    for place, row in enumerate(rows):
        mail = EmailMessage()
        mail["From"] = f"personne{number}-{place}@courriel.test"
        mail["To"] = "mairie@exemple.org"
        mail["Subject"] = " ".join((row["subject"] or "").split())
        mail["Date"] = format_datetime(datetime(2026, number, 1 + place % 28, 9, tzinfo=UTC))
        mail["Message-ID"] = f"<{row['id']}>"
        mail.set_content(row["text"])
        box.add(mail)
    box.flush()
    return path


def simulated(folder: Path, seed: int, months: int) -> Iterator[tuple[int, Month, Month, bool]]:
    year = Year(folder, seed)
    for number in range(1, months + 1):
        started = time.process_time()
        found = year.month(number)
        shown = "  ".join(
            f"{name} {found[0].figures[name]:.3f} / {found[1].figures[name]:.3f}" for name in found[0].figures
        )
        spent = time.process_time() - started
        print(
            f"seed {seed} month {number:2}  {shown}  {'released' if found[2] else 'kept':8}  {spent:.0f} s", flush=True
        )
        yield number, *found


Curves = dict[str, dict[str, list[list[float]]]]  # « without » and « with », figure, seed, month


def draw(path: Path, curves: Curves) -> None:
    """Four panels: the mean of the seeds as a line, their range as a band."""
    names = {"accuracy": "exactitude", "coverage": "part orientée sans humain", "error": "erreurs parmi l'orienté"}
    names["effort"] = "part du courrier traitée à la main"
    figure = empty_figure(10, 7)
    for axes, (name, title) in zip(figure.subplots(2, 2).flat, names.items(), strict=True):
        for way, color, said in (("without", ORANGE, "sans apprentissage"), ("with", BLUE, "avec")):
            table = np.array(curves[way][name])
            months = np.arange(1, table.shape[1] + 1)
            axes.plot(months, table.mean(axis=0), color=color, marker="o", markersize=3, label=said)
            axes.fill_between(months, table.min(axis=0), table.max(axis=0), color=color, alpha=0.15, linewidth=0)
        if name == "error":
            axes.axhline(0.1, color="#999999", linewidth=1)
        for month in (APRIL, OCTOBER):
            axes.axvline(month - 0.5, color="#999999", linewidth=1, linestyle=":")
        axes.set(title=title, xlabel="mois", ylim=(0, 0.5 if name == "error" else 1.02), xticks=range(1, 13))
        in_percent(axes.yaxis)
    figure.axes[0].legend(loc="lower right", frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})


def show(curves: Curves, totals: Mapping[str, list[Month]]) -> None:
    """The months as means over the seeds, then the whole year with the range of the seeds."""
    print("\n| month | accuracy without / with | coverage | routed error | handled by people |\n|--:|--:|--:|--:|--:|")
    means = {way: {name: np.mean(table, axis=0) for name, table in curves[way].items()} for way in curves}
    for month in range(len(means["with"]["accuracy"])):
        cells = [f"{means['without'][name][month]:.2f} / {means['with'][name][month]:.2f}" for name in means["with"]]
        print(f"| {month + 1} | {' | '.join(cells)} |")
    print()
    for way, years in totals.items():
        for name in ("accuracy", "coverage", "error", "effort"):
            found = [one.figures[name] for one in years]
            print(f"{way:8} {name:9} {np.mean(found):.3f} ({min(found):.3f} to {max(found):.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--months", type=int, default=12)
    given = parser.parse_args()
    curves: Curves = {
        way: {name: [] for name in ("accuracy", "coverage", "error", "effort")} for way in ("without", "with")
    }
    totals: dict[str, list[Month]] = {"without": [], "with": []}
    for seed in range(1, given.seeds + 1):
        months = list(simulated(given.out / f"seed-{seed}", seed, given.months))
        for place, way in ((1, "without"), (2, "with")):
            own: list[Month] = [month[place] for month in months]  # type: ignore[misc]
            totals[way].append(Month(*(sum(getattr(one, x) for one in own) for x in Month.__dataclass_fields__)))
            for name, table in curves[way].items():
                table.append([one.figures[name] for one in own])
    given.out.joinpath("year.json").write_text(json.dumps(curves), "utf-8")
    draw(given.out / "year.svg", curves)
    show(curves, totals)
    print(f"\ncurves: {given.out / 'year.svg'}")


if __name__ == "__main__":
    main()
