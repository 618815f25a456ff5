"""Templates of yours: they see what the report has, reach nothing else, and end."""

import json
import re
import sys
from contextlib import suppress
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.tests import TESTS
from made_report import HOSTILE, hostile_document, small_report
from places import ROOT

from advisories.models.errors import AdvisoriesError, InvalidTemplate, MissingExtra
from advisories.models.printing import printable
from advisories.reports.document import Document
from advisories.reports.findings_template import renderer
from advisories.reports.template_sandbox import Budget, Sandbox

SMALL = Document.of(small_report())


def written(text: str, name: str = "report.txt", document: Document = SMALL, **budget: Any) -> str:
    return "\n".join(renderer(text, name, Budget(**budget) if budget else None)(document))


def refused(text: str, **budget: Any) -> str:
    with pytest.raises(InvalidTemplate) as raised:
        written(text, **budget)
    assert isinstance(raised.value, AdvisoriesError)
    return str(raised.value)


def test_a_template_sees_the_report() -> None:
    text = """\
{{ target.name }}: {{ findings | length }} findings, {{ counts.High }} High
{% for priority in findings | groupby("priority") %}
{{ priority.grouper }}: {{ priority.list | map(attribute="package") | unique | join(", ") }}
{% endfor %}
{% for fix in fixes if fix.fixed_version %}
{{ loop.index }}/{{ fix.package }}/{{ fix.fixed_version }}/{{ fix.findings | length }}
{% endfor %}
{{ caveats[0].level }}, {{ commands[0].command }}, {{ coverage.classes["third-party"] }}, {{ inventory.format }}
{% set sum = namespace(of=0) %}
{% for one in findings %}{% set sum.of = sum.of + (one.score or 0) %}{% endfor %}
{{ sum.of }}{{ target.nothing | default(" nothing") }}{{ findings[0].channel }}
"""
    assert written(text).splitlines() == [
        "registry.example/app:1: 5 findings, 3 High",
        "High: bash, kernel-core, openssl-libs",
        "Medium: bash, zsh",
        "1/bash/5.1.8-6.el9/2",
        "2/kernel-core/5.14.0-162.el9/1",
        "3/openssl-libs/1:3.0.7-2.el9/1",
        "warning, dnf upgrade bash openssl-libs, 1, test",
        "11.600000000000001 nothing",
    ]


def test_every_member_of_the_json_is_there() -> None:
    for name, value in SMALL.content.items():
        assert json.loads(written(f"{{{{ {name} | tojson }}}}")) == json.loads(json.dumps(value))


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.xml.j2", "dir.txt/a.svg.jinja2", "a.html.jinja"])
def test_markup_is_escaped_by_the_ending(name: str) -> None:
    made = written("{{ target.name }}<i>{{ '<b>' }}</i>{{ [target] | tojson }}", name, hostile_document())
    assert "<script>" not in made
    assert "&lt;script&gt;" in made
    assert "<i>&lt;b&gt;</i>" in made
    for plain in (f"{name}.txt", "a.j2", "html", "a.html/b.md"):
        assert "<script>" in written("{{ target.name }}", plain, hostile_document())


