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
"""Origins kept; task names are often unique, so the cache is emptied when it is full."""

_origins: dict[tuple[int, str | None], Origin] = {}


def current_origin() -> Origin:
    """Return the origin of the running thread and, inside one, task."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    return origin_of(threading.get_ident(), task.get_name() if task is not None else None)


def origin_of(thread_id: int, task_name: str | None) -> Origin:
    """Return the origin of the calling thread, whose id is *thread_id*, and a task's name."""
    key = (thread_id, task_name)
    origin = _origins.get(key)
    if origin is None:
        if len(_origins) >= MAX_KEPT:
            _origins.clear()
        origin = _origins[key] = Origin(
            process_id=os.getpid(),
            process_name=os.path.basename(sys.argv[0] if sys.argv else "") or "python",  # noqa: PTH119
            thread_id=thread_id,
            native_id=threading.get_native_id(),
            thread_name=threading.current_thread().name,
            task_name=task_name,
        )
    return origin


def forget_origins() -> None:
    """Empty the cache; in a forked child every process and thread id is another one."""
    _origins.clear()


def caller_at(depth: int) -> Caller:
    """Return the place in the source that is *depth* frames above the function calling this."""
    frame = sys._getframe(depth + 1)  # noqa: SLF001 - the documented way is 20 times dearer
    code = frame.f_code
    return Caller(file=code.co_filename, line=frame.f_lineno, function=code.co_qualname)
