"""All handlers of one logger, side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import fallback
from ..errors import FlushError
from ..ledger import Ledger, SealedBatch
from .barrier import Barrier
from .lane import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import Record
    from .handler import Handler
    from .outlet import Outlet

DRAIN_SHARE = 0.9
"""Share of the time to close that is spent on writing; the rest is for closing the sinks."""

SWEEP = 64
"""Batches that are remembered, at least, before those that are settled are forgotten."""

CANCEL_SECONDS = 0.1
"""How long a sink that did not close in time may take to notice that it is not waited for."""


class Outputs:
    """Gives every batch to every handler, and follows it until all sinks are done.

    Args:
        handlers: what to do; at least one.
        ledger: the account of the logger.
        loop: the loop that writes.
    """

    def __init__(
        self, handlers: Sequence[Handler], ledger: Ledger, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._ledger = ledger
        self._loop = loop
        self._lanes = [Lane(handler, loop) for handler in handlers]
        self._outlets = [outlet for lane in self._lanes for outlet in lane.outlets]
        self._flying: list[SealedBatch] = []
        self._sweep_at = SWEEP

    @property
    def buffered(self) -> int:
        """Counted lines that some sink has not settled."""
        return sum(batch.unsettled for batch in self._flying)

    def dispatch(self, records: list[Record], *, counted: bool = True) -> None:
        """Give *records* to all handlers.

        Args:
            records: in order; not to be changed any more.
            counted: whether they are in the ledger.
        """
        ledger = self._ledger if counted else None
        sealed = SealedBatch(records, ledger, len(self._outlets))
        if counted:
            self._flying.append(sealed)
            if len(self._flying) >= self._sweep_at:
                self._flying = [batch for batch in self._flying if batch.unsettled]
                self._sweep_at = max(SWEEP, 2 * len(self._flying))
        for lane in self._lanes:
            lane.offer(sealed)

    def barrier(
        self, label: str | None = None, *, durable: bool = False, patient: bool = False
    ) -> Barrier:
        """Return a flush of *label*, or, for None, of all, not sent yet."""
        sinks = frozenset(self._outlets)
        return Barrier(
            self._loop, self._lanes, sinks, label=label, durable=durable, patient=patient
        )

    def evict(self) -> bool:
        """Drop the oldest line of the handler that is furthest behind, if it can."""
        # Of no other: what that one holds takes its room whether or not others are done with it.
        return max(self._lanes, key=lambda lane: lane.backlog).evict()

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109 - one budget, spent in parts
        """Write all there is, close the sinks, and count what could not be written in time.

        Args:
            timeout: seconds for all of it.
        """
        deadline = self._loop.time() + timeout
        barrier = self.barrier(patient=True)
        barrier.send()
        try:
            async with asyncio.timeout(timeout * DRAIN_SHARE):
                await barrier.wait()
        except TimeoutError:
            pass
        except FlushError as error:
            fallback.tell(f"closing: {error}")
        await asyncio.gather(*(lane.stop() for lane in self._lanes))
        self._abandon()
        await self._close_sinks(deadline)

    def _abandon(self) -> None:
        for outlet in self._outlets:
            outlet.fail_barriers("the logger closed")  # or whoever flushes would wait for ever
        for lane in self._lanes:
            waiting = lane.lines
            lane.abandon()
            for outlet in lane.outlets:
                left = outlet.abandon() + waiting
                if left:
                    fallback.tell(f"{left:,} lines not written to {outlet.name} in time")

    async def _close_sinks(self, deadline: float) -> None:
        closing = {self._loop.create_task(_close(outlet)): outlet for outlet in self._outlets}
        _, late = await asyncio.wait(closing, timeout=max(0, deadline - self._loop.time()))
        for task in late:
            task.cancel()
            fallback.tell(f"{closing[task].name} did not close in time")
        if late:
            await asyncio.wait(late, timeout=CANCEL_SECONDS)

    def write_now(self) -> None:
        """Write all there is in the calling thread, without a loop."""
        for lane in self._lanes:
            lane.format_now()
            for outlet in lane.outlets:
                outlet.write_now()

    def forget(self) -> None:
        """Let go of all lines without writing them: in a forked child they are the parent's."""
        self._lanes, self._outlets = [], []
        self._flying.clear()


async def _close(outlet: Outlet) -> None:
    """Close one sink; what goes wrong is told of, and ends nothing else."""
    try:
        await outlet.sink.aclose()
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a sink raises
        fallback.tell(f"closing {outlet.name} failed: {fallback.reason_of(error)}")
