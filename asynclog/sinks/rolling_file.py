"""Lines in a file that is put away when it is full or its time is over."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .. import fallback
from ..clock import SystemClock
from . import hangup
from .appending import FileTarget
from .archives import Archives
from .compression import parse_compression
from .file import parse_mode, parse_path
from .flushing import parse_flush
from .naming import NumberNaming, TimestampNaming
from .opening import FILE_MODE, Place
from .payload import Payload
from .placeholders import PathTemplate
from .retention import parse_retention
from .rolling import RollingTarget
from .rotation import NANOSECONDS, parse_rotation
from .threaded import ThreadedSink
from .writer import WriterThread

if TYPE_CHECKING:
    from datetime import timedelta, tzinfo

    from ..clock import Clock
    from .naming import Naming

LONGEST_SLEEP = 60.0
"""Seconds after which an idle file is looked at again at the latest: the clock may be set."""
TIDY_SECONDS = 5.0
"""How long closing waits for a compression under way, which else is done another time."""


class RollingFileSink(ThreadedSink[Payload]):
    """Appends lines to the file at *path*, and puts it away from time to time.

    At least one of *size* and *every* says when.

    The file is rolled before the write that would make it too large, and when its period is over,
    also if nothing is written.  A record is never cut in two.  Archives stand beside the file:
    `app.20220306-091544.host.4013.log` with the time at which the file was begun, or `app.log.1`,
    `app.log.2` and so on, where the highest number is the newest; none is ever replaced.  They are
    compressed and removed in a thread of their own, and after a crash in the middle of that, it
    is finished by the next sink.  Several processes may write one file: each line is in exactly
    one file, and each roll is done once.

    Else it does what `FileSink` does.

    Args:
        path: of the current file; missing directories are made, and a symbolic link is resolved.
            It holds no placeholders; braces are doubled.
        size: bytes that no file exceeds, or a size such as `"100MB"`; None for any.
        every: the period of a file: `"day"`, `"hour"`, seconds, or a timedelta; None for no end.
            Intervals are counted from midnight.
        utc: whether days, intervals and names go by UTC, or by the time of this machine; local
            times in names carry their offset.
        names: `"timestamp"` or `"number"`.
        keep_files: archives to keep; None for all, as with the next two.
        keep_age: seconds, or a timedelta, that an archive is kept after its last line.
        keep_size: bytes that all archives together may have, or a size such as `"10GB"`.
        compression: `"gzip"`, `"zstd"` (needs the extra `zstd`), or None.
        flush: see `FileSink`.
        fsync: see `FileSink`.
        mode: permissions of a new file, before the process's umask; archives have the same.
        reopen_on_hangup: see `FileSink`.
        clock: tells the time.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
        ImportError: the library for *compression* is not installed; the message names the extra.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        size: int | str | None = None,
        every: float | str | timedelta | None = None,
        utc: bool = True,
        names: Literal["timestamp", "number"] = "timestamp",
        keep_files: int | None = None,
        keep_age: float | timedelta | None = None,
        keep_size: int | str | None = None,
        compression: Literal["gzip", "zstd"] | None = None,
        flush: int | str | None = None,
        fsync: bool = False,
        mode: int = FILE_MODE,
        reopen_on_hangup: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.path = Path(os.path.realpath(_parse_plain_path(path)))
        zone = UTC if utc else None
        self._clock = clock or SystemClock()
        self._rotation = parse_rotation(size, every, zone)
        if size is None and every is None:
            raise ValueError(
                "size, every: expected at least one, such as size='100MB' or every='day', got"
                " None; a FileSink never rolls its file"
            )
        self._archives = Archives(
            self.path.parent,
            parse_naming(names, self.path, zone),
            parse_retention(keep_files, keep_age, keep_size),
            parse_compression(compression),
            self._clock,
        )
        place = Place(self.path, parse_mode(mode))
        self._file = FileTarget(place, parse_flush(flush), fsync=fsync)
        self._rolling = RollingTarget(
            self.path,
            self._file,
            self._rotation,
            self._archives,
            clock=self._clock,
            on_rolled=self._tidy,
        )
        self._on_hangup = reopen_on_hangup
        self._helper = WriterThread(f"asynclog archives of {self.path.name}")
        self._timer: asyncio.TimerHandle | None = None
        super().__init__(self._rolling, f"asynclog {self.path.name}")

    def prepare(self) -> None:
        """Get ready for SIGHUP; see `PreparingSink`."""
        if self._on_hangup:
            hangup.watch_or_tell(self.reopen)

    async def open(self) -> None:
        """Begin to look after the file; it is opened with the first write, in the thread."""
        await super().open()
        self.prepare()
        self._sleep()

    def reopen(self) -> None:
        """Have the next write open the file anew; any thread, also a signal's handler."""
        self._file.reopen()

    def inherit(self) -> None:
        """Leave the files and threads to the parent; see `InheritableSink`."""
        self._timer = None
        self._helper.inherit()
        super().inherit()

    async def aclose(self) -> None:
        """Close the file, and end the threads; a long compression is done another time."""
        hangup.unwatch(self.reopen)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await super().aclose()
        tidying = asyncio.wrap_future(self._helper.submit(lambda: None))
        self._helper.stop()
        await asyncio.wait([tidying], timeout=TIDY_SECONDS)
        self._archives.interrupt()

    def _tidy(self) -> None:
        self._helper.submit(self._archives.tidy)

    def _sleep(self) -> None:
        """Wake up when the file's period is over."""
        now_ns = self._clock.time_ns()
        next_ns = self._rotation.next_ns(now_ns)
        if next_ns is not None:
            delay = min(LONGEST_SLEEP, max(0, next_ns - now_ns) / NANOSECONDS)
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake_up)

    def _wake_up(self) -> None:
        self._thread.submit(self._roll_if_due)
        self._sleep()

    def _roll_if_due(self) -> None:
        try:
            self._rolling.roll_if_due()
        except OSError as error:
            fallback.tell(f"{self!r}: {error}")

    def __repr__(self) -> str:
        return f"RollingFileSink({str(self.path)!r})"


def _parse_plain_path(path: str | os.PathLike[str]) -> str:
    template = PathTemplate(os.fspath(parse_path(path)))
    if template.names:
        raise ValueError(
            f"path: expected no placeholders, which are for a FileSink, got {template.text!r}"
        )
    return template.plain()


def parse_naming(names: str, path: Path, zone: tzinfo | None) -> Naming:
    """Return the naming that a sink's setting stands for.

    Raises:
        ValueError: *names* is none; the message names those that exist.
    """
    if names == "number":
        return NumberNaming(path.name)
    if names == "timestamp":
        return TimestampNaming(path.stem, path.suffix, socket.gethostname(), os.getpid(), zone)
    raise ValueError(f"names: expected 'timestamp' or 'number', got {names!r}")
