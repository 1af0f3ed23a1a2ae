"""Values as plain text for formats of `key=value`, before their own escaping."""

from __future__ import annotations

from typing import Any

import msgspec

from .cutting import MAX_FIELD
from .jsonable import jsonable

_encoder = msgspec.json.Encoder()


def plain_text(value: object, words: dict[object, str]) -> str:
    """Return the text of *value*; never raises.

    Floats are written by `repr`, containers as JSON, and all else as `jsonable` writes it.

    Args:
        value: anything.
        words: what None, true and false are called.
    """
    kind = type(value)
    if kind is str and len(value) <= MAX_FIELD:  # type: ignore[arg-type]
        return value  # type: ignore[return-value]
    if kind is float:
        return repr(value)
    return _text(jsonable(value, nonfinite="string"), words)


def _text(plain: Any, words: dict[object, str]) -> str:
    if plain is None or plain is True or plain is False:
        return words[plain]
    if isinstance(plain, (dict, list)):
        return _encoder.encode(plain).decode()
    return plain if isinstance(plain, str) else str(plain)
