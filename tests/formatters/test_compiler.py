"""The function that a pattern becomes."""

from __future__ import annotations

import pytest

from asynclog.formatters import compiler
from asynclog.formatters.compiler import Context, compile_tokens
from asynclog.formatters.grammar import parse
from asynclog.formatters.values import Faults
from asynclog.records import Origin
from asynclog.stacked import StackedAttributes
from asynclog.tracebacks import ExceptionInfo
from tests.making import record


def _compiled(pattern, faults=None):
    context = Context(
        namer=lambda level: f"L{level}",
        exception=lambda info: info.type,
        tail=lambda info: f" + {info.type}",
        rescue=lambda one, message, error: f"rescued {message} {type(error).__name__}",
        faults=faults or Faults(),
    )
    return compile_tokens(parse(pattern), context)


def _lines(pattern, *records):
    return _compiled(pattern)(records, None)


def test_tokens_print_in_order():
    """Texts, parts of the record and attributes."""
    one = record("text", 20, "a", attributes={"id": 7})

    assert _lines("<{severity} [{label}] {id:03d}: {message:>6}>", one) == ["<L20 [a] 007:   text>"]


def test_no_text_of_a_pattern_is_in_the_source(monkeypatch):
    """Whatever it holds, it is a value only."""
    sources = []
    monkeypatch.setattr(
        compiler, "compile", lambda *a: sources.append(a[0]) or compile(*a), raising=False
    )
    nasty = "NASTY\"'\\\n{{}}"
    pattern = f"{nasty}{{message:N<5}}{{a:{{NASTY:default}}{{NASTY:r}}{{NASTY:u}}N>9}}{{NASTY}}"
    pattern += "{...:{NASTY{name:N>3}:p}{NASTY:s}{NASTY:r}{NASTY:u}N>3s}{timestamp:{NASTY}N>2}"
    _compiled(pattern)

    assert len(sources) == 1
    assert "N" not in sources[0].replace("None", "")


def test_lines_of_several_labels_and_levels_keep_apart():
    """In any order."""
    batch = [record("", level, label) for label in "aba" for level in (10, 20, 10)]

    assert _lines("{label}{severity} {message}{label}", *batch) == [
        f"{label}L{level} {label}" for label in "aba" for level in (10, 20, 10)
    ]


def test_lines_of_several_tasks_keep_apart():
    """Although their label is the same."""
    origins = [Origin(1, "app", 2, 3, "main", task) for task in ("one", "two")]
    batch = [record(origin=origin) for origin in origins * 2]

    assert _lines("{label} {task}", *batch) == ["a one", "a two"] * 2


def test_a_missing_attribute_is_marked_and_counted():
    """The record is not lost."""
    faults = Faults()
    render = _compiled("{user} {id}", faults)

    assert render([record(attributes={"id": 1}), record()], None) == [
        "<missing:user> 1",
        "<missing:user> <missing:id>",
    ]
    assert faults.missing == 3


@pytest.mark.parametrize(
    ("attributes", "line"),
    [({"id": 7}, "[7]"), ({"id": None}, "[none]"), ({}, "-"), (None, "-")],
)
def test_an_optional_attribute_has_prefix_suffix_and_default(attributes, line):
    """The former where it is there, even as None, the latter where it is not."""
    assert _lines("{id:{-:default}{[:r}{]:u}}", record(attributes=attributes)) == [line]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("{...}", r"a: 1, b\n: x y"),
        ("{...:{{name}={value}:p}{ :s}s}", r"a=1 b\n=x y"),
        ("{...:{ | :s}{<:r}{>:u}s}", r"<a: 1 | b\n: x y>"),
        ("{...:{{name:>4}:p}>13s}", r"      a,  b\n"),
        ("{...:{{value:>3}:p}.6s}", "  1, x"),
    ],
)
def test_all_attributes_are_printed(pattern, line):
    """By the leftover's own pattern."""
    assert _lines(pattern, record(attributes={"a": 1, "b\n": "x y"})) == [line]


@pytest.mark.parametrize(("pattern", "line"), [("{...:{<:r}{>:u}s}", ""), ("{...:{<:r}3s}", "   ")])
def test_no_attributes_leave_no_trace_but_their_column(pattern, line):
    """Neither prefix nor suffix."""
    assert _lines(pattern, record()) == [line]


@pytest.mark.parametrize(("pattern", "line"), [("{...:s}", "a: 1, a: 2"), ("{...:u}", "a: 1")])
def test_hidden_attributes_are_left_out_where_asked(pattern, line):
    """Where a record has any."""
    attributes = StackedAttributes({"a": 1}, {"a": 2})

    assert _lines(pattern, record(attributes=attributes)) == [line]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [("{message}", "text + OSError"), ("{exception}:{message}", "OSError:text")],
)
def test_an_exception_is_never_left_out(pattern, line):
    """It follows the line where the pattern does not show it."""
    assert _lines(pattern, record(exception=ExceptionInfo("OSError", "gone"))) == [line]


def test_messages_can_be_given():
    """In place of the records' own."""
    assert _compiled("{message}")([record(), record()], ["one", "two"]) == ["one", "two"]


def test_a_broken_record_is_rescued_alone():
    """Those around it print as ever."""
    broken = record("two")
    broken.time_ns = "never"

    lines = _lines("{timestamp:{%H}} {message}", record("one"), broken, record("three"))
    assert lines == ["00 one", "rescued two TypeError", "00 three"]


def test_a_long_pattern_is_compiled():
    """There is no bound but the one on its text."""
    (line,) = _lines("{id}{label}" * 5000, record(attributes={"id": 7}))

    assert line == "7a" * 5000
