"""The seam between a gatherer and what it fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from .delivery import Delivery, Receipt


@runtime_checkable
class Store(Protocol):
    """Keeps events.

    A row is known by shard, second, group and batch: to deliver it again does nothing.  So
    whoever does not know whether a delivery came through delivers it once more.
    """

    async def open(self) -> None:
        """Make ready, and create or bring up to date what is needed.

        Raises:
            StoreError: it is out of reach, now; trying again may help.
            StoreUnusable: it will never do.
        """
        ...

    async def deliver(self, delivery: Delivery, /) -> Receipt:
        """Keep all of *delivery*, or nothing of it; when this returns, it outlives a power cut.

        Raises:
            StoreError: nothing is known of it; trying again may help.
        """
        ...

    async def aclose(self) -> None:
        """Let go of all resources.  May be called twice, and without `open`."""
        ...
