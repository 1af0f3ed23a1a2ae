"""What waits for one sink, and the batch that the sink was given of it: pure."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

from ..records import Batch
from .barrier import Barrier, Sweep
from .portion import Portion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..ledger import Cause

MAX_BATCH = 4096
"""Lines that are given to a sink at once."""
MAX_TEXT = 1 << 18
"""Characters that are given to a sink at once, unless one line alone has more.

Most sinks encode them on the loop, in one go: a tenth of a millisecond.
"""


class Backlog:
    """Lines and flushes in order; the first of the lines may be *given*: the sink has them."""

    def __init__(self) -> None:
        self.lines = 0
        """Lines that the sink has not taken, those that it was given among them."""
        self._waiting: deque[Portion | Barrier] = deque()
        self._sweep = Sweep()
        self._given: list[Portion] = []
        self._batch: Batch | None = None  # what _given holds, as the sink got it
        self._size = 0  # lines in it: a sink may take them out of its lists

    def __bool__(self) -> bool:
        return bool(self._given or self._waiting)

    @property
    def given(self) -> int:
        """Lines of the batch that the sink has not answered for."""
        return self._size if self._batch is not None else 0

    @property
    def has_given(self) -> bool:
        """Whether some lines were given to the sink, or are the rest of such."""
        return bool(self._given)

    @property
    def head(self) -> Portion | Barrier | None:
        """What waits longest behind the lines given."""
        return self._waiting[0] if self._waiting else None

    def offer(self, item: Portion | Barrier) -> None:
        """Append lines, or a flush, behind all that was offered before."""
        self._waiting.append(item)
        if isinstance(item, Portion):
            self.lines += len(item.lines)
        elif self._sweep.is_due():
            self._waiting = deque(one for one in self._waiting if not _is_over(one))
            self._sweep.left(sum(isinstance(one, Barrier) for one in self._waiting))

    def insert(self, portion: Portion) -> None:
        """Put *portion* before all that waits; nothing must be with the sink just now."""
        self._given.insert(0, portion)
        self.lines += len(portion.lines)

    def evict(self, cause: Cause, most: int = 1) -> int:
        """Drop lines that wait longest behind those given; return how many, of one portion only.

        Lines of the logger's own that stand in the way go, too, and are not counted.
        """
        position = 0
        while position < len(self._waiting):
            item = self._waiting[position]
            if not isinstance(item, Portion) or not item.sealed.evictable:
                position += 1
                continue
            head, rest = item.split(most)
            if rest.lines:
                self._waiting[position] = rest
            else:
                del self._waiting[position]
            self.lines -= len(head.lines)
            head.settle(cause)
            if item.sealed.counted:
                return len(head.lines)
        return 0

    def next_batch(self) -> Batch:
        """Return the batch that the sink was given, or merge the next lines into one.

        A write that was cancelled must be tried with the very same batch: its sink may know how
        the first attempt ended.
        """
        if self._batch is None or not self._is_whole(self._batch):
            size = self._gather()
            self._batch = Batch(
                list(chain.from_iterable(portion.records for portion in self._given)),
                list(chain.from_iterable(portion.lines for portion in self._given)),
            )
            self._size = size
        return self._batch

    def leave(self, count: int) -> list[Portion]:
        """Return the first *count* of the lines given: they are done with; keep the rest."""
        self._batch = None
        self.lines -= count
        given, self._given = self._given, []
        leaving: list[Portion] = []
        for position, portion in enumerate(given):
            if count < len(portion.lines):
                head, rest = portion.split(count)
                self._given = [rest, *given[position + 1 :]]
                return [*leaving, head] if count else leaving
            count -= len(portion.lines)
            leaving.append(portion)
        return leaving

    def pop(self) -> None:
        """Take `head` away, for another sink, or as a flush that was answered."""
        item = self._waiting.popleft()
        if isinstance(item, Portion):
            self.lines -= len(item.lines)

    def take_given(self) -> list[Portion]:
        """Take the lines given away, as something that was never tried."""
        taken, self._given, self._batch = self._given, [], None
        self.lines -= sum(len(portion.lines) for portion in taken)
        return taken

    def take_all(self) -> list[Portion]:
        """Take all lines away, and forget the flushes."""
        waiting = [item for item in self._waiting if isinstance(item, Portion)]
        self._waiting.clear()
        self.lines -= sum(len(portion.lines) for portion in waiting)
        return [*self.take_given(), *waiting]

    def forget_flushes(self) -> None:
        """Keep nothing but lines: nobody waits any more."""
        self._waiting = deque(item for item in self._waiting if isinstance(item, Portion))

    def flushes(self) -> Iterator[tuple[Barrier, int]]:
        """Yield each flush that waits, and how many lines wait before it."""
        ahead = sum(len(portion.lines) for portion in self._given)
        for item in self._waiting:
            if isinstance(item, Portion):
                ahead += len(item.lines)
            else:
                yield item, ahead

    def _gather(self) -> int:
        """Add to the lines given until they are enough; return how many they are."""
        size = sum(len(portion.lines) for portion in self._given)
        text = sum(portion.length for portion in self._given)
        while self._waiting and size < MAX_BATCH:
            portion = self._waiting[0]
            if isinstance(portion, Barrier):
                break
            text += portion.length
            if text > MAX_TEXT:
                return size + self._gather_some(portion, MAX_TEXT - text + portion.length, size)
            self._waiting.popleft()
            self._given.append(portion)
            size += len(portion.lines)
        return size

    def _gather_some(self, portion: Portion, room: int, size: int) -> int:
        """Add what fits of *portion*, but something if *size* is 0; return how many lines."""
        count = portion.count_within(room) or (0 if size else 1)
        head, rest = portion.split(count)
        if head.lines:
            self._given.append(head)
        if rest.lines:
            self._waiting[0] = rest
        else:
            self._waiting.popleft()
        return count

    def _is_whole(self, batch: Batch) -> bool:
        """Whether the sink left the lists of *batch* as they were."""
        return len(batch.records) == len(batch.lines) == self._size


def _is_over(item: Portion | Barrier) -> bool:
    return isinstance(item, Barrier) and item.done
