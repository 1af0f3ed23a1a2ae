"""Bringing a file to the disk, also after the kernel once failed to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .opening import reopen

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 1 << 20
"""Bytes that are read and written again at once."""


class Syncer:
    """Calls fsync on one open file, and believes its success only where that is safe.

    After an fsync that failed, the kernel holds the pages that it could not write for clean; the
    next fsync then succeeds although they never reached the disk.  So everything since the last
    good fsync is written again first, byte for byte in its place.

    Args:
        descriptor: a regular file, open for appending.
        fsync: brings a descriptor's data to the disk, or raises OSError; None is `os.fsync`.
    """

    def __init__(self, descriptor: int, fsync: Callable[[int], None] | None = None) -> None:
        self._descriptor = descriptor
        self._fsync = fsync or os.fsync
        self._safe = os.fstat(descriptor).st_size  # bytes that a good fsync has covered
        self._failed = False

    def sync(self) -> None:
        """Return when all that was written is on the disk.

        Raises:
            OSError: it is not, as far as can be known.
        """
        size = os.fstat(self._descriptor).st_size
        if self._failed:
            self._write_again(min(self._safe, size), size)
        self._failed = True
        self._fsync(self._descriptor)
        self._failed = False
        self._safe = size

    def _write_again(self, start: int, end: int) -> None:
        # A descriptor of its own: one for appending would write at the end, wherever it is told to.
        descriptor = reopen(self._descriptor, os.O_RDWR)
        try:
            while start < end:
                data = os.pread(descriptor, min(_CHUNK, end - start), start)
                if not data:
                    return  # the file was cut meanwhile
                start += os.pwrite(descriptor, data, start)
        finally:
            os.close(descriptor)
