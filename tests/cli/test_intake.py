"""Tests of asynclog.cli.intake."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from asynclog.cli import intake as module
from asynclog.cli.intake import Intake


@pytest.fixture(name="pipe")
def _pipe():
    """The two ends of a pipe, as files without a buffer."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", 0) as source, os.fdopen(writer, "wb", 0) as feed:
        yield source, feed


@pytest.fixture(name="endless")
def _endless():
    """A source that always has more."""
    with Path("/dev/zero").open("rb", buffering=0) as source:
        yield source


@pytest.fixture(name="reading")
def _reading():
    """A function that makes intakes; none of them reads any more when the test has ended."""
    made = []

    def make(source, on_slow=lambda: None, patience=0.01):
        made.append(Intake(source.fileno(), on_slow, patience))
        return made[-1]

    yield make
    for intake in made:
        intake.abandon()
        intake._thread.join()


@pytest.fixture(name="begin")
def _begin(reading):
    """A function that makes intakes that read already."""

    def begin(source, *arguments):
        intake = reading(source, *arguments)
        intake.start()
        return intake

    return begin


async def rest(intake):
    """Return all that comes up to the end."""
    return b"".join([data async for data in intake.chunks()])


async def test_everything_up_to_the_end_comes(pipe, begin):
    """The chunks hold what was written, in order."""
    source, feed = pipe
    intake = begin(source)
    feed.write(b"one ")
    feed.write(b"two")
    feed.close()
    assert await rest(intake) == b"one two"


async def test_a_regular_file_can_be_read(tmp_path, begin):
    """Though an event loop cannot watch it."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as source:
        assert await rest(begin(source)) == b"x" * 200_000


async def test_what_comes_is_handed_on_at_once(pipe, begin):
    """Nobody has to close the pipe first."""
    source, feed = pipe
    chunks = begin(source).chunks()
    feed.write(b"early")
    assert await anext(chunks) == b"early"


async def test_stopping_takes_what_was_written(pipe, reading):
    """Also if the writer stays; then the chunks end."""
    source, feed = pipe
    intake = reading(source)
    feed.write(b"written")
    intake.stop()
    intake.start()
    assert await rest(intake) == b"written"


async def test_stopping_does_not_wait_for_a_source_that_never_ends(endless, reading):
    """No more than a pipe can hold is read after that."""
    intake = reading(endless)
    intake.stop()
    intake.start()
    assert len(await rest(intake)) == module.GRACE_BYTES


async def test_stopping_twice_or_late_does_no_harm(pipe, begin):
    """After the end there is nothing to wake."""
    source, feed = pipe
    intake = begin(source)
    intake.stop()
    feed.close()
    assert await rest(intake) == b""
    intake.stop()


async def test_a_source_faster_than_the_reader_is_held_up(pipe, begin):
    """A bounded number of chunks is taken; the waits are counted and told; nothing is lost."""
    source, feed = pipe
    slow = asyncio.Event()
    loop = asyncio.get_running_loop()
    intake = begin(source, lambda: loop.call_soon_threadsafe(slow.set))
    data = os.urandom(4 << 20)
    feeder = threading.Thread(target=lambda: (feed.write(data), feed.close()))
    feeder.start()

    await slow.wait()
    assert intake._chunks.qsize() <= module.ROOM
    assert await rest(intake) == data
    assert (intake.waits > 0, intake.slow) == (True, True)


async def test_a_source_that_need_not_wait_is_not_slow(pipe, begin):
    """The reader kept up."""
    source, feed = pipe
    intake = begin(source, lambda: pytest.fail("told that the output is slow"))
    feed.close()
    await rest(intake)
    assert (intake.waits, intake.waited, intake.slow) == (0, 0, False)


async def test_many_short_waits_are_not_slow(pipe, begin):
    """A fast source and a fast reader: the waits are counted, and nothing is told."""
    source, feed = pipe
    intake = begin(source, lambda: pytest.fail("told that the output is slow"), 60.0)
    feeder = threading.Thread(target=lambda: (feed.write(bytes(4 << 20)), feed.close()))
    feeder.start()
    while not intake.waits:  # noqa: ASYNC110 - the thread tells of long waits only
        await asyncio.sleep(0)
    assert len(await rest(intake)) == 4 << 20
    assert (intake.waited > 0, intake.slow) == (True, False)


async def test_abandoning_returns_what_nobody_took(pipe, begin):
    """So that it can be counted."""
    source, feed = pipe
    intake = begin(source)
    chunks = intake.chunks()
    feed.write(b"taken")
    assert await anext(chunks) == b"taken"
    feed.write(b"left")
    feed.close()
    while intake._chunks.qsize() < 2:  # noqa: ASYNC110 - the thread has nobody to tell but the queue
        await asyncio.sleep(0)
    assert intake.abandon() == [b"left"]


async def test_what_cannot_be_read_ends_with_the_error(pipe, begin):
    """As for the end of a pipe that is there to be written."""
    intake = begin(pipe[1])
    pipe[0].close()
    assert await rest(intake) == b""
    assert isinstance(intake.error, OSError)


async def test_abandoning_ends_a_reader_that_waits_for_room(endless, begin):
    """All that it read, as much as there was room for, is returned."""
    slow = asyncio.Event()
    loop = asyncio.get_running_loop()
    intake = begin(endless, lambda: loop.call_soon_threadsafe(slow.set))
    await slow.wait()
    assert len(intake.abandon()) == module.ROOM
    intake._thread.join()


async def test_stopping_notices_the_end(pipe, reading):
    """It does not wait until nothing comes any more."""
    source, feed = pipe
    intake = reading(source)
    intake.stop()
    feed.close()
    intake.start()
    assert await rest(intake) == b""


async def test_another_reader_that_was_faster_does_no_harm(pipe, begin, monkeypatch):
    """Where the input does not block, a read can find nothing after all."""
    source, feed = pipe
    results = iter([BlockingIOError(), b"later", b""])

    def read(descriptor, size):
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(module.os, "read", read)
    feed.write(b"x")
    assert await rest(begin(source)) == b"later"
