"""The logger: what a program opens, takes senders from, and closes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NoReturn, Self

import msgspec

from . import current, lifecycle
from .buffers import Overflow
from .clock import SystemClock
from .collector import NO_LEVEL, Collector, Limits
from .ending import Ending
from .errors import LoggerClosed
from .handlers.direct import DirectOutputs
from .handlers.outputs import Outputs
from .handlers.route import route
from .ledger import Ledger, Statistics
from .levels import parse_level
from .scope import inside_pipeline
from .senders import LogLineSender
from .threads import call_at_home, flush_from_anywhere, flush_in_thread, run_at_home
from .thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from .clock import Clock
    from .handlers import Handler
    from .protocols import Filter
    from .records import Record

CAPACITY = 65_536
"""Lines (of up to 1,024 characters each) that may be buffered, unless told otherwise."""
CLOSE_SECONDS = 5.0
"""Time to write what is left when the logger closes, unless told otherwise."""
LAST_SECONDS = 5.0
"""When the process ends: how long a loop in another thread has to begin to write."""


class BufferedLogger:
    """Collects the lines of concurrent tasks by label, and writes each label's lines together.

        async with BufferedLogger(max_lines=100, max_age=5.0) as builder:
            sender = builder.sender_with_label("ct/100")
            await sender.info("start sync")

    A label's lines go out when there are *max_lines* of them, when the oldest is *max_age* old,
    on `flush()`, and when the logger closes.  If either limit is 0, every line goes out at once.

    Args:
        max_lines: from 0.
        max_age: seconds, or a `timedelta`; from 0.
        handlers: where the lines go; None is the console, on stderr.
        capacity: lines that may be buffered in all, from 1; a line that keeps more than 1,024
            characters counts as several.
        overflow: what happens to a line that finds no room.
        flush_level: a line at or above this level sends its label's lines out at once; None for
            no such level.
        level: lines below it cost nearly nothing and go nowhere; None takes them all.
        levels: levels of some labels, by glob: `{"db.*": "DEBUG"}`; of several globs that match a
            label, the longest decides.
        filter: a callable that returns whether a record is kept; it is asked before the handlers
            are, once for each line.  None keeps all.
        close_timeout: seconds, or a `timedelta`, that closing may take.
        clock: stamps the records.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        max_lines: int,
        max_age: float | timedelta,
        *,
        handlers: Handler | Iterable[Handler] | None = None,
        capacity: int = CAPACITY,
        overflow: Overflow = Overflow.WAIT,
        flush_level: int | str | None = None,
        level: int | str | None = None,
        levels: Mapping[str, int | str] | None = None,
        filter: Filter | None = None,  # noqa: A002 - the field's word, as in the standard library
        close_timeout: float | timedelta = CLOSE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        if type(max_lines) is not int or max_lines < 0:
            raise ValueError(f"max_lines: expected a whole number from 0 up, got {max_lines!r}")
        if type(capacity) is not int or capacity < 1:
            raise ValueError(f"capacity: expected a whole number from 1 up, got {capacity!r}")
        if not isinstance(overflow, Overflow):
            raise ValueError(  # noqa: TRY004 - a bad argument is a ValueError throughout
                f"overflow: expected an Overflow, such as Overflow.WAIT, got {overflow!r}"
            )
        self._close_timeout = _seconds("close_timeout", close_timeout)
        limits = Limits(
            max_lines,
            _seconds("max_age", max_age),
            NO_LEVEL if flush_level is None else _level("flush_level", flush_level),
            overflow,
        )
        collector = Collector(limits, Ledger(capacity), clock or SystemClock())
        lowest = 0 if level is None else _level("level", level)
        if filter is not None and not callable(filter):
            raise ValueError(f"filter: expected a callable or None, got {filter!r}")
        self._engine = _Engine(collector, route(handlers), Thresholds(lowest, levels), filter)

    async def open(self) -> Self:
        """Begin to take lines, on the running loop; `async with` does this.

        Raises:
            LoggerClosed: it was closed before; a logger is opened once.
        """
        self._engine.open(asyncio.get_running_loop())
        return self

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def sender_with_label(self, label: str) -> LogLineSender:
        """Return a sender; all senders of one *label* share one buffer.

        Raises:
            ValueError: *label* is not text.
        """
        if not isinstance(label, str):
            raise ValueError(f"label: expected a str, got {label!r}")  # noqa: TRY004
        return self._engine.sender_with_label(str.__str__(label))

    def set_level(self, level: int | str | None, labels: str | None = None) -> None:
        """Change the level below which lines go nowhere, for senders in use, too.

        Args:
            level: a number or a name; None for what it was before.
            labels: a glob such as `db.*`; None for the labels that match none of those that have a
                level of their own.

        Raises:
            ValueError: *level* or *labels* cannot be used.
        """
        self._engine.thresholds.set_level(level, labels)

    async def set_handlers(self, handlers: Handler | Iterable[Handler] | None) -> None:
        """Give all lines from now on to *handlers* instead, without losing or doubling one.

        Lines accepted before go to the handlers of before; these write them in the background,
        for up to `close_timeout`, and then their sinks are closed.  A handler that is given again
        stays as it is.  A sink that is given again, in whichever handler, stays open, and gets the
        lines of before first.  `flush()` and `aclose()` wait for the handlers of before, too.

        Args:
            handlers: as for the logger itself; None is the console, on stderr.

        Raises:
            ValueError: *handlers* cannot be used; then nothing has changed.
            LoggerClosed: the logger is closed, or closing.
        """
        await self._engine.set_handlers(route(handlers), self._close_timeout)

    async def flush(self, *, durable: bool = False) -> None:
        """Return when every line sent before is in every sink; see `LogSender.flush`."""
        await flush_from_anywhere(self._engine.collector, None, durable=durable)

    def flush_in_thread(self, seconds: float) -> None:
        """Wait up to *seconds* for every line sent before to be in every sink.

        For code without an event loop, in any thread.  It does not tell whether a sink has failed,
        and returns at once in the thread of the logger's own loop, and where that does not run.
        """
        self._engine.flush_in_thread(seconds)

    def write_directly(self, record: Record) -> bool:
        """Write *record* in the calling thread, if the loop is not there to do it any more.

        That is after the logger has closed, and in a forked child of its process; for bridges
        from other libraries, whose lines may come at any time.

        Returns:
            whether it was done; not, as long as the logger is open or closing.
        """
        return self._engine.write_directly(record)

    async def aclose(self) -> Statistics:
        """Write what is left, close the sinks, and return the final account.

        It takes `close_timeout` at most; lines that a sink did not take by then are counted as
        dropped.  It may be called again, and by several tasks; a caller that is cancelled still
        waits for the end, so that no line's fate is left open.
        """
        await self._engine.close(self._close_timeout)
        return self.statistics()

    def statistics(self) -> Statistics:
        """Return the account of all lines so far."""
        return self._engine.statistics()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a BufferedLogger cannot be pickled: open another in the other process")

    def __repr__(self) -> str:
        return repr(self._engine)

    def __del__(self) -> None:
        engine = getattr(self, "_engine", None)
        if engine is not None and engine.state == "open":
            engine.warned = True
            lifecycle.warn_unclosed(engine)


