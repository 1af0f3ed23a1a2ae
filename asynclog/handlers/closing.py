"""The end of handlers: their lines are written, or counted, and their sinks closed, in time."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from .. import fallback
from ..errors import FlushError, SinkFailure
from .barrier import Barrier
from .ending import is_being_closed, pass_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lane import Lane
    from .outlet import Outlet

DRAIN_SHARE = 0.9
"""Share of the time to close that is spent on writing."""
STOP_SHARE = 0.6
"""Share of what is left then in which writes must end; the rest is for closing the sinks."""
LEAST_SECONDS = 0.1
"""What is left then, at least: sinks must be able to notice that they are not waited for."""
CANCEL_SECONDS = 0.1
"""What is kept of the time to close, half of it at most, for sinks that are late to notice it."""


class Departed:
    """Stands in for a sink that was closed without some of its lines, until that has been told.

    Args:
        outlet: whose lines they were.
        reason: why they were given up.
    """

    def __init__(self, outlet: Outlet, reason: str) -> None:
        self._name = outlet.name
        self._losses = outlet.losses
        self._reason = reason

    def owes(self, barrier: Barrier) -> int:
        """Return of how many lines a flush is to be told."""
        return self._losses.owed(barrier.label, barrier.asked_at)

    @property
    def settled(self) -> bool:
        """Whether everything has been told, and forgotten."""
        return not self._losses

    def offer_barrier(self, barrier: Barrier) -> None:
        """Answer a flush: the sink does not hold all lines, and never will."""
        lost = self.owes(barrier)
        failure = SinkFailure(self._name, lost, self._reason) if lost else None
        barrier.pass_(self, failure, partial(self._losses.tell, barrier.label) if lost else None)


async def write_out(
    lanes: Sequence[Lane],
    outlets: Sequence[Outlet],
    loop: asyncio.AbstractEventLoop,
    seconds: float,
) -> None:
    """Wait up to *seconds* for all lines that are in *lanes* to be in the sinks of *outlets*."""
    barrier = Barrier(loop, lanes, frozenset(outlets), patient=True)
    barrier.send()
    try:
        async with asyncio.timeout(seconds):
            await barrier.wait()
    except TimeoutError:
        if barrier.doubts:
            fallback.tell(f"closing: {FlushError(barrier.doubts)}")
    except FlushError as error:
        fallback.tell(f"closing: {error}")


async def close_sinks(
    outlets: Sequence[Outlet], loop: asyncio.AbstractEventLoop, deadline: float
) -> None:
    """Close all sinks side by side, until *deadline* on the clock of *loop*.

    Those that have not closed some time before are cancelled.
    """
    closing = {asyncio.Task(_close(outlet, loop), loop=loop): outlet for outlet in outlets}
    if not closing:
        return
    seconds = max(0.0, deadline - loop.time())
    patience = max(seconds / 2, seconds - CANCEL_SECONDS)
    _, late = await asyncio.wait(closing, timeout=patience)
    for task in late:
        task.cancel()
        fallback.tell(f"{closing[task].name} did not close in time")
    if late:
        await asyncio.wait(late, timeout=max(0.0, deadline - loop.time()))


async def _close(outlet: Outlet, loop: asyncio.AbstractEventLoop) -> None:
    """Close one sink; what goes wrong is told of, and ends nothing else."""
    task = asyncio.current_task(loop)
    try:
        await outlet.sink.aclose()
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        if is_being_closed(task, error):
            raise
        pass_on(loop, error)
        fallback.tell(f"closing {outlet.name} failed: {fallback.reason_of(error)}")
