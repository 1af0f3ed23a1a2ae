"""Reads standard input in a thread of its own, and hands it to the loop in bounded memory."""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

CHUNK = 65_536
"""Bytes read at once: as much as a pipe usually holds."""
ROOM = 16
"""Chunks that may wait for the loop."""
PATIENCE_SECONDS = 1.0
"""The source may wait so long, at a stretch, before it is said.

However fast the output is, a source can be faster, and waits a little now and then.
"""
_GLANCE_SECONDS = 0.1
GRACE_SECONDS, QUIET_SECONDS = 1.0, 0.1
"""After `stop`: reading ends when nothing came for QUIET, or after GRACE altogether."""
GRACE_BYTES = 1 << 20
"""After `stop`: reading ends after so many bytes; no pipe holds more by default."""


class Intake:
    """Everything that comes from one descriptor, in chunks.

    A thread reads, because an event loop cannot watch a regular file.  It stops reading while
    `ROOM` chunks wait, so that a fast source is held up rather than kept in memory; how often and
    how long is counted.

    Args:
        descriptor: what to read; it is not closed.
        on_slow: called once, in the thread, when the source has been held up for so long.
        patience: seconds of one wait that are not worth telling.
    """

    def __init__(
        self, descriptor: int, on_slow: Callable[[], None], patience: float = PATIENCE_SECONDS
    ) -> None:
        self.waits = 0
        """How often the source was held up."""
        self.waited = 0.0
        """Seconds for which the source was held up, all waits together."""
        self.slow = False
        """Whether the source was held up for *patience* at a stretch."""
        self.error: OSError | None = None
        """What ended the reading, if it was not the end of the input."""
        self._descriptor = descriptor
        self._on_slow = on_slow
        self._patience = patience
        self._room = threading.Semaphore(ROOM)
        self._stopping = self._abandoned = self._ended = False
        self._waking = threading.Lock()
        self._waker, self._wake = os.pipe()
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        # A daemon: a read that never returns must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="asynclog intake", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what was read, until the input ends or reading was stopped."""
        while data := await self._chunks.get():
            self._room.release()
            yield data

    def stop(self) -> None:
        """Take what the source has written up to now, and little more, then end.

        A program that is interrupted together with this one may still have its last words.
        """
        self._stopping = True
        with self._waking:
            if not self._ended:
                os.write(self._wake, b".")

    def abandon(self) -> list[bytes]:
        """Stop at once, and return the chunks that nobody has taken."""
        self._abandoned = True
        self.stop()
        left = [self._chunks.get_nowait() for _ in range(self._chunks.qsize())]
        return [data for data in left if data]

    def _run(self) -> None:
        try:
            self._read_all()
        except OSError as error:
            self.error = error
        finally:
            self._deliver(b"")
            with self._waking:  # whoever stops an intake that has ended must not wake a stranger
                self._ended = True
                os.close(self._waker)
                os.close(self._wake)

    def _read_all(self) -> None:
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        poller.register(self._waker, select.POLLIN)
        while not self._stopping:
            ready = [descriptor for descriptor, _ in poller.poll()]
            if self._descriptor in ready and not self._read():
                return
        poller.unregister(self._waker)
        self._read_last(poller)

    def _read_last(self, poller: select.poll) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        allowed = GRACE_BYTES
        while allowed > 0 and time.monotonic() < deadline and poller.poll(QUIET_SECONDS * 1000):
            count = self._read()
            if not count:
                return
            allowed -= count

    def _read(self) -> int:
        """Read one chunk when there is room for it; return its size, 0 at the end."""
        if not self._take_room():
            return 0
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:  # another reader of the same pipe was faster
            self._room.release()
            return CHUNK
        if data:
            self._deliver(data)
        return len(data)

    def _take_room(self) -> bool:
        """Wait for room; return False if there will be none."""
        if self._room.acquire(blocking=False):
            return True
        self.waits += 1
        before = self.waited
        begun = time.monotonic()
        found = False
        while not (found or self._abandoned):
            found = self._room.acquire(timeout=min(_GLANCE_SECONDS, self._patience))
            self._count(before, time.monotonic() - begun)
        return found

    def _count(self, before: float, stretch: float) -> None:
        """Add a wait, maybe one that goes on, to those *before*."""
        self.waited = before + stretch
        if stretch >= self._patience and not self.slow:
            self.slow = True
            self._on_slow()

    def _deliver(self, data: bytes) -> None:
        try:
            self._loop.call_soon_threadsafe(self._chunks.put_nowait, data)
        except RuntimeError:
            return  # the loop has ended: nobody waits for it any more
