"""Nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records import Batch


class NullSink:
    """Takes every line, and keeps none."""

    async def open(self) -> None:
        """Do nothing."""

    async def write(self, batch: Batch, /) -> None:
        """Forget *batch*."""

    def write_now(self, batch: Batch, /) -> None:
        """Forget *batch*."""

    async def flush(self, *, durable: bool = False) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""

    def __repr__(self) -> str:
        return "NullSink()"
