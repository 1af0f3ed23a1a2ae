r"""Records as logfmt: `time=2026-03-06T09:15:44.681220Z level=INFO label=ct/1 msg="two words" n=1`.

There is no standard; this is what the parsers of Go, Loki and Vector agree on.  A value is quoted
where it holds a space, a quote, `=`, a backslash or an unprintable character, and where it is text
that would read as something else: a number, a boolean, null.  In quotes, JSON's escapes hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..levels import level_name
from ..stacked import pairs_of
from .encoding import Encoding
from .exceptions import render_exception
from .isotime import IsoTime
from .jsonable import key_text
from .plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import Record

MAX_KEYS = 4_096
"""Keys whose text is remembered."""

_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}
_RESERVED = frozenset({"time", "level", "label", "msg", "exception"})
_UNFIT = re.compile(r'[\s="\\]')
_READS_AS_OTHER = re.compile(
    r"true|false|null|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|[-+]?(?:nan|inf|infinity)",
    re.IGNORECASE,
)


class LogfmtFormatter:
    """Formats records as logfmt.

    An attribute with the name of a fixed field gets an underscore: `level_`.  Characters that a key
    must not have are written as underscores.
    """

    def __init__(self) -> None:
        self._time = IsoTime()
        self._encoding = Encoding("string")
        self._keys: dict[str, str] = {}

    def format(self, record: Record, /) -> str:
        """Return *record* as one line."""
        return self.format_batch((record,))[0]

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return each of *records* as one line."""
        times = self._time.texts([record.time_ns for record in records])
        return [self._line(record, time) for record, time in zip(records, times, strict=True)]

    def _line(self, record: Record, time: str) -> str:
        parts = [
            f"time={time}",
            f"level={self._value(level_name(record.level))}",
            f"label={self._value(record.label)}",
            f"msg={self._value(record.message)}",
        ]
        if record.attributes:
            used = set(_RESERVED)
            for name, value in pairs_of(record.attributes):
                key = self._key(name)
                while key in used:
                    key += "_"
                used.add(key)
                parts.append(f"{key}={self._value(value)}")
        if record.exception is not None:
            parts.append(f"exception={self._quoted(render_exception(record.exception))}")
        return " ".join(parts)

    def _key(self, name: object) -> str:
        name = key_text(name)
        key = self._keys.get(name)
        if key is None:
            if len(self._keys) >= MAX_KEYS:
                self._keys.clear()
            key = self._keys[name] = _clean_key(name)
        return key

    def _value(self, value: object) -> str:
        text = plain_text(value, _WORDS)
        if not text or not text.isprintable() or _UNFIT.search(text):
            return self._quoted(text)
        if isinstance(value, str) and _READS_AS_OTHER.fullmatch(text):
            return self._quoted(text)
        return text

    def _quoted(self, text: str) -> str:
        return self._encoding.text(text)


def _clean_key(name: str) -> str:
    printable = "".join(character if character.isprintable() else "_" for character in name)
    return _UNFIT.sub("_", printable) or "_"
