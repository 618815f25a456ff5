"""The page *How a verdict is reached* shows the tables of the code, and the rules are where it says."""

import inspect
import re

import pytest
from advisories_tables import PAGE, TABLES, named, rendered

from advisories.matching.rules import RULES, Rule


def test_the_page_shows_the_tables_of_the_code() -> None:
    page = PAGE.read_text()
    assert page == rendered(page), "python tests/advisories_tables.py writes the tables anew"
    assert sorted(named(page)) == sorted(TABLES)


def test_the_rules_are_numbered() -> None:
    assert [rule.number for rule in RULES] == list(range(1, 17))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.number}")
def test_every_function_of_a_rule_names_it(rule: Rule) -> None:
    for function in rule.functions:
        numbers = re.findall(r"[Rr]ules? ([0-9]+)[ab]?", inspect.getdoc(function) or "")
        assert str(rule.number) in numbers, f"{function.__qualname__} does not say that it is of rule {rule.number}"
