"""The handlers of a logger, as its user gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import fallback
from .handler import Handler

if TYPE_CHECKING:
    from collections.abc import Iterable


def route(handlers: Handler | Iterable[Handler] | None) -> tuple[Handler, ...]:
    """Return *handlers* as a tuple; None is the console, on stderr.

    Raises:
        ValueError: *handlers* is something else, or empty, or has a sink twice.
    """
    if handlers is None:
        # Imported late: `import asynclog` must not wait for sinks that may not be used.
        from ..sinks import ConsoleSink  # noqa: PLC0415

        return (Handler(ConsoleSink()),)
    if isinstance(handlers, Handler):
        return (handlers,)
    try:
        checked = tuple(handlers)
    except TypeError:
        raise ValueError(
            f"handlers: expected a Handler, such as Handler(ConsoleSink()), or a list of them,"
            f" got {handlers!r}"
        ) from None
    for handler in checked:
        if not isinstance(handler, Handler):
            raise ValueError(  # noqa: TRY004 - a bad argument is a ValueError throughout
                "handlers: expected Handler objects, such as Handler(ConsoleSink()),"
                f" got {handler!r}"
            )
    if not checked:
        raise ValueError("handlers: expected at least one Handler, got none")
    sinks = [sink for handler in checked for sink in handler.all_sinks]
    if len(set(map(id, sinks))) < len(sinks):  # two tasks must not call one sink at once
        raise ValueError(f"handlers: expected each sink once, got {fallback.name_of(checked)}")
    return checked
