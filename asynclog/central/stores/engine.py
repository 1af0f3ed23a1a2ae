"""The only file that knows SQLAlchemy: one connection to a database, its errors in our words."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...errors import StoreError, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

REASON_CHARACTERS = 200
_INSTALL = "install asynclog-toolkit[sql]"
CLOSE_SECONDS = 2.0
"""In which a connection is closed in good order, or else cut."""
_NEVER = re.compile(
    r"not a database|is encrypted|password authentication|does not exist|no such role"
    r"|permission denied|unable to open database file|no pg_hba.conf entry",
    re.IGNORECASE,
)
"""What a database says that will not go away by itself, at the first connection."""


class Session:
    """One connection, that does nothing but what it is told.

    Args:
        engine: that it belongs to alone.
        connection: the open connection.
        place: where it leads, for errors.
    """

    def __init__(self, engine: AsyncEngine, connection: AsyncConnection, place: str) -> None:
        self._engine = engine
        self._connection = connection
        self._place = place

    async def run(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Execute *statement*, in the driver's own form."""
        await self._execute(statement, values)

    async def many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute *statement* for each of *rows*."""
        await self._execute(statement, rows)

    async def all(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Execute *statement* and return its rows."""
        result = await self._execute(statement, values)
        return [tuple(row) for row in result.all()]

    @asynccontextmanager
    async def transaction(self, begin: str) -> AsyncIterator[None]:
        """Do what is done inside as a whole, or, if anything is raised, not at all."""
        await self.run(begin)
        try:
            yield
            await self.run("commit")
        except BaseException:
            with suppress(StoreError):
                await self.run("rollback")
            raise

    async def aclose(self) -> None:
        """Close the connection, whatever state it is in."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._connection.close()
        except Exception:  # noqa: BLE001 - it is of no use any more, whatever is wrong with it
            with suppress(Exception):
                await self._connection.invalidate()
        with suppress(Exception):
            await self._engine.dispose()

    async def _execute(self, statement: str, values: Any) -> Any:
        try:
            return await self._connection.exec_driver_sql(statement, values or None)
        except Exception as error:  # noqa: BLE001 - each driver has kinds of its own
            raise StoreError(self._place, reason(error)) from None


def check_installed(driver: str) -> None:
    """See that there is what a database is reached with; nothing of it is imported yet.

    Raises:
        ValueError: a package is missing; the message names the extra.
    """
    for package in ("sqlalchemy", driver):
        if find_spec(package) is None:
            raise ValueError(f"a store needs the package {package}: {_INSTALL}")


async def connect(url: str, place: str, **options: Any) -> Session:
    """Open a connection.

    Args:
        url: as SQLAlchemy has it.
        place: where it leads, without secrets.
        **options: what the driver is told.

    Raises:
        StoreError: it cannot be reached now.
        StoreUnusable: it will never be reached so.
        ImportError: a package is missing; the message names the extra.
    """
    engine = await asyncio.to_thread(_engine, url, options)  # loading takes a third of a second
    try:
        return Session(engine, await _opened(engine), place)
    except Exception as error:  # noqa: BLE001 - as above
        told = reason(error)
        kind = StoreUnusable if _NEVER.search(told) else StoreError
        raise kind(place, told) from None


def _engine(url: str, options: dict[str, Any]) -> AsyncEngine:
    try:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - an extra
        from sqlalchemy.pool import NullPool  # noqa: PLC0415

        return create_async_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",  # transactions are begun in so many words
            hide_parameters=True,
            connect_args=options,
        )
    except ImportError:
        raise ImportError(f"a store needs SQLAlchemy: {_INSTALL}") from None


async def _opened(engine: AsyncEngine) -> AsyncConnection:
    """Return a connection; if cancelled meanwhile, see to it that what is half open is closed."""
    opening = asyncio.ensure_future(_open(engine))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait([opening], timeout=CLOSE_SECONDS)
        if opening.cancel() or opening.cancelled() or opening.exception() is not None:
            raise
        await opening.result().close()
        raise


async def _open(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def reason(error: BaseException) -> str:
    """Return what the database said, in one line: no statement, and no values."""
    said = getattr(error, "orig", None) or error
    text = " ".join(str(said).split())
    text = re.sub(r"^<class '[\w.]*?(\w+)'>: ", r"\1: ", text)  # how one of the drivers says it
    return text[:REASON_CHARACTERS] or type(said).__name__
