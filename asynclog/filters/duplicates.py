"""Keeping one record of many that say the same."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING

from ..units import parse_count, parse_seconds
from .held import MAX_KEYS, NANOSECONDS, Held, Pace

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import timedelta

    from ..records import Record

_MAX_TEXT = 120
"""Characters of the repeated message that stand in its notice."""
_MAX_KEPT = 512
"""Characters of a message that are kept to compare with; of longer ones, a digest."""


class _Repeats:
    """One message that was let through, and how often it came again since."""

    __slots__ = ("begun_ns", "held", "text")

    def __init__(self, record: Record) -> None:
        self.begun_ns = record.time_ns
        self.text = record.message[:_MAX_TEXT]
        self.held = Held()

    def announce(self, now_ns: int) -> Record:
        count = self.held.count
        times = "1 time" if count == 1 else f"{count} times"
        notice = self.held.announce(now_ns, "")
        notice.message = f"last message repeated {times}: {self.text}"
        return notice


class Deduplicator:
    """Keeps the first of the equal records in a window of time, and counts the others.

    Equal are records of one label and level with the same message and exception, whatever came
    between them: the lines of concurrent tasks seldom repeat without others among them.
    """

    def __init__(self, window: float, max_keys: int) -> None:
        self._window = window
        self._window_ns = int(window * NANOSECONDS)
        self._max_keys = max_keys
        self._pace = Pace(self._window_ns)
        self._seen: OrderedDict[Hashable, _Repeats] = OrderedDict()
        self._ended: list[_Repeats] = []
        self._forgotten = Held()

    def __call__(self, record: Record, /) -> bool:
        """Keep the first of a kind, and the first after its window."""
        key = _key(record)
        repeats = self._seen.pop(key, None)
        if repeats is not None:
            if 0 <= record.time_ns - repeats.begun_ns < self._window_ns:
                self._seen[key] = repeats  # to the end: the most recently seen
                repeats.held.add(record)
                return False
            self._end(repeats)
        self._seen[key] = _Repeats(record)
        if len(self._seen) > self._max_keys:
            self._end(self._seen.popitem(last=False)[1])
        return True

    @property
    def holding(self) -> bool:
        """Whether any were held back that no notice told of."""
        held = (repeats.held.count for repeats in self._seen.values())
        return bool(self._ended) or self._forgotten.count > 0 or any(held)

    def notices(self, now_ns: int, /, *, closing: bool = False) -> list[Record]:
        """Return a record for each message whose window has ended and that was repeated in it."""
        if not closing and not self._pace.elapsed(now_ns):
            return []
        ended, self._ended = self._ended, []
        for key, repeats in list(self._seen.items()):
            if closing or not 0 <= now_ns - repeats.begun_ns < self._window_ns:
                ended.append(self._seen.pop(key))
        notices = [repeats.announce(now_ns) for repeats in ended if repeats.held.count]
        if self._forgotten.count:
            notices.append(self._forgotten.announce(now_ns, "repeated messages"))
        return notices

    def _end(self, repeats: _Repeats) -> None:
        """Keep what is to be announced; where nobody asks for it, only the count."""
        if not repeats.held.count:
            return
        if len(self._ended) < self._max_keys:
            self._ended.append(repeats)
        else:
            self._forgotten.merge(repeats.held)

    def __repr__(self) -> str:
        held = sum(one.held.count for one in (*self._seen.values(), *self._ended))
        held += self._forgotten.count
        return f"deduplicated({self._window:.6g}, keys={len(self._seen)}, held={held})"


def deduplicated(window: float | timedelta, *, max_keys: int = MAX_KEYS) -> Deduplicator:
    """Return a filter that keeps the first of equal records and holds its repeats back.

    Once the window of a message has ended, it tells `last message repeated 812 times: <text>`;
    the next one of its kind is kept again and begins a new window.

    Args:
        window: seconds, or a timedelta.
        max_keys: messages told apart; of more, the one that was not seen for longest is forgotten.

    Raises:
        ValueError: an argument cannot be used; the message names it and its value.
    """
    return Deduplicator(parse_seconds(window, "window"), parse_count(max_keys, "max_keys"))


def _key(record: Record) -> Hashable:
    """Return what equal records have in common, in bounded space."""
    message, error = record.message, record.exception
    if len(message) > _MAX_KEPT:
        message = blake2b(message.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
    failure = None if error is None else (error.type, error.message[:_MAX_KEPT])
    return record.label, record.level, message, failure
