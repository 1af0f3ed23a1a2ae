"""A handler at work: filter and format on the loop, in slices, then on to each sink."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from .. import fallback
from ..buffers import Overflow
from ..errors import SinkFailure
from ..ledger import Cause, HandlerStatistics, SealedBatch
from ..notices import dropped_notice
from ..weight import weight_of
from ..worker import Worker
from .barrier import Sweep
from .ending import pass_on
from .outlet import Outlet
from .portion import Portion
from .rendering import Renderer
from .shedding import Shedding
from .sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..protocols import Filter
    from ..records import Record
    from .barrier import Barrier
    from .common import Common
    from .handler import Handler

SLICE_SECONDS = 0.001
"""How long formatting may hold the loop."""
CHUNK = 512
"""Lines formatted between two looks at the clock, at most."""
FIRST_CHUNK = 16
"""As many where nothing is known of how dear they are."""
CHUNK_TEXT = 65_536
"""Characters in the records at which a chunk ends."""


class _Queued:
    """A batch in a lane, and how far the lane has got with it."""

    __slots__ = ("indices", "position", "sealed")

    def __init__(self, sealed: SealedBatch) -> None:
        self.sealed = sealed
        self.indices: Sequence[int] = range(len(sealed.records))
        """Of the lines that are to go on."""
        self.position = 0
        """In `indices`, of the first that has not gone on."""

    @property
    def left(self) -> int:
        """Lines that are still to go on."""
        return len(self.indices) - self.position


class _Passing(NamedTuple):
    """A flush in a lane, and the outlets that it is to pass from here."""

    barrier: Barrier
    outlets: tuple[Outlet, ...]


def _is_over(item: _Queued | _Passing) -> bool:
    return isinstance(item, _Passing) and item.barrier.done


class Lane:
    """Carries batches through one handler, in order, to its sinks.

    Args:
        handler: what to do.
        common: what all handlers of the logger share.
        known: the ways into sinks that other lanes have led to so far, by `id` of the sink.
        before: those lanes; what they have for the same sinks goes first.
    """

    def __init__(
        self,
        handler: Handler,
        common: Common,
        known: Mapping[int, Outlet] = MappingProxyType({}),
        before: Iterable[Lane] = (),
    ) -> None:
        self.handler = handler
        self.lines = 0
        """Lines that wait here, not yet formatted."""
        self._backlog: deque[_Queued | _Passing] = deque()
        self._common = common
        loop = common.loop
        self._sieve = self._sieve_of(handler.filter, None)
        self._shedding = Shedding(common, self._emit)
        self._renderer = Renderer(handler.formatter, partial(pass_on, loop))
        self._worker = Worker(loop, self._work, f"asynclog {fallback.name_of(handler)}")
        self._retired = False
        self._sweep = Sweep()
        self._chunk = FIRST_CHUNK
        ways = [known.get(id(one)) or Outlet(one, loop, self) for one in handler.all_sinks]
        self.outlets = ways[: len(handler.sinks)]
        self._ways = tuple(ways)
        for outlet in ways:
            outlet.owner = self
            outlet.now = common.now
            outlet.calls.patience = handler.write_timeout
            outlet.standby = None
        if handler.fallback is not None:
            self.outlets[0].standby = ways[-1]
        self._sieves = [
            self._sieve_of(one, outlet)
            for one, outlet in zip(handler.sink_filters, self.outlets, strict=True)
        ]
        self.own = ways
        """Those outlets that no other lane has taken over: flushes pass them by way of this one."""
        self._before = [lane for lane in before if lane.yield_to(self)]
        self._after: list[Lane] = []

    def _sieve_of(self, filter: Filter | None, outlet: Outlet | None) -> Sieve | None:  # noqa: A002
        """Return *filter*, that of the handler or of one sink, at work."""
        if filter is None:
            return None
        owner = self.handler if outlet is None else outlet.sink
        return Sieve(filter, owner, self._common, partial(self._emit, outlet=outlet))

    @property
    def backlog(self) -> int:
        """Lines that wait here or at the slowest sink."""
        return self.lines + max(outlet.lines for outlet in self._ways)

    def statistics(self) -> HandlerStatistics:
        """Return how the handler and its sinks fare."""
        return HandlerStatistics(
            fallback.name_of(self.handler),
            self._shedding.lost,
            self.lines,
            tuple(outlet.statistics() for outlet in self._ways),
        )

    def offer(self, sealed: SealedBatch) -> None:
        """Take a batch; lines above the handler's capacity are dropped by its policy."""
        queued = _Queued(sealed)
        self._backlog.append(queued)
        self.lines += queued.left
        if self.handler.capacity is not None and sealed.counted:
            surplus = self.backlog - self.handler.capacity
            if surplus > 0:
                self._shed(queued, surplus)
        self._worker.wake()

    def offer_barrier(self, barrier: Barrier) -> None:
        """Take a flush; a failing sink is tried at once, so that it gets its answer soon."""
        self._backlog.append(_Passing(barrier, tuple(self.own)))
        if self._sweep.is_due():
            self._backlog = deque(one for one in self._backlog if not _is_over(one))
            self._sweep.left(sum(isinstance(one, _Passing) for one in self._backlog))
        self._worker.wake()
        for outlet in self.own:
            outlet.poke()

    def wake(self) -> None:
        """Go on with what waits here."""
        self._worker.wake()

    def retire(self) -> None:
        """Take no more batches; format what is here, however much waits at the sinks."""
        self._retired = True
        self._worker.wake()

    def yield_to(self, successor: Lane) -> bool:
        """Let *successor* take over the outlets that it shares; tell whether it must wait.

        What is here is for these outlets too, and goes first.
        """
        if not any(outlet in successor.own for outlet in self._ways):
            return False
        self.own = [outlet for outlet in self.own if outlet not in successor.own]
        self._after.append(successor)
        return True

    def evict(self, cause: Cause = Cause.QUEUE_FULL, most: int = 1) -> int:
        """Drop lines that wait longest here or at the slowest sink; return how many.

        Never more than one batch has: dropping them one by one would be dear.
        """
        if dropped := max(self._ways, key=lambda outlet: outlet.lines).evict(cause, most):
            return dropped
        for item in self._backlog:
            if isinstance(item, _Queued) and item.left and item.sealed.evictable:
                oldest = item.indices[item.position : item.position + most]
                item.position += len(oldest)
                self.lines -= len(oldest)
                self._settle(item, oldest, cause)
                if item.sealed.counted:
                    return len(oldest)
        return 0

    def _shed(self, newest: _Queued, surplus: int) -> None:
        """Drop up to *surplus* lines by the handler's policy; *newest* came in last."""
        policy = self.handler.overflow
        if policy == Overflow.DROP_OLDEST:
            while surplus > 0 and (dropped := self.evict(Cause.HANDLER_FULL, surplus)):
                self._shedding.add(dropped)
                surplus -= dropped
            return
        records = newest.sealed.records
        shed = [i for i in reversed(newest.indices) if not policy.waits(records[i].level)]
        if shed := sorted(shed[:surplus]):
            newest.indices = sorted(set(newest.indices).difference(shed))
            self.lines -= len(shed)
            self._settle(newest, shed, Cause.HANDLER_FULL)
            self._shedding.add(len(shed))

    def _settle(self, queued: _Queued, indices: Sequence[int], cause: Cause) -> None:
        """Settle lines that never reach the sinks, on behalf of all of them."""
        queued.sealed.settle(indices, cause, parties=len(self.outlets))

    async def _work(self) -> None:
        self._chunk = min(self._chunk, FIRST_CHUNK)
        while self._backlog and not self._must_wait():
            began = perf_counter()
            now = self._pace(began)  # however slow the machine is
            while self._backlog and now < began + SLICE_SECONDS:
                now = self._pace(now)
            self._poll()
            await asyncio.sleep(0)
        self._make_way()
        capacity = self.handler.capacity
        if capacity is not None and self.backlog < capacity:
            self._shedding.announce(last=not self.backlog)

    def _make_way(self) -> None:
        """Let those go on that wait for what was here."""
        if not self.lines:
            after, self._after = self._after, []
            for lane in after:
                lane.wake()

    def _must_wait(self) -> bool:
        """Whether there is work but this is not the time for it; `wake` is called when it is."""
        self._before = [lane for lane in self._before if lane.lines]
        for lane in self._before:
            lane.wake()  # its task may have been cancelled
        if self._before:
            return True
        return not self._retired and all(outlet.full for outlet in self.outlets)

    def _pace(self, began: float) -> float:
        """Do one chunk of work, and fit the next to the time that it took; return the time now.

        Lines differ in what they cost by a factor of a thousand and more.
        """
        size = self._chunk
        done = self._advance(self._backlog[0])
        now = perf_counter()
        seconds = now - began
        if done:  # it was not a flush
            fitting = int(done * SLICE_SECONDS / seconds) if seconds > 0 else CHUNK
            self._chunk = max(1, min(CHUNK, fitting, 2 * size if done == size else size))
        return now

    def _advance(self, item: _Queued | _Passing) -> int:
        """Do one chunk of work at the head of the backlog; return how many lines it had."""
        if isinstance(item, _Passing):
            self._backlog.popleft()
            self._poll(closing=item.barrier.patient)  # only closing waits for a sink that fails
            for outlet in item.outlets:
                outlet.offer(item.barrier)
            return 0
        stop = self._end_of_chunk(item)
        indices = item.indices[item.position : stop]
        kept, lines = self._render(item.sealed, indices)  # foreign code: it may be interrupted
        item.position = stop
        self.lines -= len(indices)
        if not item.left:
            self._backlog.popleft()
        if len(kept) < len(indices):
            self._settle(item, sorted(set(indices).difference(kept)), Cause.FILTERED)
        if kept:
            self._deliver(Portion(item.sealed, kept, item.sealed.pick(kept), lines))
        return len(indices)

    def _end_of_chunk(self, item: _Queued) -> int:
        """Return the position up to which to format now; one line at least."""
        stop = min(item.position + self._chunk, len(item.indices))
        if self._common.ledger.heavy:  # else no line is long
            text = 0
            for position in range(item.position, stop):
                text += weight_of(item.sealed.records[item.indices[position]])
                if text >= CHUNK_TEXT:
                    return position + 1
        return stop

    def _deliver(self, portion: Portion) -> None:
        """Give *portion* to each sink, without what the sink's own filter refuses."""
        for outlet, sieve in zip(self.outlets, self._sieves, strict=True):
            passing = portion
            if sieve is not None:
                passing, refused = portion.sift(map(sieve.keeps, portion.records))
                refused.settle(Cause.FILTERED)
            if passing.lines:
                outlet.offer(passing)

    def _poll(self, *, closing: bool = False) -> None:
        """Write what the filters have to tell; when *closing*, all that is still untold."""
        for sieve in (self._sieve, *self._sieves):
            if sieve is not None:
                sieve.poll(closing=closing)
        if closing:
            self._shedding.announce(last=True)

    def _emit(self, notices: list[Record], outlet: Outlet | None = None) -> None:
        """Write lines of the logger's own, unfiltered, to *outlet*, or, for None, to all."""
        outlets = self.outlets if outlet is None else [outlet]
        portion = self._portion_of(notices, len(outlets))
        for one in outlets:
            one.offer(portion)

    def _portion_of(self, notices: list[Record], parties: int) -> Portion:
        """Return lines of the logger's own, formatted, for so many sinks."""
        sealed = SealedBatch(notices, None, parties)
        return Portion(sealed, range(len(notices)), notices, self._renderer.render(notices))

    def notice_of(self, refused: int, /) -> Portion:
        """Return the line that stands where a sink refused so many."""
        self._common.ledger.announced += 1
        why = Cause.REFUSED.value
        return self._portion_of([dropped_notice(refused, self._common.now(), why)], 1)

    def _render(
        self, sealed: SealedBatch, indices: Sequence[int]
    ) -> tuple[Sequence[int], list[str]]:
        """Return the indices of the lines that the handler keeps, and their text."""
        records = sealed.pick(indices)
        if self.handler.level or self._sieve is not None:
            kept = [i for i, record in zip(indices, records, strict=True) if self._keeps(record)]
            if len(kept) < len(indices):
                indices, records = kept, sealed.pick(kept)
        return indices, self._renderer.render(records)

    def _keeps(self, record: Record) -> bool:
        """Ask level and filter."""
        if record.level < self.handler.level:
            return False
        return self._sieve is None or self._sieve.keeps(record)

    def fail_barriers(self, outlet: Outlet, ahead: int, reason: str, /) -> None:
        """Answer the flushes that wait here: *outlet* fails, and lines before them wait too."""
        for item in self._backlog:
            if isinstance(item, _Queued):
                ahead += item.left
            elif not item.barrier.patient:
                item.barrier.pass_(outlet, SinkFailure(outlet.name, ahead, reason))

    @property
    def stopped(self) -> bool:
        """Whether nothing here goes on any more."""
        return self._worker.stopped

    def disown(self) -> None:
        """Let go of all lines and tasks in a forked child."""
        self._backlog.clear()
        self._worker.disown()
        for outlet in self.own:
            outlet.disown()

    async def stop(self) -> None:
        """End the task; what has not been formatted stays."""
        await self._worker.stop()

    def abandon(self, cause: Cause = Cause.CLOSED) -> None:
        """Count all that waits here, not yet formatted, as dropped for *cause*."""
        self.lines = 0
        while self._backlog:
            item = self._backlog.popleft()
            if isinstance(item, _Queued):
                self._settle(item, item.indices[item.position :], cause)
        self._make_way()

    def format_now(self) -> None:
        """Format all that waits, without a loop, so that the outlets can write it."""
        while self._backlog:
            self._advance(self._backlog[0])
        self._poll(closing=True)
