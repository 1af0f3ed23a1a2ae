"""Lines on standard output or standard error."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Literal, TextIO

from ..errors import SinkGone
from ..levels import Level
from .descriptor import Begun, Patience
from .payload import encode_records
from .threaded import ThreadedSink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..records import Batch

COLOURS: tuple[tuple[int, str], ...] = (
    (Level.CRITICAL, "\x1b[1;31m"),
    (Level.ERROR, "\x1b[31m"),
    (Level.WARNING, "\x1b[33m"),
    (Level.INFO, ""),
    (Level.DEBUG, "\x1b[36m"),
    (0, "\x1b[2m"),
)
"""The escape sequence for lines from a level up, highest level first."""
RESET = "\x1b[0m"


class ConsoleSink(ThreadedSink[bytes]):
    """Writes lines to the process's standard output or error.

    The stream is looked up when the first line is written.  A reader that does not read holds up
    a thread, never the loop; a reader that has gone is told of once, and lines are counted as
    dropped from then on.

    Args:
        stream: "stderr" or "stdout".
        colour: whether lines are coloured by level; None decides by the environment variables
            NO_COLOR and FORCE_COLOR, in this order, then by whether the stream is a terminal.

    Raises:
        ValueError: *stream* is another word.
    """

    def __init__(
        self, stream: Literal["stderr", "stdout"] = "stderr", *, colour: bool | None = None
    ) -> None:
        if stream not in ("stderr", "stdout"):
            raise ValueError(f"stream: expected 'stderr' or 'stdout', got {stream!r}")
        self.stream = stream
        super().__init__(ConsoleTarget(stream, colour), f"asynclog {stream}")

    def __repr__(self) -> str:
        return f"ConsoleSink({self.stream!r})"


class ConsoleTarget:
    """The blocking half of `ConsoleSink`.

    Args:
        stream: the name of the stream in `sys`.
        colour: see `ConsoleSink`.
    """

    def __init__(self, stream: str, colour: bool | None) -> None:
        self._name = stream
        self._colour = colour
        self._begun = Begun()
        self._patience = Patience()

    def encode(self, batch: Batch) -> bytes:
        """Return the lines as UTF-8, coloured by level if that is wanted."""
        if not wants_colour(self._colour, os.environ, getattr(sys, self._name)):
            return encode_records(batch.lines)
        coloured = [
            f"{colour}{line}{RESET}" if (colour := colour_of(record.level)) else line
            for record, line in zip(batch.records, batch.lines, strict=True)
        ]
        return encode_records(coloured)

    def write(self, payload: bytes) -> None:
        """Write *payload* behind what the program itself printed before."""
        stream: TextIO | None = getattr(sys, self._name)
        if stream is None:
            raise SinkGone(f"the process has no {self._name}")
        try:
            _flush(stream)
            descriptor = _descriptor_of(stream)
            if descriptor is None:
                _write_text(stream, payload.decode())
            else:
                self._begun.write_next(descriptor, payload, self._patience.is_over)
        except ValueError as error:
            raise SinkGone(f"{self._name} is closed: {error}") from None
        except OSError as error:
            if _has_gone(stream, error):
                raise SinkGone(f"{self._name} is closed: {error}") from None
            raise

    def flush(self, *, durable: bool) -> None:
        """Finish a line that was begun; the kernel has the others already."""
        if self._begun:
            self.write(b"")

    def close(self) -> None:
        """Do nothing: the stream belongs to the process."""

    def interrupt(self, after: float) -> None:
        """End waits for the reader of a pipe; see `Target.interrupt`."""
        self._patience.limit(after)

    def inherit(self) -> None:
        """Leave a line that was begun to the parent, which finishes it."""
        self._begun = Begun()


def wants_colour(
    explicit: bool | None, environment: Mapping[str, str], stream: TextIO | None
) -> bool:
    """Decide about colour: an explicit wish, then NO_COLOR, then FORCE_COLOR, then a terminal."""
    if explicit is not None:
        return explicit
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    try:
        return stream is not None and stream.isatty()
    except Exception:  # noqa: BLE001 - it is closed, or the program's own invention
        return False


def colour_of(level: int) -> str:
    """Return the escape sequence that begins a line of *level*; empty for no colour."""
    return next((colour for least, colour in COLOURS if level >= least), "")


def _has_gone(stream: TextIO, error: OSError) -> bool:
    """Whether *error* means that nobody will ever read *stream* again.

    It does of a pipe without a reader, of a descriptor that was closed, and of a terminal that
    was lost.  That a disk is full or broken passes.
    """
    if error.errno in (errno.EPIPE, errno.EBADF):
        return True
    return error.errno == errno.EIO and stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)


def _flush(stream: TextIO) -> None:
    """Let go what the program printed before, if the stream is one that keeps anything."""
    flush = getattr(stream, "flush", None)
    if flush is not None:
        flush()


def _write_text(stream: TextIO, text: str) -> None:
    """Write to a stream without a descriptor, with escapes for what it cannot encode."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    _flush(stream)


def _descriptor_of(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, OSError):
        return None  # replaced by something without a descriptor, as test tools do
