"""Loggers that nobody closed: written out when the interpreter ends, left alone in a fork."""

from __future__ import annotations

import atexit
import os
import warnings
from typing import Protocol

from . import fallback
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


def opened(one: Open) -> None:
    """Keep *one* alive until `closed` is called, or the interpreter ends."""
    _open.add(one)


def closed(one: Open) -> None:
    """Forget *one*: it has written all its lines."""
    _open.discard(one)


def warn_unclosed(what: object) -> None:
    """Warn that *what* was never closed."""
    warnings.warn(f"unclosed {what!r}", ResourceWarning, stacklevel=3, source=what)


@atexit.register
def write_all() -> None:
    """Write what open loggers hold.  Runs at the end of the interpreter, with no loop left."""
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
