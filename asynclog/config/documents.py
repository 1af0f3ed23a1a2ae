"""Text of a configuration -> plain data: JSON, as Blackhole takes it, or TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from typing import Any

import msgspec

from .problems import join

_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s"]', re.DOTALL)
_BYTE = re.compile(r" \(byte ([0-9]+)\)")
_WAY = re.compile(r" - at `\$[^`]*`")
_OPENING = (b"[", b"{", b",", b":", b"")
_HINTS = {
    (b"#", b"/"): "JSON has no comments, TOML has",
    (b"'",): 'JSON quotes with "',
    (b"NaN", b"Infinity"): "JSON has neither NaN nor Infinity",
    (b"True", b"False", b"None"): "JSON writes true, false and null",
}
"""How to mend what stands where the document ceases to be JSON."""


def parse_json(data: bytes) -> Any:
    """Return the content of a JSON document; a comma before a closing bracket is allowed.

    Raises:
        ValueError: *data* is no JSON; the message tells the line and what to mend.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        tidy = _without_trailing_commas(data)
        if tidy != data:
            return parse_json(tidy)
        raise ValueError(_json_reason(error, data)) from None


def doubled_keys(data: bytes) -> list[str]:
    """Return the paths of the keys that stand more than once in an object of a JSON document.

    JSON takes the last one and says nothing; of two sinks under one key, one would be gone.

    Args:
        data: what `parse_json` can parse.
    """
    try:
        document = json.loads(_without_trailing_commas(data), object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return []  # this parser has bounds that the other one lacks
    found = []
    waiting = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Members):
            counts = Counter(key for key, _ in value)
            found += [join(path, key) for key, count in counts.items() if count > 1]
            waiting += [(join(path, key), one) for key, one in value]
        elif isinstance(value, list):
            waiting += [(f"{path}[{i}]", one) for i, one in enumerate(value)]
    return sorted(set(found))


class _Members(list[tuple[str, Any]]):
    """The members of an object, all of them."""


def parse_toml(data: bytes) -> Any:
    """Return the content of a TOML document.

    Raises:
        ValueError: *data* is no TOML; the message tells the line.
    """
    try:
        return tomllib.loads(data.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(_not_utf8(error)) from None
    except (ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a bad value"
        raise ValueError(f"not TOML: {reason[:200]}") from None


def _without_trailing_commas(data: bytes) -> bytes:
    """Return *data* with each comma between a value and a closing bracket made a space."""
    tidy = bytearray(data)
    before: tuple[bytes, int] = (b"", 0)
    behind_value = False
    for match in _JSON_TOKEN.finditer(data):
        token = match[0]
        if token in (b"]", b"}") and before[0] == b"," and behind_value:
            tidy[before[1]] = ord(" ")
        if token == b",":
            behind_value = before[0] not in _OPENING
        before = token, match.start()
    return bytes(tidy)


def _json_reason(error: Exception, data: bytes) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if not data.strip():
        return 'the document is empty: write {"root": [...]}, a list of handlers'
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        return _not_utf8(bad)
    text = str(error).removeprefix("JSON is malformed: ")
    if _WAY.search(text):  # a number that is too large: where, in bytes, is not said
        return f"not JSON: {_WAY.sub('', text)}"
    found = _BYTE.search(text)
    at = int(found[1]) if found else len(data)
    hint = "".join(f"; {hint}" for starts, hint in _HINTS.items() if data.startswith(starts, at))
    return f"not JSON: {_BYTE.sub('', text)}, at {_place(data, at)}{hint}"


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"not UTF-8, at {_place(error.object, error.start)}: save the file in that encoding"


def _place(data: bytes, at: int) -> str:
    """Return where the byte *at* is, as people count."""
    line = data.count(b"\n", 0, at) + 1
    column = at - data.rfind(b"\n", 0, at)
    return f"line {line}, column {column}"
