"""Lines to a logger of the standard library, for what is attached there."""

from __future__ import annotations

import logging
import os
import secrets
from typing import TYPE_CHECKING, Any

from .. import fallback
from .threaded import ThreadedSink

if TYPE_CHECKING:
    from ..records import Batch, Record

HANDED_OVER = "handed_over_by_asynclog"
"""The field that says by which process a line of asynclog was made a record of `logging`."""
RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    HANDED_OVER,
}
"""Names that a `LogRecord` has already; an attribute of such a name gets an underscore."""
_PROGRAM = secrets.token_hex(4)


class LetsGo:
    """Marks a handler that lets go of all that a `StdlibSink` of its process hands over.

    It has nothing of it to flush; and where it leads back to the logger that is being flushed, its
    flush would wait for that logger, and the logger for it.
    """


class StdlibSink(ThreadedSink[list[logging.LogRecord]]):
    """Hands every line to a logger of `logging`, so that its handlers see it.

    The handlers run in a thread of the sink, and may block.  The line's text is the message; what
    a record carries is found as `logging` has it: attributes on the record, the caller's file and
    line, process, thread and task.

    Args:
        logger: the logger, or its name; None is the root.
        by_label: whether a record's name is the logger's with its label behind; no logger is made
            for a label, because there may be any number of them.

    Raises:
        ValueError: *logger* is neither.
    """

    def __init__(
        self, logger: logging.Logger | str | None = None, *, by_label: bool = False
    ) -> None:
        if not isinstance(logger, logging.Logger | str | None):
            raise ValueError(f"logger: expected a logger, its name or None, got {logger!r}")  # noqa: TRY004 - a setting's value
        name = logger.name if isinstance(logger, logging.Logger) else logger
        one = logger if isinstance(logger, logging.Logger) else logging.getLogger(logger)
        self._name = name or "root"
        super().__init__(StdlibTarget(one, by_label=by_label), f"asynclog logging {self._name}")

    def __repr__(self) -> str:
        return f"StdlibSink({self._name!r})"


class StdlibTarget:
    """The blocking half of `StdlibSink`.

    Args:
        logger: takes the records.
        by_label: see `StdlibSink`.
    """

    def __init__(self, logger: logging.Logger, *, by_label: bool) -> None:
        self._logger = logger
        self._by_label = by_label
        self._failed = False

    def encode(self, batch: Batch) -> list[logging.LogRecord]:
        """Return the lines as records of `logging`."""
        return [
            self._record(record, line)
            for record, line in zip(batch.records, batch.lines, strict=True)
        ]

    def write(self, payload: list[logging.LogRecord]) -> None:
        """Have each record handled by its logger, if that is enabled for its level."""
        for record in payload:
            if self._logger.isEnabledFor(record.levelno):
                try:
                    self._logger.handle(record)
                except Exception as error:  # noqa: BLE001 - a handler's fault is its own; the next may be well
                    self._tell(error)

    def flush(self, *, durable: bool) -> None:
        """Flush the handlers that the logger's records reach."""
        logger: logging.Logger | None = self._logger
        while logger is not None:
            for handler in logger.handlers:
                if not isinstance(handler, LetsGo):
                    handler.flush()
            logger = logger.parent if logger.propagate else None

    def close(self) -> None:
        """Do nothing: the handlers belong to the program."""

    def interrupt(self, after: float) -> None:
        """Do nothing: nobody can interrupt a handler."""

    def inherit(self) -> None:
        """Do nothing: `logging` looks after its handlers in a forked child."""

    def _tell(self, error: Exception) -> None:
        """Say once that a handler raises, which handlers of `logging` should not."""
        if not self._failed:
            self._failed = True
            fallback.tell(
                f"a handler of logger {self._logger.name!r} failed: {type(error).__name__}"
            )

    def _record(self, record: Record, line: str) -> logging.LogRecord:
        name = self._logger.name
        if self._by_label and record.label:
            name = record.label if name == "root" else f"{name}.{record.label}"
        fields: dict[str, Any] = {
            free_name(key): value for key, value in (record.attributes or {}).items()
        }
        fields.update(
            name=name,
            msg=line,
            args=None,
            levelno=record.level,
            levelname=logging.getLevelName(record.level),
            created=record.time_ns / 1_000_000_000,
            msecs=record.time_ns // 1_000_000 % 1000,
            label=record.label,
        )
        fields[HANDED_OVER] = process_mark()
        self._add_origin(fields, record)
        return logging.makeLogRecord(fields)

    @staticmethod
    def _add_origin(fields: dict[str, Any], record: Record) -> None:
        if record.origin is not None:
            fields.update(
                process=record.origin.process_id,
                processName=record.origin.process_name,
                thread=record.origin.thread_id,
                threadName=record.origin.thread_name,
                taskName=record.origin.task_name,
            )
        if record.caller is not None:
            fields.update(
                pathname=record.caller.file,
                filename=record.caller.file.rpartition("/")[2],
                lineno=record.caller.line,
                funcName=record.caller.function,
            )


def process_mark() -> str:
    """Return what tells this process from all others, also from its forks, and on other hosts."""
    return f"{_PROGRAM}-{os.getpid()}"


def free_name(name: str) -> str:
    """Return *name*, with an underscore behind it where a `LogRecord` has such a field."""
    return f"{name}_" if name in RESERVED or name == "label" else name
