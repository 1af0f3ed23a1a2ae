"""A thread for the blocking calls of one sink.

A thread of its own, not one of a shared pool: a call that hangs must hold up nothing else, and a
pool cannot be used any more when the interpreter ends.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from ..errors import SinkError
from ..scope import INSIDE_PIPELINE, current_scope

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class WriterThread:
    """Runs calls one after the other, in order; the thread starts with the first.

    The thread is a daemon: a call that never returns must not keep the interpreter from ending.
    A forked child, where the thread does not exist, gets another with its first call after
    `inherit`.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()  # over what follows; calls may come from several threads
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopped: threading.Thread | None = None  # one that may still be at work

    def inherit(self) -> None:
        """Begin anew in a forked child, whatever the parent's threads were doing at the fork."""
        self._lock = threading.Lock()
        self._calls = SimpleQueue()
        self._thread = self._stopped = None

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Have *call* run in the thread, and return its outcome to come.  Any thread.

        Raises:
            SinkError: the system has no more threads.
        """
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return  # whoever wanted it has gone, and from here on cannot go any more
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - belongs to whoever waits
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._calls.put(run)
        return future

    def _start(self) -> None:
        calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        thread = threading.Thread(
            target=self._run, args=(calls, self._stopped), name=self.name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            raise SinkError(f"no thread to write in: {error}") from None
        self._calls, self._thread, self._stopped = calls, thread, None

    @staticmethod
    def _run(
        calls: SimpleQueue[Callable[[], None] | None], before: threading.Thread | None
    ) -> None:
        current_scope.set(INSIDE_PIPELINE)
        if before is not None:
            before.join()
        while (run := calls.get()) is not None:
            run()
            del run  # a waiting thread keeps nothing of the last call alive

    def stop(self) -> None:
        """Let the thread end after the calls it has been given; does not wait."""
        with self._lock:
            if self._thread is not None:
                self._calls.put(None)
                self._stopped, self._thread = self._thread, None
