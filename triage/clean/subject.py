"""The subject without what mail programs put before it."""

from functools import lru_cache

from triage.clean.normalise import normalise
from triage.clean.patterns import patterns

_PREFIXES = 20  # « Re: Re: Re: … » beyond that is kept as it stands
_LONGEST = 2_000
_REMEMBERED = 64  # subjects: each is asked about several times


@lru_cache(_REMEMBERED)
def strip_prefixes(subject: str) -> str:
    """`subject` on one line without `Re:`, `TR :`, `Fwd:`, `[EXTERNE]`… and without outer blanks."""
    rest = " ".join(normalise(subject[:_LONGEST]).split())
    pattern = patterns("subject")["prefix"]
    for _ in range(_PREFIXES):
        found = pattern.match(rest)
        if not found:
            break
        rest = rest[found.end() :]
    return rest.strip()


@lru_cache(_REMEMBERED)
def says_forward(subject: str) -> bool:
    """Whether the outermost prefix of the subject announces a forward."""
    return bool(patterns("subject")["forward"].match(normalise(subject[:200]).lstrip()))


@lru_cache(_REMEMBERED)
def says_reply(subject: str) -> bool:
    """Whether the outermost prefix of the subject announces a reply."""
    return bool(patterns("subject")["reply"].match(normalise(subject[:200]).lstrip()))


def says_nothing(subject: str) -> bool:
    """Whether a subject without prefixes tells no more than « Sans objet » or « Bonjour »."""
    return not subject or bool(patterns("subject")["empty"].match(subject))
