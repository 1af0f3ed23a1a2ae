"""SIGTERM: what loggers hold is written, and then the process dies of it, as it does by default."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

AGAIN_SECONDS = 0.01
"""After which it is tried again where the signal came at a bad moment and no loop runs."""
_ROUND_USER_CODE = ("cli", "concurrent", "integrations", "testing")
"""Parts of the package that call the program's code, and have no work of their own half done."""

_write_all: Callable[[], None] | None = None


def watch(write_all: Callable[[], None]) -> None:
    """Have *write_all* called on SIGTERM, if nobody else has taken care of that signal.

    Only the main thread can arrange for that; elsewhere this does nothing.

    Args:
        write_all: writes all there is in the calling thread, in bounded time.
    """
    global _write_all  # noqa: PLW0603 - a process has one handler for a signal
    if _can_arrange() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        _write_all = write_all
        signal.signal(signal.SIGTERM, _terminate)


def unwatch() -> None:
    """Leave SIGTERM to the system again; a handler that the program has set since stays."""
    if _can_arrange() and signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _can_arrange() -> bool:
    return threading.current_thread() is threading.main_thread()


def _terminate(number: int, frame: FrameType | None) -> None:
    """Write and die, now or, if the signal came while a logger was at work, right after that."""
    if not _is_at_work(frame):
        _write_and_die()
        return
    try:
        asyncio.get_running_loop().call_soon_threadsafe(_write_and_die)
    except RuntimeError:
        again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), number))
        again.daemon = True
        with suppress(RuntimeError):  # the interpreter is ending, and all is being written
            again.start()


def _is_at_work(frame: FrameType | None) -> bool:
    """Whether what was interrupted belongs to a logger, whose state may be halfway."""
    package = __name__.partition(".")[0]
    while frame is not None:
        root, _, rest = frame.f_globals.get("__name__", "").partition(".")
        if root == package and rest.partition(".")[0] not in _ROUND_USER_CODE:
            return True
        frame = frame.f_back
    return False


def _write_and_die() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a second one ends it at once
    if _write_all is not None:
        _write_all()
    signal.raise_signal(signal.SIGTERM)
