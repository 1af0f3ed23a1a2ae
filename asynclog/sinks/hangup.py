"""SIGHUP, by which logrotate and operators ask for log files to be opened anew."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from .. import fallback

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_callbacks: list[Callable[[], None]] = []
_previous: Any = None


def watch(callback: Callable[[], None]) -> None:
    """Have *callback* called on SIGHUP, which then no longer ends the process.

    A handler that the program had before is still called.  Call this in the main thread; who
    watches already watches on.

    Args:
        callback: must do next to nothing; it runs between two steps of whatever the main thread
            is doing.

    Raises:
        RuntimeError: this is not the main thread, where alone a signal can be handled.
    """
    global _previous  # noqa: PLW0603 - a process has one handler for a signal
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("SIGHUP can be handled in the main thread only")
    if not _callbacks:
        _previous = signal.signal(signal.SIGHUP, _hang_up)
    if callback not in _callbacks:
        _callbacks.append(callback)


def watch_or_tell(callback: Callable[[], None]) -> None:
    """Do as `watch`; where that is impossible, say so on stderr: lines matter more."""
    try:
        watch(callback)
    except RuntimeError as error:
        fallback.tell(str(error))


def unwatch(callback: Callable[[], None]) -> None:
    """Call *callback* no more; after the last one, SIGHUP is what it was before."""
    if callback not in _callbacks:
        return
    _callbacks.remove(callback)
    if not _callbacks and signal.getsignal(signal.SIGHUP) is _hang_up:
        signal.signal(signal.SIGHUP, _previous)


def _hang_up(number: int, frame: FrameType | None) -> None:
    for callback in tuple(_callbacks):
        callback()
    if callable(_previous):
        _previous(number, frame)
