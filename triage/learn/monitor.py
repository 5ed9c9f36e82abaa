"""Journal -> how the program fares: volumes, coverage, drift, errors, lateness, and what calls for somebody.

No word, address or subject of a mail is in the figures: services, counts, shares and dates only.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from triage.classify.scores import clopper_pearson, holm
from triage.classify.usual import words_of
from triage.decide.decision import READ_BY_HUMANS
from triage.journal import Entry, Journal
from triage.journal.corrections import Corrections
from triage.learn.corrections import Standing, standing
from triage.learn.drift import Drift, Sample, Shift
from triage.pipeline import masked_text

if TYPE_CHECKING:
    from triage.classify.examples import Example
    from triage.classify.model import Model

_SERVICE = "service"
_DESK = "courrier"
_OPEN = ("draft", "route", "review")
_ANSWERED = ("used", "changed")
_BY_MACHINE = ("registration",)  # deadlines that a mail server may keep, without any agent
_DOUBT = "service incertain : "
# What the reasons of an abstention begin with, and the kind that they are counted under.
_REASONS = (
    ("confiance", "confiance sous le seuil"),
    ("texte trop éloigné", "texte trop éloigné des exemples"),
    ("sujet trop éloigné", "sujet trop éloigné des exemples"),
    ("aucun mot", "aucun mot à lire"),
)
_OTHER_REASON = "autre raison"


@dataclass(frozen=True)
class Limits:
    """What is asked of the program. `budget`: share of routed mail that may be wrong; `overdue`: most mails late."""

    budget: float
    overdue: int | None = None
    failed: float = 0.02  # share of mails that could not be read


@dataclass(frozen=True)
class Mail:
    """What the figures need of one outcome; `day` is that of the mail, or else of its processing."""

    digest: str
    day: date
    read: bool  # written by a person, so that the model judged it
    failed: bool
    action: str
    service: str | None
    proposed: str | None
    confidence: float
    reason: str
    seconds: float
    due: date | None
    model: str  # id of the one that decided
    words: frozenset[str] = field(repr=False)


def mails(journal: Journal) -> Iterator[Mail]:
    """Every outcome of a journal."""
    return (_mail(entry) for entry in journal.entries())


def samples(found: Iterable[Mail]) -> dict[str, Sample]:
    """Mails by the service proposed for them."""
    by_service: dict[str, list[Mail]] = defaultdict(list)
    for mail in found:
        if mail.read and mail.proposed:
            by_service[mail.proposed].append(mail)
    return {
        service: Sample([mail.confidence for mail in inside], [mail.words for mail in inside])
        for service, inside in by_service.items()
    }


def reference_of(examples: Sequence["Example"], model: "Model") -> dict[str, Sample]:
    """Texts that the model has not learned, as it judges them, by the service it proposes."""
    predicted = [one[_SERVICE] for one in model.predict([example.text for example in examples])]
    by_service: dict[str, list[tuple[float, frozenset[str]]]] = defaultdict(list)
    for example, one in zip(examples, predicted, strict=True):
        by_service[one.ranking[0][0]].append((one.confidence, words_of(example.text)))
    return {s: Sample([c for c, _ in inside], [w for _, w in inside]) for s, inside in by_service.items()}


def monitored(
    recent: Sequence[Mail],
    corrections: Corrections,
    drift: Drift,
    promised: Mapping[str, Any],
    limits: Limits,
    today: date,
) -> dict[str, Any]:
    """All figures of some mails, JSON-ready; `alerts` lists in French what calls for somebody.

    `promised` holds the model's figures on held-out texts (`coverage`), as its manifest does.
    """
    verdicts = corrections.all()
    stands = standing(verdicts)
    first: dict[str, str] = {}
    for one in verdicts:
        first.setdefault(one.digest, one.at)
    found = {
        "today": today.isoformat(),
        "volumes": _volumes(recent),
        "coverage": _coverage(recent, promised.get("coverage")),
        "abstentions": dict(Counter(mail.reason for mail in recent if mail.reason).most_common()),
        "drift": asdict(drift),
        "agreement": _agreement(recent, stands),
        "errors": _errors(recent, stands, corrections.control(), limits.budget),
        "overdue": _overdue(recent, stands, today),
        "services": _services(recent, first, today),
    }
    return found | {"alerts": list(_alerts(found, drift, limits))}


def _mail(entry: Entry) -> Mail:
    line = json.loads(entry.record)
    ranking = line["service"]["ranking"]
    read = entry.kind in READ_BY_HUMANS and not entry.failed
    dues = [date.fromisoformat(one["due"]) for one in line["deadlines"] if one["name"] not in _BY_MACHINE]
    return Mail(
        digest=entry.digest,
        day=date.fromisoformat((entry.dated or entry.done_at)[:10]),
        read=read,
        failed=entry.failed,
        action=entry.action,
        service=entry.service,
        proposed=ranking[0][0] if ranking and read else None,
        confidence=line["service"]["confidence"],
        reason=_reason(line["decision"]["reasons"]) if read and not line["service"]["label"] else "",
        seconds=entry.read_seconds + entry.classify_seconds + entry.decide_seconds,
        due=min(dues, default=None) if entry.action in _OPEN else None,
        model=entry.model.partition(" ")[0],
        words=words_of(masked_text(line["subject"] or "", line["text"], line["sender"] or "")) if read else frozenset(),
    )


def _reason(reasons: Sequence[str]) -> str:
    said = next((one.removeprefix(_DOUBT) for one in reasons if one.startswith(_DOUBT)), "")
    return next((kind for start, kind in _REASONS if said.startswith(start)), _OTHER_REASON)


def _volumes(recent: Sequence[Mail]) -> dict[str, Any]:
    days = [mail.day for mail in recent]
    weeks: dict[str, Counter[str]] = defaultdict(Counter)
    for mail in recent:
        weeks[(mail.day - timedelta(mail.day.weekday())).isoformat()][_lot(mail)] += 1
    return {
        "mails": len(recent),
        "read": sum(mail.read for mail in recent),
        "failed": sum(mail.failed for mail in recent),
        "from": min(days).isoformat(),
        "to": max(days).isoformat(),
        "actions": dict(Counter(mail.action for mail in recent).most_common()),
        "weeks": {week: dict(weeks[week]) for week in sorted(weeks)},
        "seconds": round(mean(mail.seconds for mail in recent), 4),
    }


def _lot(mail: Mail) -> str:
    if mail.action == "ignore":
        return "ignored"
    return "routed" if mail.service else "review"


def _coverage(recent: Sequence[Mail], promised: float | None) -> dict[str, Any]:
    read = [mail for mail in recent if mail.read]
    routed = sum(not mail.reason for mail in read)
    interval = clopper_pearson(routed, len(read))
    lower = promised is not None and interval[1] < promised
    return {"read": len(read), "routed": routed, "interval": interval, "promised": promised, "lower": lower}


def _agreement(recent: Sequence[Mail], stands: Mapping[str, Standing]) -> dict[str, Any]:
    """What all verdicts say: agents mostly look at doubtful mail, so that this is no share of all mail."""
    judged = [(mail, one) for mail in recent if (one := stands.get(mail.digest)) and one.service]
    same = sum(one.said["proposed"] == one.service for _, one in judged)
    return {"judged": len(judged), "same": same, "interval": clopper_pearson(same, len(judged))}


def _errors(recent: Sequence[Mail], stands: Mapping[str, Standing], control: set[str], budget: float) -> dict[str, Any]:
    """Wrong routes among the routed mails of the random control sample: overall, and service by service."""
    routed: dict[str, list[bool]] = defaultdict(list)
    for mail in recent:
        one = stands.get(mail.digest)
        if mail.digest in control and one and one.service and one.said["service"]:
            routed[one.said["service"]].append(one.said["service"] != one.service)
    every = [wrong for inside in routed.values() for wrong in inside]
    services = [_budgeted(routed[service], budget) | {"service": service} for service in sorted(routed)]
    for found, p in zip(services, holm([one["p"] for one in services]), strict=True):
        found |= {"p": p, "broken": p < 0.05}
    drawn = sum(mail.digest in control for mail in recent)
    return _budgeted(every, budget) | {"drawn": drawn, "budget": budget, "services": services}


def _budgeted(wrong: Sequence[bool], budget: float) -> dict[str, Any]:
    """Whether a budget holds. `p`: how likely as many errors are where it does; `state`: kept, broken or open."""
    from scipy.stats import binomtest

    count, rows = sum(wrong), len(wrong)
    low, high = clopper_pearson(count, rows)
    p = float(binomtest(count, rows, budget, alternative="greater").pvalue) if rows else 1.0
    state = "broken" if low > budget else "kept" if high <= budget else "open"
    return {"routed": rows, "wrong": count, "interval": [low, high], "p": p, "state": state}


def _overdue(recent: Sequence[Mail], stands: Mapping[str, Standing], today: date) -> dict[str, Any]:
    """Mails whose first deadline has passed and whose reply no agent has reported as sent."""
    late = [mail for mail in recent if mail.due and mail.due < today and not _answered(stands.get(mail.digest))]
    by_service = Counter(mail.service or _DESK for mail in late)
    oldest = max(((today - mail.due).days for mail in late if mail.due), default=0)
    return {"mails": len(late), "oldest_days": oldest, "services": dict(by_service.most_common())}


def _answered(one: Standing | None) -> bool:
    return one is not None and one.reply in _ANSWERED


def _services(recent: Sequence[Mail], first: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    """Each service: mails, days until an agent's first verdict, the oldest without any; the slowest first."""
    inside: dict[str, list[Mail]] = defaultdict(list)
    for mail in recent:
        if mail.action in _OPEN:
            inside[mail.service or _DESK].append(mail)
    found = []
    for service, own in inside.items():
        days = [(date.fromisoformat(first[m.digest][:10]) - m.day).days for m in own if m.digest in first]
        waiting = [(today - mail.day).days for mail in own if mail.digest not in first]
        found.append(
            {
                "service": service,
                "mails": len(own),
                "judged": len(days),
                "median_days": median(days) if days else None,
                "oldest_waiting_days": max(waiting, default=0),
            }
        )
    return sorted(found, key=lambda one: (-(one["median_days"] or 0), -one["oldest_waiting_days"], one["service"]))


