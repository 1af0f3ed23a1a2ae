"""Keeping a random part of the records."""

from __future__ import annotations

import random as _random
from typing import TYPE_CHECKING

from ..units import parse_seconds
from .held import ANNOUNCE_EVERY, NANOSECONDS, Held

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ..records import Record


class Sampler:
    """Keeps each record with the same chance, and tells how many it held back."""

    __slots__ = ("_every_ns", "_held", "_random", "_rate")

    def __init__(self, rate: float, random: Callable[[], float], every: float) -> None:
        self._rate = rate
        self._random = random
        self._every_ns = int(every * NANOSECONDS)
        self._held = Held()

    def __call__(self, record: Record, /) -> bool:
        """Keep the record by chance."""
        if self._random() < self._rate:
            return True
        self._held.add(record)
        return False

    @property
    def holding(self) -> bool:
        """Whether any were held back that no notice told of."""
        return self._held.count > 0

    def notices(self, now_ns: int, /, *, closing: bool = False) -> list[Record]:
        """Return at most one record, which says how many were held back."""
        if not (closing and self._held.count) and not self._held.due(now_ns, self._every_ns):
            return []
        return [self._held.announce(now_ns, f"sampled at {self._rate:.6g}")]

    def __repr__(self) -> str:
        return f"sampled({self._rate:.6g}, {self._held})"


def sampled(
    rate: float,
    *,
    random: Callable[[], float] = _random.random,
    announce_every: float | timedelta = ANNOUNCE_EVERY,
) -> Sampler:
    """Return a filter that keeps each record with the chance *rate*.

    Args:
        rate: from 0, none, to 1, all.
        random: returns evenly spread numbers from 0 up to, but without, 1.
        announce_every: seconds, or a timedelta, between notices such as
            `9,012 lines held back: sampled at 0.1`.

    Raises:
        ValueError: *rate* is not between 0 and 1.
    """
    return Sampler(_share(rate), random, parse_seconds(announce_every, "announce_every"))


def _share(rate: object) -> float:
    if isinstance(rate, (int, float)) and not isinstance(rate, bool) and 0 <= rate <= 1:
        return float(rate)
    raise ValueError(f"rate: expected a number from 0 to 1, got {rate!r}")
