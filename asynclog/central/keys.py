"""The names of all keys in Redis: pure.

All keys of one shard bear the same hash tag, so that they lie in one slot of a cluster, and a
script may use them together.
"""

from __future__ import annotations

import re

OVER = "~over"
"""Stands for the group in `ts` that counts events of groups for which there was no room."""
BYTES = "~b"
"""Stands for the field in `ev` that holds the bytes of all payloads."""
MAX_SHARDS = 1024
"""More shards than anybody has cores to serve them with."""

_NAMESPACE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def parse_namespace(value: object) -> str:
    """Return *value*, the name that keeps several systems on one server apart.

    Raises:
        ValueError: it is none; the message says what is allowed.
    """
    if not isinstance(value, str) or _NAMESPACE.fullmatch(value) is None:
        raise ValueError(
            f"namespace: expected up to 64 letters, digits, dots, hyphens and underscores, "
            f"got {value!r:.100}"
        )
    return value


class Keys:
    """The keys of one shard.

    Args:
        namespace: keeps several systems on one server apart.
        shard: number of the shard, from 0.

    Raises:
        ValueError: *namespace* cannot be used.
    """

    def __init__(self, namespace: str, shard: int) -> None:
        self.namespace = parse_namespace(namespace)
        self.shard = shard
        self.prefix = f"{{{namespace}:{shard}}}:"
        """What all keys of the shard begin with."""
        self.pending = f"{self.prefix}pending"
        """ZSET second -> second: seconds that hold something, in order of time."""
        self.claims = f"{self.prefix}claims"
        """ZSET batch -> end of its lease, milliseconds of the server's clock."""
        self.cmeta = f"{self.prefix}cmeta"
        """HASH batch -> `second|attempts|repeated|fields|bytes|claimed_ms|owner`."""
        self.state = f"{self.prefix}state"
        """HASH groups, bytes: what the shard holds; in, out: events taken and acknowledged."""
        self.drops = f"{self.prefix}drops"
        """HASH `cause:level` -> events folded or dropped."""
        self.dead = f"{self.prefix}dead"
        """ZSET batch -> when it was given up, milliseconds of the server's clock."""

    def ts(self, second: int | str) -> str:
        """Return the ZSET group -> repeats of *second*, of groups that came more than once."""
        return f"{self.prefix}ts:{second}"

    def ev(self, second: int | str) -> str:
        """Return the HASH group -> payload of *second*, of all groups."""
        return f"{self.prefix}ev:{second}"

    def claimed_ts(self, batch: str) -> str:
        """Return what `ts` of a second became when it was claimed as *batch*."""
        return f"{self.prefix}c:{batch}:ts"

    def claimed_ev(self, batch: str) -> str:
        """Return what `ev` of a second became when it was claimed as *batch*."""
        return f"{self.prefix}c:{batch}:ev"

    def prod(self, stream: str) -> str:
        """Return the STRING that holds the number of the last batch of a producer's *stream*."""
        return f"{self.prefix}prod:{stream}"

    def __repr__(self) -> str:
        return f"Keys({self.prefix})"
