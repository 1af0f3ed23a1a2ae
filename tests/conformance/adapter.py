"""The one place through which the vectors of the original systems run against asynclog.

It translates a vector's encoding into calls of the public API and back; it decides nothing.
"""

from __future__ import annotations

from datetime import datetime

from asynclog import units
from asynclog.sinks import flushing, naming


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
