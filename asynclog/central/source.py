"""One shard, as a gatherer sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ServerError
from .contents import LOST, Batch, Contents, read, totals
from .scripts import NotOver, Scripts
from .stores.delivery import Drop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .connection import Connection
    from .keys import Keys
    from .leases import Held
    from .scripts import Meta, Work


class Backlog(NamedTuple):
    """What a shard holds."""

    seconds: int
    """That nobody has claimed."""
    batches: int
    """Claimed, and not acknowledged."""
    dead: int
    """Batches that were given up after many attempts."""


class Source:
    """Hands out batches of one shard, and takes them back.

    Every call but `fetch` may be repeated when its outcome is not known.

    Args:
        connection: to the server.
        keys: of the shard.
        owner: who gathers.
        lease_ms: how long a batch is the owner's without a word.
        grace_ms: how long after its end a second is over.
        attempts: after how many a batch becomes a dead letter.
    """

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        owner: str,
        *,
        lease_ms: int,
        grace_ms: int,
        attempts: int,
    ) -> None:
        self.keys = keys
        self._connection = connection
        self._scripts = Scripts(connection)
        self._owner = owner
        self._lease_ms = lease_ms
        self._grace_ms = grace_ms
        self._attempts = attempts

    @property
    def shard(self) -> str:
        """Return what the shard is called in a store."""
        return f"{self.keys.namespace}:{self.keys.shard}"

    async def next(self, want: int) -> Work:
        """Return what there is to do, at most *want* batches and seconds."""
        return await self._scripts.next(
            self.keys,
            self._owner,
            lease_ms=self._lease_ms,
            grace_ms=self._grace_ms,
            want=want,
            attempts=self._attempts,
        )

    async def claim(self, second: int, batch: str) -> Meta | None:
        """Make *second* the *batch* of this owner; None if there is nothing to claim."""
        answer = await self._scripts.claim(
            self.keys,
            second,
            batch,
            self._owner,
            lease_ms=self._lease_ms,
            grace_ms=self._grace_ms,
        )
        return None if isinstance(answer, NotOver) else answer

    async def fetch(self, held: Held) -> Contents | None:
        """Return what is in the batch; None if the server does not have all of it any more."""
        counts, payloads = await self._connection.execute_all(
            [
                ("ZRANGE", self.keys.claimed_ts(held.batch), 0, -1, "WITHSCORES"),
                ("HGETALL", self.keys.claimed_ev(held.batch)),
            ]
        )
        for answer in (counts, payloads):
            if isinstance(answer, ServerError):
                if answer.code == "WRONGTYPE":
                    return None
                raise answer
        batch = Batch(self.shard, held.batch, held.meta.second)
        repeated, known = dict(_scored(counts)), _mapping(payloads)
        if (len(repeated), len(known)) != (held.meta.repeated, held.meta.fields):
            return None
        return read(batch, repeated.items(), known)

    async def renew(self, batch: str) -> int | None:
        """Prolong the lease of *batch*; return its age in ms, None if another one has it."""
        return await self._scripts.renew(self.keys, batch, self._owner, lease_ms=self._lease_ms)

    async def give_back(self, batch: str) -> None:
        """Let another gatherer have *batch* at once."""
        await self._scripts.renew(self.keys, batch, self._owner, lease_ms=0)

    async def acknowledge(self, batch: str, events: int) -> None:
        """Have the server forget *batch*, whose *events* are in the store."""
        await self._scripts.ack(self.keys, batch, events)

    async def requeue(self) -> int:
        """Have every dead letter gathered once more; return how many there were."""
        letters = await self._connection.execute("ZRANGE", self.keys.dead, 0, -1)
        done = [await self._scripts.requeue(self.keys, letter.decode()) for letter in letters]
        return sum(done)

    async def drops(self) -> list[Drop]:
        """Return the running totals of what producers and server have dropped, and lost."""
        answer = await self._connection.execute("HGETALL", self.keys.drops)
        drops = totals(self.shard, _mapping(answer))
        lost = await self._scripts.lost(self.keys)
        return [*drops, Drop(self.shard, 0, LOST, "", lost)] if lost else drops

    async def backlog(self) -> Backlog:
        """Return what the shard holds."""
        answers = await self._connection.execute_all(
            [
                ("ZCARD", self.keys.pending),
                ("ZCARD", self.keys.claims),
                ("ZCARD", self.keys.dead),
            ]
        )
        for answer in answers:
            if isinstance(answer, ServerError):
                raise answer
        return Backlog(*answers)


def _scored(answer: Any) -> Iterator[tuple[bytes, float]]:
    """Yield members and scores, which the two versions of the protocol write differently."""
    if answer and isinstance(answer[0], (list, tuple)):
        for member, score in answer:
            yield member, float(score)
        return
    for member, score in zip(answer[::2], answer[1::2], strict=True):
        yield member, float(score)


def _mapping(answer: Any) -> Mapping[bytes, bytes]:
    if isinstance(answer, dict):
        return answer
    return dict(zip(answer[::2], answer[1::2], strict=True))
