"""What a handler is made of."""

from __future__ import annotations

import pytest

from asynclog.buffers import Overflow
from asynclog.handlers import Handler
from asynclog.levels import Level
from asynclog.sinks import MemorySink, NullSink

SINK = NullSink()


class Plain:
    """A formatter."""

    needs_caller = True

    def format(self, record):
        """Return the message."""
        return record.message


class Shy(NullSink):
    """A sink that will not be shown."""

    def __repr__(self):
        raise ValueError("no")


def test_by_itself_it_keeps_every_line_in_the_usual_form():
    """And leaves its bound to the logger."""
    handler = Handler(SINK)
    assert handler.sinks == (SINK,)
    assert (handler.level, handler.filter, handler.capacity) == (0, None, None)
    assert handler.overflow == Overflow.WAIT
    assert not handler.needs_caller


def test_it_is_made_of_what_it_is_given():
    """Nothing is copied or wrapped."""
    sinks, formatter = (NullSink(), MemorySink()), Plain()
    handler = Handler(*sinks, formatter=formatter, filter=bool, capacity=1)
    assert handler.sinks == sinks
    assert (handler.formatter, handler.filter, handler.capacity) == (formatter, bool, 1)


@pytest.mark.parametrize("level", [30, Level.WARNING, "warning", "30"])
def test_a_level_may_be_a_number_or_a_name(level):
    """As everywhere."""
    assert Handler(SINK, level=level).level == 30


def test_the_caller_is_needed_if_the_formatter_says_so():
    """Looking it up costs time, so by itself it is not."""
    assert Handler(SINK, formatter=Plain()).needs_caller


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"formatter": "x"},
            r"formatter: expected an object with format\(record\), such as .*, got 'x'",
        ),
        ({"formatter": Plain}, r"formatter: expected an object .*, got <class .*Plain"),
        ({"filter": 3}, "filter: expected a callable or None, got 3"),
        ({"level": "loud"}, "level: expected a whole number or one of .*, got 'loud'"),
        ({"capacity": 0}, "capacity: expected a whole number from 1 up, got 0"),
        ({"capacity": True}, "capacity: expected a whole number from 1 up, got True"),
        ({"capacity": 1.0}, r"capacity: expected a whole number from 1 up, got 1\.0"),
        ({"overflow": "WAIT"}, "overflow: expected an Overflow, such as Overflow.WAIT, got 'WAIT'"),
    ],
)
def test_a_bad_option_is_named_with_its_value_and_what_is_allowed(options, message):
    """When the handler is built, not when a line is logged."""
    with pytest.raises(ValueError, match=f"^{message}"):
        Handler(SINK, **options)


@pytest.mark.parametrize(
    ("sinks", "message"),
    [
        ((), "expected at least one sink, got none"),
        (("out.log",), "expected objects with open, write, flush and aclose, got 'out.log'"),
        ((NullSink,), "expected objects with .*, got <class 'asynclog.sinks.null.NullSink'>"),
        ((SINK, SINK), "the same sink was given twice"),
    ],
)
def test_a_bad_sink_is_refused(sinks, message):
    """Two tasks must not call one sink at once."""
    with pytest.raises(ValueError, match=f"^sinks: {message}"):
        Handler(*sinks)


def test_a_handler_shows_its_sinks():
    """They are what tells one from another."""
    assert repr(Handler(NullSink(), MemorySink())) == "Handler(NullSink(), MemorySink(0 lines))"


def test_a_sink_that_will_not_be_shown_is_called_by_its_type():
    """Its handler can be shown all the same."""
    assert repr(Handler(Shy())) == "Handler(<Shy>)"
