"""A blocking target behind an asynchronous shell."""

from __future__ import annotations

import asyncio
import threading

import pytest

from asynclog.records import Batch, Record
from asynclog.sinks.framing import encode_lines
from asynclog.sinks.threaded import ThreadedSink


class Scripted:
    """A target that fails as often as it is told, and waits where it is told."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.written = []
        self.gate = threading.Event()
        self.gate.set()

    def encode(self, batch):
        """Return the lines as bytes."""
        return encode_lines(batch)

    def write(self, payload):
        """Wait, then follow the script."""
        self.gate.wait(10)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        self.written.append(payload)

    def flush(self, *, durable):
        """Do nothing."""

    def close(self):
        """Do nothing."""

    def interrupt(self, after):
        """Wait no longer."""
        self.gate.set()


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


async def test_a_batch_that_failed_is_tried_again_when_it_is_written_again():
    """An outcome that was told is over."""
    target = Scripted(OSError("full"))
    sink, batch = ThreadedSink(target, "test"), batch_of("a")
    with pytest.raises(OSError, match="full"):
        await sink.write(batch)
    await sink.write(batch)
    await sink.aclose()
    assert target.written == [b"a\n"]


async def test_a_cancelled_write_goes_on_and_is_not_repeated():
    """The next call with the same batch has the outcome of the first."""
    target = Scripted()
    target.gate.clear()
    sink, batch = ThreadedSink(target, "test"), batch_of("a")
    writing = asyncio.create_task(sink.write(batch))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    target.gate.set()
    await sink.write(batch)
    await sink.aclose()
    assert target.written == [b"a\n"]
