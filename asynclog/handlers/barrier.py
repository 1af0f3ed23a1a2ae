"""A flush on its way: it passes through every sink behind the lines sent before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..errors import FlushError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from ..errors import SinkFailure


SWEEP_AT = 16
"""Flushes that may wait in one place, at least, before those are dropped that are over."""


class Stage(Protocol):
    """What a flush passes through."""

    def offer_barrier(self, barrier: Barrier, /) -> None:
        """Take the flush, and pass it on behind the lines taken before."""
        ...


class Barrier:
    """Waits until each sink has either taken all that came before, or said that it cannot.

    Args:
        loop: the loop that waits.
        stages: where it is sent in.
        sinks: whose word is awaited; any hashable handle of each sink.
        label: whose lines are to be in the sinks; None for all.
        durable: whether the sinks must also bring the lines to the disk.
        patient: whether to wait while a sink fails and tries again; else its first failure counts.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        stages: Sequence[Stage],
        sinks: frozenset[object],
        *,
        label: str | None = None,
        durable: bool = False,
        patient: bool = False,
    ) -> None:
        self._loop = loop
        self.label = label
        self.asked_at = loop.time()
        self.durable = durable
        self.patient = patient
        self._stages = stages
        self._awaited = set(sinks)
        self._failures: list[SinkFailure] = []
        self._doubts: dict[object, SinkFailure] = {}  # of sinks that try again
        self._on_told: list[Callable[[], None]] = []
        self._done: asyncio.Future[None] = loop.create_future()
        self._finish_if_complete()

    @property
    def done(self) -> bool:
        """Whether nobody waits any more: every sink has spoken, or the flush was cancelled."""
        return self._done.done()

    def send(self) -> None:
        """Send the flush on its way."""
        for stage in self._stages:
            stage.offer_barrier(self)

    def pass_(
        self,
        sink: object,
        failure: SinkFailure | None = None,
        on_told: Callable[[], None] | None = None,
    ) -> None:
        """Take the word of *sink*; only its first one counts.

        Args:
            sink: who speaks.
            failure: why it does not hold all the lines; None if it does.
            on_told: called when somebody learns of the failure: a flush may be cancelled before.
        """
        if sink not in self._awaited:
            return
        self._awaited.discard(sink)
        if failure is not None:
            self._failures.append(failure)
        if on_told is not None:
            self._on_told.append(on_told)
        self._finish_if_complete()

    def doubt(self, sink: object, failure: SinkFailure) -> None:
        """Note why *sink* cannot give its word yet, should nobody wait until it does."""
        self._doubts[sink] = failure

    @property
    def doubts(self) -> tuple[SinkFailure, ...]:
        """Why those did not give their word that were tried again."""
        return tuple(self._doubts[sink] for sink in self._awaited & self._doubts.keys())

    def hand_on(
        self, sink: object, stand_in: Stage, on_told: Callable[[], None] | None = None
    ) -> None:
        """Have *sink* say what *stand_in* says, which took lines in its place.

        Args:
            sink: who holds all its other lines.
            stand_in: a sink, and the way to it.
            on_told: as for `pass_`.
        """
        inner = Barrier(
            self._loop,
            [stand_in],
            frozenset([stand_in]),
            label=self.label,
            durable=self.durable,
            patient=self.patient,
        )
        inner.asked_at = self.asked_at

        def speak(_: object) -> None:
            if sink in self._awaited and inner._on_told:
                self._on_told += inner._on_told
            self.pass_(sink, next(iter(inner._failures), None), on_told)

        inner._done.add_done_callback(speak)
        self._done.add_done_callback(lambda _: inner._done.cancel())
        inner.send()

    async def settled(self) -> None:
        """Return when every sink has spoken, whatever it said."""
        await self._done

    async def wait(self) -> None:
        """Return when every sink has spoken.

        Raises:
            FlushError: at least one does not hold all the lines.
        """
        await self.settled()
        for on_told in self._on_told:
            on_told()
        if self._failures:
            raise FlushError(tuple(self._failures))

    def _finish_if_complete(self) -> None:
        if not self._awaited and not self._done.done():
            self._done.set_result(None)


class Sweep:
    """Says when it is time to look for flushes that nobody waits for any more.

    Before a sink that hangs, flushes that were cancelled would pile up.  Looking for them is dear,
    so it is done each time that their number may have doubled.
    """

    def __init__(self) -> None:
        self._offered = 0
        self._at = SWEEP_AT

    def is_due(self) -> bool:
        """Count one flush that is offered; tell whether to look now, and call `left` then."""
        self._offered += 1
        return self._offered >= self._at

    def left(self, count: int) -> None:
        """Note how many flushes are left."""
        self._offered = count
        self._at = max(SWEEP_AT, 2 * count)
