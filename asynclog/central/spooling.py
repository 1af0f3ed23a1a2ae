"""A producer's spool, written in a thread of its own, in the order of the calls."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .. import fallback
from ..errors import SinkError
from ..sinks.writer import WriterThread
from .journal import Acknowledged, Delta, Recovered, Sealed, entry
from .spool import MAX_BYTES, SpoolFile, abandoned, open_spool

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from .batches import Batch
    from .counting import Section

_Counts: TypeAlias = "Counter[tuple[int, int]]"  # events, by epoch and level
SMALL = 256 << 10
"""Bytes below which a file is not written anew, unless that empties it."""
LARGE = 16 << 20
"""Bytes below which it is not, where many groups are counted: to copy them takes the loop long."""
MANY = 500
"""Groups."""


class Spool:
    """The spool of one producer's stream.

    A disk that fails, or a file that is full, is told once, and what follows stays in memory only;
    the producer goes on.

    Args:
        file: of the stream.
        thread: in which all of it is done.
    """

    def __init__(self, file: SpoolFile, thread: WriterThread) -> None:
        self._file = file
        self._thread = thread
        self._failed = False
        self._writes: dict[asyncio.Future[bool], _Counts] = {}  # under way
        self._missed: _Counts = Counter()  # what deltas hold that could not be written
        self._full = False  # until it is written anew

    @property
    def size(self) -> int:
        """Bytes that it has on disk."""
        return self._file.size

    @property
    def complete(self) -> bool:
        """Whether the disk has taken all that it was given up to now."""
        return not (self._failed or self._full)

    def delta(self, epoch: int, sections: Sequence[Section]) -> asyncio.Future[bool]:
        """Write down *sections*, counted in *epoch*; done when they survive the process."""
        data = entry(Delta(epoch, tuple(sections)))
        counts: _Counts = Counter()
        for section in sections:
            counts[epoch, section.level] += section.events
        return self._submit(lambda: self._append(data), counts)

    async def sealed(self, epoch: int, batches: Sequence[Batch]) -> None:
        """Return when *batches*, which cover all deltas up to *epoch*, are in it."""
        data = entry(Sealed(epoch, tuple(batches)))
        if await self._run(lambda: self._append(data)):
            self.settled(epoch + 1)

    async def acknowledged(self, number: int) -> None:
        """Note that the server has all batches up to *number*."""
        data = entry(Acknowledged(number))
        await self._run(lambda: self._append(data))

    def outgrown(self, groups: int) -> bool:
        """Whether the file is worth writing anew when nothing but *groups* is left to be in it."""
        if not groups:
            return True
        return self._file.size >= (SMALL if groups <= MANY else LARGE)

    async def renewed(self, number: int, epoch: int, counted: Sequence[Section]) -> None:
        """Let go of everything but what is not acknowledged.

        Args:
            number: of the last batch; the server has it.
            epoch: of *counted*.
            counted: what is in no batch yet.
        """
        parts = [entry(Acknowledged(number))]
        if counted:
            parts.append(entry(Delta(epoch, tuple(counted))))
        missed = self._missed.copy()
        if await self._run(lambda: self._rewrite(parts)):
            self._missed -= missed

    def settled(self, epoch: int) -> None:
        """Note that what was counted before *epoch* does not depend on its deltas any more."""
        self._missed = Counter({key: n for key, n in self._missed.items() if key[0] >= epoch})

    def give_up(self, epoch: int) -> tuple[Counter[int], Counter[int]]:
        """Write nothing any more; return how many events of each level the deltas on disk lack.

        Args:
            epoch: the events that were counted before it are told apart from those since.
        """
        for write in tuple(self._writes):
            write.cancel()
            self._ended(write)
        lacking: tuple[Counter[int], Counter[int]] = Counter(), Counter()
        for (counted, level), events in self._missed.items():
            lacking[counted >= epoch][level] += events
        return lacking

    def _append(self, data: bytes) -> bool:
        if self._file.append(data):
            return True
        if not self._full:
            self._full = True
            fallback.tell(f"the spool {self._file.path} is full: more is kept in memory only")
        return False

    def _rewrite(self, parts: Sequence[bytes]) -> bool:
        self._file.rewrite(parts)
        self._full = False
        return True

    def _submit(self, call: Callable[[], bool], counts: _Counts) -> asyncio.Future[bool]:
        """Have *call*, which writes *counts*, run in the thread, behind all earlier ones."""
        write = self._begin(call)
        self._writes[write] = counts
        write.add_done_callback(self._ended)
        return write

    def _begin(self, call: Callable[[], bool]) -> asyncio.Future[bool]:
        try:
            return asyncio.wrap_future(self._thread.submit(lambda: self._guarded(call)))
        except SinkError as error:
            self._tell(error)
            done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            done.set_result(False)
            return done

    def _ended(self, write: asyncio.Future[bool]) -> None:
        counts = self._writes.pop(write, None)
        if counts and (write.cancelled() or not write.result()):
            self._missed += counts

    async def _run(self, call: Callable[[], bool]) -> bool:
        """Run *call* in the thread, also if whoever waits for it is cancelled."""
        return await asyncio.shield(self._submit(call, Counter()))

    def _guarded(self, call: Callable[[], bool]) -> bool:
        """Return whether all was written."""
        try:
            done = call()
        except OSError as error:
            self._tell(error)
            return False
        self._failed = False
        return done

    def _tell(self, error: Exception) -> None:
        """Tell of the first failure of a row."""
        if not self._failed:
            self._failed = True
            fallback.tell(f"the spool {self._file.path} fails: {fallback.reason_of(error)}")

    def inherit(self) -> None:
        """Let go, in a forked child, of the parent's file."""
        self._file.inherit()

    async def close(self, *, remove: bool) -> None:
        """Let go of the file, when all is written; with *remove*, nothing in it is needed any more.

        Whoever is cancelled meanwhile need not call it again.
        """
        await asyncio.shield(self._begin(lambda: self._close(remove=remove)))

    def _close(self, *, remove: bool) -> bool:
        self._file.close(remove=remove)
        return True