def _alerts(found: Mapping[str, Any], drift: Drift, limits: Limits) -> Iterator[str]:
    errors, volumes, coverage = found["errors"], found["volumes"], found["coverage"]
    if errors["state"] == "broken":
        yield (
            f"Budget d'erreurs dépassé : {errors['wrong']} mauvais services sur {errors['routed']} messages témoins, "
            f"au moins {_percent(errors['interval'][0])} du courrier orienté pour {_percent(limits.budget)} promis."
        )
    for one in errors["services"]:
        if one["broken"]:
            yield f"Budget d'erreurs dépassé pour « {one['service']} » : {one['wrong']} erreurs sur {one['routed']}."
    if coverage["lower"]:
        yield (
            f"Couverture en baisse : {coverage['routed']} messages sur {coverage['read']} reçoivent un service, pour "
            f"{_percent(coverage['promised'])} à l'apprentissage."
        )
    yield from (f"Confiance en baisse pour « {one.service} »{_tested(one)}." for one in drift.confidence if one.alert)
    yield from (f"Vocabulaire nouveau pour « {one.service} »{_tested(one)}." for one in drift.vocabulary if one.alert)
    if volumes["failed"] > limits.failed * volumes["mails"]:
        yield f"Messages illisibles : {volumes['failed']} sur {volumes['mails']}."
    if limits.overdue is not None and found["overdue"]["mails"] > limits.overdue:
        yield f"Échéances dépassées : {found['overdue']['mails']} messages, {limits.overdue} au plus étaient admis."


def _tested(one: Shift) -> str:
    return f" : écart {one.change:+.2f}, p {probability(one.p)}".replace(".", ",")


def probability(p: float) -> str:
    """A p-value as French reports write it, with what stands before it."""
    return "< 0,001" if p < 0.001 else f"= {p:.3f}".replace(".", ",")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")
