"""Foreign code that ends the program, or tries to, leaves the pipeline in order."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.errors import FlushError
from asynclog.formatters.default import default_formatter
from asynclog.handlers.ending import is_being_closed, pass_on
from asynclog.sinks import MemorySink

ENDINGS = [KeyboardInterrupt, SystemExit]


class Rude(BaseException):
    """Not meant to be caught, its author thinks."""


KINDS = [Rude, GeneratorExit, asyncio.CancelledError]


class Mine:
    """An attribute that raises as it is printed."""

    def __init__(self, kind):
        self.kind = kind

    def __str__(self):
        raise self.kind

    __repr__ = __str__


class Breaking(MemorySink):
    """Raises *kind* the first *times* that it is to *do* something."""

    def __init__(self, do, kind, times=1):
        super().__init__()
        self.do, self.kind, self.times = do, kind, times

    def _may(self, what):
        if what == self.do and self.times:
            self.times -= 1
            raise self.kind

    async def open(self):
        """Perhaps raise."""
        self._may("open")
        await super().open()

    async def write(self, batch, /):
        """Perhaps raise."""
        self._may("write")
        await super().write(batch)

    async def flush(self, *, durable=False):
        """Perhaps raise."""
        self._may("flush")
        await super().flush(durable=durable)

    async def aclose(self):
        """Perhaps raise."""
        self._may("close")
        await super().aclose()


async def flushed(logger):
    """Flush; return whether it said that all is well."""
    try:
        await logger.flush()
    except FlushError:
        return False
    return True


def attempt(main):
    """Run *main* on a loop, as often as it takes; return its result and what ended the runs."""
    loop, ended = asyncio.new_event_loop(), []
    task = loop.create_task(main)
    while not task.done():
        try:
            loop.run_until_complete(task)
        except tuple(ENDINGS) as error:
            ended.append(type(error))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    return task.result(), ended


async def print_rude(kind):
    """Log a line whose attribute raises, between two others."""
    sink = MemorySink()
    async with BufferedLogger(
        100, 1, handlers=Handler(sink, formatter=default_formatter())
    ) as logger:
        await logger.sender_with_label("app").info("one")
        await logger.sender_with_label("app").info("two", x=Mine(kind))
        await logger.sender_with_label("app").info("three")
        await logger.flush()
        await logger.sender_with_label("app").info("four")
    return [record.message for record in sink.records]


@pytest.mark.parametrize("kind", [*KINDS, *ENDINGS])
def test_an_attribute_that_raises_anything_stops_no_line(kind):
    """Its own line comes with a mark."""
    written, ended = attempt(print_rude(kind))
    assert written == ["one", "two", "three", "four"]
    assert set(ended) == {kind}.intersection(ENDINGS)


async def filter_rudely(kind):
    """Log through a filter that raises."""

    def rude(record):
        raise kind

    sink = MemorySink()
    async with BufferedLogger(100, 1, handlers=Handler(sink, filter=rude)) as logger:
        await logger.sender_with_label("app").info("one")
        await logger.flush()
        await logger.sender_with_label("app").info("two")
    return [record.message for record in sink.records]


@pytest.mark.parametrize("kind", [*KINDS, *ENDINGS])
def test_a_filter_that_raises_anything_keeps_every_line(kind):
    """As with one that fails in the usual way."""
    written, ended = attempt(filter_rudely(kind))
    assert written == ["one", "two"]
    assert set(ended) == {kind}.intersection(ENDINGS)


async def write_rudely(do, kind, times):
    """Log one line to a sink that raises, and then another."""
    sink = Breaking(do, kind, times)
    async with BufferedLogger(100, 1, handlers=Handler(sink)) as logger:
        await logger.sender_with_label("app").info("one")
        well = await flushed(logger)
        await logger.sender_with_label("app").info("two")
        await flushed(logger)
    told = logger.statistics()
    assert told.buffered == 0
    return well, [record.message for record in sink.records]


@pytest.mark.parametrize("do", ["open", "write", "flush"])
@pytest.mark.parametrize("kind", [Rude, GeneratorExit])
def test_a_sink_that_raises_anything_gives_its_batch_up_and_goes_on(do, kind):
    """The flush tells of it."""
    (well, written), ended = attempt(write_rudely(do, kind, 1))
    assert not well
    assert written == (["one", "two"] if do == "flush" else ["two"])
    assert not ended


@pytest.mark.parametrize("do", ["open", "write"])
@pytest.mark.parametrize("kind", ENDINGS)
@pytest.mark.parametrize(("times", "expected"), [(1, ["one", "two"]), (2, ["two"])])
def test_a_batch_during_which_the_program_ends_is_tried_once_more(do, kind, times, expected):
    """A signal has nothing to do with the lines; what comes twice may have."""
    (_, written), ended = attempt(write_rudely(do, kind, times))
    assert written == expected
    assert ended == [kind] * times


def test_a_flush_during_which_the_program_ends_has_failed():
    """It must not wait for ever."""
    (well, written), ended = attempt(write_rudely("flush", KeyboardInterrupt, 1))
    assert (well, written, ended) == (False, ["one", "two"], [KeyboardInterrupt])


@pytest.mark.parametrize("kind", [Rude, GeneratorExit])
def test_a_sink_that_raises_anything_as_it_closes_is_told_of(kind, capsys):
    """Nobody is left to be stopped by it."""
    attempt(write_rudely("close", kind, 1))
    assert f"failed: {kind.__name__}" in capsys.readouterr().err


def test_on_a_closed_loop_nobody_is_told():
    """The interpreter is ending by itself."""
    loop = asyncio.new_event_loop()
    loop.close()
    assert pass_on(loop, KeyboardInterrupt()) is None


def test_a_coroutine_that_is_closed_from_outside_may_end():
    """It must not await any more."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(0))
    assert is_being_closed(task, GeneratorExit())
    assert not is_being_closed(task, SystemExit())
    loop.run_until_complete(task)
    loop.close()


@pytest.mark.parametrize("kind", ENDINGS)
def test_many_endings_at_once_are_one(kind):
    """A filter is asked for each line."""

    async def main():
        for _ in range(9):
            pass_on(asyncio.get_running_loop(), kind())
        await asyncio.sleep(0)

    assert attempt(main()) == (None, [kind])
