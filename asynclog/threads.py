"""Logging from a thread, or a loop, that is not the logger's own."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TYPE_CHECKING

from .collector import NO_THREAD
from .errors import AsynclogError, LoggerClosed
from .ledger import Cause
from .waiting import ACCEPTED, Waiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from .buffers import LabelBuffer
    from .collector import Collector
    from .records import Record

WAIT_SECONDS = 5.0
"""How long a thread without a loop is held up when there is no room, before its line drops."""


def wait_outside(collector: Collector, buffer: LabelBuffer, record: Record) -> Awaitable[None]:
    """Bring in a line for which there is no room now.

    In a thread that runs a loop, return what waits for room; in any other, hold the thread up:
    that is its way of waiting.
    """
    gate = _OutsideGate(collector)
    if _runs_loop():
        return Waiting(gate, buffer, record)
    if collector.loop is None or not collector.loop.is_running():
        collector.lose(record, Cause.QUEUE_FULL)
        return ACCEPTED
    future = asyncio.run_coroutine_threadsafe(_admit(collector, buffer, record), collector.loop)
    try:
        future.result(WAIT_SECONDS)
    except TimeoutError:
        if future.cancel() and not collector.loop.is_running():
            collector.lose(record, Cause.CANCELLED)  # the loop, which would count it, has stopped
    except CancelledError:
        pass  # the loop is ending; the line was counted there
    return ACCEPTED


class _OutsideGate:
    """Waits for room on the logger's loop, while the caller waits on its own.

    Args:
        collector: takes the line.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    async def wait_for_room(self, buffer: LabelBuffer, record: Record) -> None:
        """Return when the line was let in."""
        loop = _running(self._collector.loop)
        future = asyncio.run_coroutine_threadsafe(_admit(self._collector, buffer, record), loop)
        await _outcome(future)

    def lose(self, record: Record, cause: Cause) -> None:
        """Count the line as dropped."""
        self._collector.lose(record, cause)


async def _admit(collector: Collector, buffer: LabelBuffer, record: Record) -> None:
    """Take a line on the logger's loop by its policy, unless it has closed meanwhile."""
    if collector.thread_id == NO_THREAD:
        raise collector.refusal()
    collector.take_in()
    await collector.admit(buffer, record)


async def flush_from_anywhere(
    collector: Collector, buffer: LabelBuffer | None, *, durable: bool
) -> None:
    """Flush a label, or all, from the logger's own loop or any other.

    Raises:
        FlushError: a sink does not hold all the lines.
        LoggerClosed: the logger is closed, or its loop does not run any more.
    """

    async def flush() -> None:
        await collector.flush(buffer, durable=durable).wait()

    await run_at_home(collector.loop, flush)


def flush_in_thread(collector: Collector, seconds: float) -> None:
    """Wait up to *seconds* in a thread for all lines to be in the sinks that take them."""
    loop = collector.loop
    if loop is None or not loop.is_running() or runs_here(loop):
        return
    flush = flush_from_anywhere(collector, None, durable=False)
    try:
        asyncio.run_coroutine_threadsafe(flush, loop).result(seconds)
    except (AsynclogError, CancelledError, TimeoutError):
        return  # what has failed has been told of


async def run_at_home(
    home: asyncio.AbstractEventLoop | None, call: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Run *call* on the logger's own loop, *home*, and wait for it on this one.

    Raises:
        LoggerClosed: the logger's loop does not run any more.
    """
    if home is None or asyncio.get_running_loop() is home:
        await call()
    else:
        loop = _running(home)
        await _outcome(asyncio.run_coroutine_threadsafe(call(), loop))


def call_at_home(
    loop: asyncio.AbstractEventLoop | None, call: Callable[[], None], seconds: float
) -> None:
    """Call *call* in the thread that runs *loop*, and wait for it; here, if there is none.

    Here, too, if that thread has not come to it after *seconds*: it is stuck, or is not run any
    more because the interpreter ends.
    """
    if loop is None or not loop.is_running() or runs_here(loop):
        call()
        return
    future: Future[None] = Future()

    def run() -> None:
        if future.set_running_or_notify_cancel():
            try:
                call()
            finally:
                future.set_result(None)

    with suppress(RuntimeError):  # it has closed just now, and will not run this
        loop.call_soon_threadsafe(run)
    try:
        future.result(seconds)
    except TimeoutError:
        if future.cancel():
            call()
        else:
            future.result()


async def _outcome(future: Future[None]) -> None:
    """Wait for what another loop does; if that ends, say so rather than seem to be cancelled.

    Raises:
        LoggerClosed: the other loop ended before.
    """
    try:
        await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise LoggerClosed("the event loop of the logger has ended") from None


def runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether *loop* runs in this thread."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _runs_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _running(loop: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop:
    if loop is None or not loop.is_running():
        raise LoggerClosed("the event loop of the logger does not run any more")
    return loop
