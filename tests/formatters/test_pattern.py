"""PatternFormatter."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters import DEFAULT, MUDUO, PROXMOX, PatternFormatter, Preset
from asynclog.formatters.cutting import MAX_FIELD
from asynclog.protocols import Formatter
from asynclog.records import Caller, Origin
from asynclog.tracebacks import ExceptionInfo, Frame
from tests.making import Hostile, record


def test_a_record_is_formatted():
    """By the pattern."""
    line = PatternFormatter("{severity} [{label}]: {message}").format(record("hello"))

    assert line == "INFO [a]: hello"


def test_a_batch_is_formatted_as_its_records_are():
    """In their order."""
    formatter = PatternFormatter()
    batch = [record(str(number), number, "ab"[number % 2]) for number in range(10)]

    assert formatter.format_batch(batch) == [formatter.format(one) for one in batch]


def test_an_empty_batch_has_no_lines():
    """Nothing is asked of it."""
    assert PatternFormatter().format_batch([]) == []


def test_it_is_a_formatter():
    """By protocol."""
    assert isinstance(PatternFormatter(), Formatter)


def test_its_repr_shows_the_pattern():
    """Which tells it from others."""
    assert repr(PatternFormatter(PROXMOX)) == "PatternFormatter('[{label}]: {message}')"


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [("{file}", True), ("{line}", True), ("{function}", True), ("{message}", False), (MUDUO, True)],
)
def test_it_tells_whether_it_needs_the_caller(pattern, needed):
    """As finding one out costs time."""
    assert PatternFormatter(pattern).needs_caller is needed


def test_severities_are_named():
    """As the option says."""
    formatter = PatternFormatter("{severity}", severity=["DEBUG", "INFO"])

    assert [formatter.format(record(level=number)) for number in (0, 1, 2)] == [
        "DEBUG",
        "INFO",
        "2",
    ]


def test_a_preset_may_give_the_message():
    """Which is escaped like any other."""
    preset = Preset("{message}!", message=lambda one: f"{one.label}\n{one.message}")

    assert PatternFormatter(preset).format(record("text")) == r"a\ntext!"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pattern": "{a b}"}, "' ' cannot stand"),
        ({"pattern": None}, "pattern: expected text or a preset, got None"),
        ({"pattern": "", "severity": 5}, "severity: expected names by number"),
        ({"pattern": "", "multiline": "no"}, "multiline: expected one of escape, indent, got 'no'"),
    ],
)
def test_a_mistake_is_told_when_the_formatter_is_built(options, reason):
    """As an error of the pattern."""
    with pytest.raises(PatternError, match=re.escape(reason)):
        PatternFormatter(**options)


def test_missing_attributes_are_counted():
    """Over all lines."""
    formatter = PatternFormatter("{a}{b}")
    formatter.format_batch([record(), record(attributes={"a": 1})])

    assert (formatter.missing, formatter.unrenderable) == (3, 0)


def test_unrenderable_values_are_counted():
    """And named in the line."""
    formatter = PatternFormatter("{a}")

    assert formatter.format(record(attributes={"a": Hostile()})) == "<unrenderable: Hostile>"
    assert formatter.unrenderable == 1


def test_only_messages_that_need_it_are_escaped():
    """Those around them stay as they are."""
    lines = PatternFormatter("{message}").format_batch([record("a\\n"), record("b\n"), record("é")])

    assert lines == ["a\\n", r"b\n", "é"]


def test_the_text_of_the_pattern_is_not_escaped():
    """It is the developer's."""
    assert PatternFormatter("\t{message}\n").format(record("a\n")) == "\ta\\n\n"


def test_a_long_message_is_cut():
    """With its length told."""
    line = PatternFormatter("{message}").format(record("x" * 10**6))

    assert len(line) < MAX_FIELD + 100
    assert line.endswith("<cut: 1,000,000 characters>")


@pytest.mark.parametrize("message", [5, None, b"x"])
def test_a_message_that_is_no_text_is_printed(message):
    """Although there should be none."""
    assert PatternFormatter("{message}").format(record(message)) in ("5", "none", "b'x'")


def test_a_broken_record_is_printed_with_its_message():
    """And counted."""
    formatter = PatternFormatter("{severity} {message}")

    line = formatter.format(record("a\n", level=[]))
    assert line == r"<unrenderable: Record, TypeError> a\n"
    assert formatter.unrenderable == 1


def test_user_text_is_never_a_pattern():
    """Braces in it are braces."""
    one = record("{label} {0.__class__} %s", attributes={"a": "{message}"})

    assert PatternFormatter("{message} {a}").format(one) == "{label} {0.__class__} %s {message}"


def test_lines_can_be_indented():
    """Those of messages and exceptions."""
    one = record("a\nb", exception=ExceptionInfo("OSError", "gone"), attributes={"x": "y\nz"})

    line = PatternFormatter("{message} {x}", multiline="indent").format(one)
    assert line == "a\n    b y\\nz\n    OSError: gone"


TEXTS = st.text(max_size=20)
VALUES = TEXTS | st.none() | st.integers() | st.floats() | st.binary(max_size=9) | st.lists(TEXTS)
EXCEPTIONS = st.builds(
    ExceptionInfo,
    type=TEXTS,
    message=TEXTS,
    frames=st.tuples(st.builds(Frame, TEXTS, st.integers(0, 9), TEXTS, TEXTS)),
    notes=st.tuples(TEXTS),
)
IDS = st.integers(0, 2**40)
RECORDS = st.builds(
    record,
    TEXTS,
    st.integers(-(10**6), 10**6),
    TEXTS,
    template=st.none() | TEXTS,
    attributes=st.none() | st.dictionaries(TEXTS | st.sampled_from(["a", "logger"]), VALUES),
    exception=st.none() | EXCEPTIONS,
    origin=st.none() | st.builds(Origin, IDS, TEXTS, IDS, IDS, TEXTS, st.none() | TEXTS),
    caller=st.none() | st.builds(Caller, TEXTS, st.integers(0, 10**6), TEXTS),
)
EVERYTHING = (
    "{timestamp} {timestamp:d} {severity:<8} {severity:d} {label:>9.9} {logger} {process} {process:s}"
    " {thread} {thread:d} {thread:s} {task} {file} {file:p} {line:5d} {function} {message:<9}"
    " {a} {a:>5} {a:.2f} {a:c} {a:si} {b:{-:default}{[:r}>3} {...} {...:{{name:>3}={value:d}:p}u}"
)
WHOLE = [EVERYTHING, f"{EVERYTHING} {{exception}}", DEFAULT, MUDUO]


@given(st.lists(RECORDS, max_size=5), st.sampled_from(list(map(PatternFormatter, WHOLE))))
def test_one_record_is_one_line_without_controls(batch, formatter):
    """Whatever is in it."""
    lines = formatter.format_batch(batch)

    kinds = {unicodedata.category(character) for line in lines for character in line}
    assert len(lines) == len(batch)
    assert kinds.isdisjoint({"Cc", "Zl", "Zp", "Cs"})


@given(RECORDS)
def test_continuation_lines_are_indented(one):
    """So that none passes for the beginning of a record."""
    first, *rest = PatternFormatter(multiline="indent").format(one).split("\n")

    assert first.startswith("1970-01-01 00:00:00.000000 ")
    assert all(line.startswith("    ") for line in rest)


def test_several_formatters_do_not_share_counts():
    """Each has its own."""
    one, other = PatternFormatter("{a}"), PatternFormatter("{a}")
    one.format(record())

    assert (one.missing, other.missing) == (1, 0)
