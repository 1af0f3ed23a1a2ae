"""One file for each value of an attribute: the blocking half."""

from __future__ import annotations

import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SinkError
from ..records import Batch
from .payload import encode_records
from .threaded import ShortWrite, lines_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Record
    from .appending import FileTarget
    from .placeholders import PathTemplate

MAX_UNSYNCED = 1024
"""Files that were closed since the last durable flush and may be brought to the disk with it."""


class Part(NamedTuple):
    """The records of a batch that go into one file."""

    path: str
    positions: list[int]
    """Where they stand in the batch."""
    batch: Batch
    payload: bytes


class Parts(NamedTuple):
    """A batch, by file."""

    size: int
    """Records in it."""
    done: set[int]
    """Positions of those that were written before."""
    parts: list[Part]


class PartitionedTarget:
    """Writes each record to the file of its attributes; of many, the last used stay open.

    A file that cannot be written does not keep the records of others back.  But lines are told as
    written in the order of the batch; those that are ahead of it are remembered, so that they are
    not written a second time.

    Args:
        template: says which file.
        make: makes what writes to one file.
        max_open: files that stay open.
    """

    def __init__(
        self, template: PathTemplate, make: Callable[[Path], FileTarget], max_open: int
    ) -> None:
        self._template = template
        self._make = make
        self._max_open = max_open
        self._open: OrderedDict[str, FileTarget] = OrderedDict()  # least recently used first
        self._unsynced: set[str] = set()  # closed since the last durable flush
        self._ahead: dict[int, Record] = {}  # written, but not told yet; by identity
        self._patience = float("inf")

    def encode(self, batch: Batch) -> Parts:
        """Return the lines as UTF-8, by file."""
        groups: dict[str, list[int]] = {}
        done = set()
        for position, record in enumerate(batch.records):
            if id(record) in self._ahead:
                done.add(position)
            else:
                groups.setdefault(self._template.path_of(record), []).append(position)
        parts = []
        for path, positions in groups.items():
            part = Batch([batch.records[i] for i in positions], [batch.lines[i] for i in positions])
            parts.append(Part(path, positions, part, encode_records(part.lines)))
        return Parts(len(batch), done, parts)

    def write(self, payload: Parts) -> None:
        """Write every part, whatever becomes of the others; see `Target.write`."""
        done, failure = payload.done, None
        written: dict[int, Record] = {}
        for part in payload.parts:
            count, error = self._write_part(part)
            failure = failure or error
            done.update(part.positions[:count])
            written.update(zip(part.positions[:count], part.batch.records, strict=False))
        if failure is None:
            self._ahead = {}
            return
        prefix = next(i for i in range(payload.size + 1) if i not in done)
        self._ahead.update((id(one), one) for i, one in written.items() if i >= prefix)
        raise SinkError(f"{type(failure).__name__}: {failure}", written=prefix) from None

    def _write_part(self, part: Part) -> tuple[int, OSError | None]:
        """Write one part; return how many records were written, and what stopped it."""
        try:
            self._file(part.path).write(part.payload)
        except ShortWrite as short:
            return lines_in(part.batch, part.payload, short.count), short.error
        except OSError as error:
            return 0, error
        return len(part.positions), None

    def flush(self, *, durable: bool) -> None:
        """Bring what was written to the disk, if *durable*, also of files that are closed."""
        for file in self._open.values():
            file.flush(durable=durable)
        while durable and self._unsynced:
            path = next(iter(self._unsynced))
            _sync(path)
            self._unsynced.discard(path)

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()

    def interrupt(self, after: float) -> None:
        """Have waits for a reader end after *after* seconds."""
        self._patience = after
        for file in list(self._open.values()):
            file.interrupt(after)

    def inherit(self) -> None:
        """Let go of all files that the parent has open."""
        while self._open:
            self._open.popitem()[1].inherit()
        self._unsynced.clear()
        self._ahead.clear()

    def reopen(self) -> None:
        """Have the next write to each file open it anew."""
        for file in list(self._open.values()):
            file.reopen()

    def _file(self, path: str) -> FileTarget:
        """Return what writes to *path*; the one not used for longest is closed for it."""
        file = self._open.pop(path, None)
        if file is None:
            while len(self._open) >= self._max_open:
                self._close_one()
            file = self._make(Path(path))
            file.interrupt(self._patience)
        self._open[path] = file
        return file

    def _close_one(self) -> None:
        path, file = self._open.popitem(last=False)
        self._unsynced.add(path)
        if len(self._unsynced) > MAX_UNSYNCED:
            with suppress(OSError):
                file.flush(durable=True)
                self._unsynced.discard(path)
        with suppress(OSError):
            file.close()


def _sync(path: str) -> None:
    """Bring the file at *path* to the disk; one that is gone needs it no more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
