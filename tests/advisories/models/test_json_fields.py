"""Members of a JSON object are of the type that is expected, or an error names their path."""

import json

import pytest

from advisories.models.json_fields import Fields, Malformed


@pytest.mark.parametrize("text", ["0", "-1.5", "9.8", "1e308", "null"])
def test_numbers(text: str) -> None:
    assert Fields({"score": json.loads(text)}).number_or_null("score") == json.loads(text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "true", '"9.8"', "[]"])
def test_what_no_reader_of_json_takes_for_a_number(text: str) -> None:
    with pytest.raises(Malformed) as raised:
        Fields({"score": json.loads(text)}).number_or_null("score")
    assert raised.value.path == "score"
    with pytest.raises(Malformed):
        Fields({}).number_or_null("score")
