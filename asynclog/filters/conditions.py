"""Filters that look at one record and remember nothing."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from ..levels import parse_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..protocols import Filter
    from ..records import Record

_MISSING = object()


def at_least(level: int | str) -> Filter:
    """Return a filter that keeps records of *level* and above.

    Args:
        level: a number, or the name of a level in any case.

    Raises:
        ValueError: *level* is neither.
    """
    least = parse_level(level)

    def keep(record: Record, /) -> bool:
        return record.level >= least

    return keep


def labelled(*globs: str) -> Filter:
    """Return a filter that keeps records whose label matches one of *globs*, as in a shell.

    `*` stands for any text, slashes too, `?` for one character, `[ab]` for one of some; upper and
    lower case differ.

    Raises:
        ValueError: there is no glob, or one is no text.
    """
    if not globs or not all(isinstance(glob, str) for glob in globs):
        raise ValueError(f"labelled: expected globs such as 'ct/*', got {globs!r}")
    # `translate` makes patterns that need no backtracking, whatever the glob.
    matches = re.compile("|".join(translate(glob) for glob in globs)).match

    def keep(record: Record, /) -> bool:
        return matches(record.label) is not None

    return keep


def where(attribute: str, *wanted: object | Callable[[Any], bool]) -> Filter:
    """Return a filter that keeps records by the value of one attribute.

    Args:
        attribute: its name; a record without it is not kept.
        *wanted: values, one of which it must equal, and callables, one of which must be true of
            it.  Without any, it is enough that the record has the attribute.

    >>> slow = where("elapsed", lambda seconds: seconds > 1)
    >>> refused = where("status", 401, 403)
    """
    tests = tuple(test for test in wanted if callable(test))
    values = tuple(value for value in wanted if not callable(value))

    def keep(record: Record, /) -> bool:
        attributes = record.attributes
        value = attributes.get(attribute, _MISSING) if attributes else _MISSING
        if value is _MISSING:
            return False
        return not wanted or value in values or any(test(value) for test in tests)

    return keep
