"""Keeping at most so many records a second."""

from __future__ import annotations

import math
from collections import OrderedDict
from operator import attrgetter
from typing import TYPE_CHECKING

from ..units import parse_count, parse_seconds
from .held import ANNOUNCE_EVERY, MAX_KEYS, NANOSECONDS, Held, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import timedelta

    from ..records import Record

_FIELDS = ("label", "level", "message", "template")


class _Limit:
    """The state of one key: when its allowance is whole again, and what was held back."""

    __slots__ = ("held", "whole_ns")

    def __init__(self) -> None:
        self.whole_ns = 0
        self.held = Held()


class RateLimiter:
    """Keeps records as long as their key has an allowance, which refills evenly.

    The generic cell rate algorithm of ITU-T I.371: the whole state of a key is the time at which
    its allowance is whole again.
    """

    def __init__(
        self,
        per_second: float,
        key: Callable[[Record], Hashable],
        burst: int,
        max_keys: int,
        every: float,
    ) -> None:
        self._key = key
        self._step_ns = int(NANOSECONDS / per_second)
        self._allowance_ns = self._step_ns * burst
        self._max_keys = max_keys
        self._every_ns = int(every * NANOSECONDS)
        self._pace = Pace(self._every_ns)
        self._reason = f"more than {per_second:.6g} a second"
        self._limits: OrderedDict[Hashable, _Limit] = OrderedDict()
        self._forgotten = Held()

    def __call__(self, record: Record, /) -> bool:
        """Keep the record if its key has an allowance, and take one record off that."""
        limit = self._limit(self._key(record))
        now_ns = record.time_ns
        whole_ns = max(limit.whole_ns, now_ns)
        if whole_ns - now_ns > self._allowance_ns:
            whole_ns = now_ns  # the clock was put back: nobody can owe more than the allowance
        if whole_ns - now_ns + self._step_ns > self._allowance_ns:
            limit.held.add(record)
            return False
        limit.whole_ns = whole_ns + self._step_ns
        return True

    @property
    def holding(self) -> bool:
        """Whether any were held back that no notice told of."""
        held = (limit.held.count for limit in self._limits.values())
        return self._forgotten.count > 0 or any(held)

    def notices(self, now_ns: int, /, *, closing: bool = False) -> list[Record]:
        """Return a record for each key that held lines back, and one for all forgotten keys."""
        if not closing and not self._pace.elapsed(now_ns):
            return []
        every_ns = 0 if closing else self._every_ns
        notices = [
            self._notice(limit.held, now_ns, key)
            for key, limit in self._limits.items()
            if limit.held.due(now_ns, every_ns)
        ]
        if self._forgotten.count:
            notices.append(self._notice(self._forgotten, now_ns, None))
        return notices

    def _notice(self, held: Held, now_ns: int, key: Hashable) -> Record:
        about = "" if key is None else f" of {str(key)[:100]}"
        return held.announce(now_ns, self._reason + about)

    def _limit(self, key: Hashable) -> _Limit:
        limit = self._limits.get(key)
        if limit is not None:
            self._limits.move_to_end(key)
            return limit
        limit = self._limits[key] = _Limit()
        if len(self._limits) > self._max_keys:
            _, oldest = self._limits.popitem(last=False)
            if oldest.held.count:
                self._forgotten.merge(oldest.held)
        return limit

    def __repr__(self) -> str:
        held = self._forgotten.count + sum(one.held.count for one in self._limits.values())
        return f"rate_limited({self._reason}, keys={len(self._limits)}, held={held})"


def rate_limited(
    per_second: float,
    key: str | Callable[[Record], Hashable] | None = None,
    *,
    burst: int | None = None,
    max_keys: int = MAX_KEYS,
    announce_every: float | timedelta = ANNOUNCE_EVERY,
) -> RateLimiter:
    """Return a filter that keeps at most *per_second* records a second of each key.

    Args:
        per_second: above zero; may be a fraction.
        key: what is limited on its own: `"label"`, `"level"`, `"message"`, `"template"`, the name
            of an attribute, or a callable; None limits all records together.
        burst: records that may come at once after a quiet time; None is one second's worth.
        max_keys: keys told apart; of more, the one that was not seen for longest is forgotten.
        announce_every: seconds, or a timedelta, between notices such as
            `812 lines held back: more than 10 a second of ct/100`.

    Raises:
        ValueError: an argument cannot be used; the message names it and its value.
    """
    limit = _positive(per_second)
    return RateLimiter(
        limit,
        _key_of(key),
        max(1, math.ceil(limit)) if burst is None else parse_count(burst, "burst"),
        parse_count(max_keys, "max_keys"),
        parse_seconds(announce_every, "announce_every"),
    )


def _key_of(key: str | Callable[[Record], Hashable] | None) -> Callable[[Record], Hashable]:
    """Return the function that *key* stands for."""
    if key is None:
        return _no_key
    if callable(key):
        return key
    if not isinstance(key, str):
        raise ValueError(f"key: expected a name or a callable, got {key!r}")  # noqa: TRY004 - a setting's value
    return attrgetter(key) if key in _FIELDS else _AttributeKey(key)


def _positive(per_second: object) -> float:
    if isinstance(per_second, (int, float)) and 0 < per_second <= NANOSECONDS:
        return float(per_second)
    raise ValueError(f"per_second: expected a number above 0, got {per_second!r}")


def _no_key(_record: Record) -> None:
    return None


class _AttributeKey:
    """Takes an attribute's value as the key; as text where it cannot be hashed."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, record: Record) -> Hashable:
        value = (record.attributes or {}).get(self._name)
        return value if isinstance(value, (str, int, float)) else repr(value)
