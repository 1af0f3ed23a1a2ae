"""The account of every line: accepted = emitted + dropped + buffered.

`Ledger` decides whether there is room; `SealedBatch` is a run of lines on their way, which tells
the ledger about each line once, when the last sink is done with it.
"""

from __future__ import annotations

import threading
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from .weight import places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .records import Record

_SHUT = 1 << 60
"""Lowers the ceiling below all that may ever be admitted."""


class Cause(Enum):
    """Why a line was dropped; the value is how a person reads it."""

    QUEUE_FULL = "queue full"
    HANDLER_FULL = "handler's queue full"
    NOT_AWAITED = "queue full and the call not awaited"
    CANCELLED = "cancelled while waiting for room"
    FILTERED = "rejected by filters"
    SINK_FAILED = "sink failed"
    REFUSED = "refused by the sink"
    REENTRANT = "logged from inside the logger"
    CLOSED = "not written when the logger closed"
    REPLACED = "not written when its handler was replaced"


ANNOUNCED = frozenset({Cause.QUEUE_FULL, Cause.NOT_AWAITED})
"""Losses that are announced in the stream itself, as soon as there is room."""


class SinkStatistics(msgspec.Struct, frozen=True):
    """How one sink fares, at one moment."""

    name: str
    """The sink's `repr`, without secrets."""
    written: int
    """Lines that it has taken, those of the logger itself among them."""
    lost: int
    """Lines that were given up: it failed, refused them, or had not taken them at the end."""
    waiting: int
    """Formatted lines that it has not taken yet."""
    failing_since: int | None
    """Nanoseconds since the epoch; None where the last write went well."""
    last_error: str | None
    """Type and text of the last error, without anything of the lines; None where there was none."""


class HandlerStatistics(msgspec.Struct, frozen=True):
    """How one handler fares, at one moment."""

    name: str
    """The handler's `repr`."""
    lost: int
    """Lines dropped because more than its capacity waited."""
    waiting: int
    """Lines that are not formatted yet."""
    sinks: tuple[SinkStatistics, ...]
    """In the handler's order, the fallback last."""


class Statistics(msgspec.Struct, frozen=True):
    """Counts of lines, at one moment.  At rest: accepted = emitted + dropped + buffered."""

    accepted: int
    """Lines handed to the logger, whatever became of them."""
    emitted: int
    """Lines that at least one sink has written."""
    dropped: int
    """Lines given up on purpose."""
    buffered: int
    """Lines on their way: waiting in a label's buffer, or not yet settled by all sinks."""
    dropped_by_cause: dict[str, int]
    """As `dropped`, by the value of `Cause`."""
    dropped_by_level: dict[int, int]
    """As `dropped`, by level."""
    announced: int
    """Lines that the logger itself wrote to tell of losses; in none of the counts above."""
    handlers: tuple[HandlerStatistics, ...] = ()
    """Of each handler; those that were replaced first, until they have ended."""


