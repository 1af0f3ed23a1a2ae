"""Filters at work: they lose no line by failing, and what they announce is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .. import fallback
from ..protocols import AnnouncingFilter, Sink
from ..worker import pipeline_context
from .ending import pass_on

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from ..protocols import Filter
    from ..records import Record
    from .common import Common

POLL_SECONDS = 1.0
"""How often a filter that holds something back is asked for notices while nothing is logged."""


class Filtered(NamedTuple):
    """A sink of a handler that does not get all of the handler's lines.

        Handler(FileSink("all.log"), Filtered(ConsoleSink(), at_least("error")))

    The filter is asked after the handler's own, for each line.  What it refuses counts as rejected
    by filters if no other sink writes it; what it announces goes to this sink only.
    """

    sink: Sink
    filter: Filter | None
    """None keeps every line."""


class Sieve:
    """A filter at work.

    After each batch, and about once a second while the filter says that it holds something back,
    it is asked for notices; while it holds nothing, nothing is woken.

    Args:
        filter: asked for each record.
        owner: what it belongs to, in a word on stderr.
        common: loop, clock and account.
        tell: takes the notices; they are not to be filtered again.
    """

    def __init__(
        self,
        filter: Filter,  # noqa: A002 - the field's word
        owner: object,
        common: Common,
        tell: Callable[[list[Record]], None],
    ) -> None:
        self._filter = filter
        self._announcing = filter if isinstance(filter, AnnouncingFilter) else None
        self._owner = owner
        self._common = common
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None
        self._failed = False

    def keeps(self, record: Record) -> bool:
        """Ask the filter; one that fails keeps the record."""
        try:
            return bool(self._filter(record))
        except BaseException as error:  # noqa: BLE001 - a filter's fault must not lose lines
            self._complain(error)
            return True

    def poll(self, *, closing: bool = False) -> None:
        """Pass on what is to be told by now; *closing* tells all, and is the end of it."""
        if self._announcing is None:
            return
        try:
            notices = self._announcing.notices(self._common.now(), closing=closing)
            holding = bool(self._announcing.holding) and not closing
        except BaseException as error:  # noqa: BLE001 - as above
            self._complain(error)
            notices, holding = [], False
        if notices:
            self._common.ledger.announced += len(notices)
            self._tell(notices)
        self._set_timer(wanted=holding)

    def _set_timer(self, *, wanted: bool) -> None:
        if self._timer is not None and not wanted:
            self._timer.cancel()
            self._timer = None
        elif self._timer is None and wanted and not self._common.loop.is_closed():
            self._timer = self._common.loop.call_later(
                POLL_SECONDS, self._on_timer, context=pipeline_context()
            )

    def _on_timer(self) -> None:
        self._timer = None
        self.poll()

    def _complain(self, error: BaseException) -> None:
        pass_on(self._common.loop, error)
        if not self._failed:
            self._failed = True
            owner = fallback.name_of(self._owner)
            fallback.tell(f"a filter of {owner} failed: {fallback.reason_of(error)}")
