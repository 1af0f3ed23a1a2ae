"""Values to JSON text, a whole batch at a time: at the speed of msgspec, and never raising.

The text holds no line break and nothing invisible: what `escaping` makes visible in plain text is
written here as a JSON escape, so a parser gives the very same characters back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from .cutting import MAX_FIELD
from .escaping import UNSAFE
from .jsonable import is_tidy, jsonable, key_text, unrenderable

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONTROL = r"\u00"
"""How the encoder begins the escape of a control character; what follows are small letters, where
rapidjson, and so Blackhole, writes capitals."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|.)")
"""A backslash in JSON text with what belongs to it."""

_KNOWN = frozenset({type(None), bool, list, tuple, dict, set, frozenset, float})


class Encoding:
    """Turns values into JSON text.

    Args:
        nonfinite: `null` or `string`, what NaN and the infinities become.
    """

    def __init__(self, nonfinite: str = "null") -> None:
        self._nonfinite = nonfinite
        self._keeps_null = nonfinite == "null"
        self._encoder = msgspec.json.Encoder(enc_hook=self._unknown)

    def texts(self, values: Sequence[Any]) -> list[str]:
        """Return the JSON text of each of *values*, which may be anything."""
        text = self._encoded(values)
        if not self._is_harmless(text, 0):
            return self._checked(values, text, 0)
        lines = text[:-1].split("\n")
        if len(lines) != len(values) or _has_long(lines, text):
            return self._checked(values, text, 0)
        return lines if _is_plain(text) else list(map(_visible, lines))

    def bodies(self, objects: Sequence[dict[str, Any]]) -> list[str]:
        """Return the members of each of *objects*, which are not empty, without the braces."""
        text = self._encoded(objects)
        if not self._is_harmless(text, len(objects)):
            return [line[1:-1] for line in self._checked(objects, text, 1)]
        bodies = text[1:-2].split("}\n{")
        if text.count("\n") != len(objects) or _has_long(bodies, text):
            return [line[1:-1] for line in self._checked(objects, text, 1)]
        return bodies if _is_plain(text) else list(map(_visible, bodies))

    def text(self, value: object) -> str:
        """Return the JSON text of one value."""
        return self.texts((value,))[0]

    def _encoded(self, values: Sequence[Any]) -> str:
        """Return the texts of all *values*, each with a line break, or nothing if one failed."""
        try:
            return self._encoder.encode_lines(values).decode()
        except Exception:  # noqa: BLE001 - an object's own methods may do anything
            return ""

    def _is_harmless(self, text: str, braces: int) -> bool:
        """Tell whether no value in *text* is a container, or a null that should be text.

        Args:
            text: what the encoder made.
            braces: how many opening braces are in it at least.
        """
        return (
            "[" not in text
            and (text.count("{") == braces if braces else "{" not in text)
            and (self._keeps_null or "null" not in text)
            and text != ""
        )

    def _checked(self, values: Sequence[Any], text: str, braces: int) -> list[str]:
        """Return the text of each of *values*, all of which the encoder wrote as *text*."""
        lines = text.split("\n")[:-1]
        if len(lines) != len(values):  # one failed, or is a `msgspec.Raw` of several lines
            lines = [self._encoded((value,))[:-1] for value in values]
        return [
            _visible(line) if self._is_fine(value, line, braces) else self._safe(value)
            for value, line in zip(values, lines, strict=True)
        ]

    def _is_fine(self, value: object, line: str, braces: int) -> bool:
        """Tell whether *line*, which the encoder made of *value*, can be printed."""
        if "\n" in line or not 0 < len(line) <= MAX_FIELD:
            return False
        return self._is_harmless(line, braces) or (self._keeps_null and is_tidy(value))

    def _safe(self, value: object) -> str:
        """Return the text of *value* made of plain values first."""
        text = self._encoded((self._plain(value),)) or self._encoded((unrenderable(value),))
        return _visible(text[:-1])

    def _unknown(self, value: object) -> Any:
        """Return what the encoder can write for *value*, which it cannot write itself.

        A value of a type that it knows is the key of a dict: then only text will do, and the
        encoder would go on asking until it got some.
        """
        return key_text(value) if type(value) in _KNOWN else self._plain(value)

    def _plain(self, value: object) -> Any:
        return jsonable(value, nonfinite=self._nonfinite)


def _has_long(lines: list[str], text: str) -> bool:
    """Tell whether one of *lines*, which make up *text*, is too long."""
    return len(text) > MAX_FIELD and max(map(len, lines)) > MAX_FIELD


def _is_plain(text: str) -> bool:
    """Tell whether *text* has only characters that need no escape in JSON, and no control."""
    has_control = "\\" in text and _CONTROL in text  # to look for one character takes no time
    return text.isascii() and "\x7f" not in text and not has_control


def _visible(text: str) -> str:
    if _CONTROL in text:
        text = _ESCAPE.sub(_in_capitals, text)
    return text if text.isprintable() else UNSAFE.sub(_escape, text)


def _in_capitals(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else f"\\u{match[1].upper()}"


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex().upper()}" for i in range(0, len(units), 2))
