"""A loop that is held up: noticed, measured, and told with the place in the source."""

from __future__ import annotations

import contextvars
import sys
import threading
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class StallWatch:
    """Looks twice in *limit* seconds whether a loop still comes round.

    A timer of the loop says that it does.  A thread sees when that is missing, and notes where in
    the source the loop's thread is; when the timer comes at last, the stall is told.

    Args:
        loop: the running loop.
        limit: seconds for which it may be held up.
        tell: called on the loop after a stall, with its seconds and the place, if that was seen.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limit: float,
        tell: Callable[[float, str | None], None],
    ) -> None:
        self._loop = loop
        self._limit = limit
        self._tell = tell
        self._thread_id = threading.get_ident()
        self._stopped = threading.Event()
        self._place: str | None = None
        self._paused = False  # whether the loop was found not running since the last beat
        self._context = contextvars.Context()
        self._schedule()
        threading.Thread(target=self._look, name="asynclog stall watch", daemon=True).start()

    def stop(self) -> None:
        """End the watch; the loop's thread only."""
        self._stopped.set()
        self._timer.cancel()

    def _schedule(self) -> None:
        self._due = monotonic() + self._limit / 2
        self._timer = self._loop.call_later(self._limit / 2, self._beat, context=self._context)

    def _beat(self) -> None:
        late = monotonic() - self._due
        paused, self._paused = self._paused, False
        place, self._place = self._place, None
        self._schedule()
        if late >= self._limit and not paused:
            self._loop.call_soon(self._tell, late, place)

    def _look(self) -> None:
        """Note where the loop's thread is while it is late; runs in a thread of its own."""
        while not self._stopped.wait(self._limit / 2) and not self._loop.is_closed():
            if not self._loop.is_running():
                self._paused = True
            elif self._place is None and monotonic() - self._due >= self._limit / 2:
                self._place = place_of(self._thread_id)


def place_of(thread_id: int) -> str | None:
    """Return file, line and function that a thread is at, or None if there is no such thread."""
    frame = sys._current_frames().get(thread_id)  # noqa: SLF001 - there is no other way
    if frame is None:
        return None
    code = frame.f_code
    return f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}"
