"""The heart of the logger: label buffers in, sealed batches out.

Lines are appended to the buffer of their label.  A buffer that is full, old or flushed is sealed:
its list is exchanged for a new one and goes, whole, through an `asyncio.Queue` to the collector's
one task, which gives it to the handlers.  One queue operation and one wake-up for each batch, not
for each line: double buffering as in muduo's AsyncLogging, with the event loop in place of a lock.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections import OrderedDict, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from weakref import WeakValueDictionary

from .buffers import LabelBuffer, Overflow
from .errors import LoggerClosed, LoggerNotOpen
from .ledger import Cause, Ledger, Statistics
from .notices import ANNOUNCE_SECONDS, dropped_notice
from .origins import origin_of
from .scope import inside_pipeline
from .waiting import ACCEPTED, YIELDING, Waiting
from .weight import places_of
from .worker import Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .clock import Clock
    from .records import Record

NO_LEVEL = sys.maxsize
"""Above every level."""
NO_THREAD = -1
"""No thread's id: while the logger is not open, every call takes the careful path."""
_NOBODY = object()
YIELD_LINES = 2048
"""Sealed lines that may wait for the collector's task before callers are asked to let it run.

What is written soon after it was logged is still in the processor's caches; and a task that logs
in a tight loop would otherwise stall all others.
"""
RUN_LINES = 256
"""Lines up to which batches are given to the handlers together: most of what a batch costs there it
costs however few its lines are, and many tasks that log a few lines each make many such batches.
"""
FORGET_SECONDS = 1.0
"""After which the task that logged last is not kept alive any more."""
TICK = 1e-6
"""Seconds by which a timer may come early, for a loop rounds times to its clock's resolution."""


class Flush(Protocol):
    """A flush on its way through the handlers."""

    def send(self) -> None:
        """Send it behind all lines that were dispatched."""
        ...

    async def wait(self) -> None:
        """Return when all sinks have taken what was sent before; raise `FlushError` if not."""
        ...


class Outputs(Protocol):
    """What the collector knows of the handlers."""

    @property
    def buffered(self) -> int:
        """Lines that some sink has not settled."""
        ...

    def dispatch(self, records: list[Record]) -> None:
        """Give lines to all handlers."""
        ...

    def announce(self, record: Record, losses: int) -> None:
        """Give all handlers the line that tells of losses."""
        ...

    def barrier(self, label: str | None, *, durable: bool = False) -> Flush:
        """Return a flush of *label*, or, for None, of all, not sent yet."""
        ...

    def evict(self) -> bool:
        """Drop the oldest line; return whether there was one."""
        ...


class Limits(NamedTuple):
    """When a buffer goes out, and how many lines there may be."""

    max_lines: int
    max_age: float
    """Seconds, counted from the oldest line of a label."""
    flush_level: int
    overflow: Overflow

    @property
    def direct(self) -> bool:
        """Whether every line goes out at once."""
        return self.max_lines == 0 or self.max_age == 0


class _Waiter(NamedTuple):
    """A line that waits for room, and how to tell its caller that it came in."""

    buffer: LabelBuffer
    record: Record
    places: int
    admitted: asyncio.Future[None]


class _Announcement(NamedTuple):
    """A line about losses, on its way behind the lines that were taken before."""

    outputs: Outputs
    record: Record
    losses: int

    def send(self) -> None:
        """Give it to all handlers."""
        self.outputs.announce(self.record, self.losses)


