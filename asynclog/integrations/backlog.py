"""Lines that no logger takes yet: kept in order, bounded, and written at the latest at the end."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from .. import lifecycle
from ..handlers.direct import DirectOutputs
from ..handlers.route import route
from ..notices import dropped_notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Record


class Backlog:
    """Keeps records until they can be passed on.  Any thread.

    Args:
        capacity: records that are kept; of more, the latest, and the others are announced.
        pass_on: takes a record, or returns False if that is not possible now.
    """

    def __init__(self, capacity: int, pass_on: Callable[[Record], bool]) -> None:
        self._capacity = capacity
        self._pass_on = pass_on
        self._kept: deque[Record] = deque()
        self._lost = 0
        self._ended = False
        self._releasing = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, record: Record) -> None:
        """Pass *record* on, behind those that are kept; or keep it."""
        if not self._kept and not self._lost and self._pass_on(record):
            return
        if not self._kept:
            lifecycle.opened(self)
        self._kept.append(record)
        if len(self._kept) > self._capacity:
            self._kept.popleft()
            self.lose()
        self.release()
        if self._ended:
            self.end()

    def lose(self) -> None:
        """Count a record that is kept no more, or was not kept at all."""
        self._lost += 1

    def release(self) -> None:
        """Pass on as many as possible, in order, one thread at a time."""
        while self._kept and self._releasing.acquire(blocking=False):
            try:
                if not self._pass_some():
                    return
            finally:
                self._releasing.release()

    def _pass_some(self) -> bool:
        """Pass on all records, with word of those that were lost first; return False if stopped."""
        if self._lost:
            lost, self._lost = self._lost, 0
            if not self._pass_on(dropped_notice(lost, time.time_ns())):
                self._lost += lost
                return False
        while self._kept:
            if not self._pass_on(self._kept[0]):
                return False
            self._kept.popleft()
        lifecycle.closed(self)
        return True

    def end(self) -> None:
        """Write what is left to stderr: no logger has taken it, and none will; see `Open`."""
        self._ended = True
        self.release()
        if self._kept:
            outputs = DirectOutputs(route(None))
            if self._lost:
                outputs.write(dropped_notice(self._lost, time.time_ns()))
                self._lost = 0
            while self._kept:
                outputs.write(self._kept.popleft())
        lifecycle.closed(self)

    def disown(self) -> None:
        """Forget all records: this is a forked child, and they are the parent's; see `Open`."""
        self._kept.clear()
        self._lost = 0
        self._releasing = threading.Lock()
