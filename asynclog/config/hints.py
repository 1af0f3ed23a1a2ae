"""What people really write, and how to mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..levels import Level, parse_level
from ..units import SIZE_UNITS, parse_size
from .kinds import Kind, alternatives
from .model import POLICIES, FormatterPart, parse_overflow
from .problems import nearest, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_ELSEWHERE = {
    "backupcount": "keep_files",
    "class": "type",
    "color": "colour",
    "colors": "colour",
    "colorize": "colour",
    "file": "path",
    "filename": "path",
    "filters": "filter",
    "fmt": "pattern",
    "format": "pattern",
    "formatters": "formatter",
    "hostname": "host",
    "level": "threshold",
    "maxbytes": "size",
    "retention": "keep_files",
    "rotation": "size",
    "sink": "sinks",
    "when": "every",
}
"""Words of other libraries, by what they are called here."""
_TYPES = {
    "filehandler": "file",
    "rotatingfilehandler": "rolling_file",
    "rotating": "rolling_file",
    "rotating_file": "rolling_file",
    "rotate": "rolling_file",
    "timedrotatingfilehandler": "rolling_file",
    "streamhandler": "console",
    "stream": "console",
    "stdout": "console",
    "stderr": "console",
    "socket": "tcp",
    "sockethandler": "tcp",
    "sysloghandler": "syslog",
    "nullhandler": "null",
    "text": "string",
    "pattern": "string",
    "level": "severity",
}
_VALUES = {
    "block": "wait",
    "crit": "CRITICAL",
    "d": "day",
    "daily": "day",
    "discard": "drop",
    "err": "ERROR",
    "gz": "gzip",
    "h": "hour",
    "hourly": "hour",
    "midnight": "day",
    "notice": "INFO",
    "verbose": "DEBUG",
}
"""Values of other libraries, by what they are called here."""
_SPAN = re.compile(r"([0-9]{1,9}) *(s|sec|second|m|min|minute|h|hour|d|day|w|week)s?")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""Seconds, by the first letter of a unit."""
_NAME = re.compile(r"[A-Za-z_][\w.\[\]']*: ")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def of_document(document: Mapping[str, Any]) -> str:
    """Return what is wrong with a file that is for another program."""
    if "version" in document and {"handlers", "loggers", "formatters", "root"} & set(document):
        return (
            "this is a configuration of the standard library (logging.config.dictConfig):"
            ' here each logger is a list of handlers, such as {"root": [{"formatter":'
            ' {"type": "string", "pattern": "{message}"}, "sinks": [{"type": "console"}]}]}'
        )
    return ""


def of_value(annotation: Any, value: Any) -> str:
    """Return how to mend *value*, of a kind that *annotation* does not allow."""
    kinds = list(alternatives(annotation))
    if isinstance(value, dict) and any(kind.shape == "list" for kind in kinds):
        return "; write [ ] around it (in TOML, a table of a list is headed by [[ ]])"
    return _of_text(kinds, value) if isinstance(value, str) else ""


def _of_text(kinds: list[Kind], text: str) -> str:
    """Return how to mend *text*, where one of *kinds* was expected."""
    shapes = {kind.shape for kind in kinds}
    bases = {kind.base for kind in kinds}
    is_number = bases & {int, float} and _NUMBER.fullmatch(text)
    if is_number or (bool in bases and text.lower() in ("true", "false")):
        return "; write it without quotes"
    if float in bases and (span := _SPAN.fullmatch(text.lower())):
        return f"; write it in seconds: {int(span[1]) * _UNITS[span[2][0]]}"
    if "list" in shapes:
        return "; write [ ] around it"
    if FormatterPart in bases and set(text) & set("{%"):
        return '; write {"type": "string", "pattern": ...}'
    if "part" in shapes:
        return f'; write {{"type": {show(text)}}}'
    words = [word for kind in kinds for word in getattr(kind.base, "__args__", ())]
    return of_word(text, [word for word in words if isinstance(word, str)])


def of_word(value: object, known: Iterable[str]) -> str:
    """Return which of *known* was meant by *value*."""
    known = list(known)
    here = _VALUES.get(value.lower()) if isinstance(value, str) else None
    return f'; here it is called "{here}"' if here in known else nearest(value, known)


def of_checked(check: Callable[[Any], object], value: object) -> str:
    """Return how to mend *value*, which *check* refused."""
    if check is parse_level:
        return of_word(value, Level.__members__)
    if check is parse_overflow:
        return of_word(value, POLICIES)
    if check is parse_size and isinstance(value, str):
        return of_size(value)
    return ""


def of_size(text: str) -> str:
    """Return the size that *text* was meant to be."""
    digits = re.match(r"\s*([0-9]+)\s*", text)
    unit = text[digits.end() :].strip().lower().removesuffix("b") if digits else ""
    for known in SIZE_UNITS:
        if digits and unit and known.lower().removesuffix("b") == unit:
            return f'; did you mean "{digits[1]}{known}"?'
    return ""


def meant_by(key: str, known: Mapping[str, Any]) -> str | None:
    """Return the option that *key*, a word of another library, is called here."""
    here = _ELSEWHERE.get(key.lower().replace("_", ""))
    return here if here in known else None


def of_type(noun: str, name: object) -> str:
    """Return what the type *name* is called here."""
    here = _TYPES.get(str(name).rpartition(".")[2].lower())
    return f'; here the {noun} is called "{here}"' if here else ""


def of_missing_type(value: Mapping[str, Any], known: list[str]) -> str:
    """Return where the type was written instead."""
    for key, one in value.items():
        if key in ("class", "kind", "name", "Type") and isinstance(one, str):
            return f'; write "type" for "{key[:20]}"'
        if key in known:
            return f'; write {{"type": "{key}", ...}}'
    return ""


def without_name(reason: str) -> str:
    """Return *reason* without the name that stands before its colon."""
    found = _NAME.match(reason)
    return reason[found.end() :] if found else reason
