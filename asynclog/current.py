"""Which logger a process uses, for those who were not handed one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from weakref import ref

if TYPE_CHECKING:
    from .ledger import Statistics
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

    def flush_in_thread(self, seconds: float) -> None:
        """Wait for every line sent before to be in every sink, where a thread may wait."""
        ...


class OpenEntry(Entry, Protocol):
    """A logger that is open, as those see it who watch over tests."""

    def waiting(self) -> list[Record]:
        """Return the lines that the handlers have not been given yet."""
        ...

    def statistics(self) -> Statistics:
        """Return the account of all lines so far."""
        ...

    def override_level(self, level: int | None) -> None:
        """Take the lines from *level* up, whatever else was set; None ends this."""
        ...


class Follower(Protocol):
    """Who goes with the logger of the process."""

    def changed(self) -> None:
        """Look at `entry()` again: a logger has opened or closed.  Must not raise."""
        ...


_entries: list[OpenEntry] = []
"""Loggers that are open, in the order in which they were opened."""
_last: Entry | None = None
"""The one that closed last, or is the parent's."""
_followers: dict[ref[Follower], None] = {}
"""No `WeakSet`, which cannot be added to in one thread while another one goes through it."""


def entry() -> Entry | None:
    """Return the logger that was opened last of those open, or else the one that closed last."""
    return _entries[-1] if _entries else _last


def entries() -> list[OpenEntry]:
    """Return the loggers that are open, in the order in which they were opened."""
    return list(_entries)


def follow(follower: Follower) -> None:
    """Tell *follower* of each change, as long as it lives."""
    _followers[ref(follower, _forget)] = None


def opened(one: OpenEntry) -> None:
    """Make *one* the logger of the process."""
    _entries.append(one)
    _tell()


def closed(one: OpenEntry) -> None:
    """Go back to the logger opened before *one*, if that is still open."""
    global _last  # noqa: PLW0603 - a process has one such logger
    if one in _entries:
        _entries.remove(one)
        _last = one
    _tell()


def _tell() -> None:
    for one in list(_followers):
        follower = one()
        if follower is not None:
            follower.changed()


def _forget(one: ref[Follower]) -> None:
    _followers.pop(one, None)


def _leave_to_parent() -> None:
    """In a forked child no logger is open, though the parent's can be written through."""
    global _last  # noqa: PLW0603
    _last = entry()
    _entries.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