class Ledger:
    """Counts lines, and knows whether one more may come in.

    `admitted` is raised by the loop's thread alone, without a lock: it is on the hot path.  All
    else is changed under the lock, because lines come from other threads too.

    Args:
        capacity: lines (of up to 1,024 characters each) that may be buffered at once.

    While lines wait for room, the ledger is shut: or those that need little of it would overtake,
    for ever, one that needs much.
    """

    __slots__ = (
        "_dropped",
        "_extras",
        "_lock",
        "_refused",
        "_reserved",
        "_shut",
        "admitted",
        "announced",
        "capacity",
        "ceiling",
        "emitted",
        "heavy",
        "on_room",
        "unannounced",
    )

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.admitted = 0
        """Lines that found room."""
        self.ceiling = capacity
        """There is room while `admitted < ceiling`: capacity, and all that was settled.

        While the ledger is shut, it is so low that no line takes the hot path.
        """
        self.emitted = 0
        self.announced = 0
        self.unannounced = 0
        """Losses that the stream does not tell of yet."""
        self.heavy = 0
        """Places taken beyond one for each line, by lines that weigh more than one does."""
        self.on_room: Callable[[], None] | None = None
        """Called on the loop after room was made, while somebody waits for that."""
        self._refused = 0
        self._reserved = 0
        self._shut = 0  # by how much the ceiling is lowered
        self._extras: dict[int, int] = {}  # of `heavy`, by `id`: a filter may change the text
        # Neither an Enum nor a Counter: they run Python code, and so, perhaps, a signal's handler
        # that logs, between reading a count and writing it.
        self._dropped: dict[tuple[str, int], int] = {}
        # Reentrant: a finaliser or a signal's handler that logs may run while the lock is held.
        self._lock = threading.RLock()

    @property
    def accepted(self) -> int:
        """Lines handed to the logger so far."""
        return self.admitted + self._refused + self._reserved

    @property
    def dropped(self) -> int:
        """Lines given up so far."""
        return sum(self._dropped.values())

    def has_room(self, places: int = 1) -> bool:
        """Whether a new line that takes *places* may come in, before none that waits."""
        return not self._shut and self.fits(places)

    def fits(self, places: int = 1) -> bool:
        """Whether there are so many *places*; for the first line there always are."""
        return self.admitted + places <= self.ceiling + self._shut or self.idle

    def shut(self, shut: bool) -> None:
        """Let in only lines that wait for room, or, for False, all others again, too."""
        if bool(self._shut) != shut:
            with self._lock:
                self.ceiling += self._shut
                self._shut = _SHUT if shut else 0
                self.ceiling -= self._shut

    def admit(self, record: Record) -> None:
        """Let one line in; loop's thread only.  The hot path raises `admitted` itself."""
        self.admitted += 1
        extra = places_of(record) - 1
        if extra:
            with self._lock:
                self._take(record, extra)

    def reserve(self, record: Record) -> bool:
        """Let one line in from another thread, if there is room; `arrive` follows on the loop."""
        places = places_of(record)
        with self._lock:
            if not self.has_room(places):
                return False
            self._reserved += 1
            self.ceiling -= 1
            self._take(record, places - 1)
            return True

    def arrive(self, record: Record) -> None:
        """Turn the reservation of *record* into a line that was let in; loop's thread only."""
        with self._lock:
            self._reserved -= 1
            self.ceiling += 1
            self.admitted += 1

    def refuse(self, record: Record, cause: Cause) -> None:
        """Count a line that was dropped before it came in.  Any thread."""
        with self._lock:
            self._refused += 1
            self._count_dropped((record,), cause)

    def disown(self) -> None:
        """Begin anew in a forked child, for all lines so far are the parent's.

        The lock is a new one: a thread of the parent may have held it.
        """
        self.__init__(self.capacity)  # type: ignore[misc]

    def settle(self, records: Sequence[Record], cause: Cause | None) -> None:
        """Count lines that were let in as dropped for *cause*, or, for None, as emitted."""
        count = len(records)
        with self._lock:
            if cause is None:
                self.emitted += count
            else:
                self._count_dropped(records, cause)
            self.ceiling += count
            if self.heavy:
                extra = sum(self._extras.pop(id(record), 0) for record in records)
                self.heavy -= extra
                self.ceiling += extra
        if self.on_room is not None:
            self.on_room()

    def take_unannounced(self) -> int:
        """Return how many losses there are to announce, and count them as announced."""
        with self._lock:
            losses, self.unannounced = self.unannounced, 0
            self.announced += 1
        return losses

    def give_back(self, losses: int) -> None:
        """Take back that *losses* were announced: the line that told of them was lost itself."""
        with self._lock:
            self.unannounced += losses
            self.announced -= 1

    @property
    def idle(self) -> bool:
        """Whether all lines that were let in are settled."""
        return not self._reserved and self.admitted == self._settled()

    def statistics(self, buffered: int) -> Statistics:
        """Return all counts; *buffered* is counted by the caller where the lines are."""
        with self._lock:
            by_cause: Counter[str] = Counter()
            by_level: Counter[int] = Counter()
            for (cause, level), count in list(self._dropped.items()):
                by_cause[cause] += count
                by_level[level] += count
            return Statistics(
                accepted=self.accepted,
                emitted=self.emitted,
                dropped=self.dropped,
                buffered=buffered + self._reserved,
                dropped_by_cause=dict(by_cause),
                dropped_by_level=dict(by_level),
                announced=self.announced,
            )

    def _settled(self) -> int:
        """Return how many of the lines that were let in are settled."""
        return self.ceiling + self._shut - self.capacity + self.heavy + self._reserved

    def _take(self, record: Record, extra: int) -> None:
        """Note that *record* takes *extra* places beyond one, until it is settled."""
        if extra:
            self._extras[id(record)] = self._extras.get(id(record), 0) + extra
            self.heavy += extra
            self.ceiling -= extra

    def _count_dropped(self, records: Iterable[Record], cause: Cause) -> None:
        count, name = 0, cause.value
        for record in records:
            key = (name, int(record.level))
            self._dropped.setdefault(key, 0)
            self._dropped[key] += 1
            count += 1
        if cause in ANNOUNCED:
            self.unannounced += count


