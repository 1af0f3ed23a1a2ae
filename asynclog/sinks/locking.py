"""The lock of an open file, by which processes that share a log keep out of each other's way."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def try_lock(descriptor: int, *, otherwise: bool) -> bool:
    """Take the lock, unless somebody has it; return whether it was taken.

    Args:
        descriptor: of any file; closing it lets go of the lock.
        otherwise: what to return where there are no locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return otherwise
    return True


def let_go(descriptor: int) -> None:
    """Let go of the lock, if there is one."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except OSError:
        return  # there are no locks here


def is_named(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one at *path*: who waited for a lock may find another there."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
