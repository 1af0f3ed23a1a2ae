"""Recognises the level in a line that some other program has written."""

from __future__ import annotations

import re

from ..levels import Level

_NAMES = {
    "trace": Level.TRACE,
    "verbose": Level.TRACE,
    "debug": Level.DEBUG,
    "dbg": Level.DEBUG,
    "info": Level.INFO,
    "information": Level.INFO,
    "notice": Level.INFO,
    "warn": Level.WARNING,
    "warning": Level.WARNING,
    "err": Level.ERROR,
    "error": Level.ERROR,
    "severe": Level.ERROR,
    "crit": Level.CRITICAL,
    "critical": Level.CRITICAL,
    "fatal": Level.CRITICAL,
    "panic": Level.CRITICAL,
    "alert": Level.CRITICAL,
    "emerg": Level.CRITICAL,
    "emergency": Level.CRITICAL,
}
_STEMS = [one for one in _NAMES if not any(other != one and other in one for other in _NAMES)]
"""A line without any of these holds no name at all."""

_SYSLOG = (
    *(Level.CRITICAL, Level.CRITICAL, Level.CRITICAL),  # emergency, alert, critical
    *(Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG),
)
"""By the severity of RFC 5424, section 6.2.1."""
_GREATEST_PRIORITY = 191

_WORD = "|".join(sorted(_NAMES, key=len, reverse=True))
_KEY = r"(?:log[._]?)?(?:level(?:name)?|lvl|severity)"

_PRIORITY = re.compile(r"<(\d{1,3})>")
_IN_JSON = re.compile(rf'"{_KEY}"\s*:\s*(?:"({_WORD})"|(\d{{1,2}})\b)', re.IGNORECASE)
_IN_TEXT = re.compile(
    rf"""
      (?<![\w.-]) (?i:{_KEY}) = "? ( (?i:{_WORD}) ) \b          # level=info
    | [\[(<|] \s* ( (?i:{_WORD}) ) \s* [\])>|]              # [warn]
    | (?: ^ | :\s ) ( (?i:{_WORD}) ) (?: \[\w+\] )? :        # file.c:3:1: error: ...
    | (?: ^ | (?<=[\s:]) ) ( {_WORD.upper()} ) (?= $ | [\s:!,] ) # 12:00:00 ERROR ...
    """,
    re.VERBOSE,
)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_PREFIX = 256
"""Characters in which a level in text is looked for: further on it is part of the message."""


def recognise(line: str) -> int | None:
    """Return the level that *line* says it has, None where it says nothing.

    Known are a priority as of syslog at the start (`<3>`), a member `level` or `severity` of an
    object of JSON, `level=info`, a level in brackets (`[warn]`), one followed by a colon
    (`error: ...`), and one in capitals that stands alone.  Of several in a text, the first counts.
    """
    if line.startswith("<") and (found := _PRIORITY.match(line)):
        priority = int(found[1])
        if priority <= _GREATEST_PRIORITY:
            return _SYSLOG[priority % 8]
    if line.lstrip().startswith("{"):
        found = _IN_JSON.search(line)
        return _of_json(found[1], found[2]) if found else None
    start = line[:_PREFIX]
    lowered = start.lower()
    if not any(stem in lowered for stem in _STEMS):  # the search takes far longer
        return None
    found = _IN_TEXT.search(_COLOUR.sub("", start))
    return _NAMES[next(filter(None, found.groups())).lower()] if found else None


def _of_json(name: str | None, number: str | None) -> int | None:
    """Return the level of a name, or of a number, which in JSON goes from 10 (trace) to 60."""
    if name:
        return _NAMES[name.lower()]
    tens = int(number or 0) // 10
    of_tens = (Level.TRACE, Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR, Level.CRITICAL)
    return of_tens[tens - 1] if 1 <= tens <= len(of_tens) else None
