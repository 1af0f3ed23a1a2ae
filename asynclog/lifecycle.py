"""Loggers that nobody closed: written out when the process ends, left alone in a fork."""

from __future__ import annotations

import atexit
import os
import sys
import warnings
from typing import Protocol

from . import fallback, terminating
from .origins import forget_origins


class Open(Protocol):
    """What is open, as far as the end of the process is concerned."""

    def end(self) -> None:
        """Write all there is in the calling thread, without a loop, and be closed."""
        ...

    def disown(self) -> None:
        """Be closed, without writing: this is a forked child, and the lines are the parent's."""
        ...


_open: set[Open] = set()
_worker_id: int | None = None  # of the process whose end as a worker was arranged for


def opened(one: Open) -> None:
    """Keep *one* alive until `closed` is called, or the process ends."""
    _open.add(one)
    terminating.watch(write_all)
    _prepare_worker()


def closed(one: Open) -> None:
    """Forget *one*: it has written all its lines."""
    _open.discard(one)
    if not _open:
        terminating.unwatch()


def warn_unclosed(what: object) -> None:
    """Warn that *what* was never closed."""
    warnings.warn(f"unclosed {what!r}", ResourceWarning, stacklevel=3, source=what)


def _prepare_worker() -> None:
    """Have a worker of `multiprocessing` write at its end: a forked one runs no `atexit`."""
    global _worker_id  # noqa: PLW0603 - a process is prepared once
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None or process.parent_process() is None:
        return
    if _worker_id != os.getpid():
        _worker_id = os.getpid()
        util.Finalize(None, write_all, exitpriority=0)


@atexit.register
def write_all() -> None:
    """Write what open loggers hold.  Runs at the end of the process, with no loop at work."""
    for one in list(_open):
        try:
            one.end()
        except Exception as error:  # noqa: BLE001 - the others have lines to write, too
            fallback.tell(f"ending {fallback.name_of(one)}: {fallback.reason_of(error)}")
    _open.clear()


def _disown_all() -> None:
    """Let go of everything in a forked child; its threads and tasks do not exist there."""
    forget_origins()
    for one in list(_open):
        one.disown()
    _open.clear()


os.register_at_fork(after_in_child=_disown_all)
