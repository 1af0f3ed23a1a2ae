"""Central events without a logger: report what happened, and take what was reported."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Self

from .closing import CLOSE_SECONDS, until
from .connection import connect
from .counting import MAX_BYTES, MAX_GROUPS
from .event import Event, decode
from .keys import Keys
from .leases import Held
from .reporter import Reporter
from .senders import CentralSender
from .settings import FLUSH_SECONDS, HORIZON_SECONDS, parse_milliseconds, parse_settings
from .source import Source
from .turns import LINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import timedelta

    from .contents import Contents
    from .reporter import ReporterStatistics
    from .reports import Limits
    from .stores.delivery import Dead, Row

LEASE_SECONDS = 30.0
"""For which a batch is its taker's without a word, unless told otherwise."""
_ATTEMPTS = 10
_WANT = 8


class EventBatch(NamedTuple):
    """Events of one second, in order of time; there may be several batches of one second."""

    second: int
    """Since the Unix epoch."""
    events: tuple[Event, ...]
    """One for each group, with how often it came."""
    folded: int
    """Events of which only the number is known, because there were too many groups."""
    dead: tuple[Dead, ...]
    """What is no event: damaged, or written by a stranger."""


class CentralLog:
    """Reports events to a server, and takes them from it, as one likes.

        async with CentralLog("redis://localhost") as central:
            await central.report(event)

    Args:
        url: of the server; see `asynclog.central.urls.parse_url`.
        namespace: keeps several systems on one server apart.
        shards: among which groups are spread.
        flush_interval: seconds, or a timedelta, between two reports.
        horizon: seconds, or a timedelta, that what was acknowledged is kept, and that what was
            claimed must be old before it is handed out: longer than what the server can lose in a
            crash.  0 for none.
        grace: seconds, or a timedelta, after its end at which a second is handed out.
        lease: seconds, or a timedelta, after which a batch that was handed out goes to another
            one, if it was not finished.
        spool: a directory for what the server does not have yet; None for memory only.
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
        grace: float | timedelta = 1.0,
        lease: float | timedelta = LEASE_SECONDS,
        spool: str | os.PathLike[str] | None = None,
        max_groups: int = MAX_GROUPS,
        max_bytes: str | int = MAX_BYTES,
        limits: Limits | None = None,
    ) -> None:
        settings = parse_settings(flush_interval, horizon, max_groups, max_bytes, limits)
        self._horizon = settings.horizon
        self._reporter = Reporter(
            url,
            namespace=namespace,
            shards=shards,
            settings=settings,
            spool=spool,
        )
        self._connection = connect(url)
        self._keys = [Keys(namespace, shard) for shard in range(shards)]
        self._lease_ms = parse_milliseconds(lease, "lease")
        self._grace_ms = parse_milliseconds(grace, "grace", least=0)
        self._begin_taking()

    def _begin_taking(self) -> None:
        """Take what others have not: nothing is handed out, or claimed by this one's name."""
        self._process = os.getpid()
        owner = f"log:{secrets.token_hex(8)}"
        self._sources = [
            Source(
                self._connection,
                keys,
                owner,
                lease_ms=self._lease_ms,
                grace_ms=self._grace_ms,
                attempts=_ATTEMPTS,
            )
            for keys in self._keys
        ]
        self._batches: AsyncIterator[EventBatch] | None = None
        self._coming: asyncio.Future[EventBatch] | None = None
        self._stopping: asyncio.Future[None] | None = None
        self._events: deque[Event] = deque()

    def _inherited(self) -> bool:
        """Whether this is a forked child, where all that is handed out is the parent's."""
        if self._process == os.getpid():
            return False
        self._connection.inherit()
        self._parents = self._coming  # kept, for to be destroyed would be told
        self._begin_taking()
        return True

    async def __aenter__(self) -> Self:
        await self._reporter.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def sender_with_label(self, label: str) -> CentralSender:
        """Return what reports lines of *label*, with the methods of any sender."""
        return CentralSender(self._reporter, label)

    async def report(self, event: Event) -> None:
        """Count *event*, in memory; it is at the server within `flush_interval`.

        Nothing is waited for, unless a spool is to have it first; but others on the loop have
        their turn now and then.

        Raises:
            ValueError: its `repeats` are no number of events.
        """
        self._reporter.report(event)
        if self._reporter.spooled:
            await self._reporter.settle()
        else:
            await self._reporter.turns.spend(LINE)

    async def flush(self) -> None:
        """Return when the server has all that was reported before.

        Raises:
            SinkError: it was tried at once, and the server has not; the events are kept.
        """
        await self._reporter.flush()

    async def get_event(self) -> Event:
        """Return the next event, as soon as there is one; its second is over then.

        The batch that it is of is finished when the first event of another one is asked for.  Who
        is cancelled while waiting, as by a timeout, loses nothing by it, and may ask again.

        Raises:
            ServerError: the server does not answer; ask again.
        """
        self._inherited()
        while not self._events:
            if self._batches is None:
                self._batches = self.batches()
            if self._coming is None:
                self._coming = asyncio.ensure_future(anext(self._batches))
            coming = self._coming
            await asyncio.wait([coming])
            if coming is self._coming:  # else another task was here before
                self._coming = None
                self._take(coming)
        return self._events.popleft()

    def _take(self, coming: asyncio.Future[EventBatch]) -> None:
        try:
            self._events.extend(coming.result().events)
        except BaseException:
            self._batches = None  # a generator that raised is over
            raise

    async def batches(self) -> AsyncIterator[EventBatch]:
        """Yield batches of events, for ever; each is finished when the next one is asked for.

        One that is not finished is handed out again, here or to another, when its lease is over.

        Raises:
            ServerError: the server does not answer; begin anew.
        """
        self._inherited()
        while True:
            waits = []
            for source in self._sources:
                work = await source.next(_WANT)
                waits.append(work.wait_ms)
                claimed = dict(work.again)
                for second in work.seconds:
                    batch = f"{second}-{secrets.token_hex(6)}"
                    if (meta := await source.claim(second, batch)) is not None:
                        claimed[batch] = meta
                for batch, meta in claimed.items():
                    contents = await self._contents(source, Held(batch, meta, 0))
                    if contents is None:
                        continue
                    yield _handed_out(meta.second, contents)
                    if self._inherited():
                        return
                    await source.acknowledge(batch, contents.events)
            await asyncio.sleep(min(waits) / 1000)

    async def _contents(self, source: Source, held: Held) -> Contents | None:
        """Return what is in a batch as soon as no crash can undo its claim; None if it is lost."""
        while (age_ms := await source.renew(held.batch)) is not None:
            left = self._horizon - age_ms / 1000
            if left <= 0:
                return await source.fetch(held)
            await asyncio.sleep(left)
        return None

    def statistics(self) -> ReporterStatistics:
        """Return how many events were counted, acknowledged and dropped, and more of each shard."""
        return self._reporter.statistics()

    async def aclose(self) -> None:
        """Report what is left, and let go of everything, in 3 seconds at most.

        Whoever is cancelled meanwhile need not call it again.
        """
        self._inherited()
        self._stopping = asyncio.ensure_future(self._stop_taking(CLOSE_SECONDS))
        await self._reporter.aclose(CLOSE_SECONDS)
        await asyncio.shield(self._stopping)

    async def _stop_taking(self, seconds: float) -> None:
        """End what waits for events, and let go of its connection, within *seconds*."""
        deadline = asyncio.get_running_loop().time() + seconds
        if self._coming is not None:
            self._coming.cancel()
            await until(deadline, asyncio.wait([self._coming]))
            self._coming = None
        await until(deadline, self._connection.aclose())

    def __repr__(self) -> str:
        return f"CentralLog({self._connection.place})"


def _handed_out(second: int, contents: Contents) -> EventBatch:
    delivery = contents.delivery
    return EventBatch(
        second,
        tuple(map(_event, delivery.rows)),
        sum(one.events for one in delivery.drops),
        tuple(delivery.dead),
    )


def _event(row: Row) -> Event:
    """Return what *row* holds; only its group and its time are known if it has no payload."""
    if row.payload is not None:
        return decode(row.payload, group=row.group, repeats=row.repeats)
    return Event(row.time_ns, row.repeats, "", None, 0, "", "", None, None, row.group)
