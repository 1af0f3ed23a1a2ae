"""When to try for a connection again: pure, the time is handed in."""

from __future__ import annotations

import random as _random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 0.1
"""Seconds after the first failure, before jitter."""
LONGEST = 5.0
"""Seconds between two attempts at most: a peer that is back is found soon."""
PROVEN = 5.0
"""Seconds after which a connection is a good one: when it breaks, the next is tried at once."""


class Pacing:
    """Exponential pauses with jitter, so that many clients of one server do not march in step.

    A connection that breaks soon counts as a failure: a server that accepts and hangs up must not
    be called again and again.

    Args:
        random: returns evenly spread numbers from 0 up to, but without, 1.
    """

    def __init__(self, random: Callable[[], float] = _random.random) -> None:
        self._random = random
        self._failures = 0
        self._next = 0.0

    def pause(self, now: float) -> float:
        """Return the seconds until the next attempt; 0 for one now."""
        return max(0.0, self._next - now)

    def failed(self, now: float) -> None:
        """Note an attempt that failed."""
        pause = min(LONGEST, FIRST * 2.0 ** min(self._failures, 16))
        self._failures += 1
        self._next = now + pause * (0.5 + self._random() / 2)

    def broken(self, since: float, now: float) -> None:
        """Note that a connection which stood *since* broke at *now*."""
        if now - since < PROVEN:
            self.failed(now)
        else:
            self._failures = 0
            self._next = now
