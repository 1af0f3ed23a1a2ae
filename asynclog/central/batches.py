"""The numbered batches of one producer's stream, and what has become of each: pure.

Numbers are contiguous, and a server applies each once and in order.  So whoever does not know
whether a batch arrived sends it again.  Acknowledged batches are kept until the server still knows
them after a horizon: one that lost its latest data says so when the next number comes, and is given
what it lost once more.  Where no next one comes, the last one is sent a second time, to ask.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from .counting import Section  # noqa: TC001 - needed when batches are decoded
from .scripts import Duplicate, Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .scripts import Reported

MAX_KEPT = 64 << 20
"""Bytes of acknowledged batches that are kept at most."""
OVERHEAD = 200
"""Bytes that a group takes besides its payload, about."""


class Batch(NamedTuple):
    """Some events under one number."""

    number: int
    """From 1; without gaps."""
    sections: tuple[Section, ...]
    counters: tuple[tuple[str, int], ...] = ()
    """Events that were folded or dropped before: `cause:level`, and how many."""

    @property
    def events(self) -> int:
        """Return how many events it holds."""
        return sum(section.events for section in self.sections)

    @property
    def size(self) -> int:
        """Return the bytes that it takes, about."""
        groups = sum(len(section.groups) for section in self.sections)
        return sum(section.size for section in self.sections) + OVERHEAD * (groups + 1)


class _Kept(NamedTuple):
    batch: Batch
    size: int
    acknowledged: float


class Batches:
    """One stream: numbers batches, says which to send, and takes the answers.

    One batch at a time is under way.

    Args:
        horizon: seconds that an acknowledged batch is kept.
        max_kept: bytes of acknowledged batches that are kept at most.
        first: number of the first batch.
    """

    def __init__(self, horizon: float, max_kept: int = MAX_KEPT, first: int = 1) -> None:
        self._horizon = horizon
        self._max_kept = max_kept
        self._kept: deque[_Kept] = deque()  # acknowledged, and still within the horizon
        self._waiting: deque[Batch] = deque()  # not acknowledged
        self._next = first
        self._kept_bytes = 0
        self._adopt = first != 1
        self._asking = 0  # number of a batch that is sent again only to see whether it is there
        self.missing = 0
        """Batches that a server lost, and that were not kept any more."""

    def add(self, sections: Sequence[Section], counters: Sequence[tuple[str, int]] = ()) -> Batch:
        """Return *sections* and *counters* as the next batch; it waits to be sent."""
        batch = Batch(self._next, tuple(sections), tuple(counters))
        self.restore(batch)
        return batch

    def restore(self, batch: Batch) -> None:
        """Take up a batch that has its number already, the next one or, at first, any."""
        self._waiting.append(batch)
        self._next = batch.number + 1

    @property
    def current(self) -> tuple[Batch, bool] | None:
        """The batch to send now, and whether the server is to adopt its number; None for none."""
        return (self._waiting[0], self._adopt) if self._waiting else None

    def answer(self, reported: Reported, now: float) -> list[Batch]:
        """Take the answer to the batch under way; return those that are acknowledged by it.

        Args:
            reported: what the server said.
            now: seconds, from any origin.
        """
        if isinstance(reported, Gap):
            self._rewind(reported.last)
            return []
        if isinstance(reported, Duplicate):
            last = reported.last
        else:
            last, self._asking = self._waiting[0].number, 0  # if it was asked for, it was not there
        acknowledged = []
        while self._waiting and self._waiting[0].number <= last:
            acknowledged.append(self._waiting.popleft())
            self._keep(acknowledged[-1], now)
        self._adopt = False
        self._forget(now)
        return acknowledged

    def _keep(self, batch: Batch, now: float) -> None:
        known = now - self._horizon if batch.number == self._asking else now
        size = batch.size
        self._kept.append(_Kept(batch, size, known))
        self._kept_bytes += size

    def _forget(self, now: float) -> None:
        """Forget acknowledged batches that the server still has after the horizon, or too many.

        Called when it has answered: age alone does not tell that they are safe.
        """
        while self._kept and (
            now - self._kept[0].acknowledged >= self._horizon or self._kept_bytes > self._max_kept
        ):
            self._kept_bytes -= self._kept.popleft().size

    def ask(self) -> None:
        """Send the last acknowledged batch once more, if it is still kept and none waits.

        To be called when nothing was sent for the length of the horizon.
        """
        if self._kept and not self._waiting:
            one = self._kept.pop()
            self._kept_bytes -= one.size
            self._waiting.append(one.batch)
            self._asking = one.batch.number

    @property
    def doubtful(self) -> bool:
        """Whether there are acknowledged batches that the server may still lose."""
        return bool(self._kept)

    def _rewind(self, last: int) -> None:
        """Send again what came behind number *last*, as far as it was kept."""
        self._asking = 0
        while self._kept and self._kept[-1].batch.number > last:
            one = self._kept.pop()
            self._kept_bytes -= one.size
            self._waiting.appendleft(one.batch)
        first = self._waiting[0].number
        self._adopt = first != max(last, 0) + 1
        if last >= 0:
            self.missing += first - last - 1

    @property
    def waiting(self) -> int:
        """Return how many batches are not acknowledged."""
        return len(self._waiting)

    @property
    def unacknowledged(self) -> tuple[Batch, ...]:
        """The batches that are not acknowledged, in order."""
        return tuple(batch for batch in self._waiting if batch.number != self._asking)

    @property
    def events(self) -> int:
        """Return how many events are not acknowledged."""
        return sum(batch.events for batch in self.unacknowledged)
