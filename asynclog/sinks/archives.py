"""The archives of a rolling file, in its directory."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .. import fallback
from .compression import Interrupted, compress
from .locking import is_named, try_lock
from .naming import UNFINISHED_SUFFIX
from .retention import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..clock import Clock
    from .compression import Codec
    from .naming import Naming
    from .retention import Retention

_TRIES = 100
"""Names tried for one archive, should others make files of the same names at the same time."""


class Archives:
    """Makes archives, compresses them, and removes those that are not to be kept.

    Only files that bear a name of *naming* are ever touched.

    Args:
        directory: where they are, with the file that is rolled.
        naming: what they are called.
        retention: which are kept.
        codec: how they are compressed; None for not at all.
        clock: tells the age of archives.
    """

    def __init__(
        self,
        directory: Path,
        naming: Naming,
        retention: Retention,
        codec: Codec | None,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._naming = naming
        self._retention = retention
        self._codec = codec
        self._clock = clock
        self._interrupted = False
        self._trouble = False

    def put_away(self, path: Path, begun_ns: int) -> None:
        """Rename the file at *path* into an archive; no archive that is there is replaced.

        Args:
            path: of the file.
            begun_ns: when it was begun, nanoseconds since the epoch.

        Raises:
            OSError: it could not be renamed; the file is as it was.
        """
        for _ in range(_TRIES):
            name = self._naming.next_name(begun_ns, self._names())
            archive = self._directory / name
            with _taken(archive) as is_ours:
                if is_ours:
                    path.rename(archive)
                    return
        raise OSError(f"no free name like {name}")

    def tidy(self) -> None:
        """Finish what was left, compress, and remove; what fails is told of once."""
        try:
            self._remove_leftovers()
            self._compress_all()
            self._remove_surplus()
        except Interrupted:
            return
        except OSError as error:
            if not self._trouble:
                fallback.tell(f"the archives in {self._directory} cannot be kept in order: {error}")
            self._trouble = True
        else:
            self._trouble = False

    def interrupt(self) -> None:
        """End a compression under way soon; it is done another time.  Any thread."""
        self._interrupted = True

    def found(self) -> list[Archive]:
        """Return the archives that are there, in no order."""
        archives = []
        with os.scandir(self._directory) as entries:
            for entry in entries:
                name = self._naming.parse(entry.name)
                if name is None or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # another process keeps order too
                archives.append(Archive(name, status.st_size, status.st_mtime_ns))
        return archives

    def _remove_leftovers(self) -> None:
        """Remove names that a crash left empty, and copies whose archive is gone."""
        for archive in self.found():
            if not archive.size:
                _remove_if_left(self._directory / archive.name.name)
        names = self._names()
        for name in names:
            found = self._naming.parse(name.removesuffix(UNFINISHED_SUFFIX))
            if found and found.name != name and found.compressed and found.plain not in names:
                (self._directory / name).unlink(missing_ok=True)

    def _compress_all(self) -> None:
        if self._codec is None:
            return
        for archive in sorted(self.found()):
            if not archive.name.compressed:
                try:
                    compress(self._directory / archive.name.name, self._codec, self._is_interrupted)
                except FileNotFoundError:
                    continue  # another process was faster

    def _remove_surplus(self) -> None:
        if self._retention.unlimited:
            return
        for archive in self._retention.surplus(self.found(), self._clock.time_ns()):
            (self._directory / archive.name.name).unlink(missing_ok=True)

    def _names(self) -> set[str]:
        return {path.name for path in self._directory.iterdir()}

    def _is_interrupted(self) -> bool:
        return self._interrupted


@contextmanager
def _taken(archive: Path) -> Iterator[bool]:
    """Take a name by an empty file, for a renaming to replace; yield whether that went well.

    Its lock says that it is no leftover: else another process might remove, a moment later, the
    log that has taken its place.
    """
    try:
        descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        yield False
        return
    try:
        yield try_lock(descriptor, otherwise=True) and is_named(descriptor, archive)
    except BaseException:
        archive.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _remove_if_left(archive: Path) -> None:
    """Remove an empty file, unless a process is about to put a log in its place."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(archive, flags)
    except FileNotFoundError:
        return
    try:
        is_left = try_lock(descriptor, otherwise=False) and is_named(descriptor, archive)
        if is_left and not os.fstat(descriptor).st_size:
            archive.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
