"""structlog's processors inside a formatter of asynclog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from structlog import DropEvent

from ...formatters.default import default_formatter
from ...formatters.exceptions import render_exception
from ...formatters.isotime import IsoTime
from ...levels import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import Processor

    from ...records import Record


class StructlogFormatter:
    """A formatter that runs processors of structlog over each record; the last must render it.

    They find `event`, `level`, `logger` (the label), `timestamp` (ISO 8601, UTC), the attributes,
    and `exception`, the text of a traceback.  Where a processor fails, or drops what is a line
    already, the default formatter writes the line: none is lost.

    Args:
        *processors: the last returns text.

    Raises:
        ValueError: one cannot be called, or there is none.
    """

    def __init__(self, *processors: Processor) -> None:
        if not processors or not all(map(callable, processors)):
            raise ValueError(f"processors: expected at least one callable, got {processors!r}")
        self._processors = processors
        self._otherwise = default_formatter()
        self._time = IsoTime()

    def format(self, record: Record, /) -> str:
        """Return the text of *record*."""
        event: Any = {**(record.attributes or {})}
        name = level_name(record.level).lower()
        (time,) = self._time.texts((record.time_ns,))
        event |= {"event": record.message, "level": name, "logger": record.label, "timestamp": time}
        if record.exception is not None:
            event["exception"] = render_exception(record.exception)
        try:
            for process in self._processors:
                event = process(None, name, event)
            return str.__str__(event.decode() if isinstance(event, bytes) else event)
        except (Exception, DropEvent):  # noqa: BLE001 - may fail, or drop what is a line already
            return self._otherwise.format(record)

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the text of each of *records*."""
        return [self.format(record) for record in records]
