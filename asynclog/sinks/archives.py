"""The archives of a rolling file, in its directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .. import fallback
from .compression import Interrupted, compress
from .naming import UNFINISHED_SUFFIX
from .retention import Archive

if TYPE_CHECKING:
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
            try:
                # The name is taken by a file of our own, which the renaming then replaces.
                archive.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                continue
            try:
                path.rename(archive)
            except BaseException:
                archive.unlink()
                raise
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
                (self._directory / archive.name.name).unlink(missing_ok=True)
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