class SealedBatch:
    """Lines that go out together, each to be settled once by every one of *parties* sinks.

    A line is emitted if any sink wrote it; else it is dropped for the first cause that was given.

    Args:
        records: the lines, in order.
        ledger: the account to tell, or None for lines that are not counted.
        parties: number of sinks.
    """

    __slots__ = ("_fates", "_ledger", "_parties", "_pending", "records", "unsettled")

    def __init__(self, records: list[Record], ledger: Ledger | None, parties: int) -> None:
        self.records = records
        self.unsettled = len(records)
        """Lines that at least one sink has not settled yet."""
        self._ledger = ledger
        self._parties = parties
        self._pending: list[int] | None = None
        self._fates: list[Cause | None] = []

    @property
    def counted(self) -> bool:
        """Whether the lines are in the account, as all but the logger's own are."""
        return self._ledger is not None

    @property
    def evictable(self) -> bool:
        """Whether lines may be dropped when others need their room."""
        return self.counted

    def pick(self, indices: Sequence[int]) -> list[Record]:
        """Return the lines at *indices*; for a range, at the price of a slice."""
        if type(indices) is range:
            return self.records[indices.start : indices.stop]
        return [self.records[i] for i in indices]

    def settle(self, indices: Sequence[int], cause: Cause | None, parties: int = 1) -> None:
        """Record that *parties* sinks are done with the lines at *indices*.

        Args:
            indices: positions in `records`.
            cause: why they did not write them; None if they did.
            parties: number of sinks that this speaks for.
        """
        if self._parties == parties:  # the usual case: nobody else has a say
            self.unsettled -= len(indices)
            self._tell(self.pick(indices), cause)
            return
        if self._pending is None:
            self._pending = [self._parties] * len(self.records)
            self._fates = [Cause.FILTERED] * len(self.records)
        done: dict[Cause | None, list[Record]] = {}
        for index in indices:
            fate = self._fates[index] = _worse_last(self._fates[index], cause)
            self._pending[index] -= parties
            if not self._pending[index]:
                done.setdefault(fate, []).append(self.records[index])
        for fate, records in done.items():
            self.unsettled -= len(records)
            self._tell(records, fate)

    def _tell(self, records: list[Record], cause: Cause | None) -> None:
        if not self.unsettled:
            self.records = []  # let go of the lines, whoever still holds the batch
        if self._ledger is not None and records:
            self._ledger.settle(records, cause)


class Notice(SealedBatch):
    """The logger's own line about losses; if it is lost too, the next one tells of them.

    Args:
        record: the line; it is not counted itself.
        losses: how many it tells of.
        ledger: the account in which they were announced.
        parties: number of sinks.
    """

    __slots__ = ("_account", "_losses")

    def __init__(self, record: Record, losses: int, ledger: Ledger, parties: int) -> None:
        super().__init__([record], None, parties)
        self._account = ledger
        self._losses = losses

    @property
    def evictable(self) -> bool:
        """True: before a sink that hangs there must not be one for each second that it does."""
        return True

    def _tell(self, records: list[Record], cause: Cause | None) -> None:
        super()._tell(records, cause)
        if records and cause is not None and cause is not Cause.FILTERED:
            self._account.give_back(self._losses)


def _worse_last(known: Cause | None, new: Cause | None) -> Cause | None:
    """Combine two sinks' accounts of one line: written beats lost, lost beats filtered."""
    if known is None or new is None:
        return None
    return new if known is Cause.FILTERED else known
