r"""Records as tab-separated pairs of key and value: `tskv`, TAB, `severity=20`, TAB, ...

In a value, BEL, BS, TAB, LF, VT, FF, CR, ESC, NUL and the backslash are written as `\a \b \t \n \v
\f \r \e \0 \\`, other unsafe characters as `\x85` or `\u2028`.  In a key, `=` is written as `\=`.
A float is written so that it reads back, a whole one as `1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..stacked import pairs_of
from .dates import DateWriter
from .escaping import escape
from .exceptions import render_exception
from .jsonable import key_text
from .options import (
    expect_bool,
    expect_known,
    expect_mapping,
    expect_names,
    expect_strings,
    expect_text,
    refuse,
)
from .plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..records import Record

DEFAULT_DATE = "%Y-%m-%d %H:%M:%S %z"
"""How the time is written where no other format is asked for: UTC, seconds."""
MAX_KEYS = 4_096
"""Keys whose text is remembered."""

_WORDS: dict[object, str] = {None: "none", True: "true", False: "false"}
_ESCAPES = str.maketrans(
    {
        "\a": r"\a",
        "\b": r"\b",
        "\t": r"\t",
        "\n": r"\n",
        "\v": r"\v",
        "\f": r"\f",
        "\r": r"\r",
        "\x1b": r"\e",
        "\0": r"\0",
        "\\": r"\\",
    }
)


class TSKVFormatter:
    """Formats records as TSKV, in the order of Blackhole.

    That order is: the constants by name, the times by name, `severity`, `pid`, `tid`, `label` if
    there is one, `message`, the attributes, and `exception` if there is one.

    Args:
        create: constants, by name.
        rename: by name, the key to write in its place; holds for all but `tid`.
        remove: names that are not written; `tid` always is.
        mutate: times, by name, each `{"strftime": format, "gmtime": true}`, in the local zone
            where `gmtime` is false; one named `timestamp` is there unless removed.

    Raises:
        PatternError: an option cannot be used; the message names it, its value, and what is
            allowed.
    """

    def __init__(
        self,
        create: Mapping[str, str] | None = None,
        rename: Mapping[str, str] | None = None,
        remove: Sequence[str] = (),
        mutate: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._renamed = expect_strings("rename", rename)
        self._removed = frozenset(expect_names("remove", remove))
        constants = sorted(expect_strings("create", create).items())
        self._head = "tskv" + "".join(
            self._key(name) + _escaped(value)
            for name, value in constants
            if name not in self._removed
        )
        dates = {"timestamp": DateWriter(DEFAULT_DATE), **_dates(mutate)}
        self._dates = [
            (self._key(name), dates[name].texts)
            for name in sorted(dates)
            if name not in self._removed
        ]
        self._keys: dict[str, str] = {}

    def format(self, record: Record, /) -> str:
        """Return *record* as one line."""
        return self.format_batch((record,))[0]

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return each of *records* as one line."""
        times = [record.time_ns for record in records]
        dates = [(key, texts(times)) for key, texts in self._dates]
        return [
            "".join(
                [
                    self._head,
                    *(f"{key}{_escaped(texts[index])}" for key, texts in dates),
                    *self._own(record),
                ]
            )
            for index, record in enumerate(records)
        ]

    def _own(self, record: Record) -> list[str]:
        """Return the pairs of *record* itself, each with its TAB."""
        origin = record.origin
        pairs: list[tuple[str, object]] = [("severity", int(record.level))]
        if origin is not None:
            pairs.append(("pid", origin.process_id))
        texts = [self._pair(name, value) for name, value in pairs]
        if origin is not None:
            texts.append(f"\ttid={origin.thread_id:#x}")
        pairs = [("label", record.label)] if record.label else []
        pairs.append(("message", record.message))
        pairs += pairs_of(record.attributes or {})
        if record.exception is not None:
            pairs.append(("exception", render_exception(record.exception)))
        return texts + [self._pair(name, value) for name, value in pairs]

    def _pair(self, name: object, value: object) -> str:
        name = key_text(name)
        if name in self._removed:
            return ""
        key = self._keys.get(name)
        if key is None:
            if len(self._keys) >= MAX_KEYS:
                self._keys.clear()
            key = self._keys[name] = self._key(name)
        if type(value) is float:
            return key + repr(value).removesuffix(".0")
        return key + _escaped(plain_text(value, _WORDS))

    def _key(self, name: str) -> str:
        """Return TAB, the key for *name*, and the equals sign."""
        key = self._renamed.get(name, name)
        return f"\t{escape(key).replace('=', chr(92) + '=')}="


def _escaped(text: str) -> str:
    if text.isprintable() and "\\" not in text:
        return text
    return escape(text.translate(_ESCAPES))


def _dates(mutate: object) -> dict[str, DateWriter]:
    return {
        name: _date(f"mutate.{name}", how) for name, how in expect_mapping("mutate", mutate).items()
    }


def _date(option: str, how: object) -> DateWriter:
    how = expect_mapping(option, how)
    expect_known(option, how, ("strftime", "gmtime"))
    if "strftime" not in how:
        refuse(option, "a date format under the key strftime", how)
    date = expect_text(f"{option}.strftime", how["strftime"])
    gmtime = expect_bool(f"{option}.gmtime", how.get("gmtime", True))
    return DateWriter(date, local=not gmtime, option=f"{option}.strftime")
