"""The last stretch of the way: one task that brings formatted lines into one sink."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from .. import fallback
from ..backoff import Backoff
from ..errors import SinkError, SinkFailure, SinkGone
from ..ledger import Cause, SinkStatistics
from ..protocols import InheritableSink, LastGaspSink
from ..typenames import short_name
from ..worker import Worker
from .backlog import Backlog
from .barrier import Barrier
from .calls import SinkCalls, is_being_cancelled
from .ending import ENDING, is_being_closed, pass_on
from .losses import Losses
from .portion import Portion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..protocols import Sink
    from ..records import Batch

HIGH_WATER = 8192
"""Formatted lines that may wait for one sink before its handler formats no more for it."""


class Owner(Protocol):
    """The handler at work that leads to a sink."""

    def wake(self) -> None:
        """Go on: lines have left the outlet."""
        ...

    def fail_barriers(self, outlet: Outlet, ahead: int, reason: str, /) -> None:
        """Answer the flushes on their way to *outlet*, before which *ahead* lines wait there."""
        ...

    def notice_of(self, refused: int, /) -> Portion:
        """Return a line that tells the reader of how many lines the sink refused."""
        ...


class Outlet:
    """Writes to one sink, in order, and knows what the sink has not taken yet.

    A sink that fails with `SinkError` or `OSError` is tried again, with growing pauses; the lines
    stay here meanwhile.  Any other exception means that trying again cannot help: the batch is
    given up and counted.  Either is told once on stderr, and once more when it is over.

    A sink that does not answer in time is left alone with the batch it has, and looked after with
    growing pauses; nothing else is given to it meanwhile.

    Lines that the sink refuses for good, by `SinkError.lost`, are counted, and the stream tells of
    them in their place; the others go on.

    Args:
        sink: where the lines go.
        loop: the loop that writes.
        owner: the handler that leads here; another one may take over.
    """

    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop, owner: Owner) -> None:
        self.sink = sink
        self.owner = owner
        self.calls = SinkCalls(sink, loop)
        self.written = 0
        """Lines that the sink has taken."""
        self.lost = 0
        """Lines given up because the sink failed or refused them, or did not take them in time."""
        self.failing_since: int | None = None
        """When the sink began to fail, by `now`; None if it works, as far as is known."""
        self.last_error: str | None = None
        """What went wrong last, without anything of the lines."""
        self.now: Callable[[], int] = time.time_ns
        """The time in nanoseconds since the epoch."""
        self.losses = Losses(loop.time)
        """Of them, those that no flush has been told of."""
        self.standby: Outlet | None = None
        """Takes the lines of this sink while it fails; None: they wait."""
        self._rest_until = float("-inf")  # time of the loop until which `standby` takes all
        self._loop = loop
        self._backlog = Backlog()
        self._spoilt: Batch | None = None  # that at which the program was to end
        self._stopping = False
        self._unflushed = 0
        self._backoff = Backoff(loop.time)
        self._poked = asyncio.Event()
        self._worker = Worker(loop, self._work, f"asynclog sink {self.name}")
        self.calls.prepare()

    @property
    def name(self) -> str:
        """What the sink is called where somebody is told of it."""
        return fallback.name_of(self.sink)

    def statistics(self) -> SinkStatistics:
        """Return how the sink fares."""
        return SinkStatistics(
            self.name, self.written, self.lost, self.lines, self.failing_since, self.last_error
        )

    @property
    def lines(self) -> int:
        """Lines that the sink has not taken."""
        return self._backlog.lines

    @property
    def full(self) -> bool:
        """Whether enough lines wait here already."""
        return self.lines >= HIGH_WATER or (self.standby is not None and self.standby.full)

    def offer(self, item: Portion | Barrier) -> None:
        """Append lines, or a flush, behind all that was offered before."""
        self._backlog.offer(item)
        if self._resting:
            self._poked.set()
        self._worker.wake()

    def offer_barrier(self, barrier: Barrier) -> None:
        """Take a flush that another sink hands on."""
        self.offer(barrier)
        self.poke()

    def poke(self) -> None:
        """Have a failing sink tried again now, and soon again: somebody waits for a flush."""
        self._backoff.hasten()
        self._poked.set()

    def evict(self, cause: Cause = Cause.QUEUE_FULL, most: int = 1) -> int:
        """Drop lines that wait longest behind the batch under way; return how many."""
        return self._backlog.evict(cause, most)

    async def _work(self) -> None:
        while self._backlog and not self._stopping:
            head = self._backlog.head
            if self._resting and self.standby is not None:
                await self._divert(self.standby)
            elif isinstance(head, Barrier) and not self._backlog.has_given:
                await self._pass(head)
            else:
                await self._attempt(self._backlog.next_batch())

    async def _attempt(self, batch: Batch) -> None:
        """Give *batch* to the sink once, and act on how that ends."""
        task = asyncio.current_task(self._loop)
        try:
            await self.calls.open()
            await self.calls.write(batch)
        except (SinkError, OSError) as error:
            await self._retry_later(error)
        except asyncio.CancelledError:
            if is_being_cancelled():
                raise
            await self._retry_later(SinkError("the sink was cancelled by itself"))
        except ENDING as error:
            await self._interrupted(batch, error)
        except BaseException as error:
            if is_being_closed(task, error):
                raise
            self._give_up(error)
        else:
            self._succeed()

    async def _interrupted(self, batch: Batch, error: BaseException) -> None:
        """Let the program end; a batch at which that happens twice is not tried again.

        Once may be a signal, which has nothing to do with the lines.
        """
        pass_on(self._loop, error)
        if self._spoilt is batch:
            self._give_up(error)
            return
        self._spoilt = batch
        await self._retry_later(SinkError(f"interrupted by {short_name(type(error))}"))

    @property
    def _resting(self) -> bool:
        """Whether the sink failed lately, and another one takes its lines."""
        return self.standby is not None and self._loop.time() < self._rest_until

    async def _divert(self, standby: Outlet) -> None:
        """Give what waits to *standby*; what the sink has not answered for stays with it."""
        if not self.calls.unanswered:
            _hand_over(self._backlog.take_given(), standby)
        while (item := self._backlog.head) is not None:
            if isinstance(item, Portion):
                self._backlog.pop()
                standby.offer(item)
            elif not self._backlog.has_given:
                await self._pass(item)
            elif item.patient:
                break
            else:
                self._backlog.pop()
                item.pass_(self, self._failure(self.lines, "it does not answer"))
        if self._backlog.has_given:
            await self._pause(self._rest_until - self._loop.time())

    def _took(self, count: int) -> None:
        """Settle the first *count* lines of the batch that the sink was given: it has them."""
        self.written += count
        self._unflushed += count
        _settle(self._backlog.leave(count), None)
        self.owner.wake()

    def _lose(self, count: int, cause: Cause) -> int:
        """Settle the first *count* lines as lost; return how many of them are in the account."""
        leaving = self._backlog.leave(count)
        self.lost += count
        self.losses.add(chain.from_iterable(portion.records for portion in leaving))
        counted = sum(len(portion.lines) for portion in leaving if portion.sealed.counted)
        _settle(leaving, cause)
        self.owner.wake()
        return counted

    def _succeed(self) -> None:
        self._took(self._backlog.given)
        self.failing_since = None
        trouble = self._backoff.reset()
        if trouble is not None:
            fallback.tell(f"{self.name} works again after {trouble:.1f} s")

    async def _retry_later(self, error: SinkError | OSError) -> None:
        if self._took_part(error):
            return  # what is left may go well at once
        reason = fallback.reason_of(error)
        if self.standby is not None:
            self._rest(self.standby, error)
            return
        self.fail_barriers(reason)
        if self._note(error):
            fallback.tell(f"{self.name} failed: {reason}; its lines are kept, trying again")
        if not self._stopping:
            await self._pause(self._backoff.next())

    def _note(self, error: BaseException) -> bool:
        """Note a failure; tell whether it is the first of its row."""
        clean = isinstance(error, SinkError | SinkGone | OSError)  # of what is in the lines
        self.last_error = fallback.reason_of(error) if clean else short_name(type(error))
        first = self._backoff.begin()
        if first:
            self.failing_since = self.now()
        return first

    def _rest(self, standby: Outlet, error: BaseException) -> None:
        """Leave the sink alone for a while; *standby* takes its lines."""
        if self._note(error):
            reason = fallback.reason_of(error)
            fallback.tell(f"{self.name} failed: {reason}; {standby.name} takes its lines")
        self._rest_until = self._loop.time() + self._backoff.next()

    def _took_part(self, error: BaseException) -> int:
        """Settle what a write that failed has written all the same, and what it refused.

        Returns:
            How many lines were refused.
        """
        given = self._backlog.given
        written = min(_count_in(error, "written"), given)
        refused = min(_count_in(error, "lost"), given - written)
        if written:
            self._took(written)
        if refused:
            self._refuse(refused, error)
        return refused

    def _refuse(self, count: int, error: BaseException) -> None:
        """Take the first *count* lines away, which the sink can never write."""
        reason = fallback.reason_of(error)
        if self.standby is not None:
            _hand_over(self._backlog.leave(count), self.standby)
            return
        counted = self._lose(count, Cause.REFUSED)
        if counted and not self._stopping:  # notices that are refused have none of their own
            self._backlog.insert(self.owner.notice_of(counted))
        if reason != self.last_error:
            fallback.tell(f"{self.name} refused {fallback.count_of(count)}: {reason}")
            self.last_error = reason

    async def _pause(self, seconds: float) -> None:
        """Wait for *seconds*, or until poked."""
        self._poked.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._poked.wait()
        except TimeoutError:
            return

    def _give_up(self, error: BaseException) -> None:
        if self.standby is not None:
            self._rest(self.standby, error)
            return
        count = self._backlog.given
        self._lose(count, Cause.SINK_FAILED)
        if self._note(error):
            reason = fallback.reason_of(error)
            fallback.tell(f"{self.name} failed: {reason}; lost: {fallback.count_of(count)}")

    async def _pass(self, barrier: Barrier) -> None:
        task = asyncio.current_task(self._loop)
        failure = on_told = None
        lost = self.losses.owed(barrier.label, barrier.asked_at)
        self._doubt(barrier, lost)
        try:
            if self._unflushed or not self._resting:
                await self.calls.flush(durable=barrier.durable)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) or is_being_closed(task, error):
                raise
            pass_on(self._loop, error)
            failure = self._failure(lost + self._unflushed, fallback.reason_of(error))
            if self._tries_again(barrier, error):
                barrier.doubt(self, failure)
                self.fail_barriers(failure.reason, failure.lines)
                await self._pause(self._backoff.next())
                return
        else:
            self._unflushed = 0
            if lost and not barrier.patient:
                failure = self._failure(lost, f"given up: {self.last_error}")
        if lost:
            on_told = partial(self.losses.tell, barrier.label)
        if self._backlog.head is barrier:  # not given up meanwhile
            self._backlog.pop()
        if self.standby is not None and failure is None:
            barrier.hand_on(self, self.standby, on_told)
        else:
            barrier.pass_(self, failure, on_told)

    def _doubt(self, barrier: Barrier, lost: int) -> None:
        """Say what *barrier* is to tell if the flush that begins now does not end."""
        if self._unflushed:
            barrier.doubt(self, self._failure(lost + self._unflushed, "its flush did not end"))

    def _tries_again(self, barrier: Barrier, error: BaseException) -> bool:
        """Whether to try a flush again that failed: if somebody waits for it, and it may help."""
        if not barrier.patient or barrier.done or self._stopping:
            return False
        return isinstance(error, OSError) or _may_be_tried(error)

    def _failure(self, lines: int, reason: str) -> SinkFailure:
        return SinkFailure(self.name, lines, reason)

    def fail_barriers(self, reason: str, unflushed: int = 0) -> None:
        """Tell every flush that waits here how many lines before it are not written.

        Args:
            reason: why.
            unflushed: lines that the sink was given, but cannot flush.
        """
        for barrier, ahead in self._backlog.flushes():
            if not barrier.patient:
                barrier.pass_(self, self._failure(ahead + unflushed, reason))
        self.owner.fail_barriers(self, self.lines + unflushed, reason)

    def disown(self) -> None:
        """Let go of all lines, the task, and what the sink has open, in a forked child."""
        self._stopping = True
        self._backlog.take_all()
        self._worker.disown()
        if isinstance(self.sink, InheritableSink):
            self.sink.inherit()

    async def stop(self, seconds: float) -> None:
        """End the task within *seconds*; what has not been written stays.

        A write under way is asked to end, so that it is known how far it got, before it is
        cancelled.
        """
        self._stopping = True
        self._poked.set()
        if self.calls.interrupt():
            await self._worker.finish(seconds / 2)
        await self._worker.stop(seconds / 4)
        answered, error = await self.calls.end(seconds / 4)
        if error is not None:
            self._took_part(error)
            pass_on(self._loop, error)
        elif answered:
            self._took(self._backlog.given)

    def abandon(self, cause: Cause = Cause.CLOSED) -> int:
        """Count all lines that are left as dropped for *cause*; return how many there were."""
        left = self._backlog.take_all()
        for portion in left:
            self.losses.add(portion.records)
        _settle(left, cause)
        self.owner.wake()
        count = sum(len(portion.lines) for portion in left)
        self.lost += count
        return count

    def write_now(self) -> None:
        """Write what is left without a loop, in the calling thread; count what cannot be."""
        # Nobody waits for a flush any more: the loop on which they did has ended.
        self._backlog.forget_flushes()
        while isinstance(self.sink, LastGaspSink) and self._backlog:
            try:
                self.sink.write_now(self._backlog.next_batch())
            except BaseException as error:  # noqa: BLE001 - the interpreter is ending
                if self._took_part(error):
                    continue
                fallback.tell(f"{self.name} failed: {fallback.reason_of(error)}")
                break
            self._took(self._backlog.given)
        if self.standby is not None:  # which is the next to write
            _hand_over(self._backlog.take_all(), self.standby)
        left = self.abandon()
        if left:
            fallback.tell(f"{fallback.count_of(left)} not written to {self.name}")


def _settle(portions: Iterable[Portion], cause: Cause | None) -> None:
    for portion in portions:
        portion.settle(cause)


def _hand_over(portions: Iterable[Portion], standby: Outlet) -> None:
    """Give *portions*, of which their sink has nothing, to *standby*."""
    for portion in portions:
        standby.offer(portion)


def _may_be_tried(error: BaseException) -> bool:
    """Whether a flush that failed so gains by another attempt; it may be a foreign error."""
    return isinstance(error, SinkError) and not getattr(error, "kept", False)


def _count_in(error: BaseException, name: str) -> int:
    """Return the number of lines that *error* tells under *name*; it may be a foreign one."""
    count = getattr(error, name, 0) if isinstance(error, SinkError) else 0
    return count if type(count) is int and count > 0 else 0
