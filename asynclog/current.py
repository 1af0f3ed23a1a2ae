"""Which logger a process uses, for those who were not handed one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from .records import Record
    from .senders import LogLineSender


class Entry(Protocol):
    """Where lines get into a logger."""

    def sender_with_label(self, label: str) -> LogLineSender:
        """Return a sender to the buffer of *label*."""
        ...

    def write_directly(self, record: Record) -> bool:
        """Write *record* in the calling thread; return False if the logger's loop is to do it."""
        ...

    async def flush(self) -> None:
        """Return when every line sent before is in every sink."""
        ...


class Follower(Protocol):
    """Who goes with the logger of the process."""

    def changed(self) -> None:
        """Look at `entry()` again: a logger has opened or closed.  Must not raise."""
        ...


_entries: list[Entry] = []
"""Loggers that are open, in the order in which they were opened."""
_last: Entry | None = None
"""The one that closed last, or is the parent's."""
_followers: WeakSet[Follower] = WeakSet()


def entry() -> Entry | None:
    """Return the logger that was opened last of those open, or else the one that closed last."""
    return _entries[-1] if _entries else _last


def follow(follower: Follower) -> None:
    """Tell *follower* of each change, as long as it lives."""
    _followers.add(follower)


def opened(one: Entry) -> None:
    """Make *one* the logger of the process."""
    _entries.append(one)
    _tell()


def closed(one: Entry) -> None:
    """Go back to the logger opened before *one*, if that is still open."""
    global _last  # noqa: PLW0603 - a process has one such logger
    if one in _entries:
        _entries.remove(one)
        _last = one
    _tell()


def _tell() -> None:
    for follower in list(_followers):
        follower.changed()


def _leave_to_parent() -> None:
    """In a forked child no logger is open, though the parent's can be written through."""
    global _last  # noqa: PLW0603
    _last = entry()
    _entries.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
