"""Lines that are logged in the middle of the pipeline's work, by what merely interrupts it."""

import asyncio
import signal
import weakref
from functools import partial

import pytest

from asynclog import BufferedLogger, Handler, Overflow, UnbufferedLogLineSender
from asynclog.records import Record
from asynclog.sinks import MemorySink


class Finalised:
    """Calls back when it is gone."""

    def __init__(self, callback):
        self.callback = callback

    def __del__(self):
        self.callback()


class Watched:
    """May be watched by `weakref.finalize`."""


class Receiver:
    """Has a method that handles a signal."""

    def __init__(self, callback):
        self.callback = callback

    def handle(self, number, frame):
        """Call back."""
        self.callback()


def by_finaliser(log):
    """Log when an object goes."""
    Finalised(log)


def by_finalize(log):
    """Log when an object goes, by way of the standard library."""
    weakref.finalize(Watched(), log)


def _signalled(handler):
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def by_signal(log):
    """Log when a signal comes, from a function."""
    _signalled(lambda number, frame: log())


def by_signal_to_method(log):
    """Log when a signal comes, from a method."""
    _signalled(Receiver(log).handle)


def by_itself(log):
    """Log from a part of the pipeline."""
    log()


def by_itself_in_a_signal(log):
    """Log from a part of the pipeline that came to work inside a handler of a signal."""
    handler = Handler(MemorySink(), formatter=Aside(by_itself, log))
    direct = UnbufferedLogLineSender("inner", handler)
    by_signal(lambda: (direct.info("inner"), direct._direct.end()))


class Aside:
    """Formats the first record in such a way that another line is logged meanwhile."""

    def __init__(self, how, log):
        self.how, self.log = how, log

    def format(self, record):
        """Return the message."""
        how, self.how = self.how, None
        if how:
            how(self.log)
        return record.message


def messages(sink):
    """Return the texts that a sink has."""
    return [record.message for record in sink.records]


asides = pytest.mark.parametrize("how", [by_finaliser, by_finalize, by_signal, by_signal_to_method])


@asides
async def test_what_interrupts_the_pipeline_may_log(how):
    """Its lines are none of the pipeline's own."""
    sink = MemorySink()
    formatter = Aside(how, lambda: sender.bind(b=2).info("aside {}", 1, a=1))
    async with BufferedLogger(1, 60, handlers=Handler(sink, formatter=formatter)) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("first")
        await logger.flush()
    assert messages(sink) == ["first", "aside 1"]
    assert sink.records[1].attributes == {"a": 1, "b": 2}
    assert not logger.statistics().dropped


@pytest.mark.parametrize("bridge", ["submit", "take"])
@pytest.mark.parametrize(
    ("how", "lines"), [(by_signal, ["first", "aside"]), (by_itself, ["first"])]
)
async def test_what_interrupts_the_pipeline_may_log_with_another_library(bridge, how, lines):
    """The bridges from it tell such lines from the pipeline's own as well."""

    def log():
        if bridge == "submit":
            sender.submit(Record(0, 20, "a", "aside"))
        else:
            sender.take(20, "aside", {})

    sink = MemorySink()
    handler = Handler(sink, formatter=Aside(how, log))
    async with BufferedLogger(1, 60, handlers=handler) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("first")
        await logger.flush()
    assert messages(sink) == lines


@asides
@pytest.mark.parametrize("overflow", [Overflow.WAIT, Overflow.DROP_OLDEST, Overflow.DROP_NEWEST])
async def test_it_disturbs_nothing_where_there_is_no_room(how, overflow):
    """What it interrupts may be halfway through a batch."""
    sink = MemorySink()
    formatter = Aside(how, lambda: sender.info("aside"))
    handler = Handler(sink, formatter=formatter)
    async with BufferedLogger(9, 60, handlers=handler, capacity=3, overflow=overflow) as logger:
        sender = logger.sender_with_label("a")
        for i in range(3):
            await sender.info(str(i))
        await asyncio.sleep(0)
        await logger.flush()
    account = logger.statistics()
    assert messages(sink)[:3] == ["0", "1", "2"]
    assert (account.accepted, account.emitted + account.dropped) == (4, 4)


@asides
async def test_it_may_log_without_a_buffer(how):
    """The line comes after the one that is under way."""
    sink = MemorySink()
    formatter = Aside(how, lambda: sender.info("aside"))
    async with UnbufferedLogLineSender("a", Handler(sink, formatter=formatter)) as sender:
        await sender.info("first")
        await sender.info("last")
    assert sorted(messages(sink)) == ["aside", "first", "last"]


@pytest.mark.parametrize("how", [by_itself, by_itself_in_a_signal])
async def test_a_part_of_the_pipeline_may_not_log(how, capsys):
    """It would beget a line for each line, for ever; wherever it is at work."""
    sink = MemorySink()
    formatter = Aside(partial(how), lambda: sender.info("own"))
    async with BufferedLogger(1, 60, handlers=Handler(sink, formatter=formatter)) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("first")
        await logger.flush()
    assert messages(sink) == ["first"]
    assert logger.statistics().dropped_by_cause == {"logged from inside the logger": 1}
    assert "logged by a filter, formatter or sink" in capsys.readouterr().err
