"""Turns for the others on the loop, where many events are reported in a row."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..waiting import ACCEPTED, YIELDING

if TYPE_CHECKING:
    from collections.abc import Awaitable

TURN = 40
"""What may be spent until others have their turn: less than a millisecond.  To report a batch takes
about eight turns, in which fewer lines must come than it holds, or a burst would fold."""
LINE = 1
"""What a line costs."""
EXCEPTION = 10
"""What a line with an exception costs."""


class Turns:
    """Says what reporters are to await, whichever task they are of.

    Once the turn is spent, everybody lets the loop go round, until it has: where a hundred tasks
    report, they share the turn.
    """

    __slots__ = ("_spent", "left")

    def __init__(self) -> None:
        self.left = TURN
        """Of this turn."""
        self._spent = False

    def spend(self, cost: int) -> Awaitable[None]:
        """Return what is to be awaited after work of such a *cost*."""
        self.left -= cost
        return ACCEPTED if self.left > 0 else self.give_way()

    def give_way(self) -> Awaitable[None]:
        """Return what lets others have their turn; the next one begins when they had it."""
        self.left = 0
        if not self._spent:
            try:
                asyncio.get_running_loop().call_soon(self.begin)
            except RuntimeError:  # no loop that anybody waits for
                self.begin()
                return ACCEPTED
            self._spent = True
        return YIELDING

    def begin(self) -> None:
        """Begin a turn."""
        self.left = TURN
        self._spent = False
