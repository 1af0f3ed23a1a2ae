"""One tree of errors, each with a sentence of its own."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog import errors
from asynclog.errors import (
    AsynclogError,
    FlushError,
    LoggerClosed,
    LoggerNotOpen,
    PatternError,
    SinkError,
    SinkFailure,
    SinkGone,
)

ALL = [
    LoggerClosed("the logger is closed"),
    LoggerNotOpen("the logger"),
    FlushError((SinkFailure("FileSink('a')", 3, "OSError: full"),)),
    SinkError("full", written=2),
    SinkGone("stdout is closed"),
    PatternError("unknown field 'x'", "%(x)", 2),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_every_error_belongs_to_the_tree(error):
    """One `except` catches all of them."""
    assert isinstance(error, AsynclogError)


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_the_docstring_draws_the_whole_tree(error):
    """It is where a reader looks for what can be raised."""
    assert f"─ {type(error).__name__} " in errors.__doc__


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_from_another_process(error):
    """A process pool that cannot read an error hangs or breaks."""
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_a_closed_logger_is_a_runtime_error_too():
    """As with asyncio's own loops."""
    assert isinstance(LoggerClosed("x"), RuntimeError)


def test_a_logger_that_is_not_open_says_how_to_open_it():
    """The remedy is in the message."""
    assert str(LoggerNotOpen("the logger")) == (
        "the logger is not open: use `async with` (or `await open()`) first"
    )


def test_a_flush_error_names_each_sink_and_its_count():
    """Numbers are grouped, and one line is one line."""
    error = FlushError((SinkFailure("A", 1, "gone"), SinkFailure("B", 12_345, "full")))
    assert str(error) == "1 line not in A: gone; 12,345 lines not in B: full"
    assert [failure.lines for failure in error.failures] == [1, 12_345]


def test_a_sink_error_has_written_nothing_unless_it_says_so():
    """Only a sink that counts may claim lines."""
    assert SinkError("full").written == 0


def test_a_pattern_error_points_at_the_fault():
    """The caret stands below the character at the position."""
    _, shown, caret = str(PatternError("unknown", "ab%(x)", 2)).split("\n")
    assert shown[caret.index("^")] == "%"


@given(pattern=st.text(alphabet="ab'\"\\\n\t€\ud800", min_size=1), data=st.data())
def test_the_caret_counts_what_is_shown(pattern, data):
    """Escapes and quotes in front of the fault take the columns that they take."""
    position = data.draw(st.integers(0, len(pattern) - 1))
    marked = pattern[:position] + "%" + pattern[position + 1 :]
    _, shown, caret = str(PatternError("unknown", marked, position)).split("\n")
    assert shown[caret.index("^")] == "%"
