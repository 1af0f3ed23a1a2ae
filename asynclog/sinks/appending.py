"""One file that lines are appended to, followed by name: the blocking half of a sink."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from .descriptor import Begun, Patience
from .flushing import Automatic
from .payload import encode_records
from .syncing import Syncer

if TYPE_CHECKING:
    from ..records import Batch
    from .flushing import FlushPolicy
    from .opening import Place


class FileTarget:
    """Appends to what the path of a place names, opening it when needed.

    Args:
        place: where it is.
        policy: when to flush by itself.
        fsync: whether each flush also brings the lines to the disk.
    """

    def __init__(
        self, place: Place, policy: FlushPolicy | None = None, *, fsync: bool = False
    ) -> None:
        self._place = place
        self._policy = policy or Automatic()
        self._always_sync = fsync
        self._descriptor: int | None = None
        self._syncer: Syncer | None = None  # of a regular file
        self._unsynced: OSError | None = None  # why a file that was moved is not on the disk
        self._begun = Begun()
        self._patience = Patience()
        self._stale = False  # whether to open the file anew, moved or not

    def encode(self, batch: Batch) -> bytes:
        """Return the lines as UTF-8."""
        return encode_records(batch.lines)

    def write(self, payload: bytes) -> None:
        """Append *payload*; see `Target.write`."""
        self.append(self.current(), payload)

    def append(self, descriptor: int, payload: bytes) -> None:
        """Append *payload* to the file that `current` returned; see `Target.write`.

        A named pipe whose reader has gone stays open, or what it holds would be lost: another
        reader may come.
        """
        self._begun.write_next(descriptor, payload, self._patience.is_over)
        if not isinstance(self._policy, Automatic):
            self._count(payload)

    def flush(self, *, durable: bool) -> None:
        """Bring what was written to the disk, if *durable*; the kernel has it already."""
        self._policy.reset()
        if self._begun:
            self._begun.finish(self.current(), self._patience.is_over)
        if durable and self._unsynced is not None:
            error, self._unsynced = self._unsynced, None
            raise error
        if (durable or self._always_sync) and self._syncer is not None:
            self._syncer.sync()

    def close(self) -> None:
        """Close the file, if it is open, and bring it to the disk if every flush does."""
        try:
            if self._descriptor is not None and self._always_sync:
                self.flush(durable=True)
        finally:
            self._let_go()

    def interrupt(self, after: float) -> None:
        """Have waits for the reader of a named pipe end after *after* seconds."""
        self._patience.limit(after)

    def inherit(self) -> None:
        """Close this process's copy of the descriptor: the parent writes on with its own.

        A line that was begun is the parent's to finish.
        """
        self._let_go()
        self._unsynced = None

    def reopen(self) -> None:
        """Have the next write open the file anew; any thread, also a signal's handler."""
        self._stale = True

    def current(self) -> int:
        """Return the descriptor of what the path now names, opening it if need be.

        A file that was moved is written on as long as no other can be opened in its place: its
        lines can still be found.  Of one that was removed they cannot.

        Raises:
            OSError: there is no file to write to.
        """
        known = self._descriptor
        if known is not None and not self._stale and self._place.names(known):
            return known
        try:
            descriptor = self._place.open()
        except OSError:
            if known is None or os.fstat(known).st_nlink == 0:
                raise
            return known
        if known is not None:
            self._leave(known)
        self._stale = False
        self._descriptor = descriptor
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            self._syncer = Syncer(descriptor)
        return descriptor

    def _leave(self, descriptor: int) -> None:
        """Close a file that was moved, with all that it holds on the disk.

        A durable flush later on could not reach it any more.
        """
        with suppress(OSError):
            self._begun.finish(descriptor, self._patience.is_over)
        try:
            if self._syncer is not None:
                self._syncer.sync()
        except OSError as error:
            self._unsynced = error
        self._let_go()

    def is_open_on(self, descriptor: int) -> bool:
        """Whether *descriptor* is still the one that is written to."""
        return self._descriptor == descriptor

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._syncer = None
            self._begun = Begun()

    def _count(self, payload: bytes) -> None:
        """Flush if the policy asks for it.

        A failure is left to the next flush that somebody waits for: here it would say that the
        lines were not written, and they would be written twice.
        """
        if self._policy.update_many(payload.count(b"\n"), len(payload)):
            with suppress(OSError):
                self.flush(durable=self._always_sync)
