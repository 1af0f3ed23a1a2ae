"""How long to wait before a failing sink is tried again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 0.05
"""Seconds before the first repetition, before jitter."""
LONGEST = 5.0
"""Seconds that are never exceeded."""


class Backoff:
    """Exponential pauses with full jitter above one half, so that many sinks do not march in step.

    Libraries such as stamina repeat a call, and sleep in between.  Here the pause belongs to the
    caller, because a flush must be able to cut it short, and because another sink may take the
    lines meanwhile.

    Args:
        now: the time in seconds, from any origin.
        jitter: returns a number in [0, 1).
    """

    def __init__(
        self, now: Callable[[], float], jitter: Callable[[], float] = random.random
    ) -> None:
        self._now = now
        self._jitter = jitter
        self._since: float | None = None
        self._attempt = 0

    def begin(self) -> bool:
        """Note a failure; tell whether it is the first of its row."""
        first = self._since is None
        if first:
            self._since = self._now()
        return first

    def next(self) -> float:
        """Return the seconds to wait before the next attempt."""
        pause = min(LONGEST, FIRST * 2.0 ** min(self._attempt, 16))
        self._attempt += 1
        return pause * (0.5 + self._jitter() / 2)

    def hasten(self) -> None:
        """Make the next pauses short again: somebody waits for a success."""
        self._attempt = 0

    def reset(self) -> float | None:
        """Note a success; return the seconds since trouble began, or None if there was none."""
        since, self._since, self._attempt = self._since, None, 0
        return None if since is None else self._now() - since
