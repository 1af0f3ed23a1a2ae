"""Lines appended to one file, or to one for each value of an attribute."""

from __future__ import annotations

import os
import re
from copy import copy
from pathlib import Path
from typing import Any

from ..units import parse_count
from . import hangup
from .appending import FileTarget
from .flushing import parse_flush
from .opening import FILE_MODE, Place
from .partitioned import PartitionedTarget
from .placeholders import PathTemplate
from .threaded import ThreadedSink

MAX_OPEN = 64
"""Files that one sink keeps open, unless told otherwise."""


class FileSink(ThreadedSink[Any]):
    """Appends lines to the file at *path*, which is opened with the first of them.

    Each batch is one write to the end of the file, so that several processes may share it, and
    is with the kernel when the write has returned.  A file that was moved, removed or truncated
    meanwhile, by logrotate or by hand, is opened anew.  A line that a crash tore is ended before
    the first new one.  What could not be written is kept and tried again.

    A path such as `logs/{tenant}.log` is one file for each value of the attribute `tenant`, or,
    with `{label}`, for each label.  No value leads out of the directory `logs`, in which no
    symbolic link is followed; the files used last stay open.

    Args:
        path: of the file; missing directories are made.  Braces that are none of a placeholder
            are doubled.
        flush: when the sink flushes by itself: None for never, a number of lines, or a size such
            as `"10MB"`.
        fsync: whether each flush brings the lines to the disk, so that they survive a loss of
            power; without, only `flush(durable=True)` does.
        mode: permissions of a new file, before the process's umask.
        max_open: files that stay open, where there is one for each value of an attribute.
        reopen_on_hangup: whether SIGHUP opens the file anew, and so no longer ends the process.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        flush: int | str | None = None,
        fsync: bool = False,
        mode: int = FILE_MODE,
        max_open: int = MAX_OPEN,
        reopen_on_hangup: bool = False,
    ) -> None:
        template = PathTemplate(os.fspath(parse_path(path)))
        self.path = Path(template.text if template.names else template.plain())
        root = template.root if template.names else None
        mode = parse_mode(mode)
        max_open = parse_count(max_open, "max_open")
        policy = parse_flush(flush)

        def make(path: Path) -> FileTarget:
            # Each file has a policy of its own, because a policy counts.
            return FileTarget(Place(path, mode, root), copy(policy), fsync=fsync)

        self._files: FileTarget | PartitionedTarget
        if template.names:
            self._files = PartitionedTarget(template, make, max_open)
        else:
            self._files = make(parse_path(self.path))
        self._on_hangup = reopen_on_hangup
        super().__init__(self._files, f"asynclog {self.path.name}")

    def prepare(self) -> None:
        """Get ready for SIGHUP; see `PreparingSink`."""
        if self._on_hangup:
            hangup.watch_or_tell(self.reopen)

    async def open(self) -> None:
        """Get ready to write; the file is opened with the first write, in the thread."""
        await super().open()
        self.prepare()

    def reopen(self) -> None:
        """Have the next write open the file anew; any thread, also a signal's handler."""
        self._files.reopen()

    async def aclose(self) -> None:
        """Close the file and end the thread."""
        hangup.unwatch(self.reopen)
        await super().aclose()

    def __repr__(self) -> str:
        return f"FileSink({str(self.path)!r})"


def parse_path(path: str | os.PathLike[str]) -> Path:
    """Return *path* as a `Path`, if a file can be there.

    Raises:
        ValueError: it is no path, no text, empty, holds a NUL, or is a directory.
    """
    text: object = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"path: expected the path of a file, got {text!r}")
    if text.endswith("/") or Path(text).is_dir():
        raise ValueError(f"path: expected the path of a file, got the directory {text!r}")
    return Path(text)


def parse_mode(mode: int) -> int:
    """Return *mode*, the permissions of a file that its owner can write.

    Raises:
        ValueError: it is anything else; of digits that are meant to be octal, the message says so.
    """
    if type(mode) is int and _is_mode(mode):
        return mode
    shown = f"{mode:#o}" if type(mode) is int else repr(mode)
    raise ValueError(
        f"mode: expected permissions from 0o200 to 0o777, as a number, got {shown}{_hint(mode)}"
    )


def _is_mode(mode: int) -> bool:
    return 0o200 <= mode <= 0o777 and bool(mode & 0o200)  # noqa: PLR2004 - permissions


def _hint(mode: object) -> str:
    """Say what was meant by permissions whose digits were not marked as octal ones."""
    digits = str(mode) if type(mode) in (int, str) else ""
    if not re.fullmatch("0?o?[0-7]{3}", digits, re.ASCII):
        return ""
    meant = int(digits.replace("o", ""), 8)
    return f": for {digits} write {meant:#o}" if _is_mode(meant) else ""
