"""Check a letter before it leaves: what the law wants in it, what plain language and discretion keep out of it.

Works on any text, whoever wrote it. Rules are data (lint.toml of the profile); only names, and numbers with check
digits, are recognised here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from triage.draft.discretion import secrets
from triage.draft.letters import ALGORITHM_ASKED, Letters, Mention, Phrase, letters_of
from triage.profile import Administration, Profile, Said, said
from triage.text import fold, fold_aligned

LONGEST_LETTER = 100_000  # characters
GAP = "brouillon"
_LEFT = re.compile(r"\[à (?:compléter|confirmer)(?: : [^\]\n]{1,400})?\]")
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]{1,30}"
_NAME = rf"(?:(?:M\.|Mme|Mr|Madame|Monsieur) )?{_WORD}(?: (?:de |d'|du |le |la )?{_WORD}){{1,3}}"
_NAMED_SOON = re.compile(rf"[^.\n]{{0,40}}?\b{_NAME}")
_SIGNED = re.compile(rf"{_NAME}(?: ?[,(–-] ?\S.{{0,80}})?")
_SERVICE = re.compile(r"\b[Ss]ervices? (?:« ?)?[A-ZÀ-ÖØ-Þ]\w{2}")
_SURNAME = re.compile(r"(?!(?:Mme|Mlle|Madame|Mademoiselle|Monsieur|Maître|Docteur)\b)\b[A-ZÀ-ÖØ-Þ][\w'’-]{2,30}")
_QUOTED = re.compile(r"« [^»\n]{1,200} »")
_LAST_LINES = 14
_MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_DATE = re.compile(rf"\d(?<!\w\d)(?:(?<=1)er|\d)? (?:{_MONTH}) \d{{4}}")  # `re` looks for what a pattern begins with
_MOST_FRAMES = 4_096
_FRAMES: dict[tuple[str, Path, str, Administration], tuple["Finding", ...]] = {}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a letter: the article it offends, what is missing or to change (French), and where.

    `line` counts from 1; 0 where the whole text is at fault. Not `confirmed`: nobody has verified that reading.
    """

    article: str
    missing: str
    where: str
    line: int = 0
    confirmed: bool = True

    def __str__(self) -> str:
        """« CRPA R112-11-1 : la date de réception (absent du texte) »."""
        doubt = "" if self.confirmed else " [à confirmer]"
        return f"{self.article}{doubt} : {self.missing} ({self.where})"


def lint(text: str, profile: Profile, *, names: Sequence[str] = ()) -> list[Finding]:
    """What is missing from a letter or should not be in it: mentions first, then by line.

    `names` are persons the letter must not name (third parties of the mail it answers). A text over 100,000
    characters is read up to there.
    """
    text = text[:LONGEST_LETTER].replace("\r\n", "\n").replace("\u00a0", " ").replace("\u202f", " ")
    letters, words = letters_of(profile), said(text)
    own = said(_QUOTED.sub("« »", _LEFT.sub("", text)))  # neither gaps nor quotations say what a letter does
    kinds = {kind.id for kind, _ in letters.kinds.triggered(own)}
    if profile.administration.algorithm_notice:
        kinds.add(ALGORITHM_ASKED)
    found = [*_absent(text, words, profile, letters, kinds)]
    present = [
        *_phrases(text, own, letters),
        *_indiscretions(text, words, profile, letters),
        *_named(text, names),
        *_gaps(text),
    ]
    return found + sorted(present, key=lambda finding: finding.line)


def lint_filled(text: str, told: Sequence[str], profile: Profile, *, names: Sequence[str] = ()) -> list[Finding]:
    """`lint` without gaps, for a letter made from a template: `told` are the parts of it that come from a mail.

    What remains without these and the service's name is the same in many letters: it is checked once for all.
    """
    first = f"« {next(iter(profile.services.values())).name} »"
    frame = _service_names(profile).sub(lambda _: first, text)
    for part in sorted(told, key=len, reverse=True):  # a sentence before the words in it
        frame = frame.replace(f" {part}\n", " \n").replace(part, "x")
    frame = _DATE.sub("1er mars 2026", frame)
    key = (frame, profile.folder, profile.digest, profile.administration)
    if key not in _FRAMES:
        if len(_FRAMES) >= _MOST_FRAMES:
            _FRAMES.clear()
        _FRAMES[key] = tuple(found for found in lint(frame, profile) if found.article != GAP)
    mail = "\n".join(told)
    return [*_FRAMES[key], *_indiscretions(mail, said(mail), profile, letters_of(profile)), *_named(text, names)]


