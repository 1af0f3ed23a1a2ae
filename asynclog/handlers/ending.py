"""Foreign code that ends the program from inside the pipeline, without leaving it in disorder."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn
from weakref import WeakSet

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

ENDING = (KeyboardInterrupt, SystemExit)
"""What the program asked for, and is to get.  All else that is raised is somebody's fault."""
_ENDING_LOOPS: WeakSet[AbstractEventLoop] = WeakSet()
"""Those that are about to raise one."""


def pass_on(loop: AbstractEventLoop, error: BaseException) -> None:
    """Have *loop* raise *error* out of its run, if it is one of `ENDING`.

    Not here and now: the task under way would end with its work half done.  On a loop that is
    closed there is nobody left to tell.  Many at once, one for each line perhaps, are as one.
    """
    if isinstance(error, ENDING) and not loop.is_closed() and loop not in _ENDING_LOOPS:
        _ENDING_LOOPS.add(loop)
        loop.call_soon(_raise, loop, error)


def is_being_closed(task: asyncio.Task[None] | None, error: BaseException) -> bool:
    """Whether *error* ends the coroutine of *task* from outside: with its loop, say.

    Else somebody whom the task called has raised it, and the task is to go on.
    """
    if task is None or not isinstance(error, GeneratorExit):
        return False
    return asyncio.current_task(task.get_loop()) is not task


def _raise(loop: AbstractEventLoop, error: BaseException) -> NoReturn:
    _ENDING_LOOPS.discard(loop)
    raise error
