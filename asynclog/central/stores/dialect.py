"""The seam between a store and the two kinds of databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .delivery import Row
    from .engine import Session
    from .tables import Table


class Dialect(Protocol):
    """What is done in another way by each kind of database."""

    place: str
    """Where the database is, without secrets."""
    words: ClassVar[dict[str, str]]
    """What it calls `bytes`, `compact`, `least` and `greatest`."""
    begin: ClassVar[tuple[str, ...]]
    """How a delivery begins: any number of them may be under way, or one, as suits."""
    begin_alone: ClassVar[tuple[str, ...]]
    """How a change begins that no delivery may be under way with."""

    async def connect(self) -> Session:
        """Open a connection; see `engine.connect`."""
        ...

    async def stands(self) -> bool:
        """Whether the last connection still leads to what the address names."""
        ...

    async def leave(self, session: Session) -> None:
        """Leave in order what the connection leads to, and the address does not name any more."""
        ...

    async def insert(self, session: Session, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert *rows* in one statement."""
        ...

    async def insert_new(self, session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
        """Insert those of *rows* that are not there, and return them."""
        ...

    def numbered(self, statement: str) -> str:
        """Return *statement* with its `?` as the driver wants them."""
        ...