@lru_cache(maxsize=8)
def _service_names(profile: Profile) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(f"« {service.name} »") for service in profile.services.values()))


def _absent(text: str, words: Said, profile: Profile, letters: Letters, kinds: set[str]) -> Iterator[Finding]:
    for mention in letters.mention:
        wanted = set(mention.when) <= kinds and not set(mention.when_not) & kinds
        if wanted and not _says(mention, text, words, profile, letters):
            listed = letters.articles.get(mention.article)
            confirmed = listed is not None and listed.confirmed
            yield Finding(mention.article, mention.says, "absent du texte", confirmed=confirmed)


def _says(mention: Mention, text: str, words: Said, profile: Profile, letters: Letters) -> bool:
    """Whether a letter holds a mention; two of them are told by names rather than by words."""
    if mention.find(words) is not None:
        return True
    if mention.id == "service":
        whole = " ".join(fold(text).split())
        return bool(_SERVICE.search(text)) or any(fold(known.name) in whole for known in profile.services.values())
    return mention.id == "agent" and _names_someone(text, profile, letters)


def _names_someone(text: str, profile: Profile, letters: Letters) -> bool:
    """Whether a person is named: after « affaire suivie par » and the like, or on a line of the signature."""
    folded = fold_aligned(text)
    for words in letters.introduces:
        start = folded.find(words)
        while start >= 0:
            if _NAMED_SOON.match(text, start + len(words)):
                return True
            start = folded.find(words, start + 1)
    ours = (profile.administration.name, *(service.name for service in profile.services.values()))
    not_persons = (*letters.not_persons, *map(fold, ours))
    last = [line.strip() for line in text.splitlines() if line.strip()][-_LAST_LINES:]
    return any(_SIGNED.fullmatch(line) and not fold(line).startswith(not_persons) for line in last)


def _phrases(text: str, words: Said, letters: Letters) -> Iterator[Finding]:
    for phrase, _ in letters.phrases.triggered(words):
        assert isinstance(phrase, Phrase)
        listed = letters.articles.get(phrase.article)
        confirmed = listed is None or listed.confirmed
        reached = 0
        for sentence in words.sentences:
            if found := phrase.find(Said((sentence,), sentence)):
                start, reached = _span(text, found, reached)
                advice = f"éviter « {found} » : {phrase.says}"
                yield Finding(phrase.article, advice, *_place(text, start), confirmed=confirmed)


def _indiscretions(text: str, words: Said, profile: Profile, letters: Letters) -> Iterator[Finding]:
    for kind, start in secrets(text):
        yield Finding("discrétion", f"retirer ce {kind}", *_place(text, start))
    words = _without_public_names(text, words, letters)
    for rule in profile.flags:
        if rule.id == "sante" and (told := rule.find(words)):
            advice = f"donnée de santé possible : « {told} » ; à n'écrire que si la réponse l'exige"
            yield Finding("discrétion", advice, *_place(text, _span(text, told)[0]))


def _without_public_names(text: str, words: Said, letters: Letters) -> Said:
    """The letter's words without « maison départementale des personnes handicapées », which is nobody's health."""
    whole = " ".join(fold(text).split())
    if not any(name in whole for name in letters.not_health):
        return words
    for name in letters.not_health:
        whole = whole.replace(name, " ")
    return said(whole)


def _named(text: str, names: Sequence[str]) -> Iterator[Finding]:
    for name in dict.fromkeys(word for full in names for word in _SURNAME.findall(full)):
        if name in text and (found := re.search(rf"\b{re.escape(name)}\b", text)):
            yield Finding("discrétion", f"retirer le nom d'une personne : « {name} »", *_place(text, found.start()))


def _gaps(text: str) -> Iterator[Finding]:
    for left in _LEFT.finditer(text):
        yield Finding(GAP, left.group(), *_place(text, left.start()))


def _span(text: str, found: str, after: int = 0) -> tuple[int, int]:
    """Where the folded words `found` stand next in a text: start and end, -1 and `after` where they cannot be found."""
    pattern = r"\s+".join(re.escape(word) for word in found.split())
    match = re.compile(pattern).search(fold_aligned(text), after) if found.strip() else None
    return match.span() if match else (-1, after)


def _place(text: str, start: int) -> tuple[str, int]:
    if start < 0:
        return "dans le texte", 0
    line = text.count("\n", 0, start) + 1
    return f"ligne {line}", line
