"""The time of a record, behind a seam so that tests can hold it still.

Waiting is another matter: ages and deadlines use the event loop's own clock, `loop.time()`.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time that is stamped on records."""

    def time_ns(self) -> int:
        """Return nanoseconds since the Unix epoch, UTC."""
        ...


class SystemClock:
    """The clock of the operating system."""

    time_ns = staticmethod(time.time_ns)
