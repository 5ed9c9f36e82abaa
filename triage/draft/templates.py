"""Templates of a profile, rendered in a sandbox: no code, no other file, no unknown name, no endless output.

A template is only ever built from a profile's file, never from a mail, so that `{{ 7*7 }}` in a mail stays text.
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from triage.errors import ProfileError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

LARGEST_DRAFT = 100_000  # characters
LONGEST_RENDERING = 2.0  # seconds
_LARGEST_OPERAND = 10_000


class Gaps:
    """What a template asks an agent to fill: `gap("délai")` prints a visible hole and remembers it."""

    def __init__(self) -> None:
        self.missing: list[str] = []

    def __call__(self, what: str) -> str:
        """Return the text of a gap."""
        if what not in self.missing:
            self.missing.append(what)
        return f"[à compléter : {what}]"


@lru_cache(maxsize=1)
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Careful(ImmutableSandboxedEnvironment):
        """Also refuses operations whose result could fill the memory: « 'a' * 10**9 »."""

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            small = isinstance(left, int) and isinstance(right, int) and max(abs(left), abs(right)) <= _LARGEST_OPERAND
            if not small or operator == "**":
                raise ProfileError(f"operator {operator!r} is not allowed on these values")
            return super().call_binop(context, operator, left, right)

    environment = Careful(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False, cache_size=0)
    environment.globals.clear()  # no range, lipsum, namespace…
    return environment


@lru_cache(maxsize=256)
def _compiled(source: str) -> "Template":
    from jinja2 import nodes

    tree = _environment().parse(source)
    if any(outer.find(nodes.For) for outer in tree.find_all(nodes.For)) or tree.find(nodes.Macro):
        raise ProfileError("nested loops and macros are not allowed in templates")
    return _environment().from_string(source)


def render(name: str, source: str, values: Mapping[str, Any]) -> str:
    """Render a template. Raises ProfileError, one line, for any fault of the template."""
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        return _collected(_compiled(source), values)
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


def check_template(name: str, source: str, values: Mapping[str, Any]) -> None:
    """Raise ProfileError when a template cannot be rendered, whichever of its optional values are missing."""
    render(name, source, values)
    render(name, source, {key: value or None for key, value in values.items()})
