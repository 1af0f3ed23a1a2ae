"""A blocking target behind an asynchronous shell."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.errors import SinkError, SinkGone
from asynclog.sinks import ConsoleSink
from asynclog.sinks.framing import encode_lines
from asynclog.sinks.threaded import FOR_EVER, LAST_WAIT_SECONDS, ShortWrite, ThreadedSink, lines_in
from asynclog.testing import check_sink

from ..making import batch_of


class Scripted:
    """A target that fails as often as it is told, and waits where it is told."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.written, self.flushed, self.interrupts = [], [], []
        self.closed = 0
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
        """Note what was asked for."""
        self.flushed.append(durable)

    def close(self):
        """Count."""
        self.closed += 1

    def interrupt(self, after):
        """Wait no longer."""
        self.interrupts.append(after)
        self.gate.set()

    def inherit(self):
        """Do nothing."""


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


@pytest.fixture(name="target")
def _target():
    return Scripted()


@pytest.fixture(name="sink")
async def _sink(target):
    sink = ThreadedSink(target, "test sink")
    yield sink
    target.gate.set()
    await sink.aclose()
    assert ended("test sink")


def ended(name):
    """Wait for threads of this name to end, and tell whether they did."""
    threads = [thread for thread in threading.enumerate() if thread.name == name]
    for thread in threads:
        thread.join(5)
    return not any(thread.is_alive() for thread in threads)


