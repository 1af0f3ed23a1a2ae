"""A sender without a buffer, for code that takes a sender and runs where nothing is concurrent."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

from . import lifecycle
from .attributes import combine
from .buffers import LabelBuffer
from .clock import SystemClock
from .collector import NO_THREAD
from .ending import Ending
from .errors import LoggerClosed, LoggerNotOpen
from .handlers.direct import DirectOutputs
from .handlers.outputs import Outputs
from .handlers.route import route
from .ledger import Cause, Ledger
from .scope import INSIDE_PIPELINE, current_scope
from .senders import LogLineSender
from .threads import run_at_home, runs_here
from .waiting import ACCEPTED
from .weight import places_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterable
    from types import TracebackType

    from .clock import Clock
    from .collector import Collector
    from .handlers import Handler
    from .ledger import Statistics
    from .records import Record

CAPACITY = 65_536
"""Lines that were not awaited and that the sinks have not taken; more are dropped, and counted."""
CLOSE_SECONDS = 5.0
"""Time to write what is left when the sender closes."""


class UnbufferedLogLineSender(LogLineSender):
    """Sends each line straight to the handlers; awaited, it returns when the sinks have the line.

    It needs no logger.  It starts with the first line, on the loop that runs then, and is closed
    by `aclose()`, by `async with`, or when the interpreter ends.

    Args:
        label: of all lines.
        handlers: where the lines go; None is the console, on stderr.
        clock: stamps the records.

    Raises:
        ValueError: *handlers* cannot be used.
    """

    __slots__ = ("_direct",)

    def __init__(
        self,
        label: str,
        handlers: Handler | Iterable[Handler] | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._direct = _Direct(route(handlers), clock or SystemClock())
        super().__init__(_as_collector(self._direct), label, LabelBuffer(label))

    def bind(self, /, **attributes: Any) -> UnbufferedLogLineSender:
        """Return a sender to the same handlers whose lines also carry *attributes*."""
        sender = object.__new__(UnbufferedLogLineSender)
        sender._direct = self._direct
        bound = combine(attributes, self.bound, None)
        collector = _as_collector(self._direct)
        LogLineSender.__init__(sender, collector, self.label, self._buffer, bound)
        return sender

    def _submit_outside(self, record: Record) -> Awaitable[None]:
        """Hand *record* to the handlers: no thread owns a buffer, so all lines come this way."""
        return self._direct.send(record)

    async def flush(self, *, durable: bool = False) -> None:
        """Return when every line is in every sink; see `LogSender.flush`."""
        await self._direct.flush(durable=durable)

    async def aclose(self) -> Statistics:
        """Write what is left, close the sinks, and return the account; may be called again."""
        return await self._direct.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class _Direct:
    """Stands in a sender where a collector would be: gives each line to the handlers at once.

    Args:
        handlers: what to do with the lines.
        clock: stamps the records.
    """

    def __init__(self, handlers: tuple[Handler, ...], clock: Clock) -> None:
        self.ledger = Ledger(CAPACITY)
        self.now = clock.time_ns
        self.threshold = min(handler.level for handler in handlers)
        self.needs_caller = any(handler.needs_caller for handler in handlers)
        self.thread_id = NO_THREAD  # no thread owns a buffer: a sender takes all lines here
        self.told_reentrant = False
        self.outputs: Outputs | None = None
        self._handlers = handlers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed: str | None = None
        self._closing: Ending | None = None
        self._divert: DirectOutputs | None = None  # of a forked child
        self._inbox: deque[Record] = deque()  # from other threads, with room reserved
        # Between the last look at `_closed` and the inbox; reentrant, for a finaliser may log.
        self._lock = threading.RLock()

    def send(self, record: Record) -> Awaitable[None]:
        """Give one line to the handlers; return what waits for the sinks to have it."""
        if self._divert is not None:
            self._divert.write(record)
            return ACCEPTED
        outputs = self._started()
        aside = current_scope.get() is INSIDE_PIPELINE  # what that interrupted may be halfway
        if self._loop is not None and (aside or not runs_here(self._loop)):
            self._send_outside(record, self._loop)
            return ACCEPTED
        if not self.ledger.has_room(places_of(record)):
            self.ledger.refuse(record, Cause.QUEUE_FULL)
            return ACCEPTED
        self.ledger.admit(record)
        outputs.dispatch([record])
        return _Written(self, outputs)

    def _send_outside(self, record: Record, loop: asyncio.AbstractEventLoop) -> None:
        """Leave a line of another thread where the loop, or the end, takes it in."""
        with self._lock:
            self._refuse_closed()
            if not self.ledger.reserve(record):
                self.ledger.refuse(record, Cause.QUEUE_FULL)
                return
            self._inbox.append(record)
        with suppress(RuntimeError):  # the loop has just ended; the line is taken in later
            loop.call_soon_threadsafe(self._take_in)

    def _take_in(self) -> None:
        """Give the handlers what other threads have sent so far."""
        while self._inbox and self.outputs is not None:
            record = self._inbox.popleft()
            self.ledger.arrive(record)
            self.outputs.dispatch([record])

    def _refuse_closed(self) -> None:
        if self._closed is not None:
            raise LoggerClosed(f"the sender {self._closed}")

    def _started(self) -> Outputs:
        """Return the handlers at work: on the loop of the first line, or after that, the next."""
        self._refuse_closed()
        if self.outputs is None or self._loop is None or self._loop.is_closed():
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                raise LoggerNotOpen("a sender without a running event loop") from None
            self._write_now()  # what the loop that is closed has left
            self._loop = loop
            self.outputs = Outputs(self._handlers, self.ledger, loop, self.now)
            lifecycle.opened(self)
        return self.outputs

    async def flush(self, *, durable: bool) -> None:
        """Return when all lines are in the sinks; raise `FlushError` if they are not."""
        outputs = self._started()

        async def flush() -> None:
            self._take_in()
            barrier = outputs.barrier(durable=durable)
            barrier.send()
            await barrier.wait()

        await run_at_home(self._loop, flush)

    async def aclose(self) -> Statistics:
        """Write what is left, and close the sinks; cancelled, do it before giving way."""
        if self._loop is not None and self._loop.is_running():
            await run_at_home(self._loop, self._close)
        else:
            self.end()  # where nothing goes on
        return self.ledger.statistics(self.outputs.buffered if self.outputs is not None else 0)

    async def _close(self) -> None:
        """Close on the loop of the lines, which runs."""
        if self._closed is None and self.outputs is not None and self._loop is not None:
            self._refuse_from_now_on("is closed")
            self._take_in()
            work = partial(self._finish, self.outputs, self._loop.time() + CLOSE_SECONDS)
            self._closing = Ending(work, self._loop, "asynclog closing")
        await self.ended()

    async def _finish(self, outputs: Outputs, deadline: float) -> None:
        """Finish before *deadline* on the loop's clock; cancelled, it can be begun anew."""
        await outputs.close(max(0.0, deadline - asyncio.get_running_loop().time()))
        lifecycle.closed(self)

    @property
    def at_work(self) -> Outputs | None:
        """The handlers that take lines now; None when closed."""
        return self.outputs if self._closed is None else None

    async def ended(self) -> None:
        """Return when the closing, if there is one, has come to its end."""
        if self._closing is not None:
            await self._closing.wait()

    def _refuse_from_now_on(self, reason: str) -> None:
        with self._lock:
            self._closed = reason

    def _write_now(self) -> None:
        """Write all there is in the calling thread, without a loop."""
        if self.outputs is not None:
            self._take_in()
            self.outputs.write_now()

    def end(self) -> None:
        """Write what is left when the interpreter ends; see `lifecycle.Open`."""
        self._refuse_from_now_on("is closed")
        self._write_now()
        lifecycle.closed(self)

    def disown(self) -> None:
        """Let go of the parent's lines in a forked child, and write directly from now on."""
        self._lock = threading.RLock()  # another thread of the parent may have held the old one
        self.ledger.disown()
        if self.outputs is not None:
            self.outputs.disown()
        self._inbox.clear()
        self.outputs, self._closed = None, "belongs to the parent process"
        self._divert = DirectOutputs(self._handlers, self.now)


class _Written:
    """Waits until the sinks have all lines sent so far, or never will.

    Args:
        direct: whose handlers they are.
        outputs: the handlers at work.
    """

    def __init__(self, direct: _Direct, outputs: Outputs) -> None:
        self._direct = direct
        self._outputs = outputs

    def __await__(self) -> Generator[Any, Any, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        if self._direct.at_work is not self._outputs:
            await self._direct.ended()  # a flush would not be answered any more
            return
        barrier = self._outputs.barrier()
        barrier.send()
        await barrier.settled()  # a sink's fault never reaches the caller of log()


def _as_collector(direct: _Direct) -> Collector:
    """Return *direct* as what a sender expects.

    It has what a sender uses before it knows whose thread runs; as it owns none, the sender then
    calls `_submit_outside`, and nothing else of a collector.
    """
    return cast("Collector", direct)
