"""The bytes of a batch, and where in them each record ends."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from .framing import encode_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import Batch


class Payload(bytes):
    """Encoded records, one after the other, each with a line break at its end.

    Mostly a record is one line, and a line break ends it.  Only where some have several lines, as
    with a traceback, the ends are remembered.
    """

    ends: Sequence[int] | None = None

    def end_of(self, start: int) -> int:
        """Return where the record that begins at *start* ends, its line break included."""
        if self.ends is not None:
            return self.ends[bisect_right(self.ends, start)]
        return self.index(b"\n", start) + 1

    def last_end(self, start: int, stop: int) -> int:
        """Return the last end of a record after *start* and not after *stop*; *start* for none."""
        if self.ends is not None:
            position = bisect_right(self.ends, stop)
            return max(start, self.ends[position - 1]) if position else start
        return max(start, self.rfind(b"\n", start, max(start, stop)) + 1)


def encode_payload(batch: Batch) -> Payload:
    """Return the lines of *batch* as UTF-8; see `encode_lines`."""
    payload = Payload(encode_lines(batch))
    if payload.count(b"\n") != len(batch):
        payload.ends = tuple(
            accumulate(len(line.encode("utf-8", "backslashreplace")) + 1 for line in batch.lines)
        )
    return payload
