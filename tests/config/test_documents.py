"""Tests of asynclog.config.documents."""

import pytest

from asynclog.config.documents import parse_json, parse_toml


def test_a_comma_may_trail():
    """As in Blackhole's files, and nowhere inside a string."""
    assert parse_json(b'{"a": [1, ",]",\n], "b": {"c": 2,},}') == {"a": [1, ",]"], "b": {"c": 2}}


@pytest.mark.parametrize("text", [b"[,]", b"{,}", b"[1,,]", b'{"a":,}'])
def test_a_comma_without_a_value_is_a_mistake(text):
    """It may trail a value only."""
    with pytest.raises(ValueError, match="not JSON"):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{\n "a": 1 # one\n}', "line 2, column 9; JSON has no comments, TOML has"),
        (b"{'a': 1}", 'line 1, column 2; JSON quotes with "'),
        (b'{"a": [1, 2', "line 1, column 12"),
        (b" \n", "the document is empty"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_is_none_is_told_by_line(text, told):
    """And, where it is known, what was meant."""
    with pytest.raises(ValueError, match=r"^(not JSON: |nested)") as error:
        parse_json(text)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a = \n", "not TOML: Invalid value (at line 1, column 5)"),
        (b"\na = '\xff'", "not UTF-8, at line 2, column 6"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"1" * 10_000, "not TOML: "),
    ],
)
def test_toml_that_is_none_is_told(text, told):
    """With its place."""
    with pytest.raises(ValueError, match=r".") as error:
        parse_toml(text)
    assert told in str(error.value)
