"""The last stretch of the way: one task that brings formatted lines into one sink."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from .. import fallback
from ..backoff import Backoff
from ..errors import SinkError, SinkFailure, SinkGone
from ..ledger import Cause, SinkStatistics
from ..protocols import InterruptibleSink, LastGaspSink
from ..records import Batch
from ..worker import Worker
from .barrier import Barrier, Sweep
from .ending import ENDING, is_being_closed, pass_on
from .losses import Losses
from .portion import Portion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..protocols import Sink

HIGH_WATER = 8192
"""Formatted lines that may wait for one sink before its handler formats no more for it."""
MAX_BATCH = 4096
"""Lines that are given to a sink at once."""
MAX_TEXT = 1 << 20
"""Characters that are given to a sink at once, unless one line alone has more."""
INTERRUPT_SECONDS = 0.3
"""How long a write that was asked to end may take to do so."""


class Outlet:
    """Writes to one sink, in order, and knows what the sink has not taken yet.

    A sink that fails with `SinkError` or `OSError` is tried again, with growing pauses; the lines
    stay here meanwhile.  Any other exception means that trying again cannot help: the batch is
    given up and counted.  Either is told once on stderr, and once more when it is over.

    A sink that does not answer in time is left alone with the batch it has, and looked after with
    growing pauses; nothing else is given to it meanwhile.

    Args:
        sink: where the lines go.
        loop: the loop that writes.
        on_progress: called after lines have left.
        on_failure: called by `fail_barriers`, with this outlet, the number of its lines and the
            reason.
    """

    def __init__(
        self,
        sink: Sink,
        loop: asyncio.AbstractEventLoop,
        on_progress: Callable[[], None],
        on_failure: Callable[[Outlet, int, str], None],
    ) -> None:
        self.sink = sink
        self.lines = 0
        """Lines that the sink has not taken."""
        self.written = 0
        """Lines that the sink has taken."""
        self.lost = 0
        """Lines given up because the sink failed."""
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
        self.patience: float | None = None
        """Seconds in which the sink must have answered; None: it may take for ever."""
        self._answer: asyncio.Task[BaseException | None] | None = (
            None  # of a write that takes too long
        )
        self._rest_until = float("-inf")  # time of the loop until which `standby` takes all
        self._loop = loop
        self._on_progress = on_progress
        self._on_failure = on_failure
        self._backlog: deque[Portion | Barrier] = deque()
        self._sweep = Sweep()
        self._current: list[Portion] = []
        self._batch: Batch | None = None  # what _current holds, as the sink was given it
        self._size = 0  # lines in it: a sink may take them out of its lists
        self._spoilt: Batch | None = None  # that at which the program was to end
        self._opened = False
        self._stopping = False
        self._unflushed = 0
        self._backoff = Backoff(loop.time)
        self._poked = asyncio.Event()
        self._worker = Worker(loop, self._work, f"asynclog sink {self.name}")

    def attach(
        self, on_progress: Callable[[], None], on_failure: Callable[[Outlet, int, str], None]
    ) -> None:
        """From now on, call these: another handler leads here."""
        self._on_progress = on_progress
        self._on_failure = on_failure

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
    def full(self) -> bool:
        """Whether enough lines wait here already."""
        return self.lines >= HIGH_WATER or (self.standby is not None and self.standby.full)

    def offer(self, item: Portion | Barrier) -> None:
        """Append lines, or a flush, behind all that was offered before."""
        self._backlog.append(item)
        if isinstance(item, Portion):
            self.lines += len(item.lines)
        elif self._sweep.is_due():
            self._backlog = deque(one for one in self._backlog if not _is_over(one))
            self._sweep.left(sum(isinstance(one, Barrier) for one in self._backlog))
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

    def evict(self, cause: Cause = Cause.QUEUE_FULL) -> bool:
        """Drop the line that waits longest behind the batch under way, if there is one."""
        position = 0
        while position < len(self._backlog):
            item = self._backlog[position]
            if not isinstance(item, Portion) or not item.sealed.evictable:
                position += 1
                continue
            head, rest = item.split(1)
            if rest.lines:
                self._backlog[position] = rest
            else:
                del self._backlog[position]
            self.lines -= 1
            head.settle(cause)
            if item.sealed.counted:
                return True
        return False

    async def _work(self) -> None:
        while (self._current or self._backlog) and not self._stopping:
            if self._resting and self.standby is not None:
                await self._divert(self.standby)
                continue
            if not self._current and isinstance(self._backlog[0], Barrier):
                await self._pass(self._backlog[0])
                continue
            await self._attempt(self._next_batch())

    async def _attempt(self, batch: Batch) -> None:
        """Give *batch* to the sink once, and act on how that ends."""
        task = asyncio.current_task(self._loop)
        try:
            await self._open()
            await self._write(batch)
        except (SinkError, OSError) as error:
            await self._retry_later(error)
        except asyncio.CancelledError:
            if _is_being_cancelled():
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
        await self._retry_later(SinkError(f"interrupted by {type(error).__name__}"))

    async def _open(self) -> None:
        if not self._opened:
            await self.sink.open()
            self._opened = True

    async def _write(self, batch: Batch) -> None:
        """Have *batch* written; raise `SinkError` if that takes too long, and leave it going on."""
        if self.patience is None and self._answer is None:
            await self.sink.write(batch)
            return
        if self._answer is None:
            self._answer = asyncio.Task(self._call(batch), loop=self._loop)
        await asyncio.wait([self._answer], timeout=self.patience)
        if not self._answer.done():
            raise SinkError(f"no answer for {self.patience:g} s")
        answer, self._answer = self._answer, None
        if error := await answer:
            raise error

    async def _call(self, batch: Batch) -> BaseException | None:
        """Write; return what ends the program: a task that raised it would do so by itself."""
        try:
            await self.sink.write(batch)  # whatever it returns: a task takes coroutines only
        except ENDING as error:
            return error
        return None

    @property
    def _resting(self) -> bool:
        """Whether the sink failed lately, and another one takes its lines."""
        return self.standby is not None and self._loop.time() < self._rest_until

    async def _divert(self, standby: Outlet) -> None:
        """Give what waits to *standby*; what the sink has not answered for stays with it."""
        if self._answer is None:
            self._hand_over(standby, self._take_current())
        while self._backlog:
            item = self._backlog[0]
            if isinstance(item, Portion):
                self._backlog.popleft()
                self._hand_over(standby, [item])
            elif not self._current:
                await self._pass(item)
            elif item.patient:
                break
            else:
                self._backlog.popleft()
                item.pass_(self, self._failure(self.lines, "it does not answer"))
        if self._current:
            await self._pause(self._rest_until - self._loop.time())

    def _take_current(self) -> list[Portion]:
        """Return what is under way, as something that was never tried."""
        taken, self._current, self._batch = self._current, [], None
        return taken

    def _hand_over(self, standby: Outlet, portions: Iterable[Portion]) -> None:
        """Give *portions*, of which the sink has nothing, to *standby*."""
        for portion in portions:
            self.lines -= len(portion.lines)
            standby.offer(portion)

    def _next_batch(self) -> Batch:
        """Return the batch under way, or merge the next portions into one.

        A write that was cancelled must be tried with the very same batch: its sink may know how
        the first attempt ended.
        """
        if self._batch is None or not self._is_whole(self._batch):
            size = self._gather()
            self._batch = Batch(
                list(chain.from_iterable(portion.records for portion in self._current)),
                list(chain.from_iterable(portion.lines for portion in self._current)),
            )
            self._size = size
        return self._batch

    def _gather(self) -> int:
        """Add to what is under way until it is large enough; return how many lines it has."""
        size = sum(len(portion.lines) for portion in self._current)
        text = sum(portion.length for portion in self._current)
        while self._backlog and size < MAX_BATCH:
            portion = self._backlog[0]
            if isinstance(portion, Barrier):
                break
            text += portion.length
            if text > MAX_TEXT:
                return size + self._gather_some(portion, MAX_TEXT - text + portion.length, size)
            self._backlog.popleft()
            self._current.append(portion)
            size += len(portion.lines)
        return size

    def _gather_some(self, portion: Portion, room: int, size: int) -> int:
        """Add what fits of *portion*, but something if *size* is 0; return how many lines."""
        count = portion.count_within(room) or (0 if size else 1)
        head, rest = portion.split(count)
        if head.lines:
            self._current.append(head)
        if rest.lines:
            self._backlog[0] = rest
        else:
            self._backlog.popleft()
        return count

    def _is_whole(self, batch: Batch) -> bool:
        """Whether the sink left the lists of *batch* as they were."""
        return len(batch.records) == len(batch.lines) == self._size

    @property
    def _under_way(self) -> int:
        """Lines that the sink was given, and has not answered for."""
        return self._size if self._batch is not None else 0

    def _leave(self, count: int, cause: Cause | None) -> None:
        """Settle the first *count* lines of the batch under way, and keep the rest."""
        self._batch = None
        self.lines -= count
        leaving, self._current = self._current, []
        for position, portion in enumerate(leaving):
            if count < len(portion.lines):
                head, rest = portion.split(count)
                self._current = [rest, *leaving[position + 1 :]]
                if count:
                    head.settle(cause)
                break
            count -= len(portion.lines)
            portion.settle(cause)
        self._on_progress()

    def _took(self, count: int) -> None:
        self.written += count
        self._unflushed += count
        self._leave(count, None)

    def _succeed(self) -> None:
        self._took(self._under_way)
        self.failing_since = None
        trouble = self._backoff.reset()
        if trouble is not None:
            fallback.tell(f"{self.name} works again after {trouble:.1f} s")

    async def _retry_later(self, error: SinkError | OSError) -> None:
        self._took_part(error)
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
        self.last_error = fallback.reason_of(error) if clean else type(error).__name__
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

    def _took_part(self, error: BaseException) -> None:
        """Settle the lines that a write which failed has written all the same."""
        written = getattr(error, "written", 0) if isinstance(error, SinkError) else 0
        if type(written) is int and written > 0:  # it is a foreign number
            self._took(min(written, self._under_way))

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
        count = self._under_way
        self.lost += count
        self.losses.add(chain.from_iterable(portion.records for portion in self._current))
        self._leave(count, Cause.SINK_FAILED)
        if self._note(error):
            reason = fallback.reason_of(error)
            fallback.tell(f"{self.name} failed: {reason}; lost: {fallback.count_of(count)}")

    async def _pass(self, barrier: Barrier) -> None:
        task = asyncio.current_task(self._loop)
        failure = on_told = None
        lost = self.losses.owed(barrier.label, barrier.asked_at)
        try:
            if self._unflushed or not self._resting:
                await self._flush(durable=barrier.durable)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) or is_being_closed(task, error):
                raise
            pass_on(self._loop, error)
            failure = self._failure(lost + self._unflushed, fallback.reason_of(error))
        else:
            self._unflushed = 0
            if lost and not barrier.patient:
                failure = self._failure(lost, "the sink failed")
        if lost:
            on_told = partial(self.losses.tell, barrier.label)
        if self._backlog and self._backlog[0] is barrier:  # not given up meanwhile
            self._backlog.popleft()
        if self.standby is not None and failure is None:
            barrier.hand_on(self, self.standby, on_told)
        else:
            barrier.pass_(self, failure, on_told)

    async def _flush(self, *, durable: bool) -> None:
        if not self._opened:
            return
        try:
            async with asyncio.timeout(self.patience):
                await self.sink.flush(durable=durable)
        except TimeoutError as error:
            if self.patience is None:
                raise  # its own
            raise SinkError(f"no answer for {self.patience:g} s") from error
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            raise SinkError("the sink was cancelled by itself") from None

    def _failure(self, lines: int, reason: str) -> SinkFailure:
        return SinkFailure(self.name, lines, reason)

    def fail_barriers(self, reason: str) -> None:
        """Tell every flush that waits here how many lines before it are not written."""
        ahead = sum(len(portion.lines) for portion in self._current)
        for item in self._backlog:
            if isinstance(item, Portion):
                ahead += len(item.lines)
            elif not item.patient:
                item.pass_(self, self._failure(ahead, reason))
        self._on_failure(self, ahead, reason)

    async def stop(self) -> None:
        """End the task; what has not been written stays.

        A write under way is asked to end, so that it is known how far it got, before it is
        cancelled.
        """
        self._stopping = True
        self._poked.set()
        if isinstance(self.sink, InterruptibleSink):
            self._interrupt(self.sink)
            await self._worker.finish(INTERRUPT_SECONDS)
        await self._worker.stop()
        if self._answer is not None:
            await self._end(self._answer)

    async def _end(self, answer: asyncio.Task[BaseException | None]) -> None:
        """Cancel a write that took too long; heed what it says, if it ends now."""
        if not answer.done():
            answer.cancel()
            await asyncio.wait([answer], timeout=INTERRUPT_SECONDS)
        if not answer.done() or answer.cancelled():
            return
        error = answer.exception() or answer.result()
        if error is None:
            self._took(self._under_way)
        else:
            self._took_part(error)
            pass_on(self._loop, error)

    def _interrupt(self, sink: InterruptibleSink) -> None:
        try:
            sink.interrupt()
        except BaseException as error:  # noqa: BLE001 - then it is cancelled as it is
            pass_on(self._loop, error)
            fallback.tell(f"interrupting {self.name} failed: {fallback.reason_of(error)}")

    def abandon(self) -> int:
        """Count all lines that are left as dropped, and return how many there were."""
        left = self.lines
        self._current += [item for item in self._backlog if isinstance(item, Portion)]
        self._backlog.clear()
        for portion in self._current:
            self.losses.add(portion.records)
        self._leave(left, Cause.CLOSED)
        return left

    def write_now(self) -> None:
        """Write what is left without a loop, in the calling thread; count what cannot be."""
        # Nobody waits for a flush any more: the loop on which they did has ended.
        self._backlog = deque(item for item in self._backlog if isinstance(item, Portion))
        while isinstance(self.sink, LastGaspSink) and (self._current or self._backlog):
            batch = self._next_batch()
            try:
                self.sink.write_now(batch)
            except BaseException as error:  # noqa: BLE001 - the interpreter is ending
                self._took_part(error)
                fallback.tell(f"{self.name} failed: {fallback.reason_of(error)}")
                break
            self._took(self._under_way)
        if self.standby is not None:  # which is the next to write
            waiting = [item for item in self._backlog if isinstance(item, Portion)]
            self._backlog.clear()
            self._hand_over(self.standby, [*self._take_current(), *waiting])
        left = self.abandon()
        if left:
            fallback.tell(f"{fallback.count_of(left)} not written to {self.name}")


def _is_over(item: Portion | Barrier) -> bool:
    return isinstance(item, Barrier) and item.done


def _is_being_cancelled() -> bool:
    """Whether somebody cancelled the running task, rather than what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
