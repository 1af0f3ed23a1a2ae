"""The last processor of a chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger


class AsynclogRenderer:
    """The last processor of a chain: hands the event dict, as it is, to a `Logger`.

    There `event` becomes the message, `exc_info` the exception, and `stack_info` the attribute
    `stack`; all other keys are attributes, and keep their types.  Time, level, thread and task are
    the line's own: no processor need add them.
    """

    def __call__(
        self, logger: WrappedLogger, name: str, event_dict: EventDict
    ) -> tuple[tuple[dict[Any, Any]], dict[str, Any]]:
        """Return the arguments for the method *name* of *logger*."""
        return (event_dict if type(event_dict) is dict else dict(event_dict),), {}
