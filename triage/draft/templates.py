"""Templates of a profile, rendered in a sandbox: no code, no other file, no unknown name, no endless output.

A template is only ever built from a profile's file, never from a mail, so that `{{ 7*7 }}` in a mail stays text.
What a template may hold is a short list (`_ALLOWED`): text, values, conditions, one level of loops, and calls of the
functions given to it. Nothing on that list can grow a text, so output is bounded by the template and its values.
"""

import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from triage.errors import ProfileError

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment

LARGEST_DRAFT = 100_000  # characters
LARGEST_TEMPLATE = 100_000  # characters
LONGEST_RENDERING = 2.0  # seconds
_PARTIAL = re.compile(r'\{%-? *include "(_[a-z0-9_]{1,60})" *-?%\}')
_ALLOWED = {
    "Template", "Output", "TemplateData", "Name", "Const", "Getattr", "If", "For", "CondExpr", "And", "Or", "Not",
    "Compare", "Operand", "Test", "Filter", "Call",
}  # fmt: skip
_FILTERS = {"capitalize", "default", "first", "last", "length", "lower", "trim"}
_DEEPEST = 200


@lru_cache(maxsize=1)
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, cache_size=0, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()  # no range, lipsum, namespace…
    return environment


@lru_cache(maxsize=256)
def _compiled(source: str) -> "Template":
    if len(source) > LARGEST_TEMPLATE:
        raise ProfileError(f"is longer than {LARGEST_TEMPLATE} characters")
    tree = _environment().parse(source)
    _refuse_foreign(tree)
    return _environment().from_string(tree)


def _refuse_foreign(tree: "nodes.Template") -> None:
    """Raise ProfileError for anything in a template but the few constructs a letter needs."""
    from jinja2 import nodes

    depths: list[tuple[nodes.Node, int, bool]] = [(tree, 0, False)]
    while depths:
        node, depth, looped = depths.pop()
        kind = type(node).__name__
        line = f"line {node.lineno}: " if node.lineno else ""
        if kind not in _ALLOWED or depth > _DEEPEST:
            raise ProfileError(f"{line}{kind} is not allowed in templates")
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise ProfileError(f"{line}filter {node.name!r} is not allowed in templates")
        if isinstance(node, nodes.Call) and not isinstance(node.node, nodes.Name):
            raise ProfileError(f"{line}calling a value's method is not allowed in templates")
        if isinstance(node, nodes.For) and (looped or node.recursive):
            raise ProfileError(f"{line}nested loops are not allowed in templates")
        inside = looped or isinstance(node, nodes.For)
        depths += ((child, depth + 1, inside) for child in node.iter_child_nodes())


def with_partials(source: str, templates: Mapping[str, str]) -> str:
    """The source with each `{% include "_part" %}` replaced by that template of the same profile, one level deep."""
    return _included(source, tuple((name, text) for name, text in templates.items() if name.startswith("_")))


@lru_cache(maxsize=256)
def _included(source: str, parts: tuple[tuple[str, str], ...]) -> str:
    known = dict(parts)
    return _PARTIAL.sub(lambda found: known.get(found[1], found[0]).rstrip("\n"), source)


def render(name: str, templates: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Render one of a profile's templates. Raises ProfileError, one line, for any fault of the template."""
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        return _collected(_compiled(with_partials(templates[name], templates)), values)
    except TemplateSyntaxError as error:
        raise ProfileError(f"templates/{name}.txt, line {error.lineno}: {error.message}") from error
    except (TemplateError, ProfileError) as error:
        raise ProfileError(f"templates/{name}.txt: {_one_line(error)}") from error
    except Exception as error:  # whatever a template's expression can raise is the template's fault
        raise ProfileError(f"templates/{name}.txt: {type(error).__name__}: {_one_line(error)}") from error


def _collected(template: "Template", values: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    size, end = 0, time.monotonic() + LONGEST_RENDERING
    for piece in template.generate(**values):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_DRAFT or time.monotonic() > end:
            raise ProfileError(f"renders more than {LARGEST_DRAFT} characters or longer than {LONGEST_RENDERING:.0f} s")
    return "".join(pieces)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
