"""The form of a line where the user asks for none: time, level, label, message, attributes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..levels import level_name
from .escaping import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..protocols import Formatter
    from ..records import Record


class TextFormatter:
    """`2026-03-06 09:15:44.681220 INFO [label]: message key=value`."""

    def format(self, record: Record, /) -> str:
        """Return the text of one record."""
        return self.format_batch([record])[0]

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the texts of *records*."""
        return [self._line(record) for record in records]

    @staticmethod
    def _line(record: Record) -> str:
        seconds, nanoseconds = divmod(record.time_ns, 1_000_000_000)
        date = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
        rest = "".join(f" {k}={escape(str(v))}" for k, v in (record.attributes or {}).items())
        return (
            f"{date}.{nanoseconds // 1000:06d} {level_name(record.level)}"
            f" [{escape(record.label)}]: {escape(record.message)}{rest}"
        )


def default_formatter() -> Formatter:
    """Return the formatter that is used where none is given."""
    return TextFormatter()
