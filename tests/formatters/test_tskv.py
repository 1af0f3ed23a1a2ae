"""Records as tab-separated pairs."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters import TSKVFormatter
from asynclog.formatters.escaping import UNSAFE
from asynclog.formatters.tskv import MAX_KEYS
from asynclog.protocols import Formatter
from asynclog.records import Origin
from asynclog.stacked import StackedAttributes
from asynclog.tracebacks import ExceptionInfo
from tests.making import Hostile, record, records

from . import strategies

ORIGIN = Origin(11, "app", 57005, 12, "main", None)
_ESCAPE = re.compile(r"\\(x..|u....|U........|.)", re.DOTALL)
_NAMED = {
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "0": "\0",
}
KEYS = st.text(st.sampled_from("abé=_ -"), max_size=5)


def _read(line):
    """Return the pairs that a parser finds in *line*."""
    head, *pairs = line.split("\t")
    assert head == "tskv"
    cut = [re.match(r"((?:\\=|[^=])*)=(.*)", pair, re.DOTALL).groups() for pair in pairs]
    return [(key.replace("\\=", "="), _ESCAPE.sub(_unescaped, value)) for key, value in cut]


def _unescaped(match):
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _NAMED.get(code, code)


def _line(one, **options):
    return TSKVFormatter(**options).format(one)


def test_a_line_has_the_order_of_blackhole():
    """Then label and exception, which Blackhole has not."""
    one = record("text", attributes={"n": 1}, origin=ORIGIN, exception=ExceptionInfo("E", "e"))
    assert _line(one) == (
        "tskv\ttimestamp=1970-01-01 00:00:00 +0000\tseverity=20\tpid=11\ttid=0xdead\tlabel=a"
        "\tmessage=text\tn=1\texception=E: e"
    )


def test_what_a_record_does_not_have_is_left_out():
    """Records made by hand may have little."""
    assert _line(record("text", label="")) == (
        "tskv\ttimestamp=1970-01-01 00:00:00 +0000\tseverity=20\tmessage=text"
    )


def test_constants_come_first_by_name():
    """They tell readers what kind of line this is."""
    assert _line(record(), create={"b": "2\t", "a": "1"}).startswith(
        "tskv\ta=1\tb=2\\t\ttimestamp="
    )


def test_times_stand_by_name_among_one_another():
    """The usual one stays unless it is removed."""
    mutate = {"zz": {"strftime": "%Y"}, "aa": {"strftime": "%H", "gmtime": True}}
    assert _line(record(), mutate=mutate).startswith(
        "tskv\taa=00\ttimestamp=1970-01-01 00:00:00 +0000\tzz=1970\t"
    )


def test_the_usual_time_can_be_written_otherwise():
    """Under its own name."""
    assert "\ttimestamp=0.000000\t" in _line(record(), mutate={"timestamp": {"strftime": "%s.%f"}})


def test_a_time_may_be_local(monkeypatch):
    """As the zone is when the line is written."""
    formatter = TSKVFormatter(mutate={"zone": {"strftime": "%z", "gmtime": False}})
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        line = formatter.format(record())
    time.tzset()
    assert "\tzone=+0900\t" in line


def test_names_can_be_removed_but_not_the_thread():
    """As Blackhole has it."""
    removed = ["timestamp", "severity", "pid", "tid", "label", "message", "exception", "n", "c"]
    one = record(attributes={"n": 1, "k": 2}, origin=ORIGIN, exception=ExceptionInfo("E", "e"))
    assert _line(one, remove=removed, create={"c": "x"}) == "tskv\ttid=0xdead\tk=2"


def test_names_can_be_changed_but_not_that_of_the_thread():
    """As Blackhole has it."""
    rename = {"severity": "verbosity", "tid": "x", "n": "N", "c": "C", "timestamp": "t"}
    line = _line(record(attributes={"n": 1}, origin=ORIGIN), rename=rename, create={"c": "1"})
    assert [key for key, _ in _read(line)] == [
        "C",
        "t",
        "verbosity",
        "pid",
        "tid",
        "label",
        "message",
        "N",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (1.0, "1"),
        (-0.5, "-0.5"),
        (1e20, "1e+20"),
        (float("nan"), "nan"),
        ("a\tb\\c=d", r"a\tb\\c=d"),
        ("\a\b\v\f\r\x1b\0", r"\a\b\v\f\r\e\0"),
        ("\x7f\u2028\ud800", r"\x7f\u2028\ud800"),
        ({"a": "\t"}, r'{"a":"\\t"}'),
        (Hostile(), "<unrenderable: Hostile>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_escaped(value, text):
    """A value never ends its field or its line."""
    assert _line(record(attributes={"k": value})).endswith(f"\tk={text}")


@pytest.mark.parametrize(
    ("key", "text"),
    [("a=b", r"a\=b"), (r"a\b", r"a\b"), ("a\tb\nc", r"a\tb\nc"), ("", ""), (None, "null")],
)
def test_keys_are_escaped(key, text):
    """The equals sign; a backslash stays as it is, as in Blackhole."""
    assert _line(record(attributes={key: 1})).endswith(f"\t{text}=1")


def test_hidden_attributes_are_written_too():
    """As in Blackhole."""
    assert _line(record(attributes=StackedAttributes({"k": 1}, {"k": 2}))).endswith("\tk=1\tk=2")


def test_keys_are_not_remembered_without_end():
    """A user may choose the names of attributes."""
    formatter = TSKVFormatter()
    for number in range(MAX_KEYS + 10):
        formatter.format(record(attributes={str(number): 1}))
    assert len(formatter._keys) <= MAX_KEYS


def test_it_is_a_formatter():
    """As the handlers expect one."""
    assert isinstance(TSKVFormatter(), Formatter)


def test_a_batch_is_the_same_as_one_by_one():
    """It only costs less."""
    some = records(3)
    formatter = TSKVFormatter()
    assert formatter.format_batch(some) == [formatter.format(one) for one in some]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"create": ["a"]}, "create: expected an object"),
        ({"create": {"a": 1}}, "create.a: expected a string, got 1"),
        ({"rename": {"a": None}}, "rename.a: expected a string, got None"),
        ({"remove": "abc"}, "remove: expected a list of strings, got 'abc'"),
        ({"remove": [1]}, "remove[0]: expected a string, got 1"),
        ({"mutate": {"t": "%Y"}}, "mutate.t: expected an object"),
        ({"mutate": {"t": {}}}, "mutate.t: expected a date format under the key strftime, got {}"),
        ({"mutate": {"t": {"strftime": 1}}}, "mutate.t.strftime: expected a string, got 1"),
        ({"mutate": {"t": {"strftime": "%4f"}}}, "mutate.t.strftime: %4f is not a fraction"),
        (
            {"mutate": {"t": {"strftime": "%Y", "gmtime": 1}}},
            "mutate.t.gmtime: expected true or false",
        ),
        ({"mutate": {"t": {"strftime": "%Y", "utc": True}}}, "mutate.t: expected no other keys"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(options, message):
    """When the formatter is built."""
    with pytest.raises(PatternError) as caught:
        TSKVFormatter(**options)
    assert message in str(caught.value)


@given(st.lists(strategies.records(), max_size=3))
def test_any_records_become_one_line_each(some):
    """Of valid UTF-8, without anything invisible but its tabs."""
    for line in TSKVFormatter().format_batch(some):
        line.encode("utf-8")
        assert line.splitlines() == [line]
        assert not UNSAFE.search(line.replace("\t", ""))


@given(strategies.records(strategies.TEXT | strategies.UNSAFE.filter(str.isascii), KEYS))
def test_what_was_logged_reads_back(one):
    """Message, label and attributes, as text."""
    pairs = _read(_line(one, remove=["exception"]))
    attributes = list((one.attributes or {}).items())
    assert pairs[len(pairs) - len(attributes) :] == attributes
    assert pairs[len(pairs) - len(attributes) - 1] == ("message", one.message)
