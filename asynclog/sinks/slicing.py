"""Encoding on the loop without holding it up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..records import Batch

if TYPE_CHECKING:
    from collections.abc import Callable

    Encode = Callable[[Batch], list[bytes]]

SLICE = 256
"""Records encoded between two turns of the loop: less than a millisecond's work."""


async def encode_in_slices(batch: Batch, encode: Encode) -> list[bytes]:
    """Return what *encode* makes of *batch*, in order."""
    if len(batch) <= SLICE:
        return encode(batch)
    encoded: list[bytes] = []
    for start in range(0, len(batch), SLICE):
        part = slice(start, start + SLICE)
        encoded += encode(Batch(batch.records[part], batch.lines[part]))
        await asyncio.sleep(0)
    return encoded
