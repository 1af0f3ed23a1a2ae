"""A file that is put away when it is full or its time is over: the blocking half."""

from __future__ import annotations

import os
import stat
from time import monotonic, sleep
from typing import TYPE_CHECKING

from .. import fallback
from .locking import let_go, try_lock
from .payload import Payload, encode_payload
from .threaded import ShortWrite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..clock import Clock
    from ..records import Batch
    from .appending import FileTarget
    from .archives import Archives
    from .rotation import Rotation

LOCK_SECONDS = 5.0
"""How long a write waits for another process that writes the same file, before it fails."""
_LOCK_PAUSE = 0.0005
_ROLL_AGAIN_SECONDS = 1.0
"""After a failure to roll: how long the file is written on before it is tried again."""


class RollingTarget:
    """Writes to one file, and puts it away before a write for which it has no room or time.

    Every write holds the file's lock, with `flock`: of several processes that write one file, the
    first that finds it full rolls it, and the others follow.  A file that cannot be rolled is
    written on.

    Args:
        path: of the file.
        file: writes to it.
        rotation: when it is rolled.
        archives: where it goes then.
        clock: says when that is.
        on_rolled: called after the file was opened first, and after each roll.
    """

    def __init__(
        self,
        path: Path,
        file: FileTarget,
        rotation: Rotation,
        archives: Archives,
        *,
        clock: Clock,
        on_rolled: Callable[[], None],
    ) -> None:
        self._path = path
        self._file = file
        self._rotation = rotation
        self._archives = archives
        self._clock = clock
        self._on_rolled = on_rolled
        self._identity = (0, 0)  # device and inode of the file at hand
        self._begun_ns = 0  # when that was begun, as far as is known
        self._retry_at = 0.0  # when to roll again after a failure; 0 while all is well

    def encode(self, batch: Batch) -> Payload:
        """Return the lines as UTF-8."""
        return encode_payload(batch)

    def write(self, payload: Payload) -> None:
        """Append *payload*, in as many files as it takes; see `Target.write`."""
        position = 0
        try:
            while position < len(payload):
                position = self._write_some(payload, position)
        except ShortWrite as short:
            raise ShortWrite(position + short.count, short.error) from None
        except OSError as error:
            if position:
                raise ShortWrite(position, error) from None
            raise

    def roll_if_due(self) -> None:
        """Roll a file to which nothing is written, if its time is over.

        Raises:
            OSError: it cannot be looked at.
        """
        if self._path.is_file():
            descriptor = self._lock()
            try:
                self._roll_before(descriptor, 0)
            finally:
                self._unlock(descriptor)

    def flush(self, *, durable: bool) -> None:
        """Bring what was written to the disk, if *durable*; the kernel has it already."""
        self._file.flush(durable=durable)

    def close(self) -> None:
        """Close the file, if it is open."""
        self._file.close()

    def interrupt(self, after: float) -> None:
        """Have waits for a reader end after *after* seconds."""
        self._file.interrupt(after)

    def inherit(self) -> None:
        """Let go of the parent's open file, and with it of the lock that both would hold."""
        self._file.inherit()

    def _write_some(self, payload: Payload, start: int) -> int:
        """Write what fits the file at hand, or roll it; return where to go on."""
        descriptor = self._lock()
        try:
            size = self._roll_before(descriptor, payload.end_of(start) - start)
            if size is None:
                return start
            stuck = self._retry_at > 0  # the file is written on: its size is no limit now
            end = len(payload) if stuck else self._rotation.fitting(payload, start, size)
            self._file.append(descriptor, payload.part(start, end))
            return end
        finally:
            self._unlock(descriptor)

    def _roll_before(self, descriptor: int, incoming: int) -> int | None:
        """Roll the file if it is due before *incoming* bytes; else return its size."""
        now_ns = self._clock.time_ns()
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != self._identity:
            self._take_on(status, now_ns)
        if not stat.S_ISREG(status.st_mode):
            return 0
        if not status.st_size:
            self._begun_ns = now_ns
        if self._rotation.due(status.st_size, incoming, now_ns) and self._roll(descriptor):
            return None
        return status.st_size

    def _take_on(self, status: os.stat_result, now_ns: int) -> None:
        first = self._identity == (0, 0)
        self._identity = (status.st_dev, status.st_ino)
        changed_ns = status.st_mtime_ns if status.st_size else now_ns
        self._begun_ns = min(changed_ns, now_ns)
        self._rotation.begin(changed_ns, now_ns)
        if first:
            self._on_rolled()

    def _roll(self, descriptor: int) -> bool:
        """Put the file away and open another; return whether that was possible."""
        if monotonic() < self._retry_at:
            return False
        try:
            self._archives.put_away(self._path, self._begun_ns)
        except OSError as error:
            if not self._retry_at:
                fallback.tell(f"{self._path} cannot be rolled, and is written on: {error}")
            self._retry_at = monotonic() + _ROLL_AGAIN_SECONDS
            return False
        self._retry_at = 0.0
        self._file.current()
        self._on_rolled()
        return not self._file.is_open_on(descriptor)

    def _lock(self) -> int:
        """Return the descriptor of what the path names, locked.

        Raises:
            OSError: there is no file to write to, or another process does not let go of it.
        """
        deadline = monotonic() + LOCK_SECONDS
        while True:
            descriptor = self._file.current()
            if try_lock(descriptor, otherwise=True):
                # While this waited, another process may have rolled the file.
                if self._file.current() == descriptor:
                    return descriptor
            elif monotonic() > deadline:
                raise TimeoutError(f"another process holds the lock of {self._path}")
            else:
                sleep(_LOCK_PAUSE)

    def _unlock(self, descriptor: int) -> None:
        if self._file.is_open_on(descriptor):  # else it is closed, and the lock gone with it
            let_go(descriptor)
