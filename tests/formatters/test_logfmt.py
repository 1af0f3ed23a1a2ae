"""Records as logfmt."""

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters import LogfmtFormatter
from asynclog.formatters.logfmt import MAX_KEYS
from asynclog.protocols import Formatter
from asynclog.stacked import StackedAttributes
from asynclog.tracebacks import ExceptionInfo
from tests.making import Hostile, record, records

from . import strategies

_PAIR = re.compile(r'([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')
KEYS = st.from_regex(r"[a-zé_.-]{1,5}", fullmatch=True)


def _read(line):
    """Return the values that a parser finds in *line*, of the types that they read as."""
    end, read = 0, {}
    while end < len(line):
        match = _PAIR.match(line, end)
        key, value = match.groups()
        assert key not in read
        read[key], end = _value(value), match.end()
    return read


def _value(text):
    if text.startswith('"'):
        return json.loads(text)
    words = {"null": None, "true": True, "false": False}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _line(one):
    return LogfmtFormatter().format(one)


def _shown(value):
    return _line(record(attributes={"k": value})).partition(" k=")[2]


def test_a_line_has_time_level_label_and_message_first():
    """Then the attributes, and the exception."""
    one = record("two words", attributes={"n": 1, "s": "x"}, exception=ExceptionInfo("E", "e\nf"))
    assert _line(one) == (
        "time=1970-01-01T00:00:00.000000Z level=INFO label=a"
        r' msg="two words" n=1 s=x exception="E: e\nf"'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        ("", '""'),
        ("a b", '"a b"'),
        ('a"b', r'"a\"b"'),
        ("a=b", '"a=b"'),
        ("a\\b", r'"a\\b"'),
        ("a\n\u2028", r'"a\n\u2028"'),
        ("é", "é"),
        ("\xa0", '"\xa0"'),
        ("12", '"12"'),
        ("-1.5e3", '"-1.5e3"'),
        ("True", '"True"'),
        ("null", '"null"'),
        ("NaN", '"NaN"'),
        ("1.2.3.4", "1.2.3.4"),
        ("/x", "/x"),
        (12, "12"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        (math.inf, "inf"),
        ([1, "a"], r'"[1,\"a\"]"'),
        (Hostile(), '"<unrenderable: Hostile>"'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_quoted_where_it_must_be(value, text):
    """Or where it would read as something else."""
    assert _shown(value) == text


@pytest.mark.parametrize(
    ("name", "key"),
    [("a b", "a_b"), ('a="\\', "a___"), ("", "_"), ("a\nb", "a_b"), ("é", "é"), (None, "null")],
)
def test_what_a_key_must_not_have_becomes_an_underscore(name, key):
    """There are no quotes around keys."""
    assert _line(record(attributes={name: 1})).endswith(f" {key}=1")


@pytest.mark.parametrize("name", ["time", "level", "label", "msg", "exception"])
def test_an_attribute_does_not_take_the_name_of_a_field(name):
    """It gets an underscore."""
    assert _line(record(attributes={name: 1})).endswith(f" {name}_=1")


def test_keys_that_became_the_same_are_told_apart():
    """A parser would keep only one."""
    assert _line(record(attributes={"a b": 1, "a_b": 2})).endswith(" a_b=1 a_b_=2")


def test_hidden_attributes_are_written_too():
    """Under names of their own."""
    assert _line(record(attributes=StackedAttributes({"k": 1}, {"k": 2}))).endswith(" k=1 k_=2")


def test_keys_are_not_remembered_without_end():
    """A user may choose the names of attributes."""
    formatter = LogfmtFormatter()
    for number in range(MAX_KEYS + 10):
        formatter.format(record(attributes={str(number): 1}))
    assert len(formatter._keys) <= MAX_KEYS


def test_it_is_a_formatter():
    """As the handlers expect one."""
    assert isinstance(LogfmtFormatter(), Formatter)


def test_a_batch_is_the_same_as_one_by_one():
    """It only costs less."""
    some = records(3)
    formatter = LogfmtFormatter()
    assert formatter.format_batch(some) == [formatter.format(one) for one in some]


@given(st.lists(strategies.records(), max_size=3))
def test_any_records_become_one_line_each(some):
    """Of valid UTF-8, which a parser reads to the end."""
    for line in LogfmtFormatter().format_batch(some):
        line.encode("utf-8")
        assert line.splitlines() == [line]
        assert {"time", "level", "label", "msg"} <= _read(line).keys()


@given(strategies.records(strategies.SCALARS, KEYS, strategies.TEXT))
def test_what_was_logged_reads_back(one):
    """Message, label and attributes, with their types."""
    read = _read(_line(one))
    assert (read["msg"], read["label"]) == (one.message, one.label)
    for name, value in (one.attributes or {}).items():
        assert value in [read[key] for key in read if key.rstrip("_") == name.rstrip("_")]
