"""One connection, watched: what the peer has taken, and whether it is still there."""

from __future__ import annotations

import asyncio
import contextvars
import fcntl
import os
import struct
import termios
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio.abc import SocketStream

from ..errors import SinkError
from ..scope import INSIDE_PIPELINE, current_scope
from .dialing import raw_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from anyio.abc import AnyByteStream

SHORTEST_LOOK = 0.0005
"""Seconds after which it is first asked again whether the peer's system has taken everything."""
LONGEST_LOOK = 0.02
"""Seconds between two such questions at most: the system does not tell by itself."""
PIECE = 1 << 15
"""Bytes sent at once."""
CLOSE_SECONDS = 1.0
"""How long closing waits for the peer's part of it."""


class Connection:
    """Sends, waits until the peer's system has taken what was sent, and notices the end.

    A task reads all the time, for nothing but the end of the stream: who only writes learns of it
    one write too late.

    Args:
        stream: to the peer.
        patience: seconds that the peer's system may take nothing.
        on_gone: called once when the connection has broken, not when it is closed.
    """

    def __init__(
        self, stream: AnyByteStream, patience: float, on_gone: Callable[[Connection], None]
    ) -> None:
        self._stream = stream
        self._patience = patience
        self._on_gone = on_gone
        self._gone = asyncio.Event()
        self.reason = ""
        """Why it broke; empty as long as it stands."""
        self._loop = asyncio.get_running_loop()
        self.since = self._loop.time()
        """When it was made, by the loop's clock."""
        self._closing: asyncio.Task[None] | None = None
        self._watcher = self._task(self._watch())

    async def send(self, chunks: list[bytes]) -> None:
        """Send *chunks*; return when the peer's system has taken them all.

        Raises:
            SinkError: it has not; the connection is broken then.
        """
        try:
            for piece in _pieces(chunks):
                async with asyncio.timeout(self._patience):
                    await self._stream.send(piece)
            await self._taken()
        except TimeoutError:
            self.drop(f"the peer took nothing for {self._patience:g} s")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            self.drop(describe(error))
        except BaseException:
            self.drop("a write was cut short")
            raise
        if self._gone.is_set():
            raise SinkError(self.reason)

    async def aclose(self) -> None:
        """End the connection in good order, if the peer plays its part soon."""
        self._gone.set()
        if self._closing is None:
            self._watcher.cancel()  # or it would read what the end of TLS has to say
            await asyncio.wait([self._watcher])
            self._closing = self._task(self._end())
        await asyncio.wait([self._closing, self._watcher])

    def drop(self, reason: str) -> None:
        """Take the connection for broken, and let go of it."""
        if self._gone.is_set():
            return
        self.reason = reason
        self._gone.set()
        self._closing = self._task(self._abort())  # which ends the watcher too
        self._on_gone(self)

    def inherit(self) -> None:
        """Close a forked child's copy of the socket: the connection is the parent's.

        Something harmless takes its number, which the transport may still close.
        """
        with suppress(OSError), Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), raw_socket(self._stream).fileno(), inheritable=False)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        context = contextvars.Context()
        context.run(current_scope.set, INSIDE_PIPELINE)
        return asyncio.Task(work, loop=self._loop, name="asynclog connection", context=context)

    async def _watch(self) -> None:
        """Read, and drop what is read, until the end."""
        try:
            while True:
                await self._stream.receive()
        except anyio.EndOfStream:
            self.drop("the peer closed the connection")
        except asyncio.CancelledError:
            self.drop("the task that watched the connection was cancelled")
        except Exception as error:  # noqa: BLE001 - whatever it is, the connection is of no more use
            self.drop(describe(error))

    async def _end(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                if isinstance(self._stream, SocketStream):
                    await self._stream.send_eof()
                await self._stream.aclose()
        await self._abort()

    async def _abort(self) -> None:
        with suppress(Exception):
            await anyio.aclose_forcefully(self._stream)

    async def _taken(self) -> None:
        """Return when the peer's system has taken everything, or the connection broke."""
        least = self.outstanding()
        since, pause = self._loop.time(), SHORTEST_LOOK
        while least and not self._gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._gone.wait()
            pause = min(LONGEST_LOOK, pause * 2)
            left = self.outstanding()
            if left < least or not left:
                least, since = left, self._loop.time()
            elif self._loop.time() - since > self._patience:
                raise TimeoutError

    def outstanding(self) -> int:
        """Return how many bytes the peer's system has not taken yet, as far as this one tells."""
        raw = raw_socket(self._stream)
        try:
            return int(
                struct.unpack("i", fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
            )
        except (OSError, ValueError):
            return 0  # closed, which will show; or a system that cannot tell


def _pieces(chunks: list[bytes]) -> Iterator[bytes]:
    """Yield *chunks* in pieces small enough that a slow peer takes each in time."""
    for chunk in chunks:
        if len(chunk) <= PIECE:
            yield chunk
        else:
            yield from (chunk[start : start + PIECE] for start in range(0, len(chunk), PIECE))


def describe(error: BaseException) -> str:
    """Return one line about *error*, or about what caused it where it has no text itself."""
    cause = error.__cause__
    if not str(error) and cause is not None:
        error = cause
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