class Remains(NamedTuple):
    """What a producer left when it died."""

    stream: str
    spool: Spool
    batches: list[Batch]
    """Not acknowledged, as far as is known, with their numbers."""


class SpoolDirectory:
    """Where the producers of one namespace and shard keep their files.

    Args:
        path: the directory.
        prefix: what the files of this namespace and shard begin with.
        max_bytes: of one file.
    """

    def __init__(
        self, path: str | os.PathLike[str], prefix: str, max_bytes: int = MAX_BYTES
    ) -> None:
        self._path = path
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._thread = WriterThread(f"asynclog spool {prefix}")

    async def open(self, stream: str) -> Spool:
        """Return a new spool for *stream*.

        Raises:
            OSError: it cannot be made.
            SinkError: there is no thread for it.
        """
        name = f"{self._prefix}{stream}"
        call = self._thread.submit(lambda: open_spool(self._path, name, self._max_bytes))
        return Spool(await asyncio.wrap_future(call), self._thread)

    async def recover(self, max_groups: int, max_bytes: int) -> list[Remains]:
        """Return what each producer that died has left.

        Args:
            max_groups: of a batch.
            max_bytes: of a batch.
        """
        return await asyncio.wrap_future(
            self._thread.submit(lambda: list(self._remains(max_groups, max_bytes)))
        )

    def _remains(self, max_groups: int, max_bytes: int) -> Iterator[Remains]:
        for file in abandoned(self._path, self._prefix):
            stream = file.path.stem.removeprefix(self._prefix)
            batches = _recovered(file, max_groups, max_bytes)
            yield Remains(stream, Spool(file, self._thread), batches)

    def stop(self) -> None:
        """Let the thread end."""
        self._thread.stop()


def _recovered(file: SpoolFile, max_groups: int, max_bytes: int) -> list[Batch]:
    """Return the batches that *file* has left, after writing down those that are new in it."""
    recovered = Recovered(file.read(), max_groups, max_bytes)
    if recovered.batches:
        # In one piece, before any is sent: the next one to recover it must find the same numbers.
        number = recovered.batches[0].number - 1
        file.rewrite(
            [entry(Acknowledged(number)), entry(Sealed(1 << 62, tuple(recovered.batches)))]
        )
    return recovered.batches
