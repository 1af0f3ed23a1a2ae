"""Which archives of a rolling file are kept: pure, the directory's state is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..units import parse_count, parse_seconds, parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from .naming import ArchiveName


FUTURE_SECONDS = 60
"""An archive that was begun so much later than now was written when the clock was wrong."""


class Archive(NamedTuple):
    """A file that was rolled, as it stands in its directory."""

    name: ArchiveName
    size: int
    """Bytes."""
    changed_ns: int
    """Time of its last line, nanoseconds since the epoch."""


class Retention(NamedTuple):
    """What is kept; each limit holds on its own, None is none."""

    files: int | None = None
    """Archives."""
    age: float | None = None
    """Seconds since an archive's last line."""
    size: int | None = None
    """Bytes of all archives together."""

    @property
    def unlimited(self) -> bool:
        """Whether everything is kept."""
        return self == (None, None, None)

    def surplus(self, archives: Iterable[Archive], now_ns: int) -> list[Archive]:
        """Return those of *archives* that are not kept, oldest first.

        One whose name lies in the future was there before the clock was put back, so it is older
        than those of the present: else each new archive would be removed until then.
        """
        future = now_ns // 1_000_000_000 + FUTURE_SECONDS

        def age(archive: Archive) -> tuple[bool, Archive]:
            return (archive.name.begun is None or archive.name.begun <= future, archive)

        newest_first = sorted(archives, key=age, reverse=True)
        surplus = []
        total = 0
        for kept, archive in enumerate(newest_first):
            total += archive.size
            if self._exceeded(kept + 1, total, (now_ns - archive.changed_ns) / 1_000_000_000):
                surplus.append(archive)
        return surplus[::-1]

    def _exceeded(self, files: int, size: int, age: float) -> bool:
        return (
            (self.files is not None and files > self.files)
            or (self.size is not None and size > self.size)
            or (self.age is not None and age > self.age)
        )


def parse_retention(
    files: int | None, age: float | timedelta | None, size: int | str | None
) -> Retention:
    """Return the retention that a sink's settings stand for.

    Args:
        files: archives to keep.
        age: seconds, or a timedelta.
        size: bytes, or a size such as `"1GB"`.

    Raises:
        ValueError: a setting cannot be used; the message names it, its value and what is allowed.
    """
    return Retention(
        None if files is None else parse_count(files, "keep_files", least=0),
        None if age is None else parse_seconds(age, "keep_age"),
        None if size is None else parse_size(size, "keep_size"),
    )
