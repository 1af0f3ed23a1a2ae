"""Records for the tests of filters, made with few words."""

from __future__ import annotations

from asynclog.records import Record

SECOND = 1_000_000_000


def at(seconds, message="m", label="a", level=20, **attributes):
    """Return a record that was logged *seconds* after a fixed moment."""
    return Record(
        int((1_000_000 + seconds) * SECOND), level, label, message, None, attributes or None
    )


def now(seconds):
    """Return the time *seconds* after the same moment."""
    return int((1_000_000 + seconds) * SECOND)


def told(notices):
    """Return label and text of each notice."""
    return [(notice.label, notice.message) for notice in notices]
