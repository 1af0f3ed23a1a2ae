"""What the parts that every record has look like in a line: one writer for each placeholder.

Label, level and origin are the same for many records in a row; what depends on nothing else is
called steady, and its text is kept from one record to the next.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from .tokens import Field
from .values import clean, default_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..records import Caller, Origin, Record
    from ..tracebacks import ExceptionInfo
    from .severity import Namer
    from .specs import Spec
    from .tokens import Token

    Writer: TypeAlias = Callable[[Record], str]

UNKNOWN = "-"
"""What stands for a part that a record does not know, such as the task outside of one."""


def writer(field: Field, namer: Namer, exception: Callable[[ExceptionInfo], str]) -> Writer:
    """Return what makes the text of *field* for any record.

    Args:
        field: the placeholder.
        namer: gives the name of a severity, or None.
        exception: gives the text of an exception, escaped already.
    """
    if field.source == "severity.name":
        return _severity(field.spec, namer)
    if field.source == "exception":
        return _optional(field, lambda record: _shown(record.exception, exception), default="")
    return _optional(field, _READERS[field.source], default=UNKNOWN)


def is_steady(token: Token) -> bool:
    """Tell whether *token* depends on nothing but label, level and origin."""
    return isinstance(token, Field) and token.source in _STEADY


def uses_origin(token: Token) -> bool:
    """Tell whether *token* shows a record's origin."""
    return isinstance(token, Field) and token.source in _OF_ORIGIN


def uses_caller(token: Token) -> bool:
    """Tell whether *token* shows a record's caller."""
    return isinstance(token, Field) and token.source in _OF_CALLER


def _optional(field: Field, read: Callable[[Record], Any], default: str) -> Writer:
    """Return a writer of what *read* gives, a number or text; for None it writes the default."""
    spec, prefix, suffix = field.spec.text, field.prefix, field.suffix
    absent = default_text(default if field.default is None else field.default, field.spec)

    def write(record: Record) -> str:
        value = read(record)
        if value is None:
            return absent
        if isinstance(value, str) and field.source != "exception":
            value = clean(value)
        return f"{prefix}{format(value, spec)}{suffix}"

    return write


def _severity(spec: Spec, namer: Namer) -> Writer:
    def write(record: Record) -> str:
        level = int(record.level)
        name = namer(level)
        if name is not None:
            return format(clean(name), spec.text)
        # A severity without a name is a number, on the side where numbers stand.
        return format(level, spec.text) if spec.fits(level) else format(str(level), spec.text)

    return write


def _shown(info: ExceptionInfo | None, show: Callable[[ExceptionInfo], str]) -> str | None:
    return None if info is None else show(info)


def _of_origin(read: Callable[[Origin], Any]) -> Callable[[Record], Any]:
    return lambda record: None if record.origin is None else read(record.origin)


def _of_caller(read: Callable[[Caller], Any]) -> Callable[[Record], Any]:
    return lambda record: None if record.caller is None else read(record.caller)


def _logger(record: Record) -> str:
    """Return the logger's name, where an integration knows one, or the label."""
    name = (record.attributes or {}).get("logger")
    return name if isinstance(name, str) else record.label


_OF_ORIGIN: dict[str, Callable[[Record], Any]] = {
    "process": _of_origin(lambda origin: origin.process_id),
    "process.name": _of_origin(lambda origin: origin.process_name),
    "thread": _of_origin(lambda origin: origin.thread_id),
    "thread.native": _of_origin(lambda origin: origin.native_id),
    "thread.name": _of_origin(lambda origin: origin.thread_name),
    "task": _of_origin(lambda origin: origin.task_name),
}
_OF_CALLER: dict[str, Callable[[Record], Any]] = {
    "file": _of_caller(lambda caller: os.path.basename(caller.file)),  # noqa: PTH119 - faster
    "file.path": _of_caller(lambda caller: caller.file),
    "line": _of_caller(lambda caller: caller.line),
    "function": _of_caller(lambda caller: caller.function),
}
_READERS: dict[str, Callable[[Record], Any]] = {
    **_OF_ORIGIN,
    **_OF_CALLER,
    "label": lambda record: record.label,
    "logger": _logger,
    "message": lambda record: record.message,
    "severity": lambda record: int(record.level),
    "timestamp": lambda record: record.time_ns // 1000,
}
"""How the value of each source is read; None where the record does not know it."""

_STEADY = frozenset({"label", "severity", "severity.name", *_OF_ORIGIN})
