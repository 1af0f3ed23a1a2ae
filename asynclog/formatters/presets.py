"""Ready-made layouts for `PatternFormatter`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ..levels import LEVEL_NAMES, Level
from ..records import Record


class Preset(msgspec.Struct, frozen=True):
    """A pattern with what belongs to it."""

    pattern: str
    severity: Mapping[int, str] | None = None
    """Names of severities; None for those of `asynclog.Level`."""
    message: Callable[[Record], str] | None = None
    """Gives the text for `{message}`; None for the record's own."""
    needs_caller: bool = False
    """Whether `message` reads the record's caller."""


DEFAULT: Final = (
    "{timestamp:{%Y-%m-%d %H:%M:%S.%f}s} {severity:<8} [{label}]: {message}"
    "{...:{ :r}{{name}={value}:p}{ :s}s}"
)
"""`2022-03-06 09:15:44.681220 INFO     [ct/100]: downloaded size=17600000`, in UTC."""

PROXMOX: Final = "[{label}]: {message}"
"""`[ct/100]: downloaded`."""

SYSLOG: Final = "{timestamp:{%b %e %H:%M:%S}l} {process:s}[{process:d}]: [{label}] {message}"
"""`Mar  6 09:15:44 app[4013]: [ct/100] downloaded`, in local time."""


def _muduo_message(record: Record) -> str:
    """Return the message behind what muduo puts before it: function, and the system's error.

    The function is shown below INFO; the error where there is an attribute `errno` other than 0.
    """
    text = record.message
    if record.level < Level.INFO and record.caller is not None:
        text = f"{record.caller.function} {text}"
    errno = (record.attributes or {}).get("errno")
    if type(errno) is int and 0 < errno < 1 << 16:
        text = f"{os.strerror(errno)} (errno={errno}) {text}"
    return text


MUDUO: Final = Preset(
    "{timestamp:{%Y%m%d %H:%M:%S.%fZ}s} {thread:>5d} {severity:<6}{message} - {file}:{line}",
    severity={**LEVEL_NAMES, Level.WARNING: "WARN", Level.CRITICAL: "FATAL"},
    message=_muduo_message,
    needs_caller=True,
)
"""`20220306 09:15:44.681220Z  4013 WARN  Hello - test.py:75`."""

MUDUO_LOCAL: Final = msgspec.structs.replace(
    MUDUO,
    pattern="{timestamp:{%Y%m%d %H:%M:%S.%f}l} {thread:>5d} {severity:<6}{message} - {file}:{line}",
)
"""`20220306 17:15:44.681220  4013 WARN  Hello - test.py:75`, in local time, which has no Z."""
