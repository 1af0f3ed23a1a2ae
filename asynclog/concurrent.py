"""Many tasks, a bounded number at a time, each with the sender of its own label."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, TypeVarTuple, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from .protocols import LogSender

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class SenderBuilder(Protocol):
    """Makes senders: all of a logger that a group of tasks needs to know."""

    def sender_with_label(self, label: str, /) -> LogSender:
        """Return a sender for the lines of *label*."""
        ...


class BoundedTaskGroup:
    """An `asyncio.TaskGroup` in which at most *limit* tasks run at once.

    Its rules are those of `asyncio.TaskGroup`: leaving `async with` waits for all tasks; the
    first one that fails cancels the others and the body, and the failures leave the block
    together in an `ExceptionGroup`; cancelling the task that owns the block cancels them all.

    Two things are added.  `spawn` waits while *limit* tasks are running, so a long list of work
    never becomes a long list of tasks.  And iterating over the group yields the results in the
    order in which the tasks ended, inside the block or after it.

    Args:
        limit: the greatest number of tasks that run at the same time, at least 1.
        builder: where `spawn(..., label=...)` gets the senders from, usually a `BufferedLogger`.

    Raises:
        ValueError: *limit* is not a whole number of at least 1.
    """

    def __init__(self, limit: int, builder: SenderBuilder | None = None) -> None:
        self._limit = _checked(limit)
        self._builder = builder
        self._group = asyncio.TaskGroup()
        self._room = asyncio.Semaphore(limit)
        self._running: set[asyncio.Task[Any]] = set()
        self._waiting: set[asyncio.Task[Any]] = set()
        self._results: deque[Any] = deque()
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} running={len(self._running)}/{self._limit}"
            f" results={len(self._results)}>"
        )

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._group.__aexit__(kind, error, traceback)

    @overload
    async def spawn(
        self, work: Callable[[*Arguments], Awaitable[Result]], /, *args: *Arguments
    ) -> asyncio.Task[Result]: ...

    @overload
    async def spawn(
        self, work: Callable[[Any, *Arguments], Awaitable[Result]], /, *args: *Arguments, label: str
    ) -> asyncio.Task[Result]: ...

    async def spawn(
        self,
        work: Callable[..., Awaitable[Any]],
        /,
        *args: object,
        label: str | None = None,
    ) -> asyncio.Task[Any]:
        """Start a task as soon as fewer than the limit are running, and return it.

        Every call lets other tasks run, also where there is room, so the failure of one stops
        the loop that spawns the next.  When the call is cancelled, no task was started.

        Args:
            work: called in the new task with *args*; with a label, its sender comes before them.
            *args: what *work* works on.
            label: the label of the sender, and the name of the task; None for work that does
                not log.

        Raises:
            ValueError: a label, but the group has no builder to make a sender.
            RuntimeError: the group is not open or already ending; or all its tasks wait in this
                method for each other to end.
        """
        arguments = args if label is None else (self._sender(label), *args)
        await asyncio.sleep(0)  # nothing is held yet that a cancellation could leave behind
        await self._acquire()
        try:
            return self._start(work, arguments, label)
        except BaseException:
            self._room.release()
            raise

    def _sender(self, label: str) -> LogSender:
        if self._builder is None:
            raise ValueError(f"label: expected none in a group without a builder, got {label!r}")
        return self._builder.sender_with_label(label)

    async def _acquire(self) -> None:
        """Wait for room.  Cancelled while waiting, the semaphore hands its turn to the next."""
        caller = asyncio.current_task()
        if caller not in self._running:
            await self._room.acquire()
            return
        self._waiting.add(caller)
        try:
            if len(self._running) == self._limit and self._running <= self._waiting:
                raise RuntimeError(
                    f"spawn: all {self._limit} running tasks wait for room in their own group"
                )
            await self._room.acquire()
        finally:
            self._waiting.discard(caller)

    def _start(
        self, work: Callable[..., Awaitable[Any]], arguments: tuple[object, ...], name: str | None
    ) -> asyncio.Task[Any]:
        body = self._run(work, arguments)
        try:
            task = self._group.create_task(body, name=name)
        except BaseException:
            body.close()  # or Python warns that it was never awaited
            raise
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def _run(
        self, work: Callable[..., Awaitable[Any]], arguments: tuple[object, ...]
    ) -> object:
        """Be the body of one task.

        It gives way first, so that eager tasks too begin after `spawn` has returned: the order
        is the same on every loop, and no task can fail inside `TaskGroup.create_task`, where
        early Python 3.12 turned the failure into a cancellation of the owner.
        """
        await asyncio.sleep(0)
        result = await work(*arguments)
        self._results.append(result)
        self._changed.set()
        return result

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._room.release()
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """Return the result of the next task to end.

        The iteration ends when every task spawned so far has ended and its result was handed
        out.  Tasks that failed or were cancelled have no result.  A result is kept until it is
        asked for.
        """
        while not self._results:
            if not self._running:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._results.popleft()


def _checked(limit: object) -> int:
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ValueError(f"limit: expected a whole number of at least 1, got {limit!r}")
    return limit
