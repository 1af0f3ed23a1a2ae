"""All handlers of one logger, side by side."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING

from .. import fallback
from ..ledger import Cause, Ledger, Notice, SealedBatch
from ..protocols import InheritableSink
from ..worker import pipeline_context
from .barrier import Barrier
from .closing import (
    DRAIN_SHARE,
    LEAST_SECONDS,
    STOP_SHARE,
    Departed,
    close_sinks,
    write_out,
)
from .common import Common
from .lane import Lane
from .sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..ledger import HandlerStatistics
    from ..protocols import Filter, Sink
    from ..records import Record
    from .barrier import Stage
    from .handler import Handler
    from .outlet import Outlet

REASONS = {Cause.CLOSED: "the logger closed", Cause.REPLACED: "its handler was replaced"}
"""Why a flush did not get through, where handlers end; the account's words are longer."""
observers: list[Callable[[list[Record]], object]] = []
"""Called with all lines that loggers of this process give to their handlers; for tests.

They run on the loop of the logger, and must not raise.
"""
SWEEP = 64
"""Batches that are remembered, at least, before those that are settled are forgotten."""


class Outputs:
    """Gives every batch to every handler, and follows it until all sinks are done.

    Handlers that were replaced stay here, retired, until they have written what they were given.

    Args:
        handlers: what to do; at least one.
        ledger: the account of the logger.
        loop: the loop that writes.
        now: the time that notices carry, nanoseconds since the epoch.
        filter: keeps lines from all handlers; None keeps none from them.
    """

    def __init__(
        self,
        handlers: Sequence[Handler],
        ledger: Ledger,
        loop: asyncio.AbstractEventLoop,
        now: Callable[[], int] = time.time_ns,
        filter: Filter | None = None,  # noqa: A002 - the field's word
    ) -> None:
        self._ledger = ledger
        self._loop = loop
        self._common = Common(loop, ledger, now)
        tell = partial(self.dispatch, counted=False)
        self._sieve = None if filter is None else Sieve(filter, "the logger", self._common, tell)
        self._lanes = [Lane(handler, self._common) for handler in handlers]
        self._retired: list[Lane] = []  # in the order in which they were replaced
        self._retirements: dict[asyncio.Task[None], list[Lane]] = {}
        self._closing: list[Sink] = []
        self._departed: list[Departed] = []
        self._flying: list[SealedBatch] = []
        self._sweep_at = SWEEP
        self._parties = sum(len(lane.outlets) for lane in self._lanes)

    @property
    def buffered(self) -> int:
        """Counted lines that some sink has not settled."""
        return sum(batch.unsettled for batch in self._flying)

    def statistics(self) -> tuple[HandlerStatistics, ...]:
        """Return how each handler fares; those that were replaced first, until they have ended."""
        return tuple(lane.statistics() for lane in (*self._retired, *self._lanes))

    def dispatch(self, records: list[Record], *, counted: bool = True) -> None:
        """Give *records* to all handlers.

        Args:
            records: in order; not to be changed any more.
            counted: whether they are in the ledger.
        """
        if counted and self._sieve is not None:
            records = self._sift(records, self._sieve)
        if not records:
            return
        for observe in observers:
            observe(records)
        ledger = self._ledger if counted else None
        sealed = SealedBatch(records, ledger, self._parties)
        if counted:
            self._flying.append(sealed)
            if len(self._flying) >= self._sweep_at:
                self._flying = [batch for batch in self._flying if batch.unsettled]
                self._sweep_at = max(SWEEP, 2 * len(self._flying))
        for lane in self._lanes:
            lane.offer(sealed)

    def announce(self, record: Record, losses: int) -> None:
        """Give all handlers the logger's own *record*, which tells of *losses* lines."""
        notice = Notice(record, losses, self._ledger, self._parties)
        for lane in self._lanes:
            lane.offer(notice)

    def _sift(self, records: list[Record], sieve: Sieve) -> list[Record]:
        """Return what the logger's own filter keeps, and settle the rest."""
        answers = [sieve.keeps(record) for record in records]
        refused = [one for one, kept in zip(records, answers, strict=True) if not kept]
        if refused:
            self._ledger.settle(refused, Cause.FILTERED)
            records = list(compress(records, answers))
        sieve.poll()
        return records

    def barrier(self, label: str | None = None, *, durable: bool = False) -> Barrier:
        """Return a flush of *label*, or, for None, of all, not sent yet."""
        if self._sieve is not None:
            self._sieve.poll()
        lanes = [*self._retired, *self._lanes]
        self._departed = [one for one in self._departed if not one.settled]
        sinks = frozenset([*_owned_by(lanes), *self._departed])
        stages: list[Stage] = [*self._departed, *lanes]
        return Barrier(self._loop, stages, sinks, label=label, durable=durable)

    def evict(self) -> bool:
        """Drop the oldest line of the handler that is furthest behind, if it can."""
        # Of no other: what that one holds takes its room whether or not others are done with it.
        return max((*self._retired, *self._lanes), key=lambda lane: lane.backlog).evict() > 0

    def replace(self, handlers: Sequence[Handler], seconds: float) -> None:
        """Give all that comes from now on to *handlers*, and nothing more to those of before.

        A handler that stays keeps its lines, and a sink that stays, in whichever handler, gets all
        lines of before first.  The others are closed in the background.

        Args:
            handlers: at least one.
            seconds: that the others have for writing what they were given.

        Raises:
            ValueError: a sink is being closed because an earlier call removed it.
        """
        for sink in (sink for handler in handlers for sink in handler.all_sinks):
            if any(sink is closing for closing in self._closing):
                name = fallback.name_of(sink)
                raise ValueError(f"handlers: expected sinks that are not being closed, got {name}")
        before = [*self._retired, *self._lanes]
        staying = {lane.handler: lane for lane in self._lanes}
        known = {id(outlet.sink): outlet for outlet in _owned_by(before)}
        lanes = [staying.get(one) or Lane(one, self._common, known, before) for one in handlers]
        retiring = [lane for lane in self._lanes if lane not in lanes]
        self._lanes = lanes
        self._parties = sum(len(lane.outlets) for lane in lanes)
        self._retired += retiring
        if retiring:
            for lane in retiring:
                lane.retire()
            task = asyncio.Task(
                self._retire(retiring, seconds),
                loop=self._loop,
                name="asynclog retirement",
                context=pipeline_context(),
            )
            self._retirements[task] = retiring
            task.add_done_callback(self._retirements.pop)

    async def _retire(self, lanes: list[Lane], seconds: float) -> None:
        """Have handlers that were replaced write what they have, and close their sinks."""
        while any(lane.lines for lane in lanes):  # which may be for sinks that stay, too
            for lane in lanes:
                lane.wake()
            await asyncio.sleep(0)
        await self._finish(lanes, seconds, Cause.REPLACED)

    async def close(self, seconds: float) -> None:
        """Write all there is, close the sinks, and count what could not be written in time.

        Args:
            seconds: for all of it.
        """
        if self._sieve is not None:
            self._sieve.poll(closing=True)
        retiring = {lane for lanes in self._retirements.values() for lane in lanes}
        # Somebody who cancels all tasks of the loop has left others behind.
        left = [lane for lane in self._retired if lane not in retiring]
        await asyncio.gather(
            self._finish([*left, *self._lanes], seconds, Cause.CLOSED),
            *map(_outlast, self._retirements),
        )

    async def _finish(self, lanes: list[Lane], seconds: float, cause: Cause) -> None:
        deadline = self._loop.time() + seconds
        if not any(lane.stopped for lane in lanes):  # as when this was broken off, and begun anew
            drain = max(0, min(seconds * DRAIN_SHARE, seconds - LEAST_SECONDS))
            await write_out(lanes, _owned_by(lanes), self._loop, drain)
        outlets = _owned_by(lanes)  # by now: others may have been taken over
        sinks = [outlet.sink for outlet in outlets]
        self._closing += [sink for sink in sinks if all(sink is not one for one in self._closing)]
        left = max(deadline - self._loop.time(), LEAST_SECONDS)
        deadline = self._loop.time() + left
        await asyncio.gather(*(lane.stop() for lane in lanes))
        await asyncio.gather(*(outlet.stop(left * STOP_SHARE) for outlet in outlets))
        self._abandon(lanes, outlets, cause)
        self._retired = [lane for lane in self._retired if lane not in lanes]
        await close_sinks(outlets, self._loop, deadline)
        self._closing = [one for one in self._closing if all(one is not sink for sink in sinks)]

    def _abandon(self, lanes: list[Lane], outlets: list[Outlet], cause: Cause) -> None:
        for outlet in outlets:
            outlet.fail_barriers(REASONS[cause])  # or whoever flushes would wait for ever
        waiting = {outlet: lane.lines for lane in lanes for outlet in lane.own}
        standbys = {outlet.standby for outlet in outlets}
        for lane in lanes:
            lane.abandon(cause)
        for outlet in outlets:
            left = outlet.abandon(cause)
            if left:
                self._departed.append(Departed(outlet, REASONS[cause]))
            if outlet not in standbys:  # to which the same lines would have come
                outlet.lost += waiting[outlet]
            if left := left + waiting[outlet]:
                count = fallback.count_of(left)
                fallback.tell(f"{count} not written to {outlet.name} in time")

    def write_now(self) -> None:
        """Write all there is in the calling thread, without a loop."""
        if self._sieve is not None:
            self._sieve.poll(closing=True)
        lanes = [*self._retired, *self._lanes]
        for lane in lanes:
            lane.format_now()
        for outlet in _owned_by(lanes):
            outlet.write_now()

    def disown(self) -> None:
        """Let go of all lines without writing them: in a forked child they are the parent's.

        So is what the sinks have open.
        """
        for lane in (*self._retired, *self._lanes):
            lane.disown()
        for sink in self._closing:
            if isinstance(sink, InheritableSink):
                sink.inherit()
        self._lanes, self._retired, self._closing = [], [], []
        self._flying.clear()


def _owned_by(lanes: Iterable[Lane]) -> list[Outlet]:
    """Return the way into each sink that *lanes* are to look after."""
    return [outlet for lane in lanes for outlet in lane.own]


async def _outlast(task: asyncio.Task[None]) -> None:
    """Wait for *task* to end, in whichever way."""
    await asyncio.wait([task])
