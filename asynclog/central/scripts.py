"""What the server does in one step each: scripts, called by their digest, with typed answers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Argument, Connection
    from .keys import Keys


class Applied(NamedTuple):
    """A report was applied, just now."""

    new: int
    """Groups that were not in their second before."""
    folded: int
    """Events of which only the number was kept."""
    dropped: int
    """Events of which nothing was kept."""
    groups: int
    """Groups that the shard holds now."""
    bytes: int
    """Bytes of payloads that the shard holds now."""


class Duplicate(NamedTuple):
    """A report had been applied before; nothing was done."""

    last: int
    """Number of the last batch of the stream."""


class Gap(NamedTuple):
    """A report was not the next one of its stream; nothing was done."""

    last: int
    """Number of the last batch of the stream; -1 where the server does not know the stream."""


Reported: TypeAlias = Applied | Duplicate | Gap


class Meta(NamedTuple):
    """What there is to know of a claimed batch."""

    second: int
    attempts: int
    """How often it was given to somebody."""
    repeated: int
    """Members of its ZSET: groups that came more than once."""
    fields: int
    """Of its HASH: groups with a payload, and the field that counts their bytes."""
    bytes: int
    """Of its payloads."""
    claimed_ms: int
    """When it was first claimed, by the server's clock."""
    owner: str


class Work(NamedTuple):
    """What a gatherer is to do now."""

    now_ms: int
    """By the server's clock."""
    again: list[tuple[str, Meta]]
    """Batches that another one did not finish, with a new lease."""
    seconds: list[int]
    """Seconds that are over, to be claimed; oldest first."""
    wait_ms: int
    """How long to wait before asking again; 0 if there is something to do."""


class NotOver(NamedTuple):
    """A second cannot be claimed yet."""

    wait_ms: int


class Scripts:
    """Calls the scripts on one server.

    A server that does not know a script, because it was started anew or forgot, is given it again.

    Args:
        connection: to the server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def report(self, keys: Sequence[str], arguments: Sequence[Argument]) -> Reported:
        """Apply a numbered batch; see `report.lua` for what *keys* and *arguments* are.

        Raises:
            ServerError: it was not applied, or nobody knows; report it again.
        """
        kind, *rest = await self._call("report", keys, arguments)
        if kind == 1:
            return Applied(*rest)
        return Duplicate(*rest) if kind == 2 else Gap(*rest)  # noqa: PLR2004 - see report.lua

    async def next(
        self, keys: Keys, owner: str, *, lease_ms: int, grace_ms: int, want: int, attempts: int
    ) -> Work:
        """Return what *owner* is to do in a shard.

        Args:
            keys: of the shard.
            owner: who asks.
            lease_ms: how long a batch that is handed on is the owner's.
            grace_ms: how long after its end a second is over.
            want: batches and seconds at most.
            attempts: after how many a batch becomes a dead letter.

        Raises:
            ServerError: there is no answer.
        """
        now, again, seconds, wait = await self._call(
            "next",
            (keys.pending, keys.claims, keys.cmeta, keys.dead),
            (owner, lease_ms, grace_ms, want, attempts),
        )
        pairs = zip(again[::2], again[1::2], strict=True)
        batches = [(batch.decode(), _meta(meta)) for batch, meta in pairs]
        return Work(now, batches, [int(one) for one in seconds], int(wait))

    async def claim(
        self, keys: Keys, second: int, batch: str, owner: str, *, lease_ms: int, grace_ms: int
    ) -> Meta | NotOver | None:
        """Make *second* the *batch* of *owner*; None if another one has it.

        Raises:
            ServerError: there is no answer; ask again with the same *batch*.
        """
        kind, *rest = await self._call(
            "claim",
            (
                keys.pending,
                keys.claims,
                keys.cmeta,
                keys.ts(second),
                keys.ev(second),
                keys.claimed_ts(batch),
                keys.claimed_ev(batch),
            ),
            (second, batch, owner, lease_ms, grace_ms),
        )
        if kind == 1:
            return _meta(rest[0])
        return NotOver(int(rest[0])) if kind == -1 else None

    async def renew(self, keys: Keys, batch: str, owner: str, *, lease_ms: int) -> int | None:
        """Prolong the lease of *batch*; return its age in milliseconds, None if it is not owned.

        Args:
            keys: of the shard.
            batch: that was claimed.
            owner: who claimed it.
            lease_ms: from now on; 0 gives it back.

        Raises:
            ServerError: there is no answer.
        """
        kind, *rest = await self._call("renew", (keys.claims, keys.cmeta), (batch, owner, lease_ms))
        return int(rest[0]) if kind == 1 else None

    async def ack(self, keys: Keys, batch: str, events: int) -> bool:
        """Let go of *batch*, which is in the store with *events*; False if it is gone already.

        Raises:
            ServerError: there is no answer; say it again.
        """
        answer = await self._call(
            "ack",
            (
                keys.claims,
                keys.cmeta,
                keys.state,
                keys.claimed_ts(batch),
                keys.claimed_ev(batch),
                keys.dead,
            ),
            (batch, events),
        )
        return bool(answer)

    async def requeue(self, keys: Keys, batch: str) -> bool:
        """Have a dead letter gathered once more; False if there is no such.

        Raises:
            ServerError: there is no answer.
        """
        return bool(await self._call("requeue", (keys.claims, keys.cmeta, keys.dead), (batch,)))

    async def lost(self, keys: Keys) -> int | None:
        """Return the events that the server has lost; None while there is something to gather.

        Raises:
            ServerError: there is no answer.
        """
        answer = await self._call("lost", (keys.pending, keys.claims, keys.dead, keys.state), ())
        return None if answer < 0 else int(answer)

    async def time_ns(self, keys: Keys) -> int:
        """Return the time of the server that holds a shard, nanoseconds since the epoch.

        Raises:
            ServerError: there is no answer.
        """
        seconds, micros = await self._call("time", (keys.state,), ())
        return (int(seconds) * 1_000_000 + int(micros)) * 1_000

    async def _call(self, name: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        source, digest = _script(name)
        try:
            return await self._connection.execute("EVALSHA", digest, len(keys), *keys, *arguments)
        except ServerError as error:
            if error.code != "NOSCRIPT":
                raise
        return await self._connection.execute("EVAL", source, len(keys), *keys, *arguments)


@cache
def _script(name: str) -> tuple[str, str]:
    """Return source and digest of the script *name*."""
    source = files(__package__).joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


def _meta(text: bytes) -> Meta:
    """Return what *text* in `cmeta` says; see `claim.lua`."""
    *numbers, owner = text.decode().split("|", 6)
    second, attempts, repeated, fields, size, claimed = map(int, numbers)
    return Meta(second, attempts, repeated, fields, size, claimed, owner)