class _Engine:
    """What runs while a logger is open; it outlives the logger's own object if senders do.

    Args:
        collector: takes the lines.
        handlers: where they go.
        thresholds: which lines are wanted.
        filter: lines that it refuses go nowhere either.
    """

    def __init__(
        self,
        collector: Collector,
        handlers: tuple[Handler, ...],
        thresholds: Thresholds,
        filter: Filter | None,  # noqa: A002 - the field's word
    ) -> None:
        self.collector = collector
        self.state = "new"
        self.warned = False  # that nobody has closed it
        self.thresholds = thresholds
        self._filter = filter
        self._direct: DirectOutputs | None = None
        self._aim(handlers)
        self._outputs: Outputs | None = None
        self._closing: Ending | None = None

    def _aim(self, handlers: tuple[Handler, ...]) -> None:
        """Have the collector take what *handlers* can use."""
        self._handlers = handlers
        self.thresholds.set_floor(min(handler.level for handler in handlers))
        self.collector.needs_caller = any(handler.needs_caller for handler in handlers)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start on *loop*."""
        if self.state != "new":
            raise LoggerClosed(f"the logger is {self.state}: a logger is opened once")
        collector = self.collector
        self._outputs = Outputs(self._handlers, collector.ledger, loop, collector.now, self._filter)
        self.collector.open(loop, self._outputs)
        self.state = "open"
        lifecycle.opened(self)
        current.opened(self)

    def sender_with_label(self, label: str) -> LogLineSender:
        """Return a sender; see `BufferedLogger.sender_with_label`."""
        collector = self.collector
        threshold = self.thresholds.of(label)
        return LogLineSender(collector, label, collector.buffer_of(label), threshold=threshold)

    def flush_in_thread(self, seconds: float) -> None:
        """Wait up to *seconds* for every line sent before to be in every sink."""
        flush_in_thread(self.collector, seconds)

    def write_directly(self, record: Record) -> bool:
        """Write *record* here and now, if nothing else writes any more."""
        if self.state not in ("closed", "forked"):
            return False
        if self._direct is None:
            self._direct = DirectOutputs(self._handlers, self.collector.now, self._filter)
        self._direct.write(record)
        return True

    def waiting(self) -> list[Record]:
        """Return the lines that the handlers have not been given yet; see `OpenEntry`."""
        return self.collector.lines_waiting()

    def override_level(self, level: int | None) -> None:
        """Take the lines from *level* up, whatever else was set; see `OpenEntry`."""
        self.thresholds.override(level)

    def statistics(self) -> Statistics:
        """Return the account, with what the handlers say of themselves."""
        account = self.collector.statistics()
        if self._outputs is None:
            return account
        return msgspec.structs.replace(account, handlers=self._outputs.statistics())

    async def set_handlers(self, handlers: tuple[Handler, ...], seconds: float) -> None:
        """Replace the handlers; those of before have some *seconds* to end."""

        async def replace() -> None:
            if self.state == "forked":
                raise _forked()
            if self.state == "closed" or self._closing is not None:
                raise _closed()
            if self._outputs is not None:
                self.collector.seal_all()
                self.collector.forward_now()
                self._outputs.replace(handlers, seconds)
            self._aim(handlers)

        await run_at_home(self.collector.loop, replace)

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109 - spent in parts, further down
        """Finish within *timeout* seconds; cancelled, finish all the same before giving way."""
        if self.state == "new":
            self._end("closed")
        if self.state != "open":
            return
        loop = self.collector.loop
        if loop is not asyncio.get_running_loop():
            if loop is not None and loop.is_running():  # in another thread
                await run_at_home(self.collector.loop, lambda: self.close(timeout))
            else:
                self.write_now()
            return
        if self._closing is None:
            work = partial(self._close, loop.time() + timeout)
            self._closing = Ending(work, loop, "asynclog closing")
        await self._closing.wait()

    async def _close(self, deadline: float) -> None:
        """Finish before *deadline* on the loop's clock; cancelled, it can be begun anew."""
        assert self._outputs is not None  # noqa: S101 - set when opened
        self.collector.take_in()
        self.collector.refuse(_closed)
        await self.collector.stop()
        await self._outputs.close(max(0.0, deadline - asyncio.get_running_loop().time()))
        self._end("closed")

    def _end(self, state: str) -> None:
        self.state = state
        self.collector.refuse(_closed)
        lifecycle.closed(self)
        current.closed(self)

    def write_now(self) -> None:
        """Write all there is in the calling thread, without a loop."""
        if self.state == "open":
            assert self._outputs is not None  # noqa: S101 - set when opened
            self.collector.refuse(_closed)
            with inside_pipeline():
                self.collector.seal_all()
                self.collector.forward_now()
                self._outputs.write_now()
        self._end("closed")

    def end(self) -> None:
        """Be closed by the end of the process; see `lifecycle.Open`."""
        call_at_home(self.collector.loop, self.write_now, LAST_SECONDS)
        if not self.warned:
            lifecycle.warn_unclosed(self)  # last, for a program may turn warnings into errors

    def disown(self) -> None:
        """Let go of the parent's lines; see `lifecycle.Open`."""
        self.state = "forked"
        if self._outputs is not None:
            self._outputs.disown()
        self.collector.disown(_forked, self._write_as_child)

    def _write_as_child(self, record: Record) -> None:
        self.write_directly(record)

    def __repr__(self) -> str:
        limits = self.collector.limits
        return (
            f"BufferedLogger(max_lines={limits.max_lines}, max_age={limits.max_age:g},"
            f" {self.state})"
        )


def _closed() -> LoggerClosed:
    return LoggerClosed("the logger is closed")


def _forked() -> LoggerClosed:
    return LoggerClosed("the logger belongs to the parent process: open another one in this one")


def _seconds(name: str, value: float | timedelta) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    usable = type(seconds) in (int, float) and 0 <= seconds < float("inf")
    if not usable:
        raise ValueError(f"{name}: expected seconds from 0 up, or a timedelta, got {value!r}")
    return float(seconds)


def _level(name: str, value: int | str) -> int:
    try:
        return parse_level(value)
    except ValueError as error:
        raise ValueError(str(error).replace("level", name, 1)) from None
