"""The parts that every record has."""

from __future__ import annotations

import pytest

from asynclog.formatters.fields import is_steady, uses_caller, uses_origin, writer
from asynclog.formatters.grammar import parse
from asynclog.formatters.severity import severity_namer
from asynclog.records import Caller, Origin
from asynclog.tracebacks import capture
from tests.making import record

ORIGIN = Origin(4013, "app\n", 0xDEAD, 77, "worker-1", "fetch\x1b")
CALLER = Caller("/srv/app/main.py", 75, "Client.fetch")
RECORD = record(
    "text",
    30,
    "ct\n1",
    origin=ORIGIN,
    caller=CALLER,
    attributes={"logger": "uvicorn.error"},
    exception=capture(ValueError("bad")),
)


def _written(pattern, of=RECORD):
    (field,) = parse(pattern)
    write = writer(field, severity_namer(None), lambda info: f"<{info.type}>")
    return write(of)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{label}", r"ct\n1"),
        ("{label:>8}", r"   ct\n1"),
        ("{severity}", "WARNING"),
        ("{severity:<9}", "WARNING  "),
        ("{severity:d}", "30"),
        ("{severity:04d}", "0030"),
        ("{process}", "4013"),
        ("{process:>6}", "  4013"),
        ("{process:s}", r"app\n"),
        ("{thread}", "0xdead"),
        ("{thread:>8}", "  0xdead"),
        ("{thread:d}", "77"),
        ("{thread:s}", "worker-1"),
        ("{task}", r"fetch\x1b"),
        ("{logger}", "uvicorn.error"),
        ("{file}", "main.py"),
        ("{file:p}", "/srv/app/main.py"),
        ("{line:>5}", "   75"),
        ("{function}", "Client.fetch"),
        ("{function:{(:r}{):u}}", "(Client.fetch)"),
        ("{exception}", "<ValueError>"),
        ("{exception:{ :r}>14}", "   <ValueError>"),
        ("{timestamp:d}", "0"),
        ("{message}", "text"),
    ],
)
def test_a_part_is_written(pattern, text):
    """With its spec, escaped if it is text."""
    assert _written(pattern) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{process}", "-"),
        ("{process:>3}", "  -"),
        ("{thread:s}", "-"),
        ("{task}", "-"),
        ("{task:{main:default}>6}", "  main"),
        ("{line:5d}", "-    "),
        ("{file}", "-"),
        ("{function:{(:r}{):u}}", ""),
        ("{logger}", "a"),
        ("{exception}", ""),
        ("{exception:{none:default}{ :r}}", "none"),
    ],
)
def test_an_unknown_part_has_a_default(pattern, text):
    """Without prefix and suffix."""
    assert _written(pattern, record()) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("{severity}", "33"), ("{severity:>4}", "  33"), ("{severity:*<4s}", "33**")],
)
def test_a_severity_without_a_name_is_a_number(pattern, text):
    """With its spec."""
    assert _written(pattern, record(level=33)) == text


def test_a_severity_on_the_side_of_numbers():
    """Where the spec says nothing of the side."""
    assert _written("{severity:4}", record(level=33)) == "  33"


def test_a_logger_that_is_no_text_is_not_believed():
    """The label is a logger's name too."""
    assert _written("{logger}", record(attributes={"logger": 5})) == "a"


def _field(pattern):
    return parse(pattern)[0]


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        ("{label}", (True, False, False)),
        ("{severity}", (True, False, False)),
        ("{task}", (True, True, False)),
        ("{line}", (False, False, True)),
        ("{logger}", (False, False, False)),
        ("{message}", (False, False, False)),
        ("{user}", (False, False, False)),
    ],
)
def test_what_a_part_depends_on_is_known(pattern, known):
    """Whether it is steady, of the origin, of the caller."""
    field = _field(pattern)

    assert (is_steady(field), uses_origin(field), uses_caller(field)) == known
