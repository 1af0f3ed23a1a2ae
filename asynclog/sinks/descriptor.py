"""Writing to a file descriptor, all of it or up to the end of a line."""

from __future__ import annotations

import os
import select
import stat
from typing import TYPE_CHECKING, NoReturn

from .threaded import ShortWrite

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_MILLISECONDS = 200
"""How often a write that waits for a reader looks whether it was interrupted."""


def write_all(descriptor: int, payload: bytes, interrupted: Callable[[], bool]) -> None:
    """Write *payload*, waiting where the descriptor is full.

    Args:
        descriptor: blocking or not.
        payload: whole lines.
        interrupted: asked while waiting; a true answer ends the wait.

    Raises:
        Unfinished: some lines were written, the last only in part, and it cannot be taken back.
        ShortWrite: only some lines were written, all of them whole.
        OSError: none was.
    """
    view = memoryview(payload)
    done = 0
    try:
        while done < len(view):
            done += _write_some(descriptor, view[done:], interrupted)
    except OSError as error:
        _cut(descriptor, payload, done, error)


def _write_some(descriptor: int, view: memoryview, interrupted: Callable[[], bool]) -> int:
    try:
        return os.write(descriptor, view)
    except BlockingIOError:
        poller = select.poll()
        poller.register(descriptor, select.POLLOUT)
        while not poller.poll(POLL_MILLISECONDS):
            if interrupted():
                raise TimeoutError("interrupted while the reader did not read") from None
        return 0


class Unfinished(ShortWrite):
    """A short write that left a line begun, which counts as written.

    Args:
        count: bytes up to the end of that line.
        error: what stopped the write.
        rest: the bytes of the line that are missing; they must come first when writing goes on.
    """

    def __init__(self, count: int, error: OSError, rest: bytes) -> None:
        super().__init__(count, error)
        self.rest = rest


def _cut(descriptor: int, payload: bytes, done: int, error: OSError) -> NoReturn:
    """Make a write that stopped after *done* bytes end with a whole line, and report it."""
    if not done:
        raise error
    boundary = payload.rfind(b"\n", 0, done) + 1
    if boundary == done or _take_back(descriptor, done - boundary):
        if not boundary:
            raise error
        raise ShortWrite(boundary, error) from None
    end = payload.index(b"\n", done) + 1
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
