"""The pages show the tables of the code and its facts, and the rules are where the page names them."""

import inspect
import re

import pytest
from advisories_tables import PAGES, TABLES, named, rendered

from advisories.matching.rules.table import RULES, Rule


def test_the_pages_show_the_tables_of_the_code() -> None:
    pages = [page.read_text(encoding="utf-8") for page in PAGES]
    for page in pages:
        assert page == rendered(page), "python tests/support/advisories_tables.py writes the tables anew"
    assert sorted(name for page in pages for name in named(page)) == sorted(TABLES)


def test_the_rules_are_numbered() -> None:
    assert [rule.number for rule in RULES] == list(range(17))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.number}")
def test_every_function_of_a_rule_names_it(rule: Rule) -> None:
    for function in rule.functions:
        numbers = re.findall(r"[Rr]ules? ([0-9]+)[ab]?", inspect.getdoc(function) or "")
        assert str(rule.number) in numbers, f"{function.__qualname__} does not name rule {rule.number}"
