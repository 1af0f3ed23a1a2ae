"""A handler at work: filter and format on the loop, in slices, then on to each sink."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from .. import fallback
from ..buffers import Overflow
from ..errors import SinkFailure
from ..ledger import Cause, SealedBatch
from ..worker import Worker
from .outlet import Outlet
from .portion import Portion
from .rendering import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..records import Record
    from .barrier import Barrier
    from .handler import Handler

SLICE_SECONDS = 0.001
"""How long formatting may hold the loop."""
CHUNK = 512
"""Lines formatted between two looks at the clock."""


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


class Lane:
    """Carries batches through one handler, in order, to its sinks.

    Args:
        handler: what to do.
        loop: the loop to do it on.
        known: the ways into sinks that other lanes have led to so far, by `id` of the sink.
        before: those lanes; what they have for the same sinks goes first.
    """

    def __init__(
        self,
        handler: Handler,
        loop: asyncio.AbstractEventLoop,
        known: Mapping[int, Outlet] = MappingProxyType({}),
        before: Iterable[Lane] = (),
    ) -> None:
        self.handler = handler
        self.lines = 0
        """Lines that wait here, not yet formatted."""
        self._backlog: deque[_Queued | _Passing] = deque()
        self._filter_failed = False
        self._renderer = Renderer(handler.formatter)
        self._worker = Worker(loop, self._work, f"asynclog {fallback.name_of(handler)}")
        self._retired = False
        told = (self._worker.wake, self._fail_barriers)
        self.outlets = [known.get(id(sink)) or Outlet(sink, loop, *told) for sink in handler.sinks]
        for outlet in self.outlets:
            outlet.attach(*told)
        self.own = list(self.outlets)
        """Those outlets that no other lane has taken over: flushes pass them by way of this one."""
        self._before = [lane for lane in before if lane.yield_to(self)]
        self._after: list[Lane] = []

    @property
    def backlog(self) -> int:
        """Lines that wait here or at the slowest sink."""
        return self.lines + max(outlet.lines for outlet in self.outlets)

    def offer(self, sealed: SealedBatch) -> None:
        """Take a batch; lines above the handler's capacity are dropped by its policy."""
        queued = _Queued(sealed)
        self._backlog.append(queued)
        self.lines += queued.left
        if self.handler.capacity is not None:
            surplus = self.backlog - self.handler.capacity
            if surplus > 0:
                self._shed(queued, surplus)
        self._worker.wake()

    def offer_barrier(self, barrier: Barrier) -> None:
        """Take a flush; a failing sink is tried at once, so that it gets its answer soon."""
        self._backlog.append(_Passing(barrier, tuple(self.own)))
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
        if not any(outlet in successor.outlets for outlet in self.outlets):
            return False
        self.own = [outlet for outlet in self.own if outlet not in successor.outlets]
        self._after.append(successor)
        return True

    def evict(self) -> bool:
        """Drop the line that waits longest here or at the slowest sink, if one can be dropped."""
        if max(self.outlets, key=lambda outlet: outlet.lines).evict():
            return True
        for item in self._backlog:
            if isinstance(item, _Queued) and item.left:
                oldest = item.indices[item.position : item.position + 1]
                item.position += 1
                self.lines -= 1
                self._settle(item, oldest, Cause.QUEUE_FULL)
                return True
        return False

    def _shed(self, newest: _Queued, surplus: int) -> None:
        """Drop up to *surplus* lines by the handler's policy; *newest* came in last."""
        policy = self.handler.overflow
        if policy == Overflow.DROP_OLDEST:
            while surplus > 0 and self.evict():
                surplus -= 1
            return
        records = newest.sealed.records
        shed = [i for i in reversed(newest.indices) if not policy.waits(records[i].level)]
        if shed := sorted(shed[:surplus]):
            newest.indices = sorted(set(newest.indices).difference(shed))
            self.lines -= len(shed)
            self._settle(newest, shed, Cause.QUEUE_FULL)

    def _settle(self, queued: _Queued, indices: Sequence[int], cause: Cause) -> None:
        """Settle lines that never reach the sinks, on behalf of all of them."""
        queued.sealed.settle(indices, cause, parties=len(self.outlets))

    async def _work(self) -> None:
        while self._backlog and not self._must_wait():
            deadline = perf_counter() + SLICE_SECONDS
            while self._backlog and perf_counter() < deadline:
                self._advance(self._backlog[0])
            await asyncio.sleep(0)
        self._make_way()

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

    def _advance(self, item: _Queued | _Passing) -> None:
        """Do one chunk of work at the head of the backlog."""
        if isinstance(item, _Passing):
            self._backlog.popleft()
            for outlet in item.outlets:
                outlet.offer(item.barrier)
            return
        stop = min(item.position + CHUNK, len(item.indices))
        indices = item.indices[item.position : stop]
        kept, lines = self._render(item.sealed, indices)  # foreign code: it may be interrupted
        item.position = stop
        self.lines -= len(indices)
        if not item.left:
            self._backlog.popleft()
        if len(kept) < len(indices):
            self._settle(item, sorted(set(indices).difference(kept)), Cause.FILTERED)
        if kept:
            portion = Portion(item.sealed, kept, item.sealed.pick(kept), lines)
            for outlet in self.outlets:
                outlet.offer(portion)

    def _render(
        self, sealed: SealedBatch, indices: Sequence[int]
    ) -> tuple[Sequence[int], list[str]]:
        """Return the indices of the lines that the handler keeps, and their text."""
        records = sealed.pick(indices)
        if self.handler.level or self.handler.filter is not None:
            kept = [i for i, record in zip(indices, records, strict=True) if self._keeps(record)]
            if len(kept) < len(indices):
                indices, records = kept, sealed.pick(kept)
        return indices, self._renderer.render(records)

    def _keeps(self, record: Record) -> bool:
        """Ask level and filter; a filter that fails keeps the record, and is told of once."""
        if record.level < self.handler.level:
            return False
        if self.handler.filter is None:
            return True
        try:
            return bool(self.handler.filter(record))
        except Exception as error:  # noqa: BLE001 - a filter's fault must not lose lines
            if not self._filter_failed:
                self._filter_failed = True
                handler = fallback.name_of(self.handler)
                fallback.tell(f"a filter of {handler} failed: {fallback.reason_of(error)}")
            return True

    def _fail_barriers(self, outlet: Outlet, ahead: int, reason: str) -> None:
        """Answer the flushes that wait here: *outlet* fails, and lines before them wait too."""
        for item in self._backlog:
            if isinstance(item, _Queued):
                ahead += item.left
            elif not item.barrier.patient:
                item.barrier.pass_(outlet, SinkFailure(outlet.name, ahead, reason))

    async def stop(self) -> None:
        """End the task; what has not been formatted stays."""
        await self._worker.stop()

    def abandon(self) -> None:
        """Count all that waits here, not yet formatted, as dropped."""
        self.lines = 0
        while self._backlog:
            item = self._backlog.popleft()
            if isinstance(item, _Queued):
                self._settle(item, item.indices[item.position :], Cause.CLOSED)
        self._make_way()

    def format_now(self) -> None:
        """Format all that waits, without a loop, so that the outlets can write it."""
        while self._backlog:
            self._advance(self._backlog[0])
