"""Lines that a handler dropped for want of room, and when its stream is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..notices import ANNOUNCE_SECONDS, dropped_notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Record
    from .common import Common


class Shedding:
    """Counts what a handler drops, and announces it: at once, then not too often, last when idle.

    Args:
        common: loop, clock and account.
        tell: takes the announcement.
    """

    def __init__(self, common: Common, tell: Callable[[list[Record]], None]) -> None:
        self._common = common
        self._tell = tell
        self._unannounced = 0
        self._announced_at = float("-inf")
        self.lost = 0
        """Lines dropped so far."""

    def add(self, count: int) -> None:
        """Count *count* lines."""
        self.lost += count
        self._unannounced += count

    def announce(self, *, last: bool) -> None:
        """Tell of what was not told yet, if it is time or the *last* chance for a while."""
        now = self._common.loop.time()
        if not self._unannounced or not (last or now >= self._announced_at + ANNOUNCE_SECONDS):
            return
        count, self._unannounced = self._unannounced, 0
        self._announced_at = now
        self._common.ledger.announced += 1
        self._tell([dropped_notice(count, self._common.now())])
