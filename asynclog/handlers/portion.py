"""Formatted lines of one sealed batch, on their way to the sinks of one handler."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, compress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..ledger import Cause, SealedBatch
    from ..records import Record


class Portion(NamedTuple):
    """Some lines of one batch, with their text; shared by the sinks of a handler."""

    sealed: SealedBatch
    indices: Sequence[int]
    """Where the lines stand in `sealed.records`."""
    records: list[Record]
    lines: list[str]

    @property
    def length(self) -> int:
        """Characters of all lines."""
        return sum(map(len, self.lines))

    def count_within(self, length: int) -> int:
        """Return how many lines, from the first on, have up to *length* characters together."""
        return bisect_right(list(accumulate(map(len, self.lines))), length)

    def settle(self, cause: Cause | None) -> None:
        """Tell the batch that one sink is done with these lines."""
        self.sealed.settle(self.indices, cause)

    def sift(self, kept: Iterable[bool]) -> tuple[Portion, Portion]:
        """Return the lines to keep, one answer for each, and the others."""
        answers = list(kept)
        if all(answers):
            return self, self.split(0)[0]
        return self._only(answers), self._only([not answer for answer in answers])

    def _only(self, answers: list[bool]) -> Portion:
        return Portion(
            self.sealed,
            list(compress(self.indices, answers)),
            list(compress(self.records, answers)),
            list(compress(self.lines, answers)),
        )

    def split(self, count: int) -> tuple[Portion, Portion]:
        """Return the first *count* lines and the rest."""
        return (
            Portion(self.sealed, self.indices[:count], self.records[:count], self.lines[:count]),
            Portion(self.sealed, self.indices[count:], self.records[count:], self.lines[count:]),
        )
