"""The one place through which the vectors of the original systems run against asynclog.

It translates a vector's encoding into calls of the public API and back; it decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asynclog import units
from asynclog.formatters.json import JSONFormatter
from asynclog.layers import LayeredAttributes
from asynclog.records import Origin, Record
from asynclog.sinks import flushing, naming


class _Displayed:
    """A value of a type of its own, which knows only how to print itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


_DECODERS = {
    "$double": float,
    "$uint": int,
    "$special": float,
    "$display": _Displayed,
}


def _value(encoded: Any) -> Any:
    """Return the value that the vectors' encoding means."""
    if not isinstance(encoded, dict):
        return encoded
    ((kind, inner),) = encoded.items()
    return _DECODERS[kind](inner)


def _record(encoded: dict[str, Any]) -> Record:
    """Return the record that the vectors' encoding means."""
    process, thread = encoded["process"], encoded["thread"]
    packs = encoded.get("packs", [encoded["attributes"]])
    layers = [[(name, _value(value)) for name, value in pack] for pack in packs]
    attributes = LayeredAttributes(*layers)
    has_hidden = len(attributes) < sum(map(len, layers))
    return Record(
        time_ns=encoded["timestamp_us"] * 1000,
        level=encoded["severity"],
        label="",
        message=encoded["message"],
        attributes=attributes if has_hidden else dict(attributes) or None,
        origin=Origin(
            process_id=process["pid"],
            process_name=process["name"],
            thread_id=thread["id"],
            native_id=thread["lwp"],
            thread_name=thread["name"] or "",
            task_name=None,
        ),
    )


def parse_size(text: str) -> int:
    """Return the bytes that *text* stands for."""
    return units.parse_size(text)


def flush_policy(policy: str, threshold: int, writes: list[int]) -> list[str]:
    """Return "flush" or "idle" for each of *writes*, given in bytes with the line break."""
    setting = f"{threshold}B" if policy == "bytes" else threshold
    counting = flushing.parse_flush(setting)
    return ["flush" if counting.update(size) else "idle" for size in writes]


def log_file_name(basename: str, time: float | str, host: str, pid: int) -> str:
    """Return the name of an archive begun at *time*, seconds since the epoch or ISO text."""
    if isinstance(time, str):
        time = datetime.fromisoformat(time).timestamp()
    return naming.log_file_name(basename, int(time * 1_000_000_000), host, pid)


def json(config: dict[str, Any], record: dict[str, Any]) -> str:
    """Return the document that Blackhole's JSON formatter, set up by *config*, makes of *record*."""
    options = {name: value for name, value in config.items() if name != "type"}
    return JSONFormatter.blackhole(**options).format(_record(record))
