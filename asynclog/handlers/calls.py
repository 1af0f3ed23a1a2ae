"""Calls of one sink, which may take too long, cancel themselves, or end the program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import fallback
from ..errors import SinkError
from ..protocols import InterruptibleSink, PreparingSink
from .ending import ENDING, pass_on

if TYPE_CHECKING:
    from ..protocols import Sink
    from ..records import Batch


class SinkCalls:
    """Opens, writes and flushes, one call at a time.

    A write that takes too long goes on by itself.  Until it has answered, `write` gives nothing to
    the sink, whatever it is given, but waits for that answer.

    Args:
        sink: what is called.
        loop: on which it is.
    """

    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        self.patience: float | None = None
        """Seconds in which the sink must have answered; None: it may take for ever."""
        self._sink = sink
        self._loop = loop
        self._opened = False
        self._answer: asyncio.Task[BaseException | None] | None = None  # of a write going on

    @property
    def unanswered(self) -> bool:
        """Whether a write that took too long is still going on."""
        return self._answer is not None

    def prepare(self) -> None:
        """Let the sink know that lines may come."""
        if isinstance(self._sink, PreparingSink):
            try:
                self._sink.prepare()
            except BaseException as error:  # noqa: BLE001 - it may work without
                self._tell("preparing", error)

    async def open(self) -> None:
        """Open the sink, unless that was done."""
        if not self._opened:
            await self._sink.open()
            self._opened = True

    async def write(self, batch: Batch) -> None:
        """Have *batch* written; raise `SinkError` if that takes too long, and leave it going on."""
        if self.patience is None and self._answer is None:
            await self._sink.write(batch)
            return
        if self._answer is None:
            self._answer = asyncio.Task(self._call(batch), loop=self._loop)
        await asyncio.wait([self._answer], timeout=self.patience)
        if not self._answer.done():
            raise SinkError(f"no answer for {self.patience:g} s")
        answer, self._answer = self._answer, None
        if error := await answer:
            raise error

    async def _call(self, batch: Batch) -> BaseException | None:
        """Write; return what ends the program: a task that raised it would do so by itself."""
        try:
            await self._sink.write(batch)  # whatever it returns: a task takes coroutines only
        except ENDING as error:
            return error
        return None

    async def flush(self, *, durable: bool) -> None:
        """Have the sink flush, if it was opened.

        Raises:
            SinkError: it takes too long, or was cancelled from inside.
        """
        if not self._opened:
            return
        try:
            async with asyncio.timeout(self.patience):
                await self._sink.flush(durable=durable)
        except TimeoutError as error:
            if self.patience is None:
                raise  # its own
            raise SinkError(f"no answer for {self.patience:g} s") from error
        except asyncio.CancelledError:
            if is_being_cancelled():
                raise
            raise SinkError("the sink was cancelled by itself") from None

    def interrupt(self) -> bool:
        """Ask the sink to end a write under way; return whether it can."""
        if not isinstance(self._sink, InterruptibleSink):
            return False
        try:
            self._sink.interrupt()
        except BaseException as error:  # noqa: BLE001 - then it is cancelled as it is
            self._tell("interrupting", error)
        return True

    def _tell(self, doing: str, error: BaseException) -> None:
        pass_on(self._loop, error)
        name = fallback.name_of(self._sink)
        fallback.tell(f"{doing} {name} failed: {fallback.reason_of(error)}")

    async def end(self, seconds: float) -> tuple[bool, BaseException | None]:
        """Cancel a write that took too long; return whether it ended now, and with what error.

        Args:
            seconds: that it has for ending.
        """
        answer = self._answer
        if answer is None:
            return False, None
        if not answer.done():
            answer.cancel()
            await asyncio.wait([answer], timeout=seconds)
        if not answer.done() or answer.cancelled():
            return False, None
        return True, answer.exception() or answer.result()


def is_being_cancelled() -> bool:
    """Whether somebody cancelled the running task, rather than what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
