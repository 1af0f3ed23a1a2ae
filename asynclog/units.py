"""Numbers, sizes in bytes and spans of time, as people write them in settings."""

from __future__ import annotations

import math
import re
from datetime import timedelta

SIZE_UNITS: dict[str, int] = {
    "": 1,
    "B": 1,
    "kB": 1_000,
    "MB": 1_000_000,
    "GB": 1_000_000_000,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}
"""Bytes by unit.  Units are case-sensitive, because `mB` and `Mb` mean other things, and `KB`
means 1,000 bytes to some and 1,024 to others."""

MAX_SIZE = 2**64 - 1
"""The largest size, in bytes: no disk is larger."""

_SIZE = re.compile(r"([0-9]{1,40})([A-Za-z]*)")


def parse_size(value: str | int, name: str = "size") -> int:
    """Return the bytes that *value* stands for: a whole number, or one with a unit right behind.

    Args:
        value: such as `4096`, `"4096"`, `"10MB"` (10,000,000) or `"64KiB"` (65,536).
        name: what the error calls the setting.

    Raises:
        ValueError: *value* is anything else, or more than `MAX_SIZE`; the message names it and what
            is allowed.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in SIZE_UNITS:
        units = ", ".join(unit for unit in SIZE_UNITS if unit)
        raise ValueError(
            f"{name}: expected a whole number of bytes, alone or with one of {units} "
            f"right behind it, got {value!r}"
        )
    size = int(match[1]) * SIZE_UNITS[match[2]]
    if size > MAX_SIZE:
        raise ValueError(f"{name}: expected at most {MAX_SIZE:,} bytes, got {value!r}")
    return size


def parse_seconds(value: float | timedelta, name: str) -> float:
    """Return *value*, a number of seconds or a `timedelta`, as seconds above zero.

    Raises:
        ValueError: *value* is not a finite span above zero; the message names it.
    """
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name}: expected seconds or a timedelta, got {value!r}")  # noqa: TRY004 - a setting's value
    if not 0 < value < math.inf:
        raise ValueError(f"{name}: expected a span above zero, got {value!r}")
    return float(value)


def parse_count(value: object, name: str, *, least: int = 1) -> int:
    """Return *value*, a whole number of at least *least*.

    Raises:
        ValueError: *value* is anything else; the message names it.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return value
