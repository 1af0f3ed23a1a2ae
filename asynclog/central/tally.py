"""What a gatherer has done, counted: pure."""

from __future__ import annotations

import msgspec


class GathererStatistics(msgspec.Struct, frozen=True, gc=False):
    """The account of a gatherer; counts are since it began."""

    batches: int = 0
    """Delivered and acknowledged."""
    events: int = 0
    """Repetitions that are in the store because of this gatherer."""
    rows: int = 0
    """Rows that they take there."""
    again: int = 0
    """Rows that were in the store already, and were not counted a second time."""
    folded: int = 0
    """Events of which only the number was kept, for want of room in the server."""
    dead: int = 0
    """Events, or what came as such, that cannot be read; the store has them as dead letters."""
    taken_over: int = 0
    """Batches of gatherers that did not finish them."""
    leases_lost: int = 0
    """Batches that another gatherer has taken over."""
    damaged: int = 0
    """Times that a batch was not whole in the server, and was left there."""
    lost: int = 0
    """Events that the server had taken, and lost before they were gathered."""
    failures: int = 0
    """Times that server or store did not do what they were asked, and were asked again."""
    held: int = 0
    """Batches under a lease now."""
    behind: float = 0.0
    """Seconds from the end of the oldest second that waits until now, by the server's clock."""
    trouble: str | None = None
    """What stands in the way now, in one line; None if nothing does."""


class Tally:
    """Counts, for several shards at once."""

    def __init__(self) -> None:
        self.statistics = GathererStatistics()
        """The account up to now, but for what is held."""

    def add(self, **counts: int) -> None:
        """Add to each count that is named."""
        now = self.statistics
        self._replace(**{name: getattr(now, name) + count for name, count in counts.items()})

    def behind(self, seconds: float) -> None:
        """Note how old the oldest second is that waits."""
        self._replace(behind=seconds)

    def trouble(self, reason: str | None) -> None:
        """Note what stands in the way."""
        self._replace(trouble=reason)

    def _replace(self, **fields: object) -> None:
        self.statistics = msgspec.structs.replace(self.statistics, **fields)
