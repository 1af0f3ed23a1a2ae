"""Lines appended to one file."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from .descriptor import Unfinished, write_all
from .threaded import ThreadedSink, encode_lines

if TYPE_CHECKING:
    from ..records import Batch

FILE_MODE = 0o640
"""Permissions of a new file: nobody else may read a log, and no umask can make it writable."""


class FileSink(ThreadedSink):
    """Appends lines to the file at *path*, which is opened with the first of them.

    Each batch is one write to the end of the file, so that several processes may share it.  A
    file that was moved or removed is opened anew.  A line that a crash tore is ended before the
    first new one.  What could not be written is kept and tried again.

    Args:
        path: of the file; its directory must exist when the first line is written.

    Raises:
        ValueError: *path* is empty or holds a NUL.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        text = os.fspath(path)
        if not text or "\0" in text:
            raise ValueError(f"path: expected the path of a file, got {text!r}")
        self.path = Path(text)
        super().__init__(FileTarget(self.path), f"asynclog {self.path.name}")

    def __repr__(self) -> str:
        return f"FileSink({str(self.path)!r})"


class FileTarget:
    """The blocking half of `FileSink`.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None  # device and inode of what is open
        self._rest = b""  # of a line that was begun
        self._interrupted = False

    def encode(self, batch: Batch) -> bytes:
        """Return the lines as UTF-8."""
        return encode_lines(batch)

    def write(self, payload: bytes) -> None:
        """Append *payload*; see `Target.write`."""
        descriptor = self._current()
        if self._rest:
            write_all(descriptor, self._rest, lambda: self._interrupted)
            self._rest = b""
        try:
            write_all(descriptor, payload, lambda: self._interrupted)
        except Unfinished as unfinished:
            self._rest = unfinished.rest
            raise
        except BrokenPipeError:
            self.close()  # a named pipe whose reader has gone; another may come
            raise

    def flush(self, *, durable: bool) -> None:
        """Bring what was written to the disk, if *durable*; the kernel has it already."""
        if durable and self._descriptor is not None and self._is_regular(self._descriptor):
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def interrupt(self) -> None:
        """End a wait for the reader of a named pipe."""
        self._interrupted = True

    def _current(self) -> int:
        """Return the descriptor of what *path* now names, opening it if need be."""
        if self._descriptor is not None and self._moved():
            self.close()
        if self._descriptor is None:
            self._descriptor = self._open()
        return self._descriptor

    def _moved(self) -> bool:
        try:
            status = self._path.stat()
        except OSError:
            return True
        return (status.st_dev, status.st_ino) != self._identity

    def _open(self) -> int:
        # Not blocking, lest a named pipe without a reader hold up the thread for ever.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, FILE_MODE)
        status = os.fstat(descriptor)
        self._identity = (status.st_dev, status.st_ino)
        if stat.S_ISREG(status.st_mode) and self._is_torn(status.st_size):
            os.write(descriptor, b"\n")
        return descriptor

    def _is_torn(self, size: int) -> bool:
        """Whether the file ends within a line, as after a crash in the middle of a write."""
        if not size:
            return False
        reader = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(reader, 1, size - 1) != b"\n"
        finally:
            os.close(reader)

    @staticmethod
    def _is_regular(descriptor: int) -> bool:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
