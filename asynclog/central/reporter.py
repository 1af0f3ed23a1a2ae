"""All shards of one server, as one place to report to."""

from __future__ import annotations

import asyncio
import os
import weakref
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import msgspec

from .. import fallback
from ..errors import LoggerClosed, LoggerNotOpen, SinkError
from .closing import Closing, until
from .connection import connect
from .counting import Counting
from .event import Event, encode, from_record
from .fingerprint import Fingerprint, storable
from .fingerprint import fingerprint as by_default
from .keys import MAX_SHARDS, Keys
from .known import Known
from .producer import Producer, ProducerStatistics
from .spooling import SpoolDirectory
from .stores.addresses import STORE_SCHEMES, is_store_url
from .stores.store import SQLStore, open_store
from .turns import EXCEPTION, LINE, TURN, Turns
from .ways import ServerWay, StoreWay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..records import Record
    from .connection import Connection
    from .counting import Section, Span, Tally
    from .settings import Settings
    from .ways import Way

MAX_REPEATS = 1 << 40
"""Of one event: the server counts in floating point, and sums must stay exact."""
MOST = 1_024
"""Records that are counted at once, though most of them repeat others."""
_SECOND = 1_000_000_000


class ReporterStatistics(NamedTuple):
    """The account of each shard."""

    shards: tuple[ProducerStatistics, ...]

    @property
    def produced(self) -> int:
        """Return the events that were reported, of all shards."""
        return sum(one.produced for one in self.shards)

    @property
    def acknowledged(self) -> int:
        """Return the events that the server has, of all shards."""
        return sum(one.acknowledged for one in self.shards)

    @property
    def waiting(self) -> int:
        """Return the events in memory, of all shards."""
        return sum(one.waiting for one in self.shards)

    @property
    def dropped(self) -> int:
        """Return the events of which nothing is kept here, of all shards."""
        return sum(sum(one.dropped.values()) for one in self.shards)

    @property
    def fullness(self) -> float:
        """Return how full the fullest shard is; from 1 on, events fold."""
        return max((one.fullness for one in self.shards), default=0.0)


