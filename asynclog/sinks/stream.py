"""Lines over a connection that is made anew whenever it breaks."""

from __future__ import annotations

import asyncio
import contextvars
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

import anyio

from .. import fallback
from ..errors import SinkError
from ..scope import INSIDE_PIPELINE, current_scope
from .connection import Connection, describe
from .pacing import Pacing
from .resending import MAX_RESENDS, Recent
from .slicing import encode_in_slices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..records import Batch
    from .dialing import Dialer
    from .slicing import Encode

CHUNK = 1 << 14
"""Bytes that records are joined into."""
LAST_SECONDS = 2.0
"""At the interpreter's end: how long a connection, and a write, may take."""


class StreamSink:
    """Sends records to a peer that reads a stream of bytes; the base of several sinks.

    A batch counts as written when the peer's system has acknowledged it.  When a connection
    breaks, what was acknowledged shortly before is sent again on the next, because the peer's
    program may not have read it: lines may come twice, but are not lost in silence.

    Args:
        dialer: makes connections.
        encode: returns a batch as bytes, in items of whole records.
        connect_timeout: seconds for looking up, connecting and agreeing on TLS together.
        write_timeout: seconds that the peer's system may take nothing.
        resend: seconds of what was acknowledged that is sent again after a break.
    """

    def __init__(
        self,
        dialer: Dialer,
        encode: Encode,
        *,
        connect_timeout: float,
        write_timeout: float,
        resend: float,
    ) -> None:
        self._dialer = dialer
        self._encode = encode
        self._connect_timeout = connect_timeout
        self._write_timeout = write_timeout
        self._resend = resend
        self._recent = Recent(resend)
        self._doubtful: list[tuple[bytes, int]] = []  # to be sent again, with how often it was
        self._connection: Connection | None = None
        self._pacing = Pacing()
        self._trouble = ""
        self._lock = asyncio.Lock()
        self._limit: asyncio.Timeout | None = None  # of a write under way
        self._interrupted = False
        self._recovery: asyncio.Task[None] | None = None
        self._inherited: object = None  # of the parent process

    async def open(self) -> None:
        """Begin anew; the connection is made with the first write."""
        self._lock = asyncio.Lock()
        self._interrupted = False

    async def write(self, batch: Batch, /) -> None:
        """Send *batch*; see `Sink.write`."""
        async with self._lock, self._limited():
            connection = await self._connected()
            chunks = in_chunks(await encode_in_slices(batch, self._encode))
            await connection.send(chunks)
            self._recent.add(chunks, asyncio.get_running_loop().time())

    async def flush(self, *, durable: bool = False) -> None:
        """Send again what may have been lost with the last connection.

        Raises:
            SinkError: there is no connection for it.
        """
        async with self._lock, self._limited():
            if self._doubtful:
                await self._connected()

    def interrupt(self) -> None:
        """End a write under way; see `InterruptibleSink`."""
        self._interrupted = True
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def aclose(self) -> None:
        """Close the connection, and end the tasks."""
        self.interrupt()
        if self._recovery is not None:
            self._recovery.cancel()
            await asyncio.wait([self._recovery])
            self._recovery = None
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()
        self._dialer.close()
        if self._doubtful:
            count = sum(len(chunk) for chunk, _ in self._doubtful)
            self._doubtful = []
            fallback.tell(f"{self!r} could not send {count:,} bytes again that may be lost")

    def inherit(self) -> None:
        """Close this process's copy of the connection, and leave what it may lose to the parent.

        Its tasks are those of the parent's loop, and never run here; they are kept, for nobody is
        to be told that they did not end.
        """
        if self._connection is not None:
            self._connection.inherit()
        self._inherited = (self._connection, self._recovery)
        self._connection = self._recovery = self._limit = None
        self._doubtful = []
        self._recent = Recent(self._resend)
        self._dialer.inherit()

    def write_now(self, batch: Batch, /) -> None:
        """Send *batch* over a connection of its own, in the calling thread."""
        frames = [chunk for chunk, _ in self._doubtful] + self._encode(batch)
        with self._dialer.dial_now(LAST_SECONDS) as one:
            one.sendall(b"".join(frames))
        self._doubtful = []

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        """Let `interrupt` end what is done inside."""
        try:
            async with asyncio.timeout(0 if self._interrupted else None) as self._limit:
                yield
        except TimeoutError:
            raise SinkError(self._trouble or "interrupted") from None
        finally:
            self._limit = None

    async def _connected(self) -> Connection:
        """Return a connection over which nothing doubtful is left to be sent."""
        if self._connection is not None:
            return self._connection
        loop = asyncio.get_running_loop()
        pause = self._pacing.pause(loop.time())
        if pause:
            raise SinkError(f"{self._trouble}; next attempt in {pause:.1f} s")
        try:
            async with asyncio.timeout(self._connect_timeout):
                stream = await self._dialer.dial()
        except TimeoutError:
            self._fail(f"no connection within {self._connect_timeout:g} s")
        except (OSError, ValueError, anyio.BrokenResourceError) as error:
            self._fail(describe(error))
        connection = Connection(stream, self._write_timeout, self._gone)
        self._connection = connection
        await self._send_again(connection)
        return connection

    def _fail(self, trouble: str) -> NoReturn:
        self._trouble = trouble
        self._pacing.failed(asyncio.get_running_loop().time())
        raise SinkError(trouble)

    async def _send_again(self, connection: Connection) -> None:
        doubtful, self._doubtful = self._doubtful, []
        try:
            await connection.send([chunk for chunk, _ in doubtful])
        except BaseException:
            self._doubtful = [
                (chunk, times + 1) for chunk, times in doubtful if times < MAX_RESENDS
            ]
            raise
        for chunk, times in doubtful:
            self._recent.add([chunk], asyncio.get_running_loop().time(), times)

    def _gone(self, connection: Connection) -> None:
        """Take note that *connection* broke, and see that what it may have lost is sent again."""
        loop = asyncio.get_running_loop()
        self._connection = None
        self._trouble = connection.reason
        self._pacing.broken(connection.since, loop.time())
        self._doubtful += self._recent.doubtful(loop.time())
        if self._doubtful and (self._recovery is None or self._recovery.done()):
            context = contextvars.Context()
            context.run(current_scope.set, INSIDE_PIPELINE)
            self._recovery = asyncio.Task(
                self._recover(), loop=loop, name="asynclog reconnecting", context=context
            )

    async def _recover(self) -> None:
        """Connect again even if there is nothing new to write."""
        while self._doubtful:
            await asyncio.sleep(self._pacing.pause(asyncio.get_running_loop().time()))
            async with self._lock:
                if self._doubtful:
                    with suppress(SinkError):
                        await self._connected()


def in_chunks(frames: list[bytes]) -> list[bytes]:
    """Return *frames* joined into chunks of about `CHUNK` bytes, each of whole frames."""
    chunks: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for frame in frames:
        part.append(frame)
        size += len(frame)
        if size >= CHUNK:
            chunks.append(b"".join(part))
            part, size = [], 0
    if part:
        chunks.append(b"".join(part))
    return chunks
