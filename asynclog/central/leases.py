"""Which batches a gatherer holds, and what each is waiting for: pure, the time is handed in.

Times are milliseconds.  A batch goes through: held -> old enough -> in the store -> acknowledged.
At any moment the lease may turn out to be lost; then another gatherer has the batch, or will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .scripts import Meta

if TYPE_CHECKING:
    from collections.abc import Iterable

RENEWALS = 3
"""How often a lease is renewed in its time."""


class Held(msgspec.Struct, gc=False):
    """One batch under a lease."""

    batch: str
    meta: Meta
    renewed_ms: int
    """By the gatherer's clock."""
    stored: int | None = None
    """Events in it, once they are in the store, and only the server is left to be told."""


class Leases:
    """The batches that one gatherer holds of one shard.

    Args:
        lease_ms: how long a batch stays the gatherer's without a word.
        horizon_ms: how old a claim must be before it is delivered: a server that crashes forgets
            what is younger.
    """

    def __init__(self, lease_ms: int, horizon_ms: int) -> None:
        self._lease_ms = lease_ms
        self._horizon_ms = horizon_ms
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    @property
    def names(self) -> list[str]:
        """Return the names of all batches."""
        return list(self._held)

    def take(self, batch: str, meta: Meta, now_ms: int) -> None:
        """Note that *batch* was given to this gatherer."""
        self._held[batch] = Held(batch, meta, now_ms)

    def renewed(self, batch: str, now_ms: int) -> None:
        """Note that the lease of *batch* holds from now on."""
        if batch in self._held:
            self._held[batch].renewed_ms = now_ms

    def stored(self, batch: str, events: int) -> None:
        """Note that *batch* is in the store, with so many *events*."""
        if batch in self._held:
            self._held[batch].stored = events

    def drop(self, batch: str) -> None:
        """Forget *batch*: it is acknowledged, or another gatherer's."""
        self._held.pop(batch, None)

    def due(self, server_ms: int, max_bytes: int) -> list[Held]:
        """Return what may be delivered now, oldest second first.

        Args:
            server_ms: the time by the server's clock.
            max_bytes: of payloads, together; a single batch may be larger.
        """
        ready = [
            one
            for one in self._held.values()
            if one.stored is None and one.meta.claimed_ms + self._horizon_ms <= server_ms
        ]
        ready.sort(key=lambda one: (one.meta.second, one.batch))
        return list(_within(ready, max_bytes))

    def unacknowledged(self) -> list[Held]:
        """Return what is in the store, and has not been acknowledged."""
        return [one for one in self._held.values() if one.stored is not None]

    def fading(self, now_ms: int) -> list[str]:
        """Return the batches whose leases are to be renewed."""
        limit = now_ms - self._lease_ms // RENEWALS
        return [one.batch for one in self._held.values() if one.renewed_ms <= limit]

    def wait_ms(self, server_ms: int) -> int | None:
        """Return how long until something is due; None if nothing is held."""
        times = [one.meta.claimed_ms for one in self._held.values() if one.stored is None]
        return max(0, min(times) + self._horizon_ms - server_ms) if times else None

    def ripe(self, age_ms: int) -> bool:
        """Whether a claim of this age has been seen to outlive any crash."""
        return age_ms >= self._horizon_ms


def _within(held: Iterable[Held], max_bytes: int) -> Iterable[Held]:
    total = 0
    for one in held:
        total += one.meta.bytes
        if total > max_bytes and total > one.meta.bytes:
            return
        yield one
