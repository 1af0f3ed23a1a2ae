"""What happened, counted by second and group: pure, and bounded.

Of each group the first payload of a second is kept, and how often it came.  When there are too many
groups, those of the lowest level fold: only the number of their events stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping  # noqa: TC003 - needed when sections are decoded
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from .keys import OVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_GROUPS = 20_000
"""Groups that are kept at once, unless told otherwise."""
MAX_BYTES = 16 << 20
"""Bytes of payloads that are kept at once, unless told otherwise."""
CROWDED = 0.25
"""How much of the room may be used until what is counted is taken without waiting."""
MAX_SECTIONS = 4_096
"""Pairs of a second and a level that are kept at once."""
FOLDED = "folded_producer"
"""Events of which only the number was kept, for want of room here."""
DROPPED = "dropped_producer"
"""Events of which nothing was kept, because they came from too many seconds at once."""
SPAN_REPEATS = 16_384
"""Repetitions that are counted, in a few milliseconds, before others on the loop have a turn."""
_LOWEST, _HIGHEST = -1_000, 1_000
_FARTHEST = 9_000_000_000
_SECOND_NS = 1_000_000_000


class Section(NamedTuple):
    """What came in one second with one level; groups in the order in which they came first."""

    second: int
    """Since the Unix epoch."""
    level: int
    groups: Mapping[str, tuple[int, bytes]]
    """By group: how many events, and the payload of the first; empty for `keys.OVER`."""

    @property
    def events(self) -> int:
        """Return how many events it holds."""
        return sum(repeats for repeats, _ in self.groups.values())

    @property
    def size(self) -> int:
        """Return the bytes of its payloads."""
        return sum(len(payload) for _, payload in self.groups.values())


class Tally(msgspec.Struct, gc=False):
    """How often one group came in one second with one level."""

    repeats: int
    payload: bytes
    """Of the first event; empty when it was taken, for whoever still holds this."""


class Span:
    """While it lasts, who holds the tally of a group counts repetitions himself.

    That is both the tally and `repeats` one higher, as long as there is room and time.

    Args:
        begin_ns: its first nanosecond since the Unix epoch, by this machine's clock, which may be
            set back while it lasts.
        end_ns: the first one behind it.
    """

    __slots__ = ("begin_ns", "end_ns", "repeats", "room")

    def __init__(self, begin_ns: int, end_ns: int) -> None:
        self.begin_ns = begin_ns
        self.end_ns = end_ns
        self.repeats = 0
        self.room = SPAN_REPEATS

    @property
    def used_up(self) -> bool:
        """Whether so many came that others on the loop should have their turn."""
        return self.repeats >= SPAN_REPEATS

    def close(self) -> None:
        """Have nothing more be counted by it."""
        self.room = 0


class _Open:
    """One section that still grows."""

    __slots__ = ("_added", "groups", "over", "span")

    def __init__(self, span: Span) -> None:
        self.groups: dict[str, Tally] = {}
        self.over = 0
        self.span = span
        self._added = 0

    @property
    def events(self) -> int:
        """Return how many events it holds."""
        return self._added + self.span.repeats

    def add(self, events: int) -> None:
        """Note that so many *events* more are held, or fewer."""
        self._added += events

    def renew(self, span: Span) -> None:
        """Put *span* in the place of the one there is, so that no tally is in other hands."""
        self._added += self.span.repeats
        self.span.close()
        self.span = span


class Counting:
    """Counts events until they are taken.

    Args:
        max_groups: kept at once.
        max_bytes: of payloads, kept at once.
        max_sections: pairs of second and level, kept at once.
        skew_ns: nanoseconds by which seconds are ahead of this machine's clock.
    """

    def __init__(
        self,
        max_groups: int = MAX_GROUPS,
        max_bytes: int = MAX_BYTES,
        max_sections: int = MAX_SECTIONS,
        skew_ns: int = 0,
    ) -> None:
        self._max_groups = max_groups
        self._max_bytes = max_bytes
        self._many_groups = max(1, int(CROWDED * max_groups))
        self._many_bytes = CROWDED * max_bytes
        self._max_sections = max_sections
        self._skew_ns = skew_ns
        self._open: dict[int, dict[int, _Open]] = {}  # by level, by second
        self._sections = 0
        self.groups = 0
        """Groups that are kept now."""
        self.bytes = 0
        """Bytes of their payloads."""
        self.lost: Counter[tuple[str, int]] = Counter()
        """Events folded and dropped by cause and level, since `take` last returned them."""

    def add(self, second: int, level: int, group: str, payload: bytes, repeats: int = 1) -> None:
        """Count *repeats* events; see `count`."""
        self.count(second, level, group, lambda: payload, repeats)

    def count(
        self, second: int, level: int, group: str, make: Callable[[], bytes], repeats: int = 1
    ) -> tuple[Tally, Span] | None:
        """Count *repeats* events.

        Args:
            second: since the Unix epoch, in which they came.
            level: theirs.
            group: theirs.
            make: returns the payload of the first of them; called if the group is not there.  It
                may run foreign code, and so count events itself.
            repeats: how many.

        Returns:
            By what further ones can be counted; None for the first of a group, because most are
            the only one, and if there was no room for the group.
        """
        level = _within(level, _LOWEST, _HIGHEST)
        second = _within(second, -_FARTHEST, _FARTHEST)
        section = self._section(second, level)
        if section is None:
            self.lost[DROPPED, level] += repeats
            return None
        tally = section.groups.get(group)
        if tally is None:
            payload = b"" if group == OVER else make()
            tally = section.groups.get(group)  # what made it may have logged the same
        section.add(repeats)
        if tally is None:
            if group == OVER or not self._enter(section, level, group, Tally(repeats, payload)):
                section.over += repeats
            return None
        tally.repeats += repeats
        if section.span.used_up:
            section.renew(self._span(second))
        return tally, section.span

    def _section(self, second: int, level: int) -> _Open | None:
        """Return the section; None if it is not there and there are too many."""
        seconds = self._open.get(level)
        section = None if seconds is None else seconds.get(second)
        if section is None and self._sections < self._max_sections:
            section = _Open(self._span(second))
            self._open.setdefault(level, {})[second] = section
            self._sections += 1
        return section

    def _span(self, second: int) -> Span:
        begin_ns = second * _SECOND_NS - self._skew_ns
        return Span(begin_ns, begin_ns + _SECOND_NS)

    def _enter(self, section: _Open, level: int, group: str, tally: Tally) -> bool:
        """Put a group into *section*, if there is room; else count its events as folded."""
        size = len(tally.payload)
        if not self._make_room(level, size):
            self.lost[FOLDED, level] += tally.repeats
            return False
        section.groups[group] = tally
        self.groups += 1
        self.bytes += size
        return True

    def set_skew(self, skew_ns: int) -> None:
        """Have seconds be so many nanoseconds ahead of this machine's clock from now on."""
        self._skew_ns = skew_ns
        for seconds in self._open.values():
            for second, section in seconds.items():
                section.renew(self._span(second))

    def close(self) -> None:
        """Have nobody count by a tally of his any more."""
        for section in self._sections_now():
            section.span.close()

    def _sections_now(self) -> Iterator[_Open]:
        return chain.from_iterable(seconds.values() for seconds in self._open.values())

    @property
    def events(self) -> int:
        """Return how many events are counted here now, folded ones as well."""
        return sum(section.events for section in self._sections_now())

    def _make_room(self, level: int, size: int) -> bool:
        """Fold groups of lower levels than *level* until one of *size* bytes more has room."""
        if size > self._max_bytes:
            return False
        while self.groups >= self._max_groups or self.bytes + size > self._max_bytes:
            lower = [one for one in self._open if one < level]
            victim = self._victim(sorted(lower))
            if victim is None:
                return False
            self._fold(*victim)
        return True

    def _victim(self, levels: Iterable[int]) -> tuple[int, int, _Open] | None:
        """Return the lowest of *levels* that has groups, with the latest section of it."""
        for level in levels:
            for second, section in reversed(self._open[level].items()):
                if section.groups:
                    return level, second, section
        return None

    def _fold(self, level: int, second: int, section: _Open) -> None:
        """Keep only the number of the events of the group that came last."""
        section.renew(self._span(second))
        _, tally = section.groups.popitem()
        self.groups -= 1
        self.bytes -= len(tally.payload)
        section.over += tally.repeats
        self.lost[FOLDED, level] += tally.repeats

    def take(
        self, max_groups: int, max_bytes: int
    ) -> tuple[list[Section], Counter[tuple[str, int]]]:
        """Return, and forget, the oldest sections, in each second the highest level first.

        Args:
            max_groups: at most, of all sections together; at least 1.
            max_bytes: of payloads, at most; one group is taken whatever it has.

        Returns:
            The sections, and what was folded and dropped so far.
        """
        taken: list[Section] = []
        room, space = max_groups, max_bytes
        order = [(second, -level) for level, all_ in self._open.items() for second in all_]
        for second, negated in sorted(order):
            if room <= 0 or (taken and space <= 0):
                break
            groups = self._take(second, -negated, room, space)
            taken.append(Section(second, -negated, groups))
            room -= len(groups)
            space -= taken[-1].size
        lost, self.lost = self.lost, Counter()
        return taken, lost

    def _take(self, second: int, level: int, room: int, space: int) -> dict[str, tuple[int, bytes]]:
        """Take as much of one section as there is room for; the section ends when it is empty."""
        section = self._open[level][second]
        section.renew(self._span(second))
        groups: dict[str, tuple[int, bytes]] = {}
        # All names at once: the first key of a dict, again and again, is found ever more slowly.
        for group in list(islice(section.groups, room)):
            if space <= 0 and groups:
                break
            tally = section.groups.pop(group)
            groups[group] = tally.repeats, tally.payload
            space -= len(tally.payload)
            tally.payload = b""
        if section.over and room > len(groups):
            groups[OVER] = section.over, b""
            section.over = 0
        section.add(-sum(repeats for repeats, _ in groups.values()))
        self._forget(groups)
        if not section.groups and not section.over:
            del self._open[level][second]
            self._sections -= 1
            if not self._open[level]:
                del self._open[level]
        return groups

    def _forget(self, groups: Mapping[str, tuple[int, bytes]]) -> None:
        self.groups -= len(groups) - (OVER in groups)
        self.bytes -= sum(len(payload) for _, payload in groups.values())

    def snapshot(self) -> tuple[Section, ...]:
        """Return all that is counted, and forget nothing."""
        return tuple(
            Section(second, level, _groups_of(section))
            for level, seconds in self._open.items()
            for second, section in seconds.items()
        )

    def merge(self, sections: Iterable[Section]) -> None:
        """Count what *sections* hold."""
        for section in sections:
            for group, (repeats, payload) in section.groups.items():
                self.add(section.second, section.level, group, payload, repeats)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take."""
        return not self._sections and not self.lost

    @property
    def crowded(self) -> bool:
        """Whether so much of the room is used that it should be taken without waiting."""
        return self.groups >= self._many_groups or self.bytes >= self._many_bytes

    @property
    def fullness(self) -> float:
        """Return how much of the room is used, from 0 to 1; from 1 on, groups fold."""
        return max(self.groups / self._max_groups, self.bytes / self._max_bytes)


def _groups_of(section: _Open) -> dict[str, tuple[int, bytes]]:
    groups = {group: (one.repeats, one.payload) for group, one in section.groups.items()}
    return {**groups, OVER: (section.over, b"")} if section.over else groups


def _within(number: int, least: int, most: int) -> int:
    return number if least <= number <= most else max(least, min(most, number))
