"""Work for the demonstration: hash and compress files, a directory to a job, and tell of it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import zlib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..protocols import LogSender

MAX_JOBS, MAX_FILES = 24, 8
"""Directories, and files of each, that are taken: enough to see, done in a second or two."""
MAX_BYTES = 1 << 20
"""Bytes of one file that are read."""
_LEFT_OUT = {"__pycache__", "site-packages"}


class Job(NamedTuple):
    """What one task does."""

    label: str
    """The directory's path below the one that was asked for."""
    files: tuple[Path, ...]


class Summary(NamedTuple):
    """What was found out about one file."""

    size: int
    """Bytes, at most `MAX_BYTES`."""
    digest: str
    """SHA-256, in hexadecimal digits."""
    packed: int
    """Bytes after compression."""


def find_jobs(directory: Path) -> list[Job]:
    """Return a job for each directory with files, from *directory* down, in order of path."""
    return list(islice(_walk(directory), MAX_JOBS))


def _walk(directory: Path) -> Iterator[Job]:
    for path, directories, names in os.walk(directory):
        directories[:] = sorted(
            name for name in directories if name not in _LEFT_OUT and not name.startswith(".")
        )
        regular = (file for name in sorted(names) if (file := Path(path, name)).is_file())
        files = tuple(islice(regular, MAX_FILES))
        if files:
            yield Job(Path(path).relative_to(directory).as_posix(), files)


async def process(sender: LogSender, job: Job) -> int:
    """Do one job, log each step, and return the bytes that were read.

    The computing is done in threads.  The flush at the end lets the job's lines out together.
    """
    await sender.log(Level.INFO, "files to do: {}", len(job.files))
    total = 0
    for file in job.files:
        try:
            summary = await asyncio.to_thread(examine, file)
        except OSError as error:
            await sender.log(Level.ERROR, "{}: {}", file.name, error.strerror)
            continue
        await _tell(sender, file.name, summary)
        total += summary.size
    await sender.log(Level.INFO, "done, {:,} bytes", total)
    await sender.flush()
    return total


async def _tell(sender: LogSender, name: str, summary: Summary) -> None:
    if not summary.size:
        await sender.log(Level.WARNING, "{}: empty", name)
        return
    await sender.log(
        Level.INFO,
        "{}: {:,} bytes, sha256 {:.8}, deflated to {:.0%}",
        name,
        summary.size,
        summary.digest,
        summary.packed / summary.size,
    )


def examine(file: Path) -> Summary:
    """Read, hash and compress *file*; a call that takes its time, for a thread.

    Raises:
        OSError: the file cannot be read.
    """
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES)
    return Summary(len(data), hashlib.sha256(data).hexdigest(), len(zlib.compress(data)))
