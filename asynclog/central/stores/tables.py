"""The tables that deliveries go to, as columns and their kinds: pure."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """A table, its columns in the order of the values that are given for them."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and kind: `text`, `bigint` or `bytea`, as PostgreSQL calls them."""
    conflict: str = "do nothing"
    """What is done about a row that is there, with `least` and `greatest` in braces."""
    key: tuple[str, ...] = ()

    @property
    def names(self) -> str:
        """Return the columns as they stand in a statement."""
        return ", ".join(name for name, _ in self.columns)

    @property
    def on_conflict(self) -> str:
        """Return the end of an `insert`."""
        return f"on conflict ({', '.join(self.key)}) {self.conflict}"


_PLACE = (("shard", "text"), ("second", "bigint"))

EVENTS = Table(
    "events",
    (
        *_PLACE,
        ("gkey", "text"),
        ("bid", "text"),
        ("repeats", "bigint"),
        ("time_ns", "bigint"),
        ("payload", "bytea"),
    ),
    key=("shard", "second", "gkey", "bid"),
)

_EARLIER = (
    "excluded.payload is not null"
    " and (groups.payload is null or excluded.first_ns < groups.first_ns)"
)
_OF_THE_FIRST = ", ".join(
    f"{name} = case when {_EARLIER} then excluded.{name} else groups.{name} end"
    for name in ("level", "label", "logger", "title", "payload")
)

GROUPS = Table(
    "groups",
    (
        ("gkey", "text"),
        ("level", "bigint"),
        ("label", "text"),
        ("logger", "text"),
        ("title", "text"),
        ("first_ns", "bigint"),
        ("last_ns", "bigint"),
        ("total", "bigint"),
        ("payload", "bytea"),
    ),
    f"do update set {_OF_THE_FIRST},"
    " first_ns = {least}(groups.first_ns, excluded.first_ns),"
    " last_ns = {greatest}(groups.last_ns, excluded.last_ns),"
    " total = groups.total + excluded.total",
    ("gkey",),
)

DROPS = Table(
    "drops",
    (*_PLACE, ("cause", "text"), ("bid", "text"), ("events", "bigint")),
    "do update set events = {greatest}(drops.events, excluded.events)",
    ("shard", "second", "cause", "bid"),
)

DEAD = Table(
    "dead_letters",
    (
        *_PLACE,
        ("gkey", "text"),
        ("bid", "text"),
        ("repeats", "bigint"),
        ("payload", "bytea"),
        ("reason", "text"),
    ),
    key=("shard", "second", "gkey", "bid"),
)
