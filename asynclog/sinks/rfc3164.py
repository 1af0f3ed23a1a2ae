"""Records as syslog messages in the older form that RFC 3164 describes: pure."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from .framing import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Batch, Record
    from .priorities import Priorities

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9._/-]")
_NOT_IN_HOST = re.compile(r"[^A-Za-z0-9._:-]")


class RFC3164:
    """Formats messages: `<14>Mar  6 09:15:44 host app[4013]: text`.

    The time is local and has neither year nor fraction; that is all the format can say.

    Args:
        priorities: facility and severities.
        hostname: of this machine; None leaves it out, as the C library does for the local daemon.
        identity: the program's name, at most 32 characters of it.
        process_id: of this process.
        local_time: turns seconds since the epoch into the local time.
    """

    def __init__(
        self,
        priorities: Priorities,
        *,
        hostname: str | None,
        identity: str,
        process_id: int,
        local_time: Callable[[float], time.struct_time] = time.localtime,
    ) -> None:
        self._priorities = priorities
        tag = _NOT_IN_TAG.sub("_", identity)[:32]
        host = "" if hostname is None else f"{_NOT_IN_HOST.sub('_', hostname)[:255]} "
        self._origin = f" {host}{tag}[{process_id}]: "
        self._local_time = local_time
        self._known = (-1, 0)  # second and level of the prefix
        self._prefix = ""

    def format_batch(self, batch: Batch) -> list[str]:
        """Return a message for each line of *batch*."""
        return [
            self.format(record, line)
            for record, line in zip(batch.records, batch.lines, strict=True)
        ]

    def format(self, record: Record, line: str) -> str:
        """Return the message for *record*, whose text is *line*."""
        known = (record.time_ns // 1_000_000_000, record.level)
        if known != self._known:
            self._known = known
            self._prefix = self._make_prefix(*known)
        return self._prefix + one_line(line)

    def _make_prefix(self, second: int, level: int) -> str:
        now = self._local_time(second)
        clock = f"{now.tm_hour:02d}:{now.tm_min:02d}:{now.tm_sec:02d}"
        stamp = f"{_MONTHS[now.tm_mon - 1]} {now.tm_mday:2d} {clock}"
        return f"{self._priorities.of(level)}{stamp}{self._origin}"
