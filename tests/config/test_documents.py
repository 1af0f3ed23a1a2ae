"""Tests of asynclog.config.documents."""

import pytest

from asynclog.config.documents import doubled_keys, parse_json, parse_toml


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
        (b'{"a": NaN}', "line 1, column 7; JSON has neither NaN nor Infinity"),
        (b'{"a": -Infinity}', "JSON has neither NaN nor Infinity"),
        (b'{"a": True}', "line 1, column 7; JSON writes true, false and null"),
        (b'{"a": 1e400}', "not JSON: Number out of range"),
        (b'{\n "a": "\xe9"}', "not UTF-8, at line 2, column 8: save the file in that encoding"),
        (b" \n", 'the document is empty: write {"root": [...]}, a list of handlers'),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_is_none_is_told_by_line(text, told):
    """And, where it is known, what was meant."""
    with pytest.raises(ValueError, match=r"^(not |nested|the document)") as error:
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


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("{}", []),
        ('{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}', []),
        ('{"a": 1, "a": 2}', ["a"]),
        (
            '{"root": [{"sinks": [{"type": "x", "path": 1, "path": 2,},],},]}',
            ["root[0].sinks[0].path"],
        ),
        ('{"a": {"x y": 1, "x y": 1}, "a": {"b": 1, "b": 1, "b": 1}}', ["a", "a.b", "a['x y']"]),
        ('[{"a": 1, "\\u0061": 2}]', ["[0].a"]),
    ],
)
def test_a_key_that_stands_twice_is_found(text, paths):
    """JSON itself would take the last one."""
    assert doubled_keys(text.encode()) == paths


def test_a_number_that_only_one_parser_takes_is_no_mistake():
    """The other one has read the document."""
    assert doubled_keys(b'{"a": 1' + b"0" * 5000 + b', "a": 1}') == []
