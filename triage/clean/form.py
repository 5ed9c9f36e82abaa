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
_TITLE = 4  # lines above the first key
_TOLD = 40  # characters of a « Demande : … » that holds the message itself
_SEPARATOR = re.compile(r"[:=|\]]")
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
    starts = [(at, *found) for at, line in enumerate(lines) if (found := _start(line.text))]
    roles = [role for _, role, _ in starts[:_LOOKED_AT]]
    if not {"message", "minor_message"} & set(roles):
        return []
    ends = [at for at, _, _ in starts[1:]] + [len(lines)]
    fields = [Field(role, at, after, shift) for (at, role, shift), after in zip(starts, ends, strict=True)]
    if not declared and not _looks_like_form(fields, roles, lines):
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


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("form")[name]


def _start(text: str) -> tuple[str, int] | None:
    """The role of the field that begins on this line and where its value does, if one begins."""
    if _rule("footer").match(text):
        return "footer", 0
    found = _rule("key").match(text) if _SEPARATOR.search(text, 0, _KEY) else None
    if not found:
        return ("message", len(text)) if len(text) < 40 and _rule("message").match(text.rstrip(" *:")) else None
    key = found[1].strip().replace("_", " ")
    role = next((role for role in ("message", "minor_message", "other") if _rule(role).match(key)), "")
    return (role, found.start(2)) if role else None
