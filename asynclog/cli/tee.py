"""Sends each line to several loggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..concurrent import SenderBuilder
    from ..protocols import LogSender


class Tee:
    """Makes senders to several loggers at once.

    Args:
        builders: the loggers.
    """

    def __init__(self, builders: Sequence[SenderBuilder]) -> None:
        self._builders = builders

    def sender_with_label(self, label: str, /) -> LogSender:
        """Return a sender to *label* of each logger."""
        return TeeSender([builder.sender_with_label(label) for builder in self._builders])


class TeeSender:
    """A sender to several others.

    Args:
        senders: each gets every line, in this order.
    """

    def __init__(self, senders: Sequence[LogSender]) -> None:
        self._senders = senders

    async def log(self, level: int, message: object, /, *args: object, **attributes: Any) -> None:
        """Log one line to each; see `LogSender.log`."""
        for sender in self._senders:
            await sender.log(level, message, *args, **attributes)

    async def flush(self, *, durable: bool = False) -> None:
        """Flush each; see `LogSender.flush`."""
        for sender in self._senders:
            await sender.flush(durable=durable)
