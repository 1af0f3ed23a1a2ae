"""Records and batches, made in few words."""

from __future__ import annotations

from asynclog.records import Batch, Record


def record(message="text", level=20, label="a", **fields):
    """Return a record."""
    return Record(0, level, label, message, **fields)


def records(count, **fields):
    """Return *count* records, whose messages are their numbers."""
    return [record(str(i), **fields) for i in range(count)]


def batch_of(*lines, level=20):
    """Return a batch of *lines*, each with a record of its own."""
    return Batch([record(line, level) for line in lines], list(lines))


class Hostile:
    """Raises whatever it is asked for."""

    def __str__(self):
        raise ValueError("no text")

    __repr__ = __format__ = __hash__ = __bool__ = __len__ = __iter__ = __eq__ = __str__

    @property
    def __class__(self):
        raise ValueError("no class")


class HostileError(Exception):
    """An error without a text."""

    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__
