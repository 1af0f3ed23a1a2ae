"""How far this machine's clock is from the server's: pure.

Many machines report into the same seconds, so all of them go by the server's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..errors import EventError
from .counting import Section
from .event import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

TOLERANCE_NS = 50_000_000
"""Nanoseconds; clocks that are as near as that are taken for equal, and times stay as they are."""
_SECOND = 1_000_000_000


def skew_of(asked_ns: int, server_ns: int, answered_ns: int) -> int:
    """Return the nanoseconds to add to this machine's time to get the server's.

    Args:
        asked_ns: this machine's time when the server was asked.
        server_ns: what it said.
        answered_ns: this machine's time when the answer was there.
    """
    skew = server_ns - (asked_ns + answered_ns) // 2
    uncertain = max(0, answered_ns - asked_ns) // 2
    return skew if abs(skew) > TOLERANCE_NS + uncertain else 0


def moved(sections: Iterable[Section], skew_ns: int) -> list[Section]:
    """Return *sections*, counted before the difference was known, at the server's time.

    A group moves as a whole, by the time of its first event.
    """
    found: dict[tuple[int, int], dict[str, tuple[int, bytes]]] = {}
    for section in sections:
        for group, (repeats, payload) in section.groups.items():
            second, changed = _moved(payload, section.second, skew_ns)
            groups = found.setdefault((second, section.level), {})
            more, first = groups.get(group, (0, changed))
            groups[group] = repeats + more, first
    return [Section(second, level, groups) for (second, level), groups in found.items()]


def _moved(payload: bytes, second: int, skew_ns: int) -> tuple[int, bytes]:
    try:
        event = decode(payload)
    except EventError:  # that of folded events is empty
        return (second * _SECOND + skew_ns) // _SECOND, payload
    time_ns = event.time_ns + skew_ns
    return time_ns // _SECOND, encode(msgspec.structs.replace(event, time_ns=time_ns))
