"""Opening a log file so that nobody can lead its lines elsewhere, or make the opening wait."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE_MODE = 0o640
"""Permissions of a new file: nobody else may read a log, and no umask can make it writable."""
DIRECTORY_MODE = 0o750
"""Permissions of a new directory for logs."""

_PAUSES = (0.001, 0.005, 0.025)
"""Seconds between looks at a file that ends within a line."""

# Not blocking, lest a named pipe without a reader hold up the thread for ever.
_FILE = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Place:
    """A file that is opened again and again, by name.

    What stands at the path when it is first opened is the operator's choice, be it a symbolic
    link, a named pipe or a device.  Whoever exchanges the file later must put one of the same kind
    there: a link or a pipe would lead the lines elsewhere, or nowhere.

    Args:
        path: of the file.
        mode: permissions of a file that is made, before the process's umask.
        root: a directory above the file, below which no symbolic link is ever followed; None
            trusts the whole path.
    """

    def __init__(self, path: Path, mode: int = FILE_MODE, root: Path | None = None) -> None:
        self.path = path
        self._mode = mode
        self._root = root
        self._kind: int | None = None  # of what was first opened
        self._follow = root is None

    def open(self) -> int:
        """Return a new descriptor for appending; missing directories are made.

        A line that a crash tore is ended, so that the next one begins on a line of its own.

        Raises:
            OSError: it cannot be opened, or is not what it was.
        """
        descriptor = self._open()
        try:
            self._check(descriptor)
            if self._kind == stat.S_IFREG and _is_torn(descriptor):
                os.write(descriptor, b"\n")
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def names(self, descriptor: int) -> bool:
        """Whether the path still leads to the file that *descriptor* is open on."""
        try:
            found = self.path.stat(follow_symlinks=self._follow)
        except OSError:
            return False
        known = os.fstat(descriptor)
        return (found.st_ino, found.st_dev) == (known.st_ino, known.st_dev)

    def _check(self, descriptor: int) -> None:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if self._kind is None:
            self._kind = kind
            self._follow = self._follow and self.path.is_symlink()
        elif kind != self._kind:
            raise OSError("what stands there is of another kind than before")

    def _open(self) -> int:
        flags = _FILE | (0 if self._follow else os.O_NOFOLLOW)
        if self._root is not None:
            return _open_below(self._root, self.path, flags, self._mode)
        try:
            return os.open(self.path, flags, self._mode)
        except FileNotFoundError:
            make_directories(self.path.parent)
            return os.open(self.path, flags, self._mode)


def make_directories(directory: Path) -> None:
    """Make *directory* and those above it, where they are missing, closed to others.

    Raises:
        OSError: one cannot be made.
    """
    if not directory.exists():
        make_directories(directory.parent)
        with suppress(FileExistsError):
            directory.mkdir(DIRECTORY_MODE)


def reopen(descriptor: int, flags: int) -> int:
    """Return another descriptor for the file that *descriptor* is open on, whatever its name.

    Raises:
        OSError: the system has no such way, or the file may not be opened so.
    """
    return os.open(f"/proc/self/fd/{descriptor}", flags | os.O_CLOEXEC)


def _open_below(root: Path, path: Path, flags: int, mode: int) -> int:
    """Open *path* step by step from *root*, so that no link can lead out of it."""
    make_directories(root)
    directory = os.open(root, _DIRECTORY)
    *between, name = path.relative_to(root).parts
    try:
        for part in between:
            inner = _enter(directory, part)
            os.close(directory)
            directory = inner
        return os.open(name, flags, mode, dir_fd=directory)
    finally:
        os.close(directory)


def _enter(directory: int, part: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(part, DIRECTORY_MODE, dir_fd=directory)
    return os.open(part, _DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)


def _is_torn(descriptor: int) -> bool:
    """Whether the file ends within a line for good, as after a crash in the middle of a write.

    While another process writes to it, that can be seen for a moment, too.
    """
    if not _ends_within_line(descriptor):
        return False
    for pause in _PAUSES:
        sleep(pause)
        if not _ends_within_line(descriptor):
            return False
    return True


def _ends_within_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    if not size:
        return False
    try:
        reader = reopen(descriptor, os.O_RDONLY)
    except OSError:
        return False  # it may be written but not read
    try:
        return os.pread(reader, 1, size - 1) not in (b"\n", b"")
    finally:
        os.close(reader)
