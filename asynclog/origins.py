"""Who is logging: process, thread and task, looked up once for each thread and task name."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from .records import Caller, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

task_of_loop: Callable[[Any], asyncio.Task[Any] | None]
"""Returns the task that runs on a loop; from 3.12 on asyncio's own function is fast enough."""
if sys.version_info >= (3, 12):
    task_of_loop = asyncio.current_task
else:
    task_of_loop = asyncio.tasks._current_tasks.get  # type: ignore[attr-defined]  # noqa: SLF001

MAX_KEPT = 1024
"""Origins kept by each thread; task names are often unique, so a full cache is emptied."""


class _Kept(threading.local):
    """The origins of one thread; they go with it, for another may be given its id."""

    def __init__(self) -> None:
        self.by_task: dict[str | None, Origin] = {}


_kept = _Kept()


def current_origin() -> Origin:
    """Return the origin of the running thread and, inside one, task."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    return origin_of(threading.get_ident(), task.get_name() if task is not None else None)


def origin_of(thread_id: int, task_name: str | None) -> Origin:
    """Return the origin of the calling thread, whose id is *thread_id*, and a task's name."""
    kept = _kept.by_task
    origin = kept.get(task_name)
    if origin is None:
        if len(kept) >= MAX_KEPT:
            kept.clear()
        origin = kept[task_name] = Origin(
            process_id=os.getpid(),
            process_name=os.path.basename(sys.argv[0] if sys.argv else "") or "python",  # noqa: PTH119
            thread_id=thread_id,
            native_id=threading.get_native_id(),
            thread_name=threading.current_thread().name,
            task_name=task_name,
        )
    return origin


def forget_origins() -> None:
    """Empty the cache; in a forked child, where one thread is left, its ids are others."""
    _kept.by_task.clear()


def caller_outside(file: str) -> Caller:
    """Return the place in the source from which the code of *file*, which runs, was called."""
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way is 20 times dearer
    while frame.f_code.co_filename == file and frame.f_back is not None:
        frame = frame.f_back
    code = frame.f_code
    return Caller(file=code.co_filename, line=frame.f_lineno, function=code.co_qualname)
