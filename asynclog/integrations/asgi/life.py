"""Whose logger it is: the caller's own, or one that lives as long as the application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...logger import BufferedLogger

Factory: TypeAlias = "Callable[[], BufferedLogger]"
"""Makes a logger that is not open yet: `lambda: load_config("logging.toml")`."""


class Life(Protocol):
    """Gives out the logger, and closes it if that is its business."""

    async def begin(self) -> BufferedLogger:
        """Return the open logger of the running loop."""
        ...

    async def end(self) -> None:
        """Close it, if it was opened here; may be called again."""
        ...


class Borrowed:
    """A logger that somebody else opens and closes.

    Args:
        logger: open whenever a request comes.
    """

    def __init__(self, logger: BufferedLogger) -> None:
        self._logger = logger

    async def begin(self) -> BufferedLogger:
        """Return it."""
        return self._logger

    async def end(self) -> None:
        """Leave it alone."""


class Owned:
    """A logger that is opened when the application starts, and closed when it ends.

    Where the server, or a test, does not tell when that is, it is opened for the first request, and
    its lines are written when the interpreter ends; or when another loop comes up in its place, as
    in test clients that have one for each request.

    Args:
        factory: makes a logger; called once for each life of the application, in its own process.
    """

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._logger: BufferedLogger | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def begin(self) -> BufferedLogger:
        """Return the logger of the running loop, opened now if need be."""
        loop = asyncio.get_running_loop()
        if self._logger is not None and self._loop is loop:
            return self._logger
        await self.end()
        logger = self._logger = await self._factory().open()  # opens without waiting
        self._loop = loop
        return logger

    async def end(self) -> None:
        """Write what is left, and close it."""
        logger, self._logger = self._logger, None
        if logger is not None:
            await logger.aclose()


def life_of(logger: object) -> Life:
    """Return the life of what a user has given as the logger.

    Raises:
        ValueError: it is neither a logger nor a callable.
    """
    if hasattr(logger, "sender_with_label"):
        return Borrowed(logger)  # type: ignore[arg-type]
    if callable(logger):
        return Owned(logger)
    raise ValueError(
        f"logger: expected a BufferedLogger, or a callable that makes one, got {logger!r}"
    )
