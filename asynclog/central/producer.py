"""One shard's producer: counts, numbers what it counted, and reports it until the server has it.

What is decided stands in `counting` and `batches`; here is what waits.  Nothing of it ever raises
into the application: a server that is down, full, loading or frozen is tried again, with growing
pauses, and meanwhile events are counted in bounded memory.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from .. import fallback
from ..backoff import Backoff
from ..errors import ServerError, SinkError
from ..worker import Worker
from .batches import Batches
from .closing import until
from .counting import DROPPED, Counting
from .journal import counters_of
from .scripts import Applied, Gap
from .skew import moved, skew_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .batches import Batch
    from .counting import Section
    from .settings import Settings
    from .spooling import Spool, SpoolDirectory
    from .ways import Way

BATCH_GROUPS = 1_000
"""Groups of one batch at most: to number so many, and then to encode them, each takes the loop
a millisecond or two."""
BATCH_BYTES = 512 << 10
"""Bytes of payloads of one batch at most, unless one has more."""
RESYNC_SECONDS = 60.0
"""Seconds after which the server is asked for its time again."""
CLOSED = "dropped_closed"
"""Events that were not reported when the producer was closed."""


class ProducerStatistics(NamedTuple):
    """The account: `produced` is always `acknowledged` + `waiting` + all that was dropped."""

    produced: int
    """Events that were counted, or dropped at once."""
    acknowledged: int
    """Events that the server has taken; those that it folded or dropped itself are in them."""
    waiting: int
    """Events in memory, or, after the end, in the spool."""
    folded: Mapping[str, int]
    """Events of which only the number was kept here, by `cause:level`."""
    dropped: Mapping[str, int]
    """Events of which nothing is kept here, by `cause:level`."""
    fullness: float
    """How much of the room is used, here or on the server, whichever is more; from 1 on, events
    fold.  Whoever can should log less well before."""
    missing_batches: int
    """Batches that the server lost after it had acknowledged them, and that were kept no more."""
    last_error: str | None
    """What is wrong with the server; None if nothing is."""


class _Stream:
    """Batches of one stream, with their file if there is one."""

    def __init__(self, name: str, batches: Batches, spool: Spool | None = None) -> None:
        self.name = name
        self.batches = batches
        self.spool = spool


class Producer:
    """Brings the events of one shard to the server.

    Args:
        way: to the server's shard, or into a store.
        settings: how to work.
        loop: on which all of it happens.
        spools: where to keep on disk what the server does not have; None for nowhere.
        time_ns: this machine's time, nanoseconds since the epoch.
    """

    def __init__(
        self,
        way: Way,
        settings: Settings,
        loop: asyncio.AbstractEventLoop,
        *,
        spools: SpoolDirectory | None = None,
        time_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._way = way
        self._settings = settings
        self._loop = loop
        self._spools = spools
        self._time_ns = time_ns
        self.skew_ns = 0
        """Nanoseconds to add to this machine's time."""
        self._asked_at = float("-inf")  # by the loop's clock, for the server's time
        self.counting = self._fresh()
        """What is counted now."""
        self._closing = self._fresh()  # what is being numbered
        self._closing_skew_ns = 0  # to be added to its times
        self._unsealed: list[Batch] = []  # numbered, and not in the spool as batches
        self._epoch = 0
        self._own = _Stream(uuid.uuid4().hex, Batches(settings.horizon))
        self._streams: list[_Stream] = []  # of producers that died
        self._opened = False
        self._produced = 0  # events that are not in `counting` any more
        self._recovered = 0
        self._left = 0  # in spools, when all was let go of
        self._lost: Counter[tuple[str, int]] = Counter()
        self._server_fullness = 0.0
        self._waiters: list[asyncio.Future[None]] = []
        self._question: asyncio.TimerHandle | None = None
        self._poked = asyncio.Event()
        self._idle = True
        self._backoff = Backoff(loop.time)
        self.last_error: str | None = None
        """What is wrong with the server; None if nothing is, as far as is known."""
        self._worker = Worker(loop, self._work, f"asynclog central {way.name}")

    def _fresh(self) -> Counting:
        settings = self._settings
        return Counting(settings.max_groups, settings.max_bytes, skew_ns=self.skew_ns)

    @property
    def epoch(self) -> int:
        """Counts how often `counting` was exchanged."""
        return self._epoch

    @property
    def spool(self) -> Spool | None:
        """Where what is counted is to be written, if anywhere."""
        return self._own.spool

    def fed(self) -> None:
        """Note that something was put into `counting`, or lost there; it is reported soon."""
        if self._idle:
            self._idle = False
            self._worker.wake()
        elif self._hurried:
            self._poked.set()

    @property
    def _hurried(self) -> bool:
        """Whether to report without waiting, so that nothing folds."""
        return self.counting.crowded and not self._failing

    async def open(self) -> None:
        """Take up what producers that died have left; does not wait for the server.

        Raises:
            OSError: the spool cannot be made.
        """
        try:
            await self._open_spool()
        finally:
            self._opened = True
            self._worker.wake()

    async def _open_spool(self) -> None:
        if self._spools is not None:
            self._own.spool = await self._spools.open(self._own.name)
            if not self.counting.empty:  # in a forked child, where nobody waited
                await self._own.spool.delta(self._epoch, self.counting.snapshot())
            for name, spool, found in await self._spools.recover(BATCH_GROUPS, BATCH_BYTES):
                if not found:
                    await spool.close(remove=True)
                    continue
                batches = Batches(self._settings.horizon, first=found[0].number)
                for batch in found:
                    batches.restore(batch)
                self._streams.append(_Stream(name, batches, spool))
                self._recovered += batches.events

    async def flush(self) -> None:
        """Return when the server has all that was counted before.

        Raises:
            SinkError: it was tried at once, and the server has not.
        """
        if not self._busy:
            return
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        self._poked.set()
        self._backoff.hasten()
        self._worker.wake()
        await waiter

    async def stop(self) -> None:
        """Report no more; a flush that is waited for fails."""
        await self._worker.stop()
        if self._question is not None:
            self._question.cancel()
        self._reject("the sink is closed")

    async def let_go(self, deadline: float) -> None:
        """Let go of the spools until *deadline* on the loop's clock; to be called after `stop`.

        What is in a spool stays there for the next producer, also if the disk is too slow to close
        it now.  What neither server nor spool has is counted as dropped.
        """
        left = bool(self._waiting)
        streams = [(self._own, not left), *((stream, False) for stream in self._streams)]
        closing = [one.spool.close(remove=remove) for one, remove in streams if one.spool]
        await until(deadline, asyncio.gather(*closing))
        self._abandon()

    def inherit(self) -> None:
        """End in a forked child, where everything here is the parent's, without a trace there."""
        self._worker.disown()
        self.counting.close()
        for stream in (self._own, *self._streams):
            if stream.spool is not None:
                stream.spool.inherit()

    def _abandon(self) -> None:
        """Count what nobody has as dropped, and forget what the spools have."""
        lost = self._unkept()
        self._left = self._waiting - lost.total()
        self._lost += self._closing.lost + self.counting.lost
        self._lost += Counter({(CLOSED, level): events for level, events in lost.items()})
        self._produced += _events_of(self.counting)
        self.counting.close()
        self._closing, self.counting = self._fresh(), self._fresh()
        self._own = _Stream(self._own.name, Batches(self._settings.horizon))
        self._streams.clear()
        if lost:
            told = f"{lost.total():,} events not reported when it was closed"
            fallback.tell(f"{self._way.name} {told}")

    def _unkept(self) -> Counter[int]:
        """Return how many events of each level neither the server nor the spool has."""
        sealed = (batch.sections for batch in self._own.batches.unacknowledged)
        before = _by_level(chain(self._closing.snapshot(), *sealed))
        now = _by_level(self.counting.snapshot())
        spool = self._own.spool
        if spool is None:
            return before + now
        missed_before, missed_now = spool.give_up(self._epoch)
        return (before & missed_before) + (now & missed_now)

    def statistics(self) -> ProducerStatistics:
        """Return the account."""
        lost = self._lost + self.counting.lost + self._closing.lost
        dropped = {key: n for key, n in lost.items() if key[0].startswith("dropped")}
        produced = self._produced + _events_of(self.counting) + self._recovered
        waiting = self._waiting
        return ProducerStatistics(
            produced=produced,
            acknowledged=produced - waiting - sum(dropped.values()),
            waiting=waiting,
            folded=dict(counters_of({key: n for key, n in lost.items() if key not in dropped})),
            dropped=dict(counters_of(dropped)),
            fullness=max(self.counting.fullness, self._server_fullness),
            missing_batches=self._own.batches.missing,
            last_error=self.last_error,
        )

    @property
    def _waiting(self) -> int:
        streams = sum(stream.batches.events for stream in (self._own, *self._streams))
        return self._left + self.counting.events + self._closing.events + streams

    @property
    def _busy(self) -> bool:
        return bool(
            not self.counting.empty
            or not self._closing.empty
            or self._own.batches.waiting
            or self._streams
            or self._waiters
        )

    async def _work(self) -> None:
        """Report until nothing is left."""
        try:
            await self._report()
        finally:
            self._idle = True  # from here to its end the task does not let others have their turn

    async def _report(self) -> None:
        while self._opened and (self._busy or self._unsynced):
            waiters: list[asyncio.Future[None]] = []
            try:
                await self._synchronise()
                await self._pause(self._settings.flush_interval)
                waiters, self._waiters = self._waiters, []
                await self._round()
            except ServerError as error:
                self._waiters += waiters
                self._failed(error)
                await self._pause(self._backoff.next())
            except Exception as error:  # noqa: BLE001 - whatever it is, the application goes on
                self._waiters += waiters
                self._failed(ServerError("ERR", fallback.reason_of(error)))
                await self._pause(self._backoff.next())
            except BaseException:
                self._waiters += waiters
                raise
            else:
                self._succeeded(waiters)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless somebody waits for a flush, or there is little room left."""
        if self._waiters or self._hurried:
            return
        self._poked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._poked.wait()

    @property
    def _unsynced(self) -> bool:
        return self._loop.time() - self._asked_at >= RESYNC_SECONDS and not self._failing

    @property
    def _failing(self) -> bool:
        return self.last_error is not None

    async def _synchronise(self) -> None:
        """Ask the server for its time, now and then."""
        if self._loop.time() - self._asked_at < RESYNC_SECONDS:
            return
        asked = self._time_ns()
        server = await self._way.time_ns()
        skew = skew_of(asked, server, self._time_ns())
        if self._asked_at == float("-inf") and skew:
            # In a spool they stand as they came, until the first batches take their place.
            self._exchange()
            self._closing_skew_ns = skew
        self.skew_ns = skew
        self.counting.set_skew(skew)
        self._asked_at = self._loop.time()

    async def _round(self) -> None:
        """Report all that is counted at the beginning of it."""
        for stream in tuple(self._streams):
            await self._send(stream)
            if stream.spool is not None:
                await stream.spool.close(remove=True)
            self._streams.remove(stream)
        await self._send_closing()  # what was under way when the last round failed
        if not self.counting.empty:
            self._exchange()
        await self._send_closing()
        if self._own.spool is not None:
            self._own.spool.settled(self._epoch)

    def _exchange(self) -> None:
        """Let what is counted be numbered; what comes from now on is of the next epoch."""
        self._closing, self.counting = self.counting, self._fresh()
        self._closing.close()
        self._closing_skew_ns = 0
        self._produced += _events_of(self._closing)
        self._epoch += 1

    async def _send_closing(self) -> None:
        """Number what is to be numbered, and send it; without a spool, a batch at a time."""
        spool = self._own.spool
        if spool is not None:
            await self._seal(spool)
        await self._send(self._own)
        while not self._closing.empty:
            self._next_batch()
            await asyncio.sleep(0)
            await self._send(self._own)

    async def _seal(self, spool: Spool) -> None:
        """Number all of it, and write it down at once: until then the spool has it as it came."""
        while not self._closing.empty:
            self._unsealed.append(self._next_batch())
            await asyncio.sleep(0)
        if self._unsealed:
            sealed, self._unsealed = self._unsealed, []
            await spool.sealed(self._epoch - 1, sealed)

    def _next_batch(self) -> Batch:
        sections, lost = self._closing.take(BATCH_GROUPS, BATCH_BYTES)
        if self._closing_skew_ns:
            sections = moved(sections, self._closing_skew_ns)
        self._lost += lost
        return self._own.batches.add(sections, counters_of(lost))

    async def _send(self, stream: _Stream) -> None:
        """Send the batches of *stream* until the server has them all."""
        while (current := stream.batches.current) is not None:
            batch, adopt = current
            reported = await self._way.report(stream.name, batch, adopt=adopt)
            missing = stream.batches.missing
            acknowledged = stream.batches.answer(reported, self._loop.time())
            if isinstance(reported, Gap):
                self._tell_gap(stream.batches.missing - missing)
            if isinstance(reported, Applied):
                self._note(reported)
            if acknowledged and stream.spool is not None:
                await self._free(stream, stream.spool, acknowledged[-1].number)

    async def _free(self, stream: _Stream, spool: Spool, number: int) -> None:
        """Have the spool let go of what the server has, up to the batch *number*."""
        counting = self.counting if stream is self._own else self._fresh()
        if stream.batches.unacknowledged or not spool.outgrown(counting.groups):
            await spool.acknowledged(number)
        else:
            await spool.renewed(number, self._epoch, counting.snapshot())

    def _tell_gap(self, missing: int) -> None:
        gone = f"; {missing:,} batches are lost" if missing else ""
        fallback.tell(
            f"{self._way.name} the server has forgotten what it had taken: what was taken within"
            f" the horizon is sent again{gone}"
        )

    def _ask_later(self) -> None:
        """Have the server asked whether it still has everything, if nothing else is sent to it."""
        if self._question is not None:
            self._question.cancel()
            self._question = None
        if self._own.batches.doubtful:
            self._question = self._loop.call_later(self._settings.horizon, self._ask)

    def _ask(self) -> None:
        self._own.batches.ask()
        self._worker.wake()

    def _note(self, applied: Applied) -> None:
        limits = self._settings.limits
        self._server_fullness = max(applied.groups / limits.groups, applied.bytes / limits.bytes)

    def _failed(self, error: ServerError) -> None:
        """Tell once that the server fails, and whoever waits for a flush that it will not be."""
        if self._backoff.begin():
            fallback.tell(f"central events wait in memory: {error}")
        self.last_error = str(error)
        self._reject(f"{self._waiting:,} events not reported: {error}")

    def _reject(self, reason: str) -> None:
        waiters, self._waiters = self._waiters, []
        spool = self._own.spool
        kept = spool is not None and spool.complete
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(SinkError(reason, kept=kept))

    def _succeeded(self, waiters: list[asyncio.Future[None]]) -> None:
        since = self._backoff.reset()
        self.last_error = None
        self._ask_later()
        if since is not None:
            fallback.tell(f"central events are reported again, after {since:.1f} s")
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _by_level(sections: Iterable[Section]) -> Counter[int]:
    """Return how many events of each level *sections* hold."""
    found: Counter[int] = Counter()
    for section in sections:
        found[section.level] += section.events
    return found


def _events_of(counting: Counting) -> int:
    """Return how many events *counting* was given since it was last taken from."""
    lost = sum(n for (cause, _), n in counting.lost.items() if cause == DROPPED)
    return counting.events + lost