async def cancelled(awaitable):
    """Begin to await, and be cancelled."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_it_keeps_the_promises_of_a_sink(sink, target):
    """Every line once, in order."""
    await check_sink(sink)
    assert b"".join(target.written) == b"".join(b"check %d\n" % i for i in range(10))


async def test_before_the_first_line_there_is_no_thread(sink):
    """A sink that is never used costs none."""
    await sink.open()
    assert "test sink" not in {thread.name for thread in threading.enumerate()}


async def test_a_hung_write_does_not_hold_up_the_loop(sink, target):
    """It holds up a thread."""
    target.gate.clear()
    writing = asyncio.create_task(sink.write(batch_of("a")))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()
    target.gate.set()
    await writing


async def test_a_cancelled_write_that_fails_says_so_to_the_next_call(sink, target):
    """And the call after that is another attempt."""
    target.outcomes = [OSError("full")]
    target.gate.clear()
    batch = batch_of("a")
    await cancelled(sink.write(batch))
    target.gate.set()
    with pytest.raises(OSError, match="full"):
        await sink.write(batch)
    await sink.write(batch)
    assert target.written == [b"a\n"]


async def test_a_cancelled_write_may_be_waited_for_by_cancelled_calls(sink, target):
    """However often, it is done once."""
    target.gate.clear()
    batch = batch_of("a")
    for _ in range(3):
        await cancelled(sink.write(batch))
    target.gate.set()
    await sink.write(batch)
    assert target.written == [b"a\n"]


async def test_another_batch_comes_after_the_one_that_was_cancelled(sink, target):
    """That one is under way all the same."""
    target.gate.clear()
    await cancelled(sink.write(batch_of("a")))
    target.gate.set()
    await sink.write(batch_of("b"))
    assert target.written == [b"a\n", b"b\n"]


async def test_an_equal_batch_is_another_one(sink, target):
    """Two lines may have the same text."""
    for _ in range(2):
        await sink.write(batch_of("a"))
    assert target.written == [b"a\n"] * 2


async def test_a_batch_that_was_written_is_not_kept(sink):
    """It may be large, and the next one far away."""
    batch = batch_of("a")
    before = sys.getrefcount(batch)
    await sink.write(batch)
    await sink.flush()
    assert sys.getrefcount(batch) == before


@pytest.mark.parametrize("durable", [False, True])
async def test_a_flush_comes_behind_the_writes_before_it(sink, target, durable):
    """And asks the target for what it was asked."""
    target.gate.clear()
    await cancelled(sink.write(batch_of("a")))
    flushing = asyncio.create_task(sink.flush(durable=durable))
    await asyncio.sleep(0)
    assert target.flushed == []
    target.gate.set()
    await flushing
    assert (target.written, target.flushed) == ([b"a\n"], [durable])


async def test_a_cancelled_flush_harms_nothing(sink, target):
    """The thread goes on with what comes behind it."""
    target.gate.clear()
    await cancelled(sink.write(batch_of("a")))
    await cancelled(sink.flush())
    target.gate.set()
    await sink.write(batch_of("b"))
    assert target.written == [b"a\n", b"b\n"]


async def test_an_error_of_the_target_is_the_sink_s(sink, target):
    """Of whichever kind."""
    for error in (SinkGone("gone"), ValueError("odd")):
        target.outcomes = [error]
        with pytest.raises(type(error), match=str(error)):
            await sink.write(batch_of("a"))


@pytest.mark.parametrize(
    ("lines", "count", "written"),
    [
        (["a", "b", "c"], 0, 0),
        (["a", "b", "c"], 4, 2),
        (["a", "b", "c"], 6, 3),
        (["a\nA", "b", "c\nC\nC"], 2, 0),
        (["a\nA", "b", "c\nC\nC"], 4, 1),
        (["a\nA", "b", "c\nC\nC"], 8, 2),
        (["a\nA", "b", "c\nC\nC"], 12, 3),
        (["é", "b"], 3, 1),
        (["\ud800", "b"], 7, 1),
    ],
)
async def test_a_short_write_is_counted_in_lines(sink, target, lines, count, written):
    """A record of several rows counts when its last one is there."""
    target.outcomes = [ShortWrite(count, OSError(28, "full"))]
    with pytest.raises(SinkError, match=r"^OSError: \[Errno 28\] full$") as raised:
        await sink.write(batch_of(*lines))
    assert raised.value.written == written


async def test_rows_are_counted_whatever_the_target_adds_to_them(sink, target):
    """Colours take bytes, too."""
    target.encode = lambda batch: b"<red>a<off>\n<red>A<off>\n<red>b<off>\n"
    target.outcomes = [ShortWrite(24, OSError(28, "full"))]
    with pytest.raises(SinkError) as raised:
        await sink.write(batch_of("a\nA", "b"))
    assert raised.value.written == 1


@given(lines=st.lists(st.text(alphabet="a\né\ud800"), min_size=1, max_size=6), data=st.data())
def test_no_line_counts_as_written_that_is_not_wholly_so(lines, data):
    """And none as missing that is."""
    payload = encode_lines(batch_of(*lines))
    count = data.draw(st.sampled_from([i + 1 for i, c in enumerate(payload) if c == 10]))
    ends = [len(encode_lines(batch_of(*lines[: i + 1]))) for i in range(len(lines))]
    told = lines_in(batch_of(*lines), payload, count)
    assert told == sum(end <= count for end in ends)


async def test_closing_ends_the_wait_for_a_reader(target, sink):
    """It interrupts the target first; whoever uses the sink next may wait again."""
    target.gate.clear()
    await cancelled(sink.write(batch_of("a")))
    await sink.aclose()
    await sink.aclose()
    assert target.interrupts == [0, FOR_EVER]


async def test_opened_it_waits_for_readers_whatever_was_before(sink, target):
    """A loop that ended may have left a sink that was interrupted and not closed."""
    sink.interrupt()
    await sink.open()
    assert target.interrupts == [0, FOR_EVER]


async def test_flushed_after_closing_it_is_closed_again(sink, target):
    """No thread stays behind."""
    await sink.aclose()
    await sink.flush()
    await sink.aclose()
    assert target.closed == 2
    assert ended("test sink")


async def test_closed_by_two_it_is_closed_once(sink, target):
    """The second waits for the same end."""
    target.gate.clear()
    target.interrupt = lambda after: None
    await cancelled(sink.write(batch_of("a")))
    await cancelled(sink.aclose())
    second = asyncio.create_task(sink.aclose())
    await asyncio.sleep(0)
    assert not second.done()
    target.gate.set()
    await second
    await sink.aclose()
    assert (target.closed, target.written) == (1, [b"a\n"])


async def test_closed_it_can_be_used_again(sink, target):
    """By another logger; it is closed for that one, too."""
    for _ in range(2):
        await sink.write(batch_of("a"))
        await sink.aclose()
    assert (target.closed, target.written) == (2, [b"a\n"] * 2)
    assert ended("test sink")


def test_it_serves_one_loop_after_the_other(monkeypatch):
    """Closed for the first, it waits for its reader again for the second."""
    reader, writer = os.pipe()
    sink = ConsoleSink("stdout", colour=False)
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        for line in ("one", "two"):
            asyncio.run(written_and_closed(sink, line))
        assert source.read1() == b"one\ntwo\n"


async def written_and_closed(sink, line):
    """Use *sink* as a logger does that writes one *line*."""
    await sink.open()
    await sink.write(batch_of(line))
    await sink.aclose()


# -- without a loop -------------------------------------------------------------------------------


def test_without_a_loop_the_calling_thread_writes(target):
    """No other can be started any more."""
    sink = ThreadedSink(target, "test sink")
    sink.write_now(batch_of("a"))
    assert target.written == [b"a\n"]
    assert target.interrupts == [LAST_WAIT_SECONDS, FOR_EVER]


@pytest.mark.parametrize("again", [True, False])
async def test_without_a_loop_a_write_under_way_is_waited_for(sink, target, again):
    """And not repeated."""
    target.gate.clear()
    batch = batch_of("a")
    await cancelled(sink.write(batch))
    sink.write_now(batch if again else batch_of("b"))
    assert target.written == [b"a\n"] if again else [b"a\n", b"b\n"]


async def test_without_a_loop_a_write_under_way_that_fails_says_so(sink, target):
    """But only for its own batch."""
    target.gate.clear()
    target.outcomes = [OSError("full")]
    batch = batch_of("a")
    await cancelled(sink.write(batch))
    with pytest.raises(OSError, match="full"):
        sink.write_now(batch)
    assert target.written == []


async def test_without_a_loop_the_failure_of_another_batch_is_not_told(sink, target):
    """It was told, or is, where that batch is."""
    target.gate.clear()
    target.outcomes = [OSError("full")]
    await cancelled(sink.write(batch_of("a")))
    sink.write_now(batch_of("b"))
    assert target.written == [b"b\n"]
