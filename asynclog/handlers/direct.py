"""Handlers without a loop: each line is in the sinks, or counted as lost, when the call returns."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, cast

from ..ledger import Ledger
from ..scope import INSIDE_PIPELINE, current_scope
from .outputs import Outputs

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from ..protocols import Filter
    from ..records import Record
    from .handler import Handler


class DirectOutputs:
    """Writes in the calling thread, for what is logged where no loop can do it.

    That is after a logger has closed, and in a forked child of its process.  Sinks that need a
    loop to write count the line as dropped, and say so on stderr.

    Args:
        handlers: what to do; at least one.
        now: the time that notices carry, nanoseconds since the epoch.
        filter: keeps lines from all handlers; None keeps none from them.
    """

    def __init__(
        self,
        handlers: Sequence[Handler],
        now: Callable[[], int] = time.time_ns,
        filter: Filter | None = None,  # noqa: A002 - the field's word
    ) -> None:
        self._ledger = Ledger(1)
        loop = cast("asyncio.AbstractEventLoop", _EndedLoop())
        self._outputs = Outputs(handlers, self._ledger, loop, now, filter)
        # Reentrant: a finaliser or a signal's handler that logs may run while the lock is held.
        self._lock = threading.RLock()

    def write(self, record: Record) -> None:
        """Bring *record* into all sinks; what goes wrong is told of on stderr."""
        with self._lock:
            inside = current_scope.set(INSIDE_PIPELINE)
            try:
                self._ledger.admit(record)
                self._outputs.dispatch([record])
                self._outputs.write_now()
            finally:
                current_scope.reset(inside)


class _EndedLoop:
    """Stands where a loop would be: nothing will ever run on it, but it knows the time."""

    def is_closed(self) -> bool:
        """Return True."""
        return True

    def time(self) -> float:
        """Return seconds of a clock that only goes forward."""
        return time.monotonic()
