"""Lines kept in memory."""

from __future__ import annotations

import pytest

from asynclog.protocols import LastGaspSink, Sink
from asynclog.sinks import MemorySink
from asynclog.testing import check_sink

from ..making import batch_of

pytestmark = pytest.mark.virtual


async def test_it_keeps_records_and_lines_in_order():
    """Also over several batches."""
    sink, first, second = MemorySink(), batch_of("a", "b"), batch_of("c")
    await sink.write(first)
    await sink.write(second)
    assert sink.lines == ["a", "b", "c"]
    assert sink.records == first.records + second.records


async def test_with_a_limit_it_keeps_the_latest():
    """For a look back at what led to an error."""
    sink = MemorySink(limit=2)
    await sink.write(batch_of("a", "b", "c"))
    assert sink.lines == ["b", "c"]


@pytest.mark.parametrize("limit", [-1, 1.5, True, "9"])
def test_a_limit_is_a_number_of_lines(limit):
    """The message says what is allowed."""
    with pytest.raises(ValueError, match=r"^limit: expected a whole number from 0 up, or None"):
        MemorySink(limit=limit)


async def test_what_was_kept_can_be_forgotten():
    """Between two parts of a test."""
    sink = MemorySink()
    await sink.write(batch_of("a"))
    sink.clear()
    assert (sink.lines, sink.records) == ([], [])


async def test_it_keeps_the_promises_of_a_sink():
    """Every line once, in order."""
    sink = MemorySink()
    await check_sink(sink)
    assert sink.lines == [f"check {i}" for i in range(10)]
    assert repr(sink) == "MemorySink(10 lines)"


def test_it_is_a_sink_that_needs_no_loop():
    """It takes lines when the interpreter ends, too."""
    sink = MemorySink()
    assert isinstance(sink, Sink)
    assert isinstance(sink, LastGaspSink)
    sink.write_now(batch_of("a"))
    assert sink.lines == ["a"]
