"""A task that sleeps until there is work."""

from __future__ import annotations

import asyncio
import contextvars
from contextlib import suppress
from typing import TYPE_CHECKING

from .scope import INSIDE_PIPELINE, current_scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

STOP_SECONDS = 0.3
"""How long work that was cancelled may take to end, unless told otherwise."""
STOP_ATTEMPTS = 3
"""How often it is cancelled within this time."""


def pipeline_context() -> contextvars.Context:
    """Return a context for the logger's own tasks; it keeps nothing of any caller alive."""
    context = contextvars.Context()
    context.run(current_scope.set, INSIDE_PIPELINE)
    return context


class Worker:
    """Runs *work* in a task of its own each time it is woken, until stopped.

    The task runs in an empty context, so that it keeps nothing of the request alive that happened
    to start it.  Whoever cancels all tasks of a loop cancels this one too; the next `wake` starts
    another, and *work* must leave its state fit for that at each of its awaits.

    Args:
        loop: the loop on which the task runs.
        work: does all there is to do, and returns; must not raise.
        name: of the task.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[None]], name: str
    ) -> None:
        self._loop = loop
        self._work = work
        self._name = name
        self._event = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.stopped = False
        """Whether *work* is not run any more."""

    def wake(self) -> None:
        """Have *work* run soon; on the loop's thread only."""
        if self._loop.is_closed():
            return  # what is left is written when the interpreter ends
        self._event.set()
        if (self._task is None or self._task.done()) and not self.stopped:
            # Not through the loop's task factory: an eager one would run the work here and now,
            # inside the call of somebody who only logs.
            context = pipeline_context()
            self._task = asyncio.Task(
                self._run(), loop=self._loop, name=self._name, context=context
            )
            # A loop that is closed before its logger destroys the task; nothing is lost by that.
            self._task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001
            self._task.add_done_callback(self._ended, context=context)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Start again if it was woken between being cancelled and ending."""
        if self._event.is_set():
            self.wake()

    async def _run(self) -> None:
        while not self.stopped:
            await self._event.wait()
            self._event.clear()
            await self._work()

    def disown(self) -> None:
        """End the task without waiting: this is a forked child, and the work is the parent's."""
        self.stopped = True
        if self._task is not None:
            with suppress(RuntimeError):  # the loop is closed, or was another thread's
                self._task.cancel()

    async def finish(self, seconds: float) -> None:
        """Run *work* no more, and give it up to *seconds* to return."""
        self.stopped = True
        self._event.set()
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task], timeout=seconds)

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End the task, wherever it waits; *work* is not run any more.

        Work that swallows its cancellation is cancelled again, and left behind after *seconds*.
        """
        self.stopped = True
        for _ in range(STOP_ATTEMPTS):
            if self._task is None or self._task.done():
                return
            self._task.cancel()
            await asyncio.wait([self._task], timeout=seconds / STOP_ATTEMPTS)