class Reporter:
    """Counts records by their groups, and brings the counts to the server.

    Args:
        url: of the server, see `asynclog.central.urls.parse_url`, or of a store.
        namespace: keeps several systems on one server apart.
        shards: among which groups are spread; a store has one.
        settings: how the producer of each shard works.
        spool: a directory for what the server does not have yet; None for memory only.
        logger: the application's name for its logger.
        fingerprint: tells the group of a record.

    Raises:
        ValueError: an argument cannot be used; the message shows no password.
    """

    def __init__(
        self,
        url: str,
        *,
        namespace: str,
        shards: int,
        settings: Settings,
        spool: str | os.PathLike[str] | None,
        logger: str = "",
        fingerprint: Callable[[Record], str] = by_default,
    ) -> None:
        if not 0 < shards <= MAX_SHARDS:
            raise ValueError(
                f"shards: expected a whole number from 1 to {MAX_SHARDS}, got {shards!r}"
            )
        self._keys = [Keys(namespace, shard) for shard in range(shards)]
        self._connection = _connected(url)
        if is_store_url(url):
            self._keys = self._keys[:1]
        # What a store has committed it does not lose.
        self._settings = settings._replace(horizon=0.0) if is_store_url(url) else settings
        self._spool = spool
        self._spools: list[SpoolDirectory] = []
        self._logger = logger
        self._fingerprint = fingerprint
        self._trusted = fingerprint is by_default or isinstance(fingerprint, Fingerprint)
        self._by_text = fingerprint is by_default or (
            isinstance(fingerprint, Fingerprint) and fingerprint.by_text
        )
        self._known = Known()
        self._producers: list[Producer] = []
        self._all: list[Producer] = []  # those that are closed, too
        self._state = "new"  # then open, closed, or forked: open in the parent
        self._ended: list[Producer] = []  # those that are being closed
        self._closing = Closing(self._report_rest, self._let_go)
        self._writes: dict[Producer, asyncio.Future[bool]] = {}  # the last delta to each spool
        self._openings: list[asyncio.Task[None]] = []  # in a forked child
        self.turns = Turns()
        """For who reports one by one."""
        self._told = False
        _reporters.add(self)

    async def open(self) -> None:
        """Get ready; does not wait for the server.

        Raises:
            OSError: the spool cannot be made.
        """
        self._make_producers()
        for producer in self._producers:
            await producer.open()

    def _make_producers(self) -> None:
        loop = asyncio.get_running_loop()
        self._spools = [
            SpoolDirectory(self._spool, f"{keys.namespace}-{keys.shard}-")
            for keys in self._keys
            if self._spool is not None
        ]
        self._producers = [
            Producer(self._way(keys), self._settings, loop, spools=spools)
            for keys, spools in zip_longest(self._keys, self._spools)
        ]
        self._all += self._producers
        self._writes = {}
        self.turns.begin()  # where the loop of before ended in the midst of one
        self._closing = Closing(self._report_rest, self._let_go)
        self._state = "open"

    def inherit(self) -> None:
        """Leave everything to the parent, in a forked child, and begin anew with the next event."""
        if self._state != "open":
            return
        for producer in self._producers:
            producer.inherit()
        self._connection.inherit()
        self._producers, self._all, self._spools = [], [], []
        self._state = "forked"

    def _begin(self) -> None:
        """Get ready when an event has come already: in a forked child nobody opens anew.

        Raises:
            LoggerClosed: it was closed, or no loop runs.
            LoggerNotOpen: it was never opened.
        """
        if self._state == "new":
            raise LoggerNotOpen(repr(self))
        if self._state == "closed":
            raise LoggerClosed(f"{self!r} is closed")
        try:
            self._make_producers()
        except RuntimeError:
            raise LoggerClosed(f"{self!r}: no loop runs in this forked child") from None
        self._openings = [asyncio.ensure_future(self._open_later(one)) for one in self._producers]

    async def _open_later(self, producer: Producer) -> None:
        try:
            await producer.open()
        except (OSError, SinkError) as error:
            fallback.tell(f"no spool in a forked child: {fallback.reason_of(error)}")

    def _way(self, keys: Keys) -> Way:
        """Return the way to a shard; into a store there is only one."""
        if isinstance(self._connection, SQLStore):
            return StoreWay(self._connection, f"{keys.namespace}:{keys.shard}")
        return ServerWay(self._connection, keys, self._settings.limits)

    def report(self, event: Event) -> None:
        """Count one event.

        Raises:
            ValueError: it did not come once or more often.
        """
        if not 0 < event.repeats <= MAX_REPEATS:
            raise ValueError(f"repeats: expected 1 to {MAX_REPEATS:,}, got {event.repeats!r:.50}")
        group = storable(event.fingerprint)
        producer = self._of(group)
        time_ns = event.time_ns + producer.skew_ns

        def payload() -> bytes:
            return encode(event if not producer.skew_ns else _at(event, time_ns))

        second = time_ns // _SECOND
        producer.counting.count(second, event.level, group, payload, event.repeats)
        producer.fed()

    def count(self, records: Sequence[Record], start: int = 0) -> int:
        """Count some of *records* from *start* on; return where to go on."""
        if self._spool is not None:
            end = _end_of_slice(records, start)
            self._journal(records[start:end])
            return end
        left, position, end = TURN, start, min(start + MOST, len(records))
        fed = set()
        while position < end and left > 0:
            record = records[position]
            position += 1
            if not self._known.count(record):
                fed.add(self._count_unknown(record))
                left -= _cost_of(record)
        for producer in fed:
            producer.fed()
        return position

    def _count_unknown(self, record: Record) -> Producer:
        """Count *record*, and remember by what others like it are counted; return what did."""
        group = self._group(record)
        producer = self._of(group)
        by = self._add(producer, producer.counting, record, group)
        if by is not None and self._by_text:
            self._known.keep(record, by)
        return producer

    def count_one(self, record: Record) -> tuple[Tally, Span] | None:
        """Count *record*; return by what repetitions of it can be counted, if they can."""
        if self._spool is not None:
            self._journal((record,))
            return None
        group = self._group(record)
        producer = self._of(group)
        known = self._add(producer, producer.counting, record, group)
        producer.fed()
        return known

    @property
    def spooled(self) -> bool:
        """Whether what is counted is written to a spool."""
        return self._spool is not None

    async def settle(self) -> None:
        """With a spool, return when what was counted survives the end of the process."""
        if self._openings:
            await asyncio.wait(self._openings)
            self._openings = []
        # A spool writes in order, so that its last write is behind all others.
        writes = [write for write in self._writes.values() if not write.done()]
        if writes:
            await asyncio.wait(writes)
        else:
            await asyncio.sleep(0)

    def _add(
        self, producer: Producer, counting: Counting, record: Record, group: str
    ) -> tuple[Tally, Span] | None:
        """Count *record* in *counting*, by the server's time; see `Counting.count`."""
        time_ns = record.time_ns + producer.skew_ns

        def payload() -> bytes:
            event = from_record(record, group, logger=self._logger)
            return encode(event if not producer.skew_ns else _at(event, time_ns))

        return counting.count(time_ns // _SECOND, record.level, group, payload)

    def _journal(self, part: Sequence[Record]) -> None:
        """Count *part*, and write down what that adds."""
        added: dict[Producer, Counting] = {}
        for record in part:
            group = self._group(record)
            producer = self._of(group)
            self._add(producer, added.setdefault(producer, Counting()), record, group)
        for producer, counting in added.items():
            sections: tuple[Section, ...] = counting.snapshot()
            producer.counting.merge(sections)
            producer.fed()
            if producer.spool is not None:
                self._writes[producer] = producer.spool.delta(producer.epoch, sections)

    def _group(self, record: Record) -> str:
        try:
            group = self._fingerprint(record)
            return group if self._trusted else storable(group)
        except Exception as error:  # noqa: BLE001 - a rule of the application's own
            if not self._told:
                self._told = True
                fallback.tell(f"the fingerprint failed: {fallback.reason_of(error)}")
            return by_default(record)

    def _of(self, group: str) -> Producer:
        if len(self._producers) == 1:
            return self._producers[0]
        if not self._producers:
            self._begin()
        return self._producers[crc32(group.encode("utf-8", "replace")) % len(self._producers)]

    async def flush(self) -> None:
        """Return when the server has all that was counted before.

        Raises:
            SinkError: it has not.
        """
        ways = [asyncio.ensure_future(producer.flush()) for producer in self._producers]
        if ways:
            await asyncio.gather(*ways)

    async def aclose(self, seconds: float) -> None:
        """Report what is left, and let go of everything, within *seconds* for all of it.

        Whoever is cancelled meanwhile need not call it again: all is let go of, and what was not
        reported is counted as dropped, unless a spool has it.
        """
        self._state = "closed"
        self._ended += self._producers
        self._producers = []
        await self._closing.run(seconds)

    async def _report_rest(self) -> None:
        if self._writes or self._openings:
            await self.settle()
        ways = [producer.flush() for producer in self._ended]
        await asyncio.gather(*ways, return_exceptions=True)  # they count what is left

    async def _let_go(self, deadline: float) -> None:
        for opening in self._openings:
            opening.cancel()
        await asyncio.gather(*(producer.stop() for producer in self._ended))
        await asyncio.gather(
            until(deadline, self._connection.aclose()),
            *(producer.let_go(deadline) for producer in self._ended),
        )
        for spools in self._spools:
            spools.stop()
        self._spools.clear()
        self._ended.clear()

    def statistics(self) -> ReporterStatistics:
        """Return the account."""
        return ReporterStatistics(tuple(one.statistics() for one in self._all))

    @property
    def place(self) -> str:
        """Where the server is, without any secret."""
        return self._connection.place

    def __repr__(self) -> str:
        return f"Reporter({self.place})"


_reporters: weakref.WeakSet[Reporter] = weakref.WeakSet()


def _inherit_all() -> None:
    for one in list(_reporters):
        one.inherit()


os.register_at_fork(after_in_child=_inherit_all)


def _end_of_slice(records: Sequence[Record], start: int) -> int:
    """Return where the slice of *records* ends that begins at *start*."""
    left, end = TURN, start
    while end < len(records) and left > 0:
        left -= _cost_of(records[end])
        end += 1
    return end


def _cost_of(record: Record) -> int:
    return LINE if record.exception is None else EXCEPTION


def _connected(url: str) -> Connection | SQLStore:
    """Return what leads to *url*.

    Raises:
        ValueError: it cannot be used; the message shows no password.
    """
    if not is_store_url(url):
        return connect(url, beside=STORE_SCHEMES)
    try:
        return open_store(url)
    except ValueError as error:  # whose argument has another name
        raise ValueError(str(error).replace("store: ", "url: ", 1)) from None


def _at(event: Event, time_ns: int) -> Event:
    return msgspec.structs.replace(event, time_ns=time_ns)
