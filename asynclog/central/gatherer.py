"""The gatherer: from the server into a store, each event once, whoever crashes.

A batch is claimed, waited for until no crash of the server can undo the claim, read, delivered in
one transaction, and acknowledged after the commit.  Whatever ends in between is done again, by this
gatherer or another one, and the store knows what it has.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from typing import TYPE_CHECKING, Self

import msgspec

from ..units import parse_count
from .collecting import Collecting, Settings
from .connection import connect
from .eviction import warn_of_eviction
from .keys import MAX_SHARDS, Keys, parse_namespace
from .settings import parse_milliseconds
from .source import Source
from .stores.store import open_store
from .tally import Tally

if TYPE_CHECKING:
    from datetime import timedelta

    from .source import Backlog
    from .tally import GathererStatistics

MAX_OWNER = 100
"""Characters in the name of a gatherer."""


class Gatherer:
    """Brings events from a server into a store.  Any number may be at work at once, anywhere.

    `async with Gatherer(source, store) as gatherer: await gatherer.run()` works until `stop()` is
    called or its task is cancelled.  Neither a server nor a store that is out of reach ends it.

    Args:
        source_url: of the server: `redis://...`; see `asynclog.central.urls.parse_url`.
        store_url: `sqlite:///events.db` or `postgresql://...`.
        lease: seconds, or a `timedelta`, that a batch stays this gatherer's without a word of it;
            so long do the others wait if it crashes.
        grace: seconds after its end at which a second is taken; events that come later make
            another batch of it.
        horizon: seconds that a claim must be old before it is delivered.  It must be longer than
            what the server can lose in a crash: 5 covers `appendfsync everysec`, 0 `always`.
        owner: the gatherer's name, unique; left out, host, process and a random part.
        namespace: keeps several systems on one server apart.
        shards: into how many parts the producers divide the events.
        max_attempts: after how many gatherers that crashed with it a batch is put aside.

    Raises:
        ValueError: an argument cannot be used; the message names it, and shows no password.
    """

    def __init__(
        self,
        source_url: str,
        store_url: str,
        *,
        lease: float | timedelta = 30.0,
        grace: float | timedelta = 1.0,
        horizon: float | timedelta = 5.0,
        owner: str | None = None,
        namespace: str = "asynclog",
        shards: int = 1,
        max_attempts: int = 10,
    ) -> None:
        settings = Settings(
            lease_ms=parse_milliseconds(lease, "lease"),
            horizon_ms=parse_milliseconds(horizon, "horizon", least=0),
        )
        if settings.lease_ms <= settings.horizon_ms:
            raise ValueError(f"lease: expected more than the horizon, got {lease!r}")
        if not 1 <= parse_count(shards, "shards") <= MAX_SHARDS:
            raise ValueError(f"shards: expected 1 to {MAX_SHARDS}, got {shards}")
        self._store = open_store(store_url)
        self._connection = connect(source_url)
        self.owner = _owner() if owner is None else _checked(owner)
        """What the others know it by."""
        self._tally = Tally()
        self._stopping = asyncio.Event()
        self._closing: asyncio.Future[tuple[None, None]] | None = None
        self._sources = [
            Source(
                self._connection,
                Keys(parse_namespace(namespace), shard),
                self.owner,
                lease_ms=settings.lease_ms,
                grace_ms=parse_milliseconds(grace, "grace", least=0),
                attempts=parse_count(max_attempts, "max_attempts"),
            )
            for shard in range(shards)
        ]
        self._shards = [
            Collecting(source, self._store, settings, self._tally, self._stopping)
            for source in self._sources
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def run(self, *, once: bool = False) -> GathererStatistics:
        """Gather until `stop()`; then give back what is not delivered, and return the account.

        Args:
            once: also end when every shard is empty, and nobody has a batch under way.

        Raises:
            StoreUnusable: the store will never do.
            ServerError: the server refuses this user.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(warn_of_eviction(self._connection))
                for shard in self._shards:
                    group.create_task(shard.run(once=once))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return self.statistics()

    def stop(self) -> None:
        """End `run` after the delivery that is under way."""
        self._stopping.set()

    async def requeue(self) -> int:
        """Have every batch that was put aside gathered once more; return how many there were.

        Raises:
            ServerError: the server did not answer.
        """
        return sum([await source.requeue() for source in self._sources])

    async def backlog(self) -> list[Backlog]:
        """Return what each shard holds.

        Raises:
            ServerError: the server did not answer.
        """
        return [await source.backlog() for source in self._sources]

    def statistics(self) -> GathererStatistics:
        """Return what was done up to now."""
        held = sum(shard.held for shard in self._shards)
        return msgspec.structs.replace(self._tally.statistics, held=held)

    async def aclose(self) -> None:
        """Let go of server and store, also if whoever waits is cancelled; may be called twice."""
        self._closing = asyncio.gather(self._store.aclose(), self._connection.aclose())
        await asyncio.shield(self._closing)

    def __repr__(self) -> str:
        return f"Gatherer({self._connection!r}, {self._store!r}, owner={self.owner!r})"


def _owner() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def _checked(owner: str) -> str:
    if not 0 < len(owner) <= MAX_OWNER or "|" in owner:
        raise ValueError(
            f"owner: expected 1 to {MAX_OWNER} characters without '|', got {owner!r:.120}"
        )
    return owner
