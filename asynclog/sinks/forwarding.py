"""A sink that is another one inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ..records import Batch
    from .datagram import DatagramSink
    from .stream import StreamSink

    Carrier: TypeAlias = StreamSink | DatagramSink


class ForwardingSink:
    """Hands everything on to a carrier; for sinks whose settings choose the way of transport.

    Args:
        carrier: does the work.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    @property
    def cut(self) -> int:
        """Records that were longer than a datagram may be, and were cut."""
        return getattr(self._carrier, "cut", 0)

    async def open(self) -> None:
        """Get ready to write; see `Sink.open`."""
        await self._carrier.open()

    async def write(self, batch: Batch, /) -> None:
        """Send *batch*; see `Sink.write`."""
        await self._carrier.write(batch)

    async def flush(self, *, durable: bool = False) -> None:
        """Bring all that was written to the peer, as far as that can be known."""
        await self._carrier.flush(durable=durable)

    def interrupt(self) -> None:
        """End a write under way soon; see `InterruptibleSink`."""
        self._carrier.interrupt()

    async def aclose(self) -> None:
        """Let go of all resources."""
        await self._carrier.aclose()

    def write_now(self, batch: Batch, /) -> None:
        """Send *batch* in the calling thread; see `LastGaspSink`."""
        self._carrier.write_now(batch)

    def inherit(self) -> None:
        """Leave to the parent what is its own; see `InheritableSink`."""
        self._carrier.inherit()
