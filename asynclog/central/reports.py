"""A batch as the arguments of `report.lua`: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .batches import Batch
    from .connection import Argument
    from .keys import Keys


class Limits(NamedTuple):
    """What one shard of the server may hold before groups fold, and seconds are dropped."""

    groups: int = 100_000
    groups_per_second: int = 20_000
    bytes: int = 256 << 20
    """Of payloads."""
    seconds: int = 100_000
    """That are not gathered yet."""
    stream_ttl: int = 7 * 86_400
    """Seconds after which the server forgets the stream of a producer that is silent."""


def report_call(
    keys: Keys, stream: str, batch: Batch, limits: Limits, *, adopt: bool
) -> tuple[list[str], list[Argument]]:
    """Return keys and arguments of the report of *batch*.

    Args:
        keys: of the shard.
        stream: the producer's.
        batch: to be applied.
        limits: of the shard.
        adopt: whether the server is to take the number of *batch* whatever the last one was.
    """
    names = [keys.pending, keys.state, keys.prod(stream), keys.drops]
    arguments: list[Argument] = [batch.number, int(adopt), *limits]
    arguments += [len(batch.sections), len(batch.counters)]
    for counter in batch.counters:
        arguments += counter
    for section in batch.sections:
        names += [keys.ts(section.second), keys.ev(section.second)]
        arguments += [section.second, section.level, len(section.groups)]
        for group, (repeats, payload) in section.groups.items():
            arguments += (group, repeats, payload)
    return names, arguments
