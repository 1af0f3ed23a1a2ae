"""Work that must come to its end, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

ATTEMPTS = 3
"""How often one caller begins work anew that was broken off, before it gives way."""


class Ending:
    """Runs *work* to its end in a task of its own, begun at once.

    Who cancels all tasks of a loop cancels this one, too.  Whoever waits begins the work anew then,
    so it must be fit for being broken off wherever it awaits something.  Who goes on cancelling
    means it: then the work is left as it is, and may be waited for again.

    Args:
        work: returns the coroutine to run.
        loop: the running loop.
        name: of the task.
    """

    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        loop: asyncio.AbstractEventLoop,
        name: str,
    ) -> None:
        self._work = work
        self._loop = loop
        self._name = name
        self._task = self._begin()

    def _begin(self) -> asyncio.Task[None]:
        return asyncio.Task(self._work(), loop=self._loop, name=self._name)

    async def wait(self) -> None:
        """Wait for the end even if cancelled meanwhile; then be cancelled.

        What the work raises is raised; if it was broken off too often, `CancelledError`.
        """
        cancelled: asyncio.CancelledError | None = None
        attempts = 0
        while not self._task.done() or (self._task.cancelled() and attempts < ATTEMPTS):
            if self._task.cancelled():
                attempts += 1
                self._task = self._begin()
            try:
                await asyncio.wait([self._task])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        self._task.result()
