"""Whether a server throws away what it has taken, when it runs short of memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import fallback
from ..errors import ServerError

if TYPE_CHECKING:
    from .connection import Connection

SAFE = "noeviction"
_FIELD = "maxmemory_policy"


async def warn_of_eviction(connection: Connection) -> None:
    """Tell of a server that may evict events; a user who may not ask is told nothing."""
    try:
        answer = await connection.execute("INFO", "memory")
    except ServerError:
        return
    policy = answer.get(_FIELD, SAFE) if isinstance(answer, dict) else SAFE
    if policy != SAFE:
        fallback.tell(
            f"{connection.place}: maxmemory-policy is {policy}: events are lost when its memory is"
            f" full; set it to {SAFE}"
        )
