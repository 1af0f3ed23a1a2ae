"""A handler at work: filter and format on the loop, in slices, then on to each sink."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

from .. import fallback
from ..buffers import Overflow
from ..errors import SinkFailure
from ..ledger import Cause, SealedBatch
from ..worker import Worker
from .barrier import Barrier
from .outlet import Outlet
from .portion import Portion
from .rendering import render_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import Record
    from .handler import Handler

SLICE_SECONDS = 0.001
"""How long formatting may hold the loop."""
CHUNK = 512
"""Lines formatted between two looks at the clock."""


class _Queued:
    """A batch in a lane, and how far the lane has got with it."""

    __slots__ = ("position", "sealed", "stop")

    def __init__(self, sealed: SealedBatch) -> None:
        self.sealed = sealed
        self.position = 0
        self.stop = len(sealed.records)


class Lane:
    """Carries batches through one handler, in order, to its sinks.

    Args:
        handler: what to do.
        loop: the loop to do it on.
    """

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop) -> None:
        self.handler = handler
        self.lines = 0
        """Lines that wait here, not yet formatted."""
        self._backlog: deque[_Queued | Barrier] = deque()
        self._filter_failed = False
        self._worker = Worker(loop, self._work, f"asynclog {handler!r}")
        self.outlets = [
            Outlet(sink, loop, self._worker.wake, self._fail_barriers) for sink in handler.sinks
        ]

    @property
    def backlog(self) -> int:
        """Lines that wait here or at the slowest sink."""
        return self.lines + max(outlet.lines for outlet in self.outlets)

    def offer(self, sealed: SealedBatch) -> None:
        """Take a batch; lines above the handler's capacity are dropped by its policy."""
        queued = _Queued(sealed)
        self._backlog.append(queued)
        self.lines += queued.stop
        if self.handler.capacity is not None:
            self._shed(queued, self.backlog - self.handler.capacity)
        self._worker.wake()

    def offer_barrier(self, barrier: Barrier) -> None:
        """Take a flush; a failing sink is tried at once, so that it gets its answer soon."""
        self._backlog.append(barrier)
        self._worker.wake()
        if not barrier.patient:
            for outlet in self.outlets:
                outlet.poke()

    def evict(self) -> bool:
        """Drop the line that waits longest here; return whether there was one."""
        for item in self._backlog:
            if isinstance(item, _Queued) and item.position < item.stop:
                self._settle(item, range(item.position, item.position + 1), Cause.QUEUE_FULL)
                item.position += 1
                self.lines -= 1
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
        while surplus > 0 and newest.stop > newest.position:
            if policy.waits(records[newest.stop - 1].level):
                return
            newest.stop -= 1
            surplus -= 1
            self.lines -= 1
            self._settle(newest, range(newest.stop, newest.stop + 1), Cause.QUEUE_FULL)

    def _settle(self, queued: _Queued, indices: Sequence[int], cause: Cause) -> None:
        """Settle lines that never reach the sinks, on behalf of all of them."""
        queued.sealed.settle(indices, cause, parties=len(self.outlets))

    async def _work(self) -> None:
        while self._backlog and not all(outlet.full for outlet in self.outlets):
            deadline = perf_counter() + SLICE_SECONDS
            while self._backlog and perf_counter() < deadline:
                self._advance(self._backlog[0])
            await asyncio.sleep(0)

    def _advance(self, item: _Queued | Barrier) -> None:
        """Do one chunk of work at the head of the backlog."""
        if isinstance(item, Barrier):
            self._backlog.popleft()
            for outlet in self.outlets:
                outlet.offer(item)
            return
        stop = min(item.position + CHUNK, item.stop)
        indices: Sequence[int] = range(item.position, stop)
        self.lines -= len(indices)
        item.position = stop
        if stop == item.stop:
            self._backlog.popleft()
        self._deliver(item, indices)

    def _deliver(self, queued: _Queued, indices: Sequence[int]) -> None:
        records = queued.sealed.pick(indices)
        if self.handler.level or self.handler.filter is not None:
            kept = [i for i, record in zip(indices, records, strict=True) if self._keeps(record)]
            if len(kept) < len(indices):
                rejected = sorted(set(indices).difference(kept))
                indices, records = kept, queued.sealed.pick(kept)
                self._settle(queued, rejected, Cause.FILTERED)
        if records:
            lines = render_lines(self.handler.formatter, records)
            portion = Portion(queued.sealed, indices, records, lines)
            for outlet in self.outlets:
                outlet.offer(portion)

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
                fallback.tell(f"a filter of {self.handler!r} failed: {type(error).__name__}")
            return True

    def _fail_barriers(self, outlet: Outlet, ahead: int, reason: str) -> None:
        """Answer the flushes that wait here: *outlet* fails, and lines before them wait too."""
        for item in self._backlog:
            if isinstance(item, _Queued):
                ahead += item.stop - item.position
            elif not item.patient:
                item.pass_(outlet, SinkFailure(repr(outlet.sink), ahead, reason))

    async def stop(self) -> None:
        """End the tasks; what has not been written stays."""
        await self._worker.stop()
        for outlet in self.outlets:
            await outlet.stop()

    def abandon(self) -> None:
        """Count all that waits here, not yet formatted, as dropped."""
        while self._backlog:
            item = self._backlog.popleft()
            if isinstance(item, _Queued):
                self._settle(item, range(item.position, item.stop), Cause.CLOSED)
        self.lines = 0

    def format_now(self) -> None:
        """Format all that waits, without a loop, so that the outlets can write it."""
        while self._backlog:
            self._advance(self._backlog[0])
