"""Writing whole lines to a file descriptor, without ever being stuck in it."""

from __future__ import annotations

import os
import select
import stat
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

from .payload import last_record_end, record_end
from .threaded import ShortWrite

if TYPE_CHECKING:
    from collections.abc import Callable

FILE_PIECE = 1 << 18
"""Bytes given to a file at once: a kill in the middle of a write tears at most one line."""
PIPE_PIECE = select.PIPE_BUF
"""Bytes given to a pipe or terminal at once: POSIX promises that so much goes whole or not."""
POLL_MILLISECONDS = 10
"""How often a write that waits for a reader looks whether it should give up.

Well below the time that closing leaves for it, or nobody would hear how far it got.
"""


class Unfinished(ShortWrite):
    """A short write that left a record begun, which counts as written.

    Args:
        count: bytes up to the end of that record.
        error: what stopped the write.
        rest: the bytes of the record that are missing; they must come first when writing goes on.
    """

    def __init__(self, count: int, error: OSError, rest: bytes) -> None:
        super().__init__(count, error)
        self.rest = rest


def write_all(descriptor: int, payload: bytes, give_up: Callable[[float], bool]) -> None:
    """Write *payload*, waiting while the descriptor takes nothing.

    Args:
        descriptor: of a file, pipe or terminal, blocking or not.
        payload: whole records; a plain one if each is one line, else a `Payload`.
        give_up: asked before and while waiting for a pipe or terminal, with the seconds since it
            last took something; a true answer ends the write.

    Raises:
        Unfinished: some records were written, the last in part, and it cannot be taken back.
        ShortWrite: only some records were written, all of them whole.
        OSError: none was.
    """
    regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    size = FILE_PIECE if regular else PIPE_PIECE
    view = memoryview(payload)
    done = 0
    try:
        while done < len(view):
            end = piece_end(payload, done, size)
            if not regular:
                _wait_writable(descriptor, give_up)
            done += _write_some(descriptor, view[done:end])
    except OSError as error:
        _cut(descriptor, payload, done, error)


class Begun:
    """The rest of a record that was begun, for as long as there is one."""

    def __init__(self) -> None:
        self.rest = b""

    def __bool__(self) -> bool:
        return bool(self.rest)

    def write_next(self, descriptor: int, payload: bytes, give_up: Callable[[float], bool]) -> None:
        """Write the rest and then *payload*, of which a record may be left begun; see `write_all`.

        Raises:
            OSError: it is not all written.
        """
        self.finish(descriptor, give_up)
        try:
            write_all(descriptor, payload, give_up)
        except Unfinished as unfinished:
            self.rest = unfinished.rest
            raise

    def finish(self, descriptor: int, give_up: Callable[[float], bool]) -> None:
        """Write the rest; see `write_all`.

        Raises:
            OSError: it is not all written; what is missing is kept.
        """
        if not self.rest:
            return
        try:
            write_all(descriptor, self.rest, give_up)
        except Unfinished as unfinished:
            self.rest = unfinished.rest + self.rest[unfinished.count :]
            raise unfinished.error from None
        except ShortWrite as short:  # at the end of one of several rows
            self.rest = self.rest[short.count :]
            raise short.error from None
        self.rest = b""


def piece_end(payload: bytes, start: int, size: int) -> int:
    """Return where to end a piece of *payload* from *start*: at a line's end, if one fits."""
    if len(payload) - start <= size:
        return len(payload)
    end = payload.rfind(b"\n", start, start + size) + 1
    return end if end > start else start + size


def _wait_writable(descriptor: int, give_up: Callable[[float], bool]) -> None:
    poller = select.poll()
    poller.register(descriptor, select.POLLOUT)
    since = monotonic()
    ready = False
    while not ready:
        if give_up(monotonic() - since):
            raise TimeoutError("the reader does not read")
        ready = bool(poller.poll(POLL_MILLISECONDS))


def _write_some(descriptor: int, view: memoryview) -> int:
    try:
        return os.write(descriptor, view)
    except BlockingIOError:
        return 0  # somebody else has filled the pipe meanwhile


def _cut(descriptor: int, payload: bytes, done: int, error: OSError) -> NoReturn:
    """Make a write that stopped after *done* bytes end with a whole record, and report it."""
    if not done:
        raise error
    boundary = last_record_end(payload, done)
    if boundary == done or _take_back(descriptor, done - boundary):
        if not boundary:
            raise error
        raise ShortWrite(boundary, error) from None
    end = record_end(payload, boundary)
    raise Unfinished(end, error, payload[done:end]) from None


def _take_back(descriptor: int, count: int) -> bool:
    """Remove the last *count* bytes of a regular file, if nobody has written behind them."""
    try:
        status = os.fstat(descriptor)
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        if not stat.S_ISREG(status.st_mode) or status.st_size != end:
            return False
        os.ftruncate(descriptor, end - count)
    except OSError:
        return False
    return True


class Patience:
    """How long a write may wait for its reader; shared by the thread that waits and others."""

    def __init__(self) -> None:
        self._seconds = float("inf")

    def limit(self, seconds: float) -> None:
        """Have waits end, this one and all to come, after *seconds* in which nothing moved."""
        self._seconds = seconds

    def is_over(self, waited: float) -> bool:
        """Whether a wait of *waited* seconds should end."""
        return waited >= self._seconds
