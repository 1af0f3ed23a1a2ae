"""The bytes of a batch, and where in them each record ends."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from .framing import encode

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

    def part(self, start: int, stop: int) -> bytes:
        """Return the records from *start* to *stop*, both ends of one."""
        if self.ends is None:
            return self[start:stop]
        part = Payload(self[start:stop])
        part.ends = tuple(end - start for end in self.ends if start < end <= stop)
        return part


def encode_records(lines: Sequence[str]) -> bytes:
    """Return *lines* as UTF-8, each with a line break: a `Payload` if some have several rows."""
    encoded = encode("\n".join(lines) + "\n")
    if encoded.count(b"\n") == len(lines):
        return encoded
    payload = Payload(encoded)
    payload.ends = tuple(accumulate(len(encode(line)) + 1 for line in lines))
    return payload


def record_end(payload: bytes, start: int) -> int:
    """Return where the record that begins at *start* ends, its line break included."""
    return (
        payload.end_of(start) if isinstance(payload, Payload) else payload.index(b"\n", start) + 1
    )


def last_record_end(payload: bytes, stop: int) -> int:
    """Return the last end of a record that is not after *stop*; 0 for none."""
    if isinstance(payload, Payload):
        return payload.last_end(0, stop)
    return payload.rfind(b"\n", 0, stop) + 1


def encode_payload(batch: Batch) -> Payload:
    """Return the lines of *batch* as `encode_records` does, but always as a `Payload`."""
    encoded = encode_records(batch.lines)
    return encoded if isinstance(encoded, Payload) else Payload(encoded)
