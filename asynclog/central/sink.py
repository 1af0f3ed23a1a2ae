"""Lines as events: counted here, brought to the server or the database every fifth of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .closing import CLOSE_SECONDS
from .counting import MAX_BYTES, MAX_GROUPS
from .fingerprint import Fingerprint
from .reporter import Reporter
from .settings import FLUSH_SECONDS, HORIZON_SECONDS, parse_settings

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import timedelta

    from ..records import Batch, Record
    from .reporter import ReporterStatistics
    from .reports import Limits


class CentralSink:
    """Counts lines by group and second, and reports the counts to Redis, or into a database.

    A line counts as written when it is counted, in memory or, with a *spool*, on disk.  `flush`
    returns when the server has everything.  A server that fails never holds up the application:
    events are counted in bounded memory meanwhile, and when that is full, groups of the lowest
    levels fold, so that only their number is kept.

    Args:
        url: `redis://`, `rediss://`, `unix://`, `redis+cluster://` or `redis+sentinel://` for a
            server, from which a gatherer takes the events; `sqlite:///` or `postgresql://` for a
            database, where they are at once.
        namespace: keeps several systems on one server apart.
        shards: among which groups are spread, on servers of a cluster.
        flush_interval: seconds, or a timedelta, between two reports.
        horizon: seconds, or a timedelta, that what the server acknowledged is kept, to be sent
            again if the server loses it; not more than that of the gatherers, or what they have
            delivered may count twice.  0 for none.
        spool: a directory where events are kept until the server has them, so that a process that
            is killed loses none; None for memory only.
        logger: the application's name for its logger; groups then do not depend on labels.
        fingerprint: tells the group of a record; None for the default, see `Fingerprint`.
        max_groups: counted in memory at once, for each shard.
        max_bytes: of their payloads, as a number or `"16MiB"`.
        limits: what a shard of the server may hold.

    Raises:
        ValueError: an argument cannot be used; the message shows no password.
    """

    def __init__(
        self,
        url: str,
        *,
        namespace: str = "asynclog",
        shards: int = 1,
        flush_interval: float | timedelta = FLUSH_SECONDS,
        horizon: float | timedelta = HORIZON_SECONDS,
        spool: str | os.PathLike[str] | None = None,
        logger: str = "",
        fingerprint: Callable[[Record], str] | None = None,
        max_groups: int = MAX_GROUPS,
        max_bytes: str | int = MAX_BYTES,
        limits: Limits | None = None,
    ) -> None:
        self._reporter = Reporter(
            url,
            namespace=namespace,
            shards=shards,
            settings=parse_settings(flush_interval, horizon, max_groups, max_bytes, limits),
            spool=spool,
            logger=logger,
            fingerprint=fingerprint or Fingerprint(logger=logger),
        )
        self._counted: tuple[Batch | None, int] = (None, 0)

    async def open(self) -> None:
        """Get ready to count; the server is not waited for.

        Raises:
            OSError: the spool cannot be made.
        """
        await self._reporter.open()

    def inherit(self) -> None:
        """Let go, in a forked child, of what is the parent's; see `InheritableSink`."""
        self._reporter.inherit()
        self._counted = (None, 0)

    async def write(self, batch: Batch, /) -> None:
        """Count all records of *batch*; their text is not used.

        A write that was cancelled goes on where it was when it is tried again.
        """
        same, position = self._counted
        if same is not batch:
            position = 0
        else:
            await self._reporter.settle()
        while position < len(batch.records):
            position = self._reporter.count(batch.records, position)
            self._counted = (batch, position)
            await self._reporter.settle()
        self._counted = (None, 0)

    async def flush(self, *, durable: bool = False) -> None:
        """Return when the server has all that was counted before.

        Raises:
            SinkError: it was tried at once, and the server has not; the events are kept.
        """
        await self._reporter.flush()

    async def aclose(self) -> None:
        """Report what is left, and let go of everything, in 3 seconds at most.

        Whoever is cancelled meanwhile need not call it again.
        """
        await self._reporter.aclose(CLOSE_SECONDS)

    def statistics(self) -> ReporterStatistics:
        """Return how many events were counted, acknowledged and dropped, and more of each shard."""
        return self._reporter.statistics()

    def __repr__(self) -> str:
        return f"CentralSink({self._reporter.place})"
