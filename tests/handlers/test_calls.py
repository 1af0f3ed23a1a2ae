"""Calls of one sink."""

from __future__ import annotations

import asyncio

import pytest

from asynclog.errors import SinkError
from asynclog.handlers.calls import SinkCalls
from asynclog.records import Batch
from asynclog.sinks import MemorySink
from asynclog.testing import Hang, ScriptedSink

from ..making import HostileError, record

pytestmark = pytest.mark.virtual

BATCH = Batch([record("a")], ["a"])


def calls_of(sink, patience=None):
    """Return calls of *sink* on the running loop."""
    calls = SinkCalls(sink, asyncio.get_running_loop())
    calls.patience = patience
    return calls


async def test_a_sink_that_was_not_opened_is_not_flushed():
    """It may not even exist yet."""
    sink = ScriptedSink()
    await calls_of(sink).flush(durable=True)
    assert sink.flushes == []


async def test_a_sink_is_opened_once():
    """However often that is asked for."""
    sink = ScriptedSink()
    calls = calls_of(sink)
    await calls.open()
    await calls.open()
    assert sink.opened == 1


async def test_a_write_that_takes_too_long_goes_on_by_itself():
    """The next one waits for its answer, and writes nothing."""
    sink = ScriptedSink([Hang()])
    calls = calls_of(sink, patience=1)
    with pytest.raises(SinkError, match="no answer for 1 s"):
        await calls.write(BATCH)
    assert calls.unanswered
    sink.release()
    await calls.write(BATCH)
    assert (sink.lines, calls.unanswered) == (["a"], False)


async def test_a_write_that_took_too_long_is_ended_at_last():
    """It is known then that nothing was written."""
    calls = calls_of(ScriptedSink([Hang()]), patience=1)
    assert await calls.end(1) == (False, None)
    with pytest.raises(SinkError):
        await calls.write(BATCH)
    assert await calls.end(1) == (False, None)
    assert not calls._sink.writing


async def test_a_sink_that_prepares_hears_that_lines_may_come():
    """Others are left alone."""

    class Preparing(MemorySink):
        prepared = 0

        def prepare(self):
            self.prepared += 1

    sink = Preparing()
    calls_of(sink).prepare()
    calls_of(MemorySink()).prepare()
    assert sink.prepared == 1


async def test_a_sink_that_cannot_prepare_is_used_all_the_same(capsys):
    """Stderr hears of it."""

    class Broken(MemorySink):
        def prepare(self):
            raise HostileError

    calls_of(Broken()).prepare()
    assert capsys.readouterr().err.startswith("asynclog: preparing MemorySink(0 lines) failed: Hos")