class Collector:
    """Collects lines by label, and sends them on in batches.

    Everything here runs on the loop's thread, save `submit_outside`.

    Args:
        limits: when batches go out, and what happens when there are too many lines.
        ledger: the account.
        clock: stamps the logger's own lines.
    """

    __slots__ = (
        "_announced_at",
        "_buffers",
        "_cancelled",
        "_context",
        "_divert",
        "_due",
        "_forgetting",
        "_intake",
        "_intake_lock",
        "_outputs",
        "_queue",
        "_queued",
        "_relieving",
        "_shared",
        "_timer",
        "_waiters",
        "_worker",
        "clock",
        "flush_level",
        "last_origin",
        "last_task",
        "ledger",
        "limits",
        "loop",
        "max_lines",
        "needs_caller",
        "now",
        "refusal",
        "thread_id",
        "threshold",
        "told_reentrant",
    )

    def __init__(self, limits: Limits, ledger: Ledger, clock: Clock) -> None:
        self.limits = limits
        self.ledger = ledger
        self.clock = clock
        self.now: Callable[[], int] = clock.time_ns
        self.max_lines = limits.max_lines if not limits.direct else NO_LEVEL
        self.flush_level = limits.flush_level
        self.threshold = 0
        """Lines below this level are not even made."""
        self.needs_caller = False
        self.last_task: object = _NOBODY
        """Who logged the last line; soon forgotten, so that no task is kept alive."""
        self.last_origin: Any = None
        """The origin of `last_task`."""
        self.told_reentrant = False
        self.thread_id = NO_THREAD
        """The thread whose calls may touch the buffers; none while the logger is not open."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.refusal: Callable[[], Exception] = lambda: LoggerNotOpen("the logger")
        """Makes the error for a line that cannot be taken now."""
        self._buffers: WeakValueDictionary[str, LabelBuffer] = WeakValueDictionary()
        self._shared = LabelBuffer("") if limits.direct else None
        self._due: OrderedDict[LabelBuffer, float] = OrderedDict()  # oldest first; keeps alive
        self._timer: asyncio.TimerHandle | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._waiters: deque[_Waiter] = deque()
        self._cancelled = 0  # of them, at most
        self._intake: deque[tuple[LabelBuffer, Record]] = deque()  # from other threads
        # Reentrant: a finaliser or a signal's handler that logs may run while the lock is held.
        self._intake_lock = threading.RLock()
        self._relieving = False  # whether the loop was asked to seal all for a thread's sake
        self._queued = 0  # lines in the queue
        self._context = contextvars.Context()
        self._announced_at = float("-inf")  # time of the loop
        self._outputs: Outputs
        self._divert: Callable[[Record], None] | None = None  # of a forked child

    # -- life ------------------------------------------------------------------------------------

    def open(self, loop: asyncio.AbstractEventLoop, outputs: Outputs) -> None:
        """Begin to take lines, on the running *loop*."""
        self.loop = loop
        self._outputs = outputs
        self._queue: asyncio.Queue[list[Record] | Flush | _Announcement] = asyncio.Queue()
        self._worker = Worker(loop, self._forward, "asynclog collector")
        self.thread_id = threading.get_ident()

    def refuse(self, refusal: Callable[[], Exception]) -> None:
        """Take no more lines; callers that wait for room get the error too.

        A thread's line is either in the intake when this returns, or refused.
        """
        with self._intake_lock:
            self.thread_id = NO_THREAD
            self.refusal = refusal
        waiters, self._waiters = self._waiters, deque()
        for waiter in waiters:
            if not waiter.admitted.done():
                waiter.admitted.set_exception(refusal())

    def disown(self, refusal: Callable[[], Exception], divert: Callable[[Record], None]) -> None:
        """Forget all lines, for this is a forked child; give those to come to *divert*.

        The locks are new ones: a thread of the parent may have held them.  The loop is the
        parent's, too; its copy here still says that it runs, and may in truth go on.
        """
        self._intake_lock = threading.RLock()
        self.ledger.disown()
        self._intake.clear()
        self._waiters.clear()
        self._due.clear()
        if self.loop is not None:
            self._queue = asyncio.Queue()
            self._worker.disown()
        if self._timer is not None:
            self._timer.cancel()
        self.loop = None
        self.refuse(refusal)
        self._divert = divert

    async def stop(self) -> None:
        """Send on all there is, and end the task."""
        self.seal_all()
        if self.ledger.unannounced:
            self._announce()
        self.forward_now()
        for timer in (self._timer, self._forgetting):
            if timer is not None:
                timer.cancel()
        await self._worker.stop()

    # -- lines -----------------------------------------------------------------------------------

    def buffer_of(self, label: str) -> LabelBuffer:
        """Return the buffer of *label*; it lives as long as a sender, or a line in it."""
        if self._shared is not None:
            return self._shared
        buffer = self._buffers.get(label)
        if buffer is None:
            buffer = self._buffers[label] = LabelBuffer(label)
        return buffer

    def touch(self, buffer: LabelBuffer, level: int) -> Awaitable[None]:
        """Look after a buffer whose first line, last line or urgent line has just come in.

        Returns:
            What the caller of `log` should await: after many lines on end, one turn for others.
        """
        if len(buffer.lines) >= self.max_lines or level >= self.flush_level:
            self.seal(buffer)
        elif buffer not in self._due:
            buffer.attention = self.max_lines
            self._arm(buffer)
        return ACCEPTED if self._queued < YIELD_LINES else YIELDING

    def admit(self, buffer: LabelBuffer, record: Record) -> Awaitable[None]:
        """Take a line that is heavy, or for which there may be no room; loop's thread only."""
        overflow = self.limits.overflow
        places = places_of(record)
        if not self.ledger.has_room(places):
            self.seal_all()  # lines that wait only for company, or for their time, make room sooner
            if overflow == Overflow.DROP_OLDEST and places <= self.ledger.capacity:
                self._make_room(places)
        if self.ledger.has_room(places):
            self._accept(buffer, record)
        elif overflow.waits(record.level):
            return Waiting(self, buffer, record)
        else:
            self.lose(record, Cause.QUEUE_FULL)
        return ACCEPTED

    def lose(self, record: Record, cause: Cause) -> None:
        """Count a line that found no room as dropped; it will be announced.  Any thread."""
        self.ledger.refuse(record, cause)
        self._listen()

    def _accept(self, buffer: LabelBuffer, record: Record) -> None:
        self.ledger.admit(record)
        buffer.lines.append(record)
        if len(buffer.lines) >= buffer.attention or record.level >= self.flush_level:
            self.touch(buffer, record.level)

    async def wait_for_room(self, buffer: LabelBuffer, record: Record) -> None:
        """Take a line as soon as there is room.  Cancelled before that, it counts as dropped."""
        if self.loop is None or self.thread_id == NO_THREAD:
            raise self.refusal()
        if asyncio.get_running_loop() is not self.loop:
            self.lose(record, Cause.QUEUE_FULL)
            raise LoggerClosed("the event loop of the logger does not run any more")
        waiter = _Waiter(buffer, record, places_of(record), self.loop.create_future())
        self._waiters.append(waiter)
        self._listen()
        self._make_use_of_room()  # some may have come since the caller was told to wait
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            admitted = waiter.admitted
            if not admitted.done() or admitted.cancelled() or admitted.exception() is not None:
                admitted.cancel()
                self.lose(record, Cause.CANCELLED)
                self._forget_cancelled()
            raise

    def _forget_cancelled(self) -> None:
        """Let go of cancelled waiters, whenever they may be half of all: at a constant price."""
        self._cancelled += 1
        if 2 * self._cancelled > len(self._waiters):
            self._waiters = deque(one for one in self._waiters if not one.admitted.done())
            self._cancelled = 0
        if self.thread_id != NO_THREAD:
            self._make_use_of_room()  # for those behind may need less of it

    def _listen(self) -> None:
        """Have the ledger say when there is room; it is not asked while nobody waits for it."""
        self.ledger.on_room = self._make_use_of_room

    def _make_use_of_room(self) -> None:
        """Announce what was lost, and let waiting lines in, in order."""
        if self.ledger.unannounced and self.ledger.fits() and self._may_announce():
            self._announce()
        self._let_in()
        self.ledger.shut(bool(self._waiters))
        if self._waiters:
            self.seal_all()  # as in `admit`
        elif not self.ledger.unannounced:
            self.ledger.on_room = None

    def _let_in(self) -> None:
        """Let waiting lines in, up to the first that does not fit."""
        while self._waiters:
            waiter = self._waiters[0]
            done = waiter.admitted.done()
            if not done and not self.ledger.fits(waiter.places):
                return
            self._waiters.popleft()
            if not done:
                self._accept(waiter.buffer, waiter.record)
                waiter.admitted.set_result(None)

    def _may_announce(self) -> bool:
        """Whether it is time: at once after a quiet while, then not too often, last when idle."""
        assert self.loop is not None  # noqa: S101 - lines are lost only while open
        return self.ledger.idle or self.loop.time() >= self._announced_at + ANNOUNCE_SECONDS

    def _announce(self) -> None:
        """Write a line that tells how many were lost since the last such line."""
        assert self.loop is not None  # noqa: S101 - lines are lost only while open
        self._announced_at = self.loop.time()
        count = self.ledger.take_unannounced()
        # By way of the queue: this may be in the middle of giving a batch to the handlers.
        notice = dropped_notice(count, self.now())
        self._queue.put_nowait(_Announcement(self._outputs, notice, count))
        self._worker.wake()

    def _make_room(self, places: int) -> None:
        """Drop the lines that have waited longest, wherever they are, as far as that is possible.

        Meanwhile nobody is told of room: what is made here is for the line that needs it.
        """
        self.ledger.on_room = None
        self.forward_now()  # in which filters and handlers may drop some, too
        while not self.ledger.has_room(places) and self._outputs.evict():
            pass
        self._listen()

    def remember_task(self, task: asyncio.Task[Any] | None) -> None:
        """Look up the origin of *task*, which logs now, and mostly logs the next line too."""
        name = task.get_name() if task is not None else None
        self.last_origin = origin_of(self.thread_id, name)
        self.last_task = task
        assert self.loop is not None  # noqa: S101 - lines are taken only while open
        if self._forgetting is None and not self.loop.is_closed():
            # Not when the task ends: it would be told each time that two of them take turns.
            self._forgetting = self.loop.call_later(
                FORGET_SECONDS, self._forget_task, context=self._context
            )

    def _forget_task(self) -> None:
        self._forgetting = None
        self.last_task = _NOBODY

    # -- batches ---------------------------------------------------------------------------------

    def seal(self, buffer: LabelBuffer) -> None:
        """Send the lines of *buffer* on their way."""
        self._due.pop(buffer, None)
        records = buffer.take()
        if records:
            self._queued += len(records)
            self._queue.put_nowait(records)
            self._worker.wake()

    def seal_all(self) -> None:
        """Send all lines on their way, those from other threads too, oldest label first."""
        self.take_in()
        for buffer in list(self._due):
            self.seal(buffer)

    async def _forward(self) -> None:
        self.forward_now()

    def forward_now(self) -> None:
        """Give all sealed batches to the handlers, in order; short ones together."""
        run: list[Record] = []
        with inside_pipeline():  # whose call it ever is: there are filters on the way
            while not self._queue.empty():
                item = self._queue.get_nowait()
                if isinstance(item, list):
                    run += item
                    if len(run) < RUN_LINES:
                        continue
                self._dispatch(run)
                run = []
                if not isinstance(item, list):
                    item.send()
            self._dispatch(run)

    def _dispatch(self, records: list[Record]) -> None:
        if records:
            self._queued -= len(records)
            self._outputs.dispatch(records)

    def _arm(self, buffer: LabelBuffer) -> None:
        """Note when the first line of *buffer* will be too old.

        All labels have the same `max_age`, so they fall due in the order in which they are noted,
        and one timer, for the first, is enough.
        """
        loop = self.loop
        assert loop is not None  # noqa: S101 - lines are taken only while open
        age = 0.0 if self.limits.direct else self.limits.max_age
        self._due[buffer] = loop.time() + age
        if self._timer is None and not loop.is_closed():
            self._set_timer(self._due[buffer])

    def _seal_due(self) -> None:
        """Seal what is old enough, and set the timer for what is next."""
        loop = self.loop
        assert loop is not None  # noqa: S101 - this is a callback of it
        self._timer = None
        now = loop.time() + TICK
        while self._due:
            buffer, deadline = next(iter(self._due.items()))
            if deadline > now:
                self._set_timer(deadline)
                return
            self.seal(buffer)

    def _set_timer(self, when: float) -> None:
        """Have `_seal_due` called at *when*, in a context that keeps nothing of the caller's."""
        assert self.loop is not None  # noqa: S101 - lines are taken only while open
        self._timer = self.loop.call_at(when, self._seal_due, context=self._context)

    def flush(self, buffer: LabelBuffer | None, *, durable: bool) -> Flush:
        """Send the lines of *buffer*, or all, on their way with a flush behind them."""
        if self.thread_id == NO_THREAD:
            raise self.refusal()
        self.take_in()
        self.last_task = _NOBODY  # nothing is kept of those whose lines are written
        if buffer is None or buffer is self._shared:
            label = None
            self.seal_all()
        else:
            label = buffer.label
            self.seal(buffer)
        barrier = self._outputs.barrier(label, durable=durable)
        self._queue.put_nowait(barrier)
        self._worker.wake()
        return barrier

    # -- other threads ---------------------------------------------------------------------------

    def submit_outside(self, buffer: LabelBuffer, record: Record) -> bool:
        """Take a line from another thread; return False if there is no room.

        The loop is woken once for all lines that come before it gets to them: waking costs as
        much as several lines.
        """
        if self._divert is not None:
            self._divert(record)
            return True
        with self._intake_lock:
            if self.thread_id == NO_THREAD:
                raise self.refusal()
            admitted = self.ledger.reserve(record)
            if admitted:
                self._intake.append((buffer, record))
                wake = len(self._intake) == 1
            else:
                wake, self._relieving = not self._relieving, True
        if wake:
            assert self.loop is not None  # noqa: S101 - there is a thread, so there is a loop
            call = self.take_in if admitted else self._relieve
            # Where the loop is closed, what is left is written when the interpreter ends.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(call, context=self._context)
        return admitted

    def _relieve(self) -> None:
        """Make room for threads, as `admit` does for the loop's own callers."""
        self._relieving = False
        self.seal_all()

    def take_in(self) -> None:
        """Move lines from other threads into their buffers."""
        while self._intake:
            with self._intake_lock:
                lines, self._intake = self._intake, deque()
            for buffer, record in lines:
                self.ledger.arrive(record)
                buffer.lines.append(record)
                self.touch(buffer, record.level)

    def _due_now(self) -> list[LabelBuffer]:
        """Return the buffers that hold lines; from any thread, while the loop's changes them."""
        while True:
            with suppress(RuntimeError):
                return list(self._due)

    # -- account ---------------------------------------------------------------------------------

    def lines_waiting(self) -> list[Record]:
        """Return the lines that wait for their label's turn.

        From another thread than the loop's, lines on their way between two places may be missing.
        """
        if self.thread_id == threading.get_ident():
            self.take_in()
            self.forward_now()
        return [record for buffer in self._due_now() for record in list(buffer.lines)]

    def statistics(self) -> Statistics:
        """Return the account, with the buffered lines counted where they are."""
        waiting = sum(len(buffer.lines) for buffer in self._due_now())
        if self.loop is not None:
            waiting += self._queued + self._outputs.buffered
        return self.ledger.statistics(waiting)
