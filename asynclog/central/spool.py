"""What is not acknowledged yet, on disk: a producer that is killed loses nothing of it.

A producer has one file, locked as long as it lives; the next producer to find it unlocked sends
what is in it, under the numbers that it was given, so nothing is counted twice.  All calls block.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES = 64 << 20
"""Bytes of one file, unless told otherwise."""
_MODE = 0o600
_SUFFIX = ".spool"


class SpoolFile:
    """One file of entries.

    Args:
        path: of the file; made if it is not there.
        max_bytes: that it may have.

    Raises:
        OSError: it cannot be made, or another process has it.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise
        self.size = os.fstat(self._file).st_size
        """Bytes that it has."""

    def read(self) -> bytes:
        """Return all of it."""
        with open(os.dup(self._file), "rb") as file:  # noqa: PTH123 - a descriptor
            file.seek(0)
            return file.read()

    def append(self, data: bytes) -> bool:
        """Append *data*, whole or not at all; return False if there is no room for it.

        Raises:
            OSError: the disk does not take it.
        """
        if self.size + len(data) > self._max_bytes:
            return False
        done = 0
        try:
            while done < len(data):
                done += os.pwrite(self._file, data[done:], self.size + done)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(data)
        return True

    def rewrite(self, parts: Sequence[bytes]) -> None:
        """Have *parts* and nothing else in it; after a crash it is the old file, or the new one.

        Raises:
            OSError: the disk does not take it; the file is as it was.
        """
        if not parts:
            os.ftruncate(self._file, 0)
            self.size = 0
            return
        other = SpoolFile(self.path.with_suffix(f"{_SUFFIX}.new"), self._max_bytes)
        try:
            os.ftruncate(other._file, 0)
            other.size = 0
            if all(other.append(part) for part in parts):
                other.path.replace(self.path)
                self._file, other._file = other._file, self._file
                self.size = other.size
        finally:
            os.close(other._file)

    def inherit(self) -> None:
        """Let go, in a forked child, of the parent's file; the lock stays with the parent."""
        os.close(self._file)
        self._file = -1

    def close(self, *, remove: bool = False) -> None:
        """Let go of it; with *remove*, nothing in it is needed any more."""
        if self._file >= 0:
            if remove:
                self.path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


def open_spool(directory: str | os.PathLike[str], name: str, max_bytes: int) -> SpoolFile:
    """Return a new file in *directory*, which is made if it is not there.

    Raises:
        OSError: it cannot be made.
    """
    place = Path(directory)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SpoolFile(place / f"{name}{_SUFFIX}", max_bytes)


def abandoned(directory: str | os.PathLike[str], prefix: str) -> Iterator[SpoolFile]:
    """Yield, locked, the files in *directory* that begin with *prefix* and have no owner."""
    for path in sorted(Path(directory).glob(f"{prefix}*{_SUFFIX}")):
        try:
            one = SpoolFile(path, 1 << 62)
        except OSError:
            continue  # its owner lives
        if _is_still(path, one):
            yield one
        else:
            one.close()


def _is_still(path: Path, one: SpoolFile) -> bool:
    """Whether *path* is still the file that was opened: its owner may just have replaced it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(one._file))  # noqa: SLF001 - see above
    except FileNotFoundError:
        return False
