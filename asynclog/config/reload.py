"""A configuration that may change while the program runs."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .. import fallback
from ..errors import ConfigError, LoggerClosed
from ..sinks import hangup
from ..units import parse_seconds
from .loading import PATH_VARIABLE, level_of, make_handlers, make_logger, read_config

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import timedelta

    from ..logger import BufferedLogger
    from .loading import Loaded
    from .model import Settings
    from .registry import Registry

EVERY_SECONDS = 2.0
"""The file is looked at so often, unless told otherwise."""

Stamp = tuple[int, int, int] | None


@asynccontextmanager
async def reloading(
    path: str | os.PathLike[str] | None = None,
    *,
    logger: str = "root",
    every: float | timedelta = EVERY_SECONDS,
    on_hangup: bool = True,
    registry: Registry | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[BufferedLogger]:
    """Open the logger that a file describes, and follow the file while it is open.

        async with reloading("logging.toml") as builder:
            ...

    When the file has changed and is the same at two looks, and at once on SIGHUP, its handlers take
    the place of those before, and its levels hold; no line is lost or doubled.  A file that cannot
    be used changes nothing, and its mistakes are told on stderr.  What else the table `asynclog`
    says holds from the next start on.

    Args:
        path: of the file; None for the one that the variable `ASYNCLOG_CONFIG` names.
        logger: which of its loggers.
        every: seconds, or a timedelta, after which the file is looked at again.
        on_hangup: whether SIGHUP has the file read anew, and so no longer ends the process.
        registry: see `load_config`.
        environment: see `load_config`.

    Raises:
        ConfigError: the file cannot be used when the logger is opened.
        ValueError: *every* is no span of time.
    """
    variables = os.environ if environment is None else environment
    seconds = parse_seconds(every, "every")
    file = Path(os.fsdecode(path) if path is not None else variables.get(PATH_VARIABLE, ""))
    stamp = _stamp(file)
    loaded = await asyncio.to_thread(read_config, path, registry=registry, environment=variables)
    async with make_logger(loaded, logger) as builder:
        follower = Follower(
            builder, loaded, file, logger=logger, registry=registry, variables=variables
        )
        task = asyncio.create_task(follower.follow(seconds, stamp), name="asynclog reloading")
        if on_hangup:
            hangup.watch_or_tell(follower.hurry)
        try:
            yield builder
        finally:
            hangup.unwatch(follower.hurry)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Follower:
    """Follows a file.

    Args:
        builder: the logger whose handlers and levels follow.
        loaded: what the file said when the logger was opened.
        file: the file.
        logger: which of its loggers.
        registry: the types that it may name.
        variables: the environment.
    """

    def __init__(
        self,
        builder: BufferedLogger,
        loaded: Loaded,
        file: Path,
        *,
        logger: str,
        registry: Registry | None,
        variables: Mapping[str, str],
    ) -> None:
        self._builder = builder
        self._settings = loaded.config.settings
        self._file = file
        self._logger = logger
        self._registry = registry
        self._variables = variables
        self._loop = asyncio.get_running_loop()
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Have the file read now; any thread, also a signal's handler."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._hurried.set)

    async def follow(self, every: float, stamp: Stamp) -> None:
        """Reload whenever the file has changed since *stamp*, until cancelled.

        One that also changed since the look before may be half written, so it is left for the next.
        """
        seen = stamp
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._hurried.wait()
            before, seen = seen, await asyncio.to_thread(_stamp, self._file)
            has_settled = seen is not None and before == seen
            if self._hurried.is_set() or (has_settled and seen != stamp):
                self._hurried.clear()
                stamp = seen
                await self.reload()

    async def reload(self) -> bool:
        """Read the file, and do as it says; return whether it could be used."""
        try:
            loaded = await asyncio.to_thread(
                read_config, self._file, registry=self._registry, environment=self._variables
            )
            handlers = make_handlers(loaded, self._logger)
        except ConfigError as error:
            for line in str(error).splitlines():
                fallback.tell(f"not reloaded: {line}")
            return False
        try:
            await self._builder.set_handlers(handlers)
        except LoggerClosed:
            return False
        except ValueError as error:  # as of a type that makes one and the same sink twice
            fallback.tell(f"not reloaded: {error}")
            return False
        self._set_levels(loaded.config.settings)
        return True

    def _set_levels(self, settings: Settings) -> None:
        """Have the levels of the file hold; what the program set for other globs stays."""
        before, self._settings = self._settings, settings
        self._builder.set_level(level_of(settings))
        for glob in before.levels.keys() - settings.levels.keys():
            self._builder.set_level(None, glob)
        for glob, level in settings.levels.items():
            self._builder.set_level(level, glob)


def _stamp(file: Path) -> Stamp:
    """Return what changes when *file* does; None while there is none."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
