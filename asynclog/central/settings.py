"""How producers work, as arguments say it: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..units import parse_count, parse_seconds, parse_size
from .counting import MAX_BYTES, MAX_GROUPS
from .reports import Limits

if TYPE_CHECKING:
    from datetime import timedelta

FLUSH_SECONDS = 0.2
"""Between two reports, unless told otherwise."""
HORIZON_SECONDS = 5.0
"""For which acknowledged batches are kept, unless told otherwise: longer than a server needs to
bring to the disk what it has answered, with `appendfsync everysec`."""


class Settings(NamedTuple):
    """How a producer works."""

    flush_interval: float = FLUSH_SECONDS
    """Seconds between two reports."""
    horizon: float = HORIZON_SECONDS
    """Seconds that an acknowledged batch is kept, for a server that may lose its latest data."""
    max_groups: int = MAX_GROUPS
    """Groups that are counted in memory at once."""
    max_bytes: int = MAX_BYTES
    """Bytes of their payloads."""
    limits: Limits = Limits()
    """Of the shard on the server."""


def parse_settings(
    flush_interval: float | timedelta,
    horizon: float | timedelta,
    max_groups: int,
    max_bytes: str | int,
    limits: Limits | None,
) -> Settings:
    """Return the settings that are given as arguments of a sink; see `CentralSink`.

    Raises:
        ValueError: one cannot be used; the message names it.
    """
    return Settings(
        parse_seconds(flush_interval, "flush_interval"),
        0.0 if horizon == 0 else parse_seconds(horizon, "horizon"),
        parse_count(max_groups, "max_groups"),
        parse_size(max_bytes, "max_bytes"),
        limits or Limits(),
    )


def parse_milliseconds(value: float | timedelta, name: str, *, least: int = 1) -> int:
    """Return *value*, seconds or a timedelta, in milliseconds.

    Args:
        value: above 0, or 0 if *least* is.
        name: of the argument.
        least: that is returned.

    Raises:
        ValueError: it cannot be used; the message names it.
    """
    if value == 0 and least == 0:
        return 0
    return max(1, round(parse_seconds(value, name) * 1000))
