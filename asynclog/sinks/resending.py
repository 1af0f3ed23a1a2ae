"""What was sent of late, to be sent again if the connection breaks: pure.

TCP tells that the peer's system has taken some bytes, not that the peer's program has read them.
When a connection breaks, what lay between the two is lost, and nobody knows what that was.  So
what was taken shortly before is sent again: a line may come twice, but none is lost in silence.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

MAX_BYTES = 1 << 20
"""Bytes that are remembered, the latest; a peer that reads leaves far less unread."""
MAX_RESENDS = 10
"""How often the same bytes are sent again, should each connection break soon after them."""


class _Sent(NamedTuple):
    chunk: bytes
    taken: float  # when the peer's system had taken it, in seconds
    resends: int


class Recent:
    """Bytes that the peer's system has taken, but its program may not have read.

    Args:
        seconds: how long a connection must have lived on for its bytes to count as read.
        max_bytes: what is remembered at most.
    """

    def __init__(self, seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._sent: deque[_Sent] = deque()
        self._bytes = 0

    def add(self, chunks: list[bytes], now: float, resends: int = 0) -> None:
        """Remember *chunks*, whole records each, taken by the peer's system at *now*."""
        if not self._seconds:
            return
        for chunk in chunks:
            self._sent.append(_Sent(chunk, now, resends))
            self._bytes += len(chunk)
        self.expire(now)

    def expire(self, now: float) -> None:
        """Forget what counts as read, and what is too much."""
        while self._sent and (
            self._bytes > self._max_bytes or now - self._sent[0].taken > self._seconds
        ):
            self._bytes -= len(self._sent.popleft().chunk)

    def doubtful(self, now: float) -> list[tuple[bytes, int]]:
        """Return, and forget, what is to be sent again after the connection broke at *now*.

        Each chunk comes with how often it will then have been sent again.
        """
        self.expire(now)
        sent, self._sent, self._bytes = self._sent, deque(), 0
        return [(one.chunk, one.resends + 1) for one in sent if one.resends < MAX_RESENDS]

    def __len__(self) -> int:
        return self._bytes
