"""Waiting for work that must come to its end, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


async def wait_out(task: asyncio.Task[Any]) -> None:
    """Wait for *task* to end even if cancelled meanwhile; then be cancelled.

    What *task* raises is raised, unless it was cancelled itself: then the whole loop is ending.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    with suppress(asyncio.CancelledError):
        task.result()
