"""The message field of a web contact form."""

import re
from collections.abc import Iterator
from functools import cache
from re import Pattern
from typing import NamedTuple

from triage.clean.lines import Line
from triage.clean.patterns import patterns

_LOOKED_AT = 80  # lines among which a form shows itself
_KEY = 110  # characters of the longest key
_NAMED = 40  # characters of the longest key that nobody knows
_TITLE = 4  # lines above the first key
_TOLD = 40  # characters of a « Demande : … » that holds the message itself
_SEPARATOR = re.compile(r"[:=;|\]]")
_TELLING = {"message", "minor_message"}
_FEWEST = 3  # known keys without which a mail of unknown kind is no form


class Field(NamedTuple):
    """lines[first:after] belong to one key; `role` is message, minor_message, other or footer.

    `shift` counts the characters before the value on its first line.
    """

    role: str
    first: int
    after: int
    shift: int


def read_form(lines: list[Line], *, declared: bool) -> list[Field]:
    """The fields in order, or none where the mail is no form. `declared`: other signs say that it is one."""
    keys = {at: found for at, line in enumerate(lines) if (found := _key(line.text))}
    if not any(role in _TELLING for role, _ in keys.values()):
        return []
    keys |= {at: ("footer", 0) for at, line in enumerate(lines) if _rule("footer").match(line.text)}
    starts = [(at, *keys[at]) for at in sorted(keys)]
    roles = [role for _, role, _ in starts[:_LOOKED_AT]]
    if not _TELLING & set(roles):
        return []
    ends = [at for at, _, _ in starts[1:]] + [len(lines)]
    fields = [Field(role, at, after, shift) for (at, role, shift), after in zip(starts, ends, strict=True)]
    if not declared and not _looks_like_form(fields, roles, lines) and not _all_keys_above(fields, lines):
        return []
    return list(_resumed(fields))


def _resumed(fields: list[Field]) -> Iterator[Field]:
    """Below the message, « Adresse : … » may be the writer's own line: what follows it is message again."""
    told = False
    for field in fields:
        told = told or field.role == "message"
        if told and field.role == "other" and field.after > field.first + 1:
            yield field._replace(after=field.first + 1)
            yield Field("message", field.first + 1, field.after, 0)
        else:
            yield field


def message_fields(fields: list[Field], lines: list[Line]) -> list[Field]:
    """The fields that hold what the person wrote: the best named ones that are not empty."""
    for role in ("message", "minor_message"):
        filled = [field for field in fields if field.role == role and _filled(field, lines)]
        if filled:
            return filled
    return []


def _filled(field: Field, lines: list[Line]) -> bool:
    return field.after > field.first + 1 or field.shift < len(lines[field.first].text)


def _looks_like_form(fields: list[Field], roles: list[str], lines: list[Line]) -> bool:
    """At least three known keys, the message among them, and nothing but a title above the first."""
    if len(roles) - roles.count("footer") < _FEWEST or "other" not in roles or fields[0].first >= _TITLE:
        return False
    if any(line.text.endswith((",", "?", ".")) and " " in line.text for line in lines[: fields[0].first]):
        return False
    named = any(_rule("identity").match(lines[field.first].text) for field in fields)
    return "message" in roles or any(
        named and field.role == "minor_message" and len(lines[field.first].text) - field.shift >= _TOLD
        for field in fields
    )


def _all_keys_above(fields: list[Field], lines: list[Line]) -> bool:
    """Whether nothing but keys, even unknown ones, stands above the message: at least two of them, one known."""
    message = next((field for field in fields if field.role == "message"), None)
    if not message or message.first < _FEWEST - 1 or message is fields[0]:
        return False
    above = lines[: message.first]
    return all(_SEPARATOR.search(line.text, 0, _NAMED) and _rule("key").match(line.text) for line in above)


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("form")[name]


def _key(text: str) -> tuple[str, int] | None:
    """The role of the field whose key begins this line and where its value does, if one begins."""
    found = _rule("key").match(text) if _SEPARATOR.search(text, 0, _KEY) else None
    if not found:
        return _bare(text) if len(text) < _NAMED else None
    key = found[1].strip().replace("_", " ")
    role = next((role for role in ("message", "minor_message", "other") if _rule(role).match(key)), "")
    return (role, found.start(2)) if role else None


def _bare(text: str) -> tuple[str, int] | None:
    """A key alone on its line."""
    if _rule("message").match(text.rstrip(" *:")):
        return "message", len(text)
    return ("other", len(text)) if _rule("bare").match(text) else None
