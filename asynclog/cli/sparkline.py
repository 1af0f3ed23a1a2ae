"""Numbers as a line of bars: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
NONE = "·"
"""Stands where there was nothing: a single event among millions still has a bar."""


def sparkline(counts: Sequence[int]) -> str:
    """Return a bar for each of *counts*; the greatest is the full height."""
    most = max(counts, default=0)
    return "".join(BARS[(len(BARS) * n - 1) // most] if n > 0 else NONE for n in counts)
