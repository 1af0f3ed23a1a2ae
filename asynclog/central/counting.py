"""What happened, counted by second and group: pure, and bounded.

Of each group the first payload of a second is kept, and how often it came.  When there are too many
groups, those of the lowest level fold: only the number of their events stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping  # noqa: TC003 - needed when sections are decoded
from itertools import islice
from typing import NamedTuple

from .keys import OVER

MAX_GROUPS = 20_000
"""Groups that are kept at once, unless told otherwise."""
MAX_BYTES = 16 << 20
"""Bytes of payloads that are kept at once, unless told otherwise."""
MAX_SECTIONS = 4_096
"""Pairs of a second and a level that are kept at once."""
FOLDED = "folded_producer"
"""Events of which only the number was kept, for want of room here."""
DROPPED = "dropped_producer"
"""Events of which nothing was kept, because they came from too many seconds at once."""
_LOWEST, _HIGHEST = -1_000, 1_000
_FARTHEST = 9_000_000_000


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


class _Open:
    """One section that still grows."""

    __slots__ = ("counts", "over", "payloads")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.payloads: dict[str, bytes] = {}
        self.over = 0


class Counting:
    """Counts events until they are taken.

    Args:
        max_groups: kept at once.
        max_bytes: of payloads, kept at once.
        max_sections: pairs of second and level, kept at once.
    """

    def __init__(
        self,
        max_groups: int = MAX_GROUPS,
        max_bytes: int = MAX_BYTES,
        max_sections: int = MAX_SECTIONS,
    ) -> None:
        self._max_groups = max_groups
        self._max_bytes = max_bytes
        self._max_sections = max_sections
        self._open: dict[int, dict[int, _Open]] = {}  # by level, by second
        self._sections = 0
        self.groups = 0
        """Groups that are kept now."""
        self.bytes = 0
        """Bytes of their payloads."""
        self.events = 0
        """Events that are counted here now, folded ones as well."""
        self.lost: Counter[tuple[str, int]] = Counter()
        """Events folded and dropped by cause and level, since `take` last returned them."""

    def add_known(self, second: int, level: int, group: str) -> bool:
        """Count one event of a group that is there already; return False if it is not."""
        try:
            self._open[level][second].counts[group] += 1
        except KeyError:
            return False
        self.events += 1
        return True

    def add(self, second: int, level: int, group: str, payload: bytes, repeats: int = 1) -> None:
        """Count *repeats* events.

        Args:
            second: since the Unix epoch, in which they came.
            level: theirs.
            group: theirs.
            payload: of the first of them; not used if the group is there already.
            repeats: how many.
        """
        level = max(_LOWEST, min(_HIGHEST, level))
        second = max(-_FARTHEST, min(_FARTHEST, second))
        section = self._section(second, level)
        if section is None:
            self.lost[DROPPED, level] += repeats
            return
        self.events += repeats
        if group in section.counts:
            section.counts[group] += repeats
        elif group != OVER and self._make_room(level, len(payload)):
            section.counts[group] = repeats
            section.payloads[group] = payload
            self.groups += 1
            self.bytes += len(payload)
        else:
            section.over += repeats
            if group != OVER:
                self.lost[FOLDED, level] += repeats

    def _section(self, second: int, level: int) -> _Open | None:
        """Return the section; None if it is not there and there are too many."""
        seconds = self._open.setdefault(level, {})
        section = seconds.get(second)
        if section is None and self._sections < self._max_sections:
            section = seconds[second] = _Open()
            self._sections += 1
        return section

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

    def _victim(self, levels: Iterable[int]) -> tuple[int, _Open] | None:
        """Return the lowest of *levels* that has groups, with the latest section of it."""
        for level in levels:
            for section in reversed(self._open[level].values()):
                if section.counts:
                    return level, section
        return None

    def _fold(self, level: int, section: _Open) -> None:
        """Keep only the number of the events of the group that came last."""
        group, repeats = section.counts.popitem()
        self.groups -= 1
        self.bytes -= len(section.payloads.pop(group))
        section.over += repeats
        self.lost[FOLDED, level] += repeats

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
        groups: dict[str, tuple[int, bytes]] = {}
        # All names at once: the first key of a dict, again and again, is found ever more slowly.
        for group in list(islice(section.counts, room)):
            if space <= 0 and groups:
                break
            payload = section.payloads.pop(group)
            groups[group] = section.counts.pop(group), payload
            space -= len(payload)
        if section.over and room > len(groups):
            groups[OVER] = section.over, b""
            section.over = 0
        self._forget(groups)
        if not section.counts and not section.over:
            del self._open[level][second]
            self._sections -= 1
            if not self._open[level]:
                del self._open[level]
        return groups

    def _forget(self, groups: Mapping[str, tuple[int, bytes]]) -> None:
        self.groups -= len(groups) - (OVER in groups)
        self.bytes -= sum(len(payload) for _, payload in groups.values())
        self.events -= sum(repeats for repeats, _ in groups.values())

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
        return not self.events and not self.lost

    @property
    def fullness(self) -> float:
        """Return how much of the room is used, from 0 to 1; from 1 on, groups fold."""
        return max(self.groups / self._max_groups, self.bytes / self._max_bytes)


def _groups_of(section: _Open) -> dict[str, tuple[int, bytes]]:
    payloads = section.payloads
    groups = {group: (repeats, payloads[group]) for group, repeats in section.counts.items()}
    return {**groups, OVER: (section.over, b"")} if section.over else groups
