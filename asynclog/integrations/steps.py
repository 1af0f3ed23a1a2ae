"""Warnings of asyncio's debug mode that would make each other without end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 60.0
"""Seconds for which no other slow step of asynclog's own is told."""
_SLOW = re.compile(r"Executing (.+) took (\d+\.\d{3}) seconds", re.DOTALL)
_OWN = re.compile(
    rf"coro=<\S+ (?:running|done, defined) at {re.escape(str(Path(__file__).parents[1]))}"
)
"""How debug mode shows a task of this package."""


class SlowSteps:
    """Decides which slow steps of the loop are told.

    A line makes steps: to format it, and to learn that it is written.  Where those are told as
    slow, each warning brings the next.  So what took "0.000 seconds" is not told at all, and a slow
    step of asynclog's own once in `PAUSE`.

    Args:
        now: returns seconds that go on evenly.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._next = now()  # when another step of our own may be told

    def are_told(self, text: str) -> bool:
        """Whether *text*, which the logger `asyncio` was given, is to be a line."""
        slow = _SLOW.search(text)
        if slow is None:
            return True
        if float(slow[2]) == 0:
            return False
        if _OWN.search(slow[1]) is None:
            return True
        if self._now() < self._next:
            return False
        self._next = self._now() + PAUSE
        return True