def test_what_cannot_be_seen_is_escaped() -> None:
    made = written(
        "{{ target.name }}\n{{ target | tojson }}\n{{ target.name | markdown }}", document=hostile_document()
    )
    assert all(line.isprintable() for line in made.split("\n"))
    assert all(printable(name) in made for name in HOSTILE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n{{ nothing }}", "line 2: 'nothing' is undefined"),
        ("\n\n{{ 1", "line 3: unexpected end of template, expected 'end of print statement'."),
        ("{{ 1 }}\n{{ findings[0].nothing }}", "line 2: there is no member 'nothing'"),
        ("{{ findings[999] }}", "line 1: there is no number 999 of a list"),
        ("{{ findings.append(1) }}", "line 1: attribute 'append' of a list: a template reads members and uses filters"),
        ("{{ ''.__class__ }}", "attribute '__class__' of a text"),
        ("{{ ''['__class__'] }}", "attribute '__class__' of a text"),
        ("{{ (1).__class__ }}", "attribute '__class__' of a number"),
        ("{{ self.__init__ }}", "attribute '__init__' of TemplateReference"),
        ("{{ range.__self__ }}", "attribute '__self__' of function"),
        ("{{ namespace.__init__.__globals__ }}", "attribute '__init__' of type"),
        ("{% for a in findings %}{{ loop._iterable }}{% endfor %}", "attribute '_iterable' of LoopContext"),
        ("{% macro a() %}{% endmacro %}{{ a.name }}", "attribute 'name' of Macro"),
        ("{{ findings | map(attribute='__class__') | join }}", "there is no member '__class__'"),
        ("{{ '' | attr('__class__') }}", "No filter named 'attr'."),
        ("{{ '%s' | format(1) }}", "No filter named 'format'."),
        ("{{ '%99999999d' % 1 }}", "a text % a number: templates have no such operation"),
        ("{{ 'x' * 99999999 }}", "a text * a number"),
        ("{{ [1] * 99999999 }}", "a list * a number"),
        ("{{ 9 ** 9 ** 9 }}", "a number ** a number"),
        ("{{ findings }}", "a list is no text: use a filter such as join or tojson"),
        ("{{ findings | map('upper') | join }}", "an object is no text"),
        ("{{ findings | join }}", "an object is no text"),
        ("{{ 'a'() }}", "is not safely callable"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include 'a' %}", "a template is one file: no include"),
        ("{% import 'a' as b %}", "a template is one file: no import"),
        ("{% from 'a' import b %}", "a template is one file: no fromimport"),
        ("\n{% extends 'a' %}", "line 2: a template is one file: no extends"),
        ("{% for a in [[]] recursive %}{{ loop(a) }}{% endfor %}", "loops that call themselves are not supported"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply"),
        ("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "nested too deeply"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "nested too deeply"),
        ("x" * (1 << 20) + "y", "longer than 1,048,576 characters"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    message = refused(text)
    assert message.startswith("report.txt: ")
    assert why in message


LONG = "{% for i in range(99999) %}"
END = "{% endfor %}"


@pytest.mark.parametrize(
    "text",
    [
        LONG * 3 + END * 3,
        "{% for a in range(99999) if a < 0 %}{% endfor %}" * 9,
        "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}",
        LONG + "{{ range(99999) | sort | length }}" + END,
        LONG + "{{ range(99999) | map('string') | list | length }}" + END,
        "{% set a = namespace(of=[1]) %}" + LONG + "{% set a.of = a.of + a.of %}" + END,
    ],
)
def test_work_is_bounded(text: str) -> None:
    assert refused(text, steps=200_000).endswith(": more than 200,000 steps of loops, calls and filters")


@pytest.mark.parametrize(
    "text",
    [
        "{% set a = namespace(of='ab') %}" + LONG + "{% set a.of = a.of ~ a.of %}" + END,
        "{% set a = namespace(of='ab') %}" + LONG + "{% set a.of = a.of + a.of %}" + END,
        "{% set a = namespace(of='ab') %}" + LONG + "{% set a.of = a.of | replace('', a.of) %}" + END,
        "{% set a = namespace(of='ab') %}" + LONG + "{% set a.of = [a.of, a.of] | join(a.of) %}" + END,
        "{% set a %}" + LONG + "x" * 100 + END + "{% endset %}{{ a | length }}",
        "{% macro a() %}" + LONG + "x" * 100 + END + "{% endmacro %}{{ a() | length }}",
        LONG + "x" * 100 + END,
        "{{ findings | tojson }}" * 1000,
    ],
)
def test_text_is_bounded(text: str) -> None:
    assert refused(text, characters=1_000_000).endswith(": more than 1,000,000 characters")


def test_numbers_and_time_are_bounded() -> None:
    growing = "{% set a = namespace(of=9) %}" + LONG + "{% set a.of = a.of * a.of %}" + END
    assert refused(growing).endswith(": line 1: a number that is too large")
    assert refused(f"\n{LONG}{END}", seconds=0).endswith(": line 2: more than 0 seconds")


def test_nothing_is_worked_out_when_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def called(*_: object) -> str:
        raise AssertionError("called")

    monkeypatch.setattr(Sandbox, "_measured", called)
    renderer("{{ 'a' | upper }}{{ 'a' ~ 'b' }}{% if 'a' | upper == 'A' %}{% endif %}", "a.txt")


# Pieces of which templates are made, and which do not fit together.
PIECES = (
    *("{{", "}}", "{%", "%}", "{#", "#}", "for", "in", "if", "endfor", "endif", "set", "a", "=", "|", "join", "(", ")"),
    *(
        "findings",
        "'",
        '"',
        "[",
        "]",
        "0",
        ".",
        "package",
        "\n",
        " ",
        "-",
        "raw",
        "endraw",
        "__class__",
        "*",
        "~",
        "\0",
    ),
)


@settings(max_examples=examples(400))
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=20).map("".join))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with suppress(InvalidTemplate):
        assert written(text, steps=10_000) is not None


def test_the_guide_has_the_filters_and_tests_there_are() -> None:
    sandbox = Sandbox(Budget(), autoescape=False)
    guide = " ".join((ROOT / "docs/guide/reports.md").read_text("utf-8").split())
    filters, _, tests = (
        guide.partition("It has these filters, ")[2].partition("[budgets]")[0].partition("It has the tests")
    )
    named = [set(re.findall("`([a-z0-9]+)`", text)) for text in (filters, tests)]
    assert named == [{name for name in sandbox.filters if name.isalnum()}, set(TESTS) - set(sandbox.tests)]


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(
        MissingExtra, match=r"a\.txt: a template needs a library: pip install jinja2 [(]extra template[)]"
    ):
        renderer("", "a.txt")
