"""Severities: the numbers of the standard library, and TRACE below them."""

from __future__ import annotations

import re
from enum import IntEnum


class Level(IntEnum):
    """How much a line matters.  Any other `int` is allowed wherever a level is."""

    TRACE = 5
    DEBUG = 10
    INFO = 20
    WARNING = 30
    WARN = 30
    ERROR = 40
    CRITICAL = 50
    FATAL = 50


LEVEL_NAMES: dict[int, str] = {int(level): level.name for level in Level}
"""Name by number, one name for each number."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def level_name(level: int) -> str:
    """Return the name of *level*; for a number without one, the number as text."""
    return LEVEL_NAMES.get(level) or str(int(level))


def parse_level(value: object) -> int:
    """Return the level that *value* names: a number, its text, or a name in any case.

    Raises:
        ValueError: *value* is neither; the message names it and what is allowed.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.upper() in Level.__members__:
            return Level[text.upper()]
        if _NUMBER.fullmatch(text):
            return int(text)
    allowed = ", ".join(name for name in Level.__members__)
    raise ValueError(f"level: expected a whole number or one of {allowed}, got {value!r:.100}")
