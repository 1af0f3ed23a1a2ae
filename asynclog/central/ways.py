"""Where a producer's batches go: to a shard of a server, or straight into a store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from ..errors import ServerError, StoreError
from .contents import counted
from .eviction import warn_of_eviction
from .reports import report_call
from .scripts import Applied, Scripts

if TYPE_CHECKING:
    from .batches import Batch
    from .connection import Connection
    from .keys import Keys
    from .reports import Limits
    from .scripts import Reported
    from .stores.protocol import Store


class Way(Protocol):
    """Takes the numbered batches of streams, each once, however often it is given."""

    name: str
    """What is told of it."""

    async def time_ns(self) -> int:
        """Return the time at the other end, nanoseconds since the epoch.

        Raises:
            ServerError: there is no answer.
        """
        ...

    async def report(self, stream: str, batch: Batch, *, adopt: bool) -> Reported:
        """Bring *batch* there.

        Args:
            stream: whose batch it is.
            batch: a batch, with the number that it has in its stream.
            adopt: whether its number is right whatever the last one was.

        Raises:
            ServerError: it is not there, or nobody knows; report it again.
        """
        ...


class ServerWay:
    """The way to one shard of a server.

    Args:
        connection: to the server.
        keys: of the shard.
        limits: of the shard.
    """

    def __init__(self, connection: Connection, keys: Keys, limits: Limits) -> None:
        self.name = keys.prefix
        self._connection = connection
        self._scripts = Scripts(connection)
        self._warned = keys.shard > 0  # one shard tells it for all
        self._keys = keys
        self._limits = limits

    async def time_ns(self) -> int:
        """Return the server's time; see `Way`."""
        time_ns = await self._scripts.time_ns(self._keys)
        if not self._warned:
            self._warned = True
            await warn_of_eviction(self._connection)
        return time_ns

    async def report(self, stream: str, batch: Batch, *, adopt: bool) -> Reported:
        """Have the server apply *batch*; see `Way`."""
        call = report_call(self._keys, stream, batch, self._limits, adopt=adopt)
        return await self._scripts.report(*call)


class StoreWay:
    """The way into a store, with no server in between.

    A batch bears the name of its stream and its number, by which the store knows it again.

    Args:
        store: takes the batches.
        shard: what their shard is called there.
    """

    def __init__(self, store: Store, shard: str) -> None:
        self.name = shard
        self._store = store

    async def time_ns(self) -> int:
        """Return this machine's time: there is no other."""
        return time.time_ns()

    async def report(self, stream: str, batch: Batch, *, adopt: bool) -> Reported:
        """Deliver *batch*; see `Way`."""
        name = f"{stream}-{batch.number}"
        try:
            receipt = await self._store.deliver(
                counted(self.name, name, batch.sections, batch.counters)
            )
        except StoreError as error:
            raise ServerError("STORE", str(error)) from None
        return Applied(receipt.rows, 0, 0, 0, 0)
