"""SQLite: one file, any number of processes, one writer at a time."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from ...errors import StoreError, StoreUnusable
from .engine import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .delivery import Row
    from .engine import Session
    from .tables import Table

BUSY_SECONDS = 2.0
"""How long a statement waits for another process that writes, before it is tried anew."""
MISSING_SECONDS = 1.0
"""How long a file that was there must be gone before it is made anew.

Somebody may be about to put another one in its place, and would find an empty one in the way.
"""
MODE = 0o640
"""Permissions of a new file; SQLite gives the same to the files beside it."""
_KNOWN = """
select e.shard, e.second, e.gkey, e.bid
from json_each(?) as wanted cross join events as e
where e.shard = json_extract(wanted.value, '$[0]')
  and e.second = json_extract(wanted.value, '$[1]')
  and e.bid = json_extract(wanted.value, '$[2]')
"""


class SQLite:
    """A file of SQLite, with a write-ahead log, so that readers and the writer never wait.

    Args:
        path: of the file.
        create: whether it is made where it is missing.
    """

    words: ClassVar[dict[str, str]] = {
        "bytes": "blob",
        "compact": " without rowid",
        "least": "min",
        "greatest": "max",
    }
    begin: ClassVar[tuple[str, ...]] = ("begin immediate",)
    begin_alone: ClassVar[tuple[str, ...]] = begin

    def __init__(self, path: str, *, create: bool = True) -> None:
        self.place = path
        self._create = create
        self._path = Path(path)
        self._identity: tuple[int, int] | None = None
        self._gone_since: float | None = None

    async def connect(self) -> Session:
        """Open the file, which is made if need be."""
        await asyncio.to_thread(self._prepare)
        url = f"sqlite+aiosqlite:///{self._path}"
        session = await connect(url, self.place, timeout=BUSY_SECONDS)
        try:
            await self._set_up(session)
            self._identity = await asyncio.to_thread(self._identify)
        except StoreError as error:
            await session.aclose()
            if "not a database" in str(error) or "malformed" in str(error):
                raise StoreUnusable(self.place, error.reason) from None
            raise
        except BaseException:
            await session.aclose()
            raise
        return session

    async def stands(self) -> bool:
        """Whether the file is still the one that was opened, and has not been taken away."""
        return await asyncio.to_thread(self._identify) == self._identity

    async def leave(self, session: Session) -> None:
        """Bring what is in the log into the file that was taken away: whoever has it finds it."""
        with suppress(StoreError):
            await session.all("pragma wal_checkpoint(truncate)")

    async def insert(self, session: Session, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert *rows*."""
        marks = ", ".join("?" * len(table.columns))
        statement = f"insert into {table.name} ({table.names}) values ({marks}) {table.on_conflict}"  # noqa: S608 - our own names
        await session.many(statement.format_map(self.words), rows)

    async def insert_new(self, session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
        """Insert those of *rows* that are not there, and return them.

        Nobody else writes at this time, so what is not there now will not be there then.
        """
        wanted = {(row.shard, row.second, row.batch) for row in rows}
        known = set(await session.all(_KNOWN, (msgspec.json.encode(list(wanted)).decode(),)))
        new = [row for row in rows if row[:4] not in known] if known else list(rows)
        if new:
            await self.insert(session, table, new)
        return new

    def numbered(self, statement: str) -> str:
        """Return *statement* as it is."""
        return statement

    async def _set_up(self, session: Session) -> None:
        # What is acknowledged must outlive a power cut, so each commit waits for the disk.
        await session.run("pragma synchronous=full")
        if await session.all("pragma journal_mode") != [("wal",)]:
            await session.all("pragma journal_mode=wal")

    def _prepare(self) -> None:
        """Make the file, if it is missing, with narrow permissions."""
        try:
            if not self._path.exists():
                self._check_missing()
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
        except FileNotFoundError:
            raise StoreUnusable(self.place, f"there is no directory {self._path.parent}") from None
        except OSError as error:
            kind = StoreUnusable if isinstance(error, PermissionError) else StoreError
            raise kind(self.place, error.strerror or type(error).__name__) from None

    def _check_missing(self) -> None:
        """Raise an error unless the missing file may be made."""
        if not self._create:
            raise StoreUnusable(self.place, "there is no such file")
        for suffix in ("-wal", "-shm"):  # the log of a file that is gone belongs to no other
            with suppress(FileNotFoundError):
                os.unlink(f"{self._path}{suffix}")  # noqa: PTH108 - a name, not a path below
        if self._identity is None:
            return
        now = time.monotonic()
        if self._gone_since is None:
            self._gone_since = now
        if now - self._gone_since < MISSING_SECONDS:
            raise StoreError(self.place, "the file was removed")
        self._gone_since = None

    def _identify(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
