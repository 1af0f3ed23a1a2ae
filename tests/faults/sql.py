"""Lines in a database, as events; a trigger writes their text to the table that the script reads.

The script knows a table `log(text)`, which it drops, locks and reads.  So whatever it does to that
table happens in the middle of the store's own transactions.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from typing import ClassVar

from asynclog.central import CentralSink
from asynclog.central.stores import open_store
from asynclog.errors import FlushError

from .base import LoggerAdapter

PATIENCE = 25.0
"""Seconds for which a flush that failed is tried again."""


class _SQLAdapter(LoggerAdapter):
    durable = "disk"

    def make_sink(self):
        """Return a sink that makes each line a group of its own."""
        return CentralSink(self.url, flush_interval=0.05, fingerprint=_by_text)

    async def open(self):
        """Make the tables, and the trigger; then open the logger."""
        store = open_store(self.url)
        await store.open()
        async with store.reading() as session:
            for statement in self.TRIGGER:
                await session.run(statement)
        await store.aclose()
        await super().open()

    async def flush(self):
        """Return when the database has all lines; try again while it is not well."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                await super().flush()
            except FlushError:
                if asyncio.get_running_loop().time() > end:
                    raise
                await asyncio.sleep(0.05)
            else:
                return


def _by_text(record):
    return record.message


class SQLiteAdapter(_SQLAdapter):
    """Lines in a file of SQLite."""

    name = "asynclog_sqlite"
    kinds: ClassVar[set[str]] = {"sqlite"}
    TRIGGER = (
        "create table if not exists log (text text)",
        """create trigger if not exists copied after insert on events
        begin insert into log values (new.gkey); end""",
    )

    @property
    def url(self):
        """Return the URL of the store."""
        return f"sqlite:///{self.target}"

    @staticmethod
    def read(target):
        """Return all lines, of which copies may have gone with a table that was dropped."""
        connection = sqlite3.connect(target)
        try:
            return [text for (text,) in connection.execute("select gkey from events")]
        finally:
            connection.close()


class PostgresAdapter(_SQLAdapter):
    """Lines in a database of PostgreSQL."""

    name = "asynclog_postgres"
    kinds: ClassVar[set[str]] = {"postgres"}
    TRIGGER = (
        "create table if not exists log (text text)",
        """create or replace function copy_line() returns trigger language plpgsql as
        $$ begin insert into log values (new.gkey); return new; end $$""",
        """create or replace trigger copied after insert on events
        for each row execute function copy_line()""",
    )

    @property
    def url(self):
        """Return the URL of the store."""
        return self.target

    @staticmethod
    def read(target):
        """Return all lines."""
        command = ["psql", "-qAt", "-c", "select text from log", target]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()
