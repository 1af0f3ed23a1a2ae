"""The end of what has little time for it: what is left is reported, then all is let go of."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CLOSE_SECONDS = 3.0
"""For a whole close: to report what is left, and to let go of server, store and spool."""
REPORT_SHARE = 0.8
"""Share of it that is spent on reporting."""
LEAST_SECONDS = 0.1
"""What letting go has, at least, also when nobody waits for it any more."""


async def until(deadline: float, work: Awaitable[object]) -> None:
    """Wait for *work* until *deadline* on the loop's clock; what is late is cancelled."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await work


class Closing:
    """Reports once, then lets go once, whoever of those who wait for it is cancelled.

    Args:
        report: brings away what is left; cut short when its share of the time is over, or when who
            waits is cancelled.
        let_go: called with the deadline on the loop's clock; goes on in the background if who
            waits is cancelled.
    """

    def __init__(
        self, report: Callable[[], Awaitable[object]], let_go: Callable[[float], Awaitable[None]]
    ) -> None:
        self._report = report
        self._let_go = let_go
        self._letting_go: asyncio.Future[None] | None = None

    async def run(self, seconds: float) -> None:
        """Do both within *seconds*; a second call waits for what is not done yet."""
        now = asyncio.get_running_loop().time
        deadline = now() + seconds
        try:
            if self._letting_go is None:
                await until(now() + seconds * REPORT_SHARE, self._report())
        except asyncio.CancelledError:
            deadline = now()
            raise
        finally:
            if self._letting_go is None:
                least = now() + LEAST_SECONDS
                self._letting_go = asyncio.ensure_future(self._let_go(max(deadline, least)))
            await asyncio.shield(self._letting_go)
