import pytest

from tests.draft.conftest import PROFILE, situation
from triage.draft.citations import Citations
from triage.draft.templates import LARGEST_TEMPLATE, render
from triage.draft.values import Notes, values
from triage.errors import ProfileError


def rendered(source: str, others=(), **more) -> str:
    made = situation()
    return render("x", {"x": source, **dict(others)}, values(made, Citations(made.letters), Notes()) | more)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ inconnu }}", "'inconnu' is undefined"),
        ("Bonjour\n{% if %}", "line 2"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ service.__init__ }}", "unsafe"),
        ("{{ administration.model_dump() }}", "calling a value's method is not allowed"),
        ("{{ 'a'.ljust(1000000000) }}", "calling a value's method is not allowed"),
        ("{{ 'a'|center(1000000000) }}", "filter 'center' is not allowed"),
        ("{{ '%1000000000d'|format(1) }}", "filter 'format' is not allowed"),
        ("{% include '/etc/passwd' %}", "Include is not allowed"),
        ("{% include '../profile.toml' %}", "Include is not allowed"),
        ("{% import 'x' as y %}", "Import is not allowed"),
        ("{% extends 'x' %}", "Extends is not allowed"),
        ("{% set a = 'x' %}", "Assign is not allowed"),
        ("{% macro m() %}{% endmacro %}", "Macro is not allowed"),
        ("{{ 'a' * 1000000000 }}", "Mul is not allowed"),
        ("{{ 9 ** 99999999 }}", "Pow is not allowed"),
        ("{{ opening ~ opening }}", "Concat is not allowed"),
        ("{{ 1 / 0 }}", "Div is not allowed"),
        ("{% for a in about %}{% for b in about %}{% endfor %}{% endfor %}", "line 1: nested loops"),
        ("{% for a in about recursive %}{{ loop(a) }}{% endfor %}", "not allowed"),
        ("{{ range(10) }}", "'range' is undefined"),
        ("{% for c in big %}{{ big }}{% endfor %}", "more than 100000 characters"),
        ("{{ service.nothing }}", "no attribute"),
        ("x" * (LARGEST_TEMPLATE + 1), "is longer than 100000 characters"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", "templates/x.txt"),
        ("{{ " + "not " * 500 + "true }}", "templates/x.txt"),
    ],
)
def test_hostile_or_broken_templates_are_refused_in_one_line(source, said):
    with pytest.raises(ProfileError, match=r"^templates/x\.txt") as error:
        rendered(source, big="x" * 2000)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_part_is_included_one_level_deep():
    parts = {"_a": 'A{% include "_b" %}', "_b": "B\n"}
    assert rendered('1 {% include "_b" %} 2', parts) == "1 B 2"
    with pytest.raises(ProfileError, match="Include is not allowed"):
        rendered('{% include "_a" %}', parts)
    with pytest.raises(ProfileError, match="Include is not allowed"):
        rendered('{% include "_none" %}', parts)


def test_values_of_a_mail_are_never_read_as_a_template():
    assert rendered("{{ subject }}", subject="{{ 7*7 }}{% include 'x' %}") == "{{ 7*7 }}{% include 'x' %}"


@pytest.mark.parametrize("name", sorted(PROFILE.templates))
def test_every_template_of_the_profile_is_short_enough_to_read(name):
    assert len(PROFILE.templates[name]) < 3500
