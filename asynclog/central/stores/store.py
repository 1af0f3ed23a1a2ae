"""A store in a database of SQL."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ...errors import StoreError, StoreUnusable
from .addresses import parse_store_url
from .delivery import Receipt, sightings
from .engine import check_installed
from .postgres import PostgreSQL
from .schema import MIGRATIONS, VERSION_TABLE, steps
from .sqlite import SQLite
from .tables import DEAD, DROPS, EVENTS, GROUPS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .delivery import Delivery
    from .dialect import Dialect
    from .engine import Session

_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}


def open_store(url: str) -> SQLStore:
    """Return the store at *url*; it is opened with `open()`.

    Raises:
        ValueError: the URL cannot be used, or a package is missing; the message shows no password.
    """
    return SQLStore(dialect_of(url))


def dialect_of(url: str, *, create: bool = True) -> Dialect:
    """Return the kind of database at *url*; see `open_store`.

    Args:
        url: of the store.
        create: whether a file that is missing is made.
    """
    address = parse_store_url(url)
    check_installed(_DRIVERS[address.kind])
    if address.kind == "sqlite":
        return SQLite(address.path, create=create)
    return PostgreSQL(address)


class SQLStore:
    """Keeps events in SQLite or PostgreSQL; see `Store`.

    There is one connection.  When anything fails it is closed, and the next call opens another, so
    that no state of a broken one is ever relied upon.

    Args:
        dialect: the kind of database, and where it is.
        create: whether the tables are made where there are none: who only reads may have been
            given a database of something else.
    """

    def __init__(self, dialect: Dialect, *, create: bool = True) -> None:
        self.dialect = dialect
        """The kind of database."""
        self._create = create
        self._session: Session | None = None
        self._parents: list[Session | None] = []  # never closed here: it would undo its locks
        self._lock = asyncio.Lock()

    @property
    def place(self) -> str:
        """Where it is, without secrets."""
        return self.dialect.place

    async def open(self) -> None:
        """Make ready; see `Store.open`."""
        async with self._connected():
            pass

    async def deliver(self, delivery: Delivery, /) -> Receipt:
        """Keep all of *delivery*, or nothing of it; see `Store.deliver`."""
        async with self._connected() as session:
            receipt = await self._deliver(session, delivery)
            if not await self.dialect.stands():
                # It went into a file that somebody had just taken away.
                await self.dialect.leave(session)
                raise StoreError(self.place, "the file was removed or replaced")
        return receipt

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Session]:
        """Lend the connection for a change that no delivery may be under way with."""
        async with self._connected() as session, session.transaction(self.dialect.begin_alone[0]):
            for statement in self.dialect.begin_alone[1:]:
                await session.all(statement)
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """Lend the connection to one that only reads."""
        async with self._connected() as session:
            yield session

    def numbered(self, statement: str) -> str:
        """Return *statement* with its `?` as the driver wants them."""
        return self.dialect.numbered(statement)

    def inherit(self) -> None:
        """Leave the connection to the parent, in a forked child; the next call opens another."""
        self._parents.append(self._session)
        self._session = None
        self._lock = asyncio.Lock()

    async def aclose(self) -> None:
        """Close the connection."""
        async with self._lock:
            await self._disconnect()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Session]:
        """Lend the connection to one user at a time; after a failure it is closed."""
        async with self._lock:
            if self._session is not None and not await self.dialect.stands():
                await self.dialect.leave(self._session)
                await self._disconnect()
            try:
                if self._session is None:
                    self._session = await self.dialect.connect()
                    await self._migrate(self._session)
                yield self._session
            except BaseException:
                await self._disconnect()
                raise

    async def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    async def _migrate(self, session: Session) -> None:
        """Bring the tables up to date; several processes may try at the same time."""
        version = await self._version(session)
        if version == len(MIGRATIONS):
            return
        if not version and not self._create:
            raise StoreUnusable(self.place, "there are no tables of a gatherer in it")
        begin, *locks = self.dialect.begin_alone
        async with session.transaction(begin):
            for statement in locks:
                await session.all(statement)
            await session.run(
                f"create table if not exists {VERSION_TABLE}"
                " (version bigint not null primary key, since_ns bigint not null)"
            )
            for number, statements in steps(await self._version(session), self.dialect.words):
                for statement in statements:
                    await session.run(statement)
                await session.run(
                    self.numbered(f"insert into {VERSION_TABLE} values (?, ?)"),  # noqa: S608 - our own name
                    (number, time.time_ns()),
                )

    async def _version(self, session: Session) -> int:
        """Return the version of the tables; 0 where there are none."""
        try:
            rows = await session.all(f"select max(version) from {VERSION_TABLE}")  # noqa: S608 - our own name
        except StoreError as error:
            if VERSION_TABLE in error.reason:  # there is no such table
                return 0
            raise
        version: int = rows[0][0] or 0
        if version > len(MIGRATIONS):
            raise StoreUnusable(
                self.place,
                f"expected tables of version {len(MIGRATIONS)} or before, got {version}:"
                " a newer asynclog made them",
            )
        return version

    async def _deliver(self, session: Session, delivery: Delivery) -> Receipt:
        begin, *locks = self.dialect.begin
        async with session.transaction(begin):
            for statement in locks:
                await session.all(statement)
            delivery = delivery.without(await self._settled(session, delivery))
            new = []
            if delivery.rows:
                new = await self.dialect.insert_new(session, EVENTS, delivery.rows)
            if new:
                await self.dialect.insert(session, GROUPS, sightings(new, delivery.events))
            if delivery.drops:
                await self.dialect.insert(session, DROPS, delivery.drops)
            if delivery.dead:
                await self.dialect.insert(session, DEAD, delivery.dead)
        return Receipt(len(new), sum(row.repeats for row in new))

    async def _settled(self, session: Session, delivery: Delivery) -> set[tuple[str, str]]:
        """Return those batches of *delivery* that were rolled up since they came first."""
        batches = sorted(delivery.batches)
        marks = ", ".join("(?, ?)" for _ in batches)
        statement = f"select shard, bid from settled where (shard, bid) in (values {marks})"  # noqa: S608 - marks only
        values = tuple(part for batch in batches for part in batch)
        rows = await session.all(self.numbered(statement), values)
        return {(shard, batch) for shard, batch in rows}

    def __repr__(self) -> str:
        return f"SQLStore({self.place!r})"
