"""PostgreSQL: any number of writers at once."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from .engine import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .addresses import StoreAddress
    from .delivery import Row
    from .engine import Session
    from .tables import Table

CONNECT_SECONDS, STATEMENT_SECONDS = 10.0, 60.0
"""After which a server that does not answer is given up, and tried anew."""
_LOCK = 0x61_73_79_6E_63_6C_6F_67
"""Names this program among those that take locks in a database: `asynclog`, as a number."""


class PostgreSQL:
    """A database of PostgreSQL.

    Args:
        address: where it is.
    """

    words: ClassVar[dict[str, str]] = {
        "bytes": "bytea",
        "compact": "",
        "least": "least",
        "greatest": "greatest",
    }
    begin: ClassVar[tuple[str, ...]] = ("begin", f"select pg_advisory_xact_lock_shared({_LOCK})")
    begin_alone: ClassVar[tuple[str, ...]] = ("begin", f"select pg_advisory_xact_lock({_LOCK})")

    def __init__(self, address: StoreAddress) -> None:
        self.place = address.place
        self._url = address.url.replace("postgresql://", "postgresql+asyncpg://", 1)

    async def connect(self) -> Session:
        """Open a connection."""
        return await connect(
            self._url, self.place, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS
        )

    async def stands(self) -> bool:
        """Return True: a connection that has broken says so itself."""
        return True

    async def leave(self, session: Session) -> None:
        """Do nothing."""

    async def insert(self, session: Session, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert *rows*, column by column, in one statement."""
        await session.run(self._insert(table), _columns(rows))

    async def insert_new(self, session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
        """Insert those of *rows* that are not there, and return them.

        They are inserted in one order by everybody, so that no two wait for each other.
        """
        ordered = sorted(rows, key=lambda row: row[:4])
        statement = f"{self._insert(table)} returning {', '.join(table.key)}"
        known = set(await session.all(statement, _columns(ordered)))
        return ordered if len(known) == len(ordered) else [r for r in ordered if r[:4] in known]

    def numbered(self, statement: str) -> str:
        """Return *statement* with `$1`, `$2` in place of its `?`."""
        numbers = count(1)
        return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)

    def _insert(self, table: Table) -> str:
        arrays = ", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(table.columns, start=1))
        end = table.on_conflict.format_map(self.words)
        return f"insert into {table.name} ({table.names}) select * from unnest({arrays}) {end}"  # noqa: S608 - our own names


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))
