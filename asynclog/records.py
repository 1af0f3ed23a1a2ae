"""What flows through the pipeline: one record for each line, and batches of them."""

from __future__ import annotations

from typing import Any

import msgspec

from .tracebacks import ExceptionInfo


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Who logged: shared by all records of one thread and task name."""

    process_id: int
    process_name: str
    thread_id: int
    """`threading.get_ident()`."""
    native_id: int
    """The kernel's thread id."""
    thread_name: str
    task_name: str | None
    """`Task.get_name()`; None outside a task."""


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Where in the source a line was logged."""

    file: str
    line: int
    """Line number, counted from 1."""
    function: str
    """Qualified name."""


class Record(msgspec.Struct, gc=False):
    """One line as it was when it was logged.  Treat it as read-only."""

    time_ns: int
    """Nanoseconds since the Unix epoch, UTC, at the call."""
    level: int
    label: str
    message: str
    """The text, with the template's arguments filled in."""
    origin: Origin | None = None
    attributes: dict[str, Any] | None = None
    """By name, in order of lookup: of the call, bound, of the scope.  None where there are none."""
    template: str | None = None
    """The text before the arguments were filled in; None where there were no arguments."""
    exception: ExceptionInfo | None = None
    caller: Caller | None = None
    """Filled in only where a formatter asks for it."""


class Batch(msgspec.Struct, frozen=True, gc=False):
    """What a sink is given: records and their formatted text, side by side."""

    records: list[Record]
    lines: list[str]
    """`lines[i]` is the text of `records[i]`, without a line break at its end."""

    def __len__(self) -> int:
        return len(self.records)
