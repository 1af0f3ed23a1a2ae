"""When a rolling file is full or its time is over: pure, the time is handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from ..units import parse_seconds, parse_size

if TYPE_CHECKING:
    from datetime import tzinfo

    from .payload import Payload

NANOSECONDS = 1_000_000_000


class Schedule(Protocol):
    """Cuts time into periods, each of which has a file of its own."""

    def period(self, now_ns: int, /) -> int:
        """Return the number of the period that *now_ns* lies in; numbers grow with time."""
        ...

    def next_ns(self, now_ns: int, /) -> int:
        """Return when the next period begins, as far as that is known at *now_ns*."""
        ...


class Daily:
    """One period for each day of the calendar, however many hours it has.

    Args:
        zone: whose midnight counts; None is the zone of this machine.
    """

    def __init__(self, zone: tzinfo | None = UTC) -> None:
        self._zone = zone

    def period(self, now_ns: int, /) -> int:
        """Return the day's ordinal."""
        return _local(now_ns, self._zone).toordinal()

    def next_ns(self, now_ns: int, /) -> int:
        """Return the next midnight, or the first moment of a day that begins later."""
        tomorrow = _local(now_ns, self._zone).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self._zone)
        return int(midnight.timestamp()) * NANOSECONDS

    def __repr__(self) -> str:
        return f"Daily({self._zone})"


class Every:
    """Periods of equal length, counted from midnight at the epoch.

    Args:
        seconds: the length of a period.
        zone: whose midnight counts, so that periods of 6 hours begin at 0, 6, 12 and 18 o'clock
            there; None is the zone of this machine.
    """

    def __init__(self, seconds: float, zone: tzinfo | None = UTC) -> None:
        self._length_ns = max(1, round(seconds * NANOSECONDS))
        self._zone = zone

    def period(self, now_ns: int, /) -> int:
        """Return how many whole periods have passed."""
        return (now_ns + self._offset_ns(now_ns)) // self._length_ns

    def next_ns(self, now_ns: int, /) -> int:
        """Return the end of the period, unless the zone's offset changes before it."""
        return (self.period(now_ns) + 1) * self._length_ns - self._offset_ns(now_ns)

    def _offset_ns(self, now_ns: int) -> int:
        if self._zone is UTC:
            return 0
        offset = _local(now_ns, self._zone).utcoffset() or timedelta(0)
        return round(offset.total_seconds() * NANOSECONDS)

    def __repr__(self) -> str:
        return f"Every({self._length_ns / NANOSECONDS:g}, {self._zone})"


def _local(now_ns: int, zone: tzinfo | None) -> datetime:
    moment = datetime.fromtimestamp(now_ns // NANOSECONDS, UTC)
    return moment if zone is UTC else moment.astimezone(zone)


class Rotation:
    """Decides, before each write, whether the file at hand is to be rolled first.

    Args:
        max_bytes: the size that a file does not exceed, unless one record alone does; None for any.
        schedule: gives each period its own file; None for one file for ever.
    """

    def __init__(self, max_bytes: int | None = None, schedule: Schedule | None = None) -> None:
        self._max_bytes = max_bytes
        self._schedule = schedule
        self._period = 0

    def begin(self, changed_ns: int, now_ns: int) -> None:
        """Take on a file that was last written at *changed_ns*; a future time is a wrong one."""
        if self._schedule is not None:
            self._period = self._schedule.period(min(changed_ns, now_ns))

    def due(self, size: int, incoming: int, now_ns: int) -> bool:
        """Tell whether a file of *size* bytes is to be rolled before a record of *incoming* bytes.

        An empty file is never rolled.  Where the clock was put back, the file at hand is taken for
        one of the period that it is now: a wrong time in the future must not stop the rolling.
        """
        if self._schedule is not None:
            period = self._schedule.period(now_ns)
            if size > 0 and period > self._period:
                return True
            self._period = period
        return size > 0 and self._max_bytes is not None and size + incoming > self._max_bytes

    def fitting(self, payload: Payload, start: int, size: int) -> int:
        """Return the end of the records from *start* on that still fit a file of *size* bytes.

        At least one fits, because a record is never cut.
        """
        if self._max_bytes is None or size + len(payload) - start <= self._max_bytes:
            return len(payload)
        end = payload.last_end(start, start + self._max_bytes - size)
        return end if end > start else payload.end_of(start)

    def next_ns(self, now_ns: int) -> int | None:
        """Return when an idle file is to be looked at again; None for never."""
        return None if self._schedule is None else self._schedule.next_ns(now_ns)

    def __repr__(self) -> str:
        return f"Rotation(max_bytes={self._max_bytes}, schedule={self._schedule})"


def parse_rotation(
    size: int | str | None, every: float | str | timedelta | None, zone: tzinfo | None
) -> Rotation:
    """Return the rotation that a sink's settings stand for.

    Args:
        size: bytes, or a size such as `"100MB"`; None for no limit.
        every: `"day"`, `"hour"`, seconds or a timedelta; None for no schedule.
        zone: of the schedule; None is the zone of this machine.

    Raises:
        ValueError: a setting cannot be used; the message names it, its value and what is allowed.
    """
    limit = None if size is None else parse_size(size, "size")
    if limit == 0:
        raise ValueError(f"size: expected a size above zero or None, got {size!r}")
    return Rotation(limit, _parse_schedule(every, zone))


def _parse_schedule(every: float | str | timedelta | None, zone: tzinfo | None) -> Schedule | None:
    if every is None:
        return None
    if every == "day":
        return Daily(zone)
    if every == "hour":
        return Every(3600, zone)
    if isinstance(every, str):
        raise ValueError(  # noqa: TRY004 - it is the text that is wrong
            f"every: expected 'day', 'hour', seconds, a timedelta or None, got {every!r}"
        )
    return Every(parse_seconds(every, "every"), zone)
