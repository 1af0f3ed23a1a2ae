"""The work of a gatherer in one shard."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from .. import fallback
from ..backoff import Backoff
from ..errors import ServerError, StoreError, StoreUnusable
from .contents import LOST, merge
from .leases import Leases
from .stores.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .contents import Contents
    from .leases import Held
    from .source import Source
    from .stores.protocol import Store
    from .tally import Tally

WANT = 32
"""Batches held at once."""
PART = 8
"""Batches that share one transaction when there is a backlog: each is a second of a shard."""
MAX_BYTES = 16 << 20
"""Of payloads, delivered together."""
DROPS_SECONDS = 10.0
"""How often the running totals of drops are brought into the store."""
REFUSALS = ("AUTH", "NOPERM", "WRONGPASS", "NOAUTH")
"""What a server answers to a user whom it will never serve."""


class Settings(NamedTuple):
    """How long things take, in milliseconds."""

    lease_ms: int
    horizon_ms: int


class Collecting:
    """Brings one shard's batches into the store, over and over.

    Args:
        source: the shard.
        store: shared with other shards.
        settings: how long things take.
        tally: counts; shared with other shards.
        stopping: set when the work is to end.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        settings: Settings,
        tally: Tally,
        stopping: asyncio.Event,
    ) -> None:
        self._source = source
        self._store = store
        self._settings = settings
        self._tally = tally
        self._stopping = stopping
        self._leases = Leases(settings.lease_ms, settings.horizon_ms)
        self._wanted: dict[int, str] = {}  # seconds being claimed: one that fails keeps its name
        self._skew_ms = 0
        self._next_drops = 0.0
        self._lost = 0  # events that were told of
        self._drained = False
        self._backoff = Backoff(_now)
        self._answered = False  # whether the server has, in this round

    @property
    def held(self) -> int:
        """Batches under a lease."""
        return len(self._leases)

    async def run(self, *, once: bool) -> None:
        """Work until told to stop, or, with *once*, until there is nothing left."""
        keeping = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping.is_set():
                pause = await self._attempt(self._last_round if once else self._round)
                if self._drained:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])  # else it might renew what is given back
            await self._give_back()

    async def _attempt(self, work: Callable[[], Awaitable[float]]) -> float:
        """Do a round of *work*; return the seconds to wait before the next."""
        self._answered = False
        try:
            pause = await work()
        except StoreUnusable:
            raise
        except (ServerError, StoreError) as error:
            if isinstance(error, ServerError) and error.code in REFUSALS:
                raise
            return self._failed(error)
        if (since := self._backoff.reset()) is not None:
            self._tally.trouble(None)
            fallback.tell(f"gather {self._source.shard}: well again after {since:.1f} s")
        return pause

    def _failed(self, error: Exception) -> float:
        self._tally.add(failures=1)
        self._tally.trouble(str(error))
        if self._backoff.begin():
            fallback.tell(f"gather {self._source.shard}: {error}; trying again")
        if self._answered and isinstance(error, ServerError) and error.code == "CONNECTION":
            self._backoff.hasten()  # it was there: one that crashes again and again must be met
        return self._backoff.next()

    async def _round(self) -> float:
        wait_ms = await self._take()
        await self._acknowledge()
        due = self._leases.due(self._server_ms(), MAX_BYTES)
        if due:
            await self._deliver(due)
            await self._acknowledge()
        await self._bring_drops()
        if self._leases.due(self._server_ms(), MAX_BYTES) or self._wanted:
            return 0.0
        ripe_ms = self._leases.wait_ms(self._server_ms())
        return min(wait_ms, wait_ms if ripe_ms is None else ripe_ms) / 1000

    async def _take(self) -> int:
        """Claim what there is; return the milliseconds after which to ask again."""
        want = WANT - len(self._leases)
        if want <= 0:
            return self._settings.horizon_ms
        asked_ms = _now_ms()
        work = await self._source.next(want)
        self._answered = True
        # A little too late, at most: what is not ripe after all is found out by the fence.
        self._skew_ms = work.now_ms - asked_ms
        for batch, meta in work.again:
            self._leases.take(batch, meta, _now_ms())
            self._tally.add(taken_over=1)
        oldest = min(work.seconds, default=None)
        behind = 0.0 if oldest is None else work.now_ms / 1000 - oldest - 1
        self._tally.behind(behind)
        for second in work.seconds:
            self._wanted.setdefault(second, f"{second}-{secrets.token_hex(6)}")
        for second, batch in list(self._wanted.items()):
            claimed = await self._source.claim(second, batch)
            del self._wanted[second]
            if claimed is not None:
                self._leases.take(batch, claimed, _now_ms())
        return work.wait_ms

    async def _deliver(self, due: list[Held]) -> None:
        """Bring *due* into the store, as far as they are still this gatherer's.

        While the store writes one part, the next one is read.
        """
        writing: asyncio.Task[None] | None = None
        try:
            for part in (due[n : n + PART] for n in range(0, len(due), PART)):
                contents = await self._read(part)
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(contents))
            if writing is not None:
                await writing
        except BaseException:
            if writing is not None and not writing.done():
                writing.cancel()  # what becomes of it does not matter: it comes again
                await asyncio.wait([writing])
            raise

    async def _read(self, part: list[Held]) -> dict[str, Contents]:
        """Return what is in those of *part* that may be delivered."""
        found: dict[str, Contents] = {}
        for held in part:
            contents = await self._source.fetch(held)
            # The fence: after the horizon the server still knows the claim, and that it is ours.
            age_ms = await self._source.renew(held.batch)
            if age_ms is None:
                self._leases.drop(held.batch)
                self._tally.add(leases_lost=1)
            elif contents is None:
                # It comes back when the lease is over, and is put aside after some attempts.
                self._leases.drop(held.batch)
                self._tally.add(damaged=1)
                fallback.tell(f"gather {self._source.shard}: batch {held.batch} is not whole")
            elif self._leases.ripe(age_ms):
                self._leases.renewed(held.batch, _now_ms())
                found[held.batch] = contents
        return found

    async def _write(self, found: dict[str, Contents]) -> None:
        """Bring the batches in *found* into the store."""
        delivery = merge(found.values())
        if len(delivery):
            receipt = await self._store.deliver(delivery)
            self._count(delivery, receipt.rows, receipt.events)
        for batch, contents in found.items():
            self._leases.stored(batch, contents.events)

    def _count(self, delivery: Delivery, rows: int, events: int) -> None:
        self._tally.add(
            rows=rows,
            events=events,
            again=len(delivery.rows) - rows,
            folded=sum(one.events for one in delivery.drops),
            dead=sum(one.repeats for one in delivery.dead),
        )

    async def _acknowledge(self) -> None:
        for held in self._leases.unacknowledged():
            await self._source.acknowledge(held.batch, held.stored or 0)
            self._leases.drop(held.batch)
            self._tally.add(batches=1)

    async def _bring_drops(self) -> None:
        """Bring the running totals into the store, now and then, and before the end."""
        if _now() < self._next_drops:
            return
        drops = await self._source.drops()
        if drops:
            await self._store.deliver(Delivery(drops=drops))
        self._tell_lost(sum(one.events for one in drops if one.cause == LOST))
        self._next_drops = _now() + DROPS_SECONDS

    def _tell_lost(self, events: int) -> None:
        """Warn of events that the server does not have any more: it was emptied, or evicts keys."""
        if events > self._lost:
            fallback.tell(
                f"gather {self._source.shard}: the server has lost {events - self._lost:,} events"
                " that nobody had gathered; its maxmemory-policy must be noeviction"
            )
            self._tally.add(lost=events - self._lost)
        self._lost = max(self._lost, events)

    async def _last_round(self) -> float:
        """Do a round, and see whether it was the last: nobody holds anything."""
        pause = await self._round()
        if not self._leases and not self._wanted:
            backlog = await self._source.backlog()
            if not backlog.seconds and not backlog.batches:
                self._next_drops = 0.0
                await self._bring_drops()
                self._drained = True
        return pause

    async def _keep_leases(self) -> None:
        """Renew leases while a delivery takes its time, or the store is out of reach."""
        while True:
            await asyncio.sleep(self._settings.lease_ms / 1000 / 6)
            for batch in self._leases.fading(_now_ms()):
                with suppress(ServerError):  # the round will find out, and tell
                    age_ms = await self._source.renew(batch)
                    if age_ms is None:
                        self._leases.drop(batch)
                        self._tally.add(leases_lost=1)
                    else:
                        self._leases.renewed(batch, _now_ms())

    async def _give_back(self) -> None:
        """Let others have at once what is not delivered."""
        with suppress(ServerError):
            await self._acknowledge()
            for batch in self._leases.names:
                await self._source.give_back(batch)
                self._leases.drop(batch)

    def _server_ms(self) -> int:
        return _now_ms() + self._skew_ms


def _now() -> float:
    """Return the loop's time, in seconds."""
    return asyncio.get_running_loop().time()


def _now_ms() -> int:
    return round(_now() * 1000)
