"""What all handlers of one logger share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from ..ledger import Ledger


class Common(NamedTuple):
    """What all handlers of one logger share."""

    loop: asyncio.AbstractEventLoop
    """It does all the work."""
    ledger: Ledger
    """The account of the logger."""
    now: Callable[[], int]
    """The time that notices carry, nanoseconds since the epoch."""
