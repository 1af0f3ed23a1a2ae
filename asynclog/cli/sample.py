"""A record as somebody types it, to see what would become of it."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from ..levels import Level, parse_level
from ..origins import current_origin
from ..records import Caller, Record

LABEL = "sample"
MESSAGE = "a sample line"
_TEXTS = {"label": LABEL, "message": MESSAGE}


def parse_record(text: str) -> Record:
    """Return the record that *text*, an object of JSON, describes.

    `level`, `label` and `message` are the record's own; `attributes`, an object, and all other
    members are attributes.

    Raises:
        ValueError: *text* is something else; the message says what is allowed.
    """
    try:
        members: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise ValueError(
            f'expected an object such as {{"level": "ERROR", "label": "db"}}, got {text[:60]!r}'
        ) from None
    level = parse_level(members.pop("level", int(Level.INFO)))
    own = {name: members.pop(name, usual) for name, usual in _TEXTS.items()}
    for name, value in own.items():
        if not isinstance(value, str):
            raise ValueError(f"{name}: expected text, got {value!r:.60}")  # noqa: TRY004 - an argument
    attributes = members.pop("attributes", {})
    if not isinstance(attributes, dict):
        raise ValueError(f"attributes: expected an object, got {attributes!r:.60}")  # noqa: TRY004
    return Record(
        time.time_ns(),
        level,
        own["label"],
        own["message"],
        current_origin(),
        attributes | members or None,
        caller=Caller(file="sample.py", line=1, function="main"),
    )
