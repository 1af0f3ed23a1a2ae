"""What a spool file says, and what a producer that died had left to send: pure.

A file is a row of entries, each with its length and checksum, so that a torn end is seen.  Events
come in twice: as deltas, at the moment they are counted, and as numbered batches, which cover the
deltas up to an epoch.  Each batch is done with when it is acknowledged.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import msgspec

from .batches import Batch
from .counting import Counting, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = struct.Struct(">II")
MAX_ENTRY = 1 << 30
"""Bytes of one entry; a length beyond is damage."""


class Delta(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Events that were just counted."""

    epoch: int
    sections: tuple[Section, ...]
    counters: tuple[tuple[str, int], ...] = ()


class Sealed(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Batches that were just numbered."""

    epoch: int
    """The last one whose deltas they cover."""
    batches: tuple[Batch, ...]


class Acknowledged(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """The server has every batch up to *number*."""

    number: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Delta | Sealed | Acknowledged] = msgspec.msgpack.Decoder(
    Delta | Sealed | Acknowledged
)


def entry(what: Delta | Sealed | Acknowledged) -> bytes:
    """Return *what* as an entry of a file."""
    data = _ENCODER.encode(what)
    return _HEAD.pack(len(data), zlib.crc32(data)) + data


def entries(data: bytes) -> Iterator[Delta | Sealed | Acknowledged]:
    """Yield the entries of a file, up to the first that is torn or damaged."""
    start = 0
    while start + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        body = data[start : start + length]
        if length > MAX_ENTRY or len(body) < length or zlib.crc32(body) != checksum:
            return
        try:
            yield _DECODER.decode(body)
        except (msgspec.MsgspecError, RecursionError):
            return
        start += length


class Recovered:
    """What is left to send of a file.

    Args:
        data: the file.
        max_groups: of one batch.
        max_bytes: of one batch.
    """

    def __init__(self, data: bytes, max_groups: int, max_bytes: int) -> None:
        self.batches: list[Batch] = []
        """With their numbers; the server may have the first ones."""
        self.fresh: list[Batch] = []
        """Those of them that the file does not hold as batches."""
        deltas: list[Delta] = []
        last = 0
        for one in entries(data):
            if isinstance(one, Delta):
                deltas.append(one)
            elif isinstance(one, Sealed):
                deltas = [delta for delta in deltas if delta.epoch > one.epoch]
                self.batches += one.batches
                last = max(last, *(batch.number for batch in one.batches), 0)
            else:
                self.batches = [batch for batch in self.batches if batch.number > one.number]
                last = max(last, one.number)
        self.fresh = list(_sealed(deltas, last + 1, max_groups, max_bytes))
        self.batches += self.fresh


def _sealed(
    deltas: Iterable[Delta], first: int, max_groups: int, max_bytes: int
) -> Iterator[Batch]:
    """Yield *deltas* as batches, numbered from *first*."""
    counting = Counting(1 << 62, 1 << 62, 1 << 62)
    for delta in deltas:
        counting.merge(delta.sections)
        for name, events in delta.counters:
            cause, _, level = name.partition(":")
            counting.lost[cause, int(level)] += events
    while not counting.empty:
        sections, lost = counting.take(max_groups, max_bytes)
        yield Batch(first, tuple(sections), counters_of(lost))
        first += 1


def counters_of(lost: dict[tuple[str, int], int]) -> tuple[tuple[str, int], ...]:
    """Return counts by cause and level as the fields in which the server keeps them."""
    return tuple((f"{cause}:{level}", events) for (cause, level), events in sorted(lost.items()))
