"""A logger, its sinks, a book and an event loop; and what a program may do there."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from unittest import mock

from asynclog import BufferedLogger, FlushError, Handler, Level, LoggerClosed, Overflow, fallback
from asynclog.handlers.closing import DRAIN_SHARE
from asynclog.testing import VirtualLoop
from asynclog.waiting import Waiting

from .book import Book
from .interruption import Interruption
from .witness import Witness

LABELS = ("a", "b", "c")
SOON = 1e-3
"""Virtual seconds in which all happens that needs no time."""


@dataclass(frozen=True)
class Route:
    """How one handler is made."""

    sinks: int = 1
    level: int = 0
    capacity: int | None = None
    overflow: Overflow = Overflow.WAIT


@dataclass(frozen=True)
class Setup:
    """How the logger of a world is made."""

    max_lines: int = 4
    max_age: float = 1.0
    capacity: int = 12
    overflow: Overflow = Overflow.WAIT
    flush_level: int | None = None
    close_timeout: float = 5.0
    routes: tuple[Route, ...] = (Route(),)


class PlainFormatter:
    """Prints the message."""

    def format(self, record):
        """Return the text."""
        return record.message


class WatchedLoop(VirtualLoop):
    """Virtual time, with a look at the world after every turn of the loop."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    def _run_once(self):
        super()._run_once()
        self._watch()


class World:
    """All there is, from before the logger opens until after it closed.

    Args:
        setup: how the logger is made.
        watch: called with the world after every turn of the loop, while the logger is open.
    """

    def __init__(self, setup, watch=lambda world: None):
        self.setup = setup
        self.book = Book()
        self.state = "new"
        self.account = None
        """The statistics that the laws look at."""
        self.final = None
        """What `aclose` returned."""
        self.closing_seconds = None
        self.calm_at_close = False
        self.groups = []
        """Runs of texts that must stand together in every sink."""
        self.complaints = []
        """What the loop, or a logger with nobody else to tell, had to say."""
        self.told = []
        self._watch = watch
        self._background = []
        self._senders = {}
        self._patch = mock.patch.object(fallback, "tell", self.told.append)
        self._patch.start()
        self.loop = WatchedLoop(self._look)
        self.loop.set_exception_handler(lambda loop, context: self.complaints.append(context))
        self.routes = [(route, self._witnesses(i, route)) for i, route in enumerate(setup.routes)]
        self.witnesses = [witness for _, witnesses in self.routes for witness in witnesses]
        self.logger = BufferedLogger(
            setup.max_lines,
            setup.max_age,
            capacity=setup.capacity,
            overflow=setup.overflow,
            flush_level=setup.flush_level,
            close_timeout=setup.close_timeout,
            handlers=[self._handler(route, sinks) for route, sinks in self.routes],
            clock=self.loop,
        )
        self.run(self.logger.open())
        self.state = "open"

    def _witnesses(self, number, route):
        return [
            Witness(f"{number}.{sink}", self.book.moments, self.loop.time)
            for sink in range(route.sinks)
        ]

    @staticmethod
    def _handler(route, sinks):
        return Handler(
            *sinks,
            formatter=PlainFormatter(),
            level=route.level,
            capacity=route.capacity,
            overflow=route.overflow,
        )

    def _look(self):
        if self.state in ("open", "closing"):
            self._watch(self)

    # -- the loop --------------------------------------------------------------------------------

    def run(self, coroutine, patience=SOON):
        """Run *coroutine* until it ends, or in the background after *patience* virtual seconds."""
        task = self.loop.create_task(coroutine)
        self._background.append(task)
        self.loop.run_until_complete(asyncio.wait([task], timeout=patience))
        self.reap()

    def reap(self):
        """Let what has ended in the background tell how it ended."""
        ended = [task for task in self._background if task.done()]
        self._background = [task for task in self._background if not task.done()]
        for task in ended:
            task.result()

    @property
    def waiting(self):
        """Number of calls that have not come back."""
        return len(self._background)

    def advance(self, seconds):
        """Let virtual time pass."""
        self.loop.run_until_complete(asyncio.sleep(seconds))
        self.reap()

    def give_up(self, number):
        """Cancel one of the calls in the background."""
        if self._background:
            self._background[number % len(self._background)].cancel()
            self.advance(0)

    # -- logging ---------------------------------------------------------------------------------

    def sender(self, label):
        """Return a sender; most often the same one as before."""
        if label not in self._senders:
            self._senders[label] = self.logger.sender_with_label(label)
        return self._senders[label]

    def bind(self, label):
        """Replace the sender of a label by one with more attributes."""
        self._senders[label] = self.sender(label).bind(extra=1)

    def forget(self, label):
        """Let go of the sender of a label."""
        self._senders.pop(label, None)

    def log(self, label, level=Level.INFO, count=1, patience=SOON, point=0, *, late=False):
        """Log *count* lines, one after the other, in a task that may be cancelled."""
        self.run(self._log(label, level, count, point, late), patience)

    async def _log(self, label, level, count, point, late):
        for _ in range(count):
            line, answer = self.call(label, level)
            if answer is None:
                return
            try:
                await Interruption(answer, point, late=late)
            except LoggerClosed:
                self.book.end(line, "refused", self.loop.time())
                return
            except asyncio.CancelledError:
                if line.ended is None:
                    self.book.end(line, self._given_up(), self.loop.time())
                return
            if line.ended is None:
                self.book.end(line, "in", self.loop.time())

    def _given_up(self):
        """Return the fate of a line whose wait for room was cancelled."""
        return "either" if self.state == "open" else "lost"

    def call(self, label, level=Level.INFO, producer="loop"):
        """Call `log`, and return the line with what the call returned; None if it was refused."""
        line = self.book.begin(label, level, producer)
        before = self.logger.statistics().dropped
        try:
            answer = self.sender(label).log(level, line.text)
        except LoggerClosed:
            self.book.end(line, "refused", self.loop.time())
            return line, None
        if level < min(route.level for route in self.setup.routes):
            self.book.end(line, "below", self.loop.time())
            return line, answer
        overflowed = self.logger.statistics().dropped > before
        if not isinstance(answer, Waiting):
            self.book.end(line, self._fate_of(overflowed), self.loop.time())
        if overflowed:
            self.book.overflowed = next(self.book.moments)
        return line, answer

    def _fate_of(self, overflowed):
        """Return the fate of a line whose call returned at once."""
        if not overflowed:
            return "in"
        return "either" if self.setup.overflow == Overflow.DROP_OLDEST else "out"

    def log_unawaited(self, label, level=Level.INFO, count=1):
        """Log from a place that cannot await, as a callback of the loop."""

        async def work():
            for _ in range(count):
                line, answer = self.call(label, level)
                if answer is not None and line.ended is None:
                    del answer
                    self.book.end(line, "out", self.loop.time())

        self.run(work())

    def log_in_stillborn_task(self, label):
        """Make a task of the call, and cancel it before it runs."""

        async def work():
            line, answer = self.call(label)
            if answer is None or line.ended is not None:
                return
            task = self.loop.create_task(answer)
            task.cancel()
            await asyncio.wait([task])
            self.book.end(line, "out", self.loop.time())

        self.run(work())

    def log_from_thread(self, label, count):
        """Log from another thread, while the loop does not run."""

        def work():
            for _ in range(count):
                self.call(label, producer="thread")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def group(self, count):
        """Log the same number of lines to each label, in turn, and flush: nothing may mix them."""
        lines = {label: [] for label in LABELS}

        async def work():
            for _ in range(count):
                for label, texts in lines.items():
                    texts.append(self.call(label)[0].text)

        self.run(work())
        self.groups += lines.values()
        self.flush(None)

    # -- flushing and closing --------------------------------------------------------------------

    def flush(self, label, patience=SOON, point=0, *, durable=False, late=False):
        """Flush one label, or, for None, all; check on return what it promised."""
        self.advance(0)  # whoever is about to hear from another flush hears it before this one
        self.run(self._flush(label, point, durable, late), patience)

    async def _flush(self, label, point, durable, late):
        due = [
            line
            for line in self.book.of("in", "either")
            if label in (None, line.label)
        ]  # fmt: skip
        told = {witness: frozenset(witness.told) for witness in self.witnesses}
        flusher = self.logger if label is None else self.sender(label)
        failed = ()
        try:
            await Interruption(flusher.flush(durable=durable), point, late=late)
        except (LoggerClosed, asyncio.CancelledError):
            return
        except FlushError as error:
            failed = [failure.sink for failure in error.failures]
        for route, witnesses in self.routes:
            for witness in witnesses:
                if repr(witness) in failed:
                    witness.told |= witness.refused
                    continue
                self._check_barrier(route, witness, due, told[witness])

    def _check_barrier(self, route, witness, due, told):
        missing = [
            line.text
            for line in due
            if line.fate == "in"
            and line.level >= route.level
            and line.text not in witness.confirmed
            and line.text not in told
        ]
        if len(missing) > self.slack(route):
            raise AssertionError(f"flush returned, but {witness} does not have {missing}")

    def slack(self, route):
        """Return how many lines a sink may lack though the calls for them came back well."""
        if self.setup.overflow != Overflow.DROP_OLDEST and route.capacity is None:
            return 0
        if len(self.witnesses) > 1:
            return float(
                "inf"
            )  # a line that one sink wrote, and another dropped, counts as emitted
        causes = self.logger.statistics().dropped_by_cause
        return causes.get("queue full", 0) + causes.get("handler's queue full", 0)

    def close(self, cancellations=()):
        """Close, cancelled first at each of the given points, late or not; then close again."""
        longest = max(witness.delay for witness in self.witnesses)
        self.calm_at_close = longest <= self.setup.close_timeout * DRAIN_SHARE / 2
        self.state = "closing"
        started = self.loop.time()

        async def work():
            for point, late in cancellations:
                try:
                    await Interruption(self.logger.aclose(), point, late=late)
                except asyncio.CancelledError:
                    continue
            try:
                self.final = await self.logger.aclose()
            except asyncio.CancelledError:
                raise AssertionError("aclose() was cancelled by nobody") from None
            self.closing_seconds = self.loop.time() - started

        self.run(work(), patience=self.setup.close_timeout * 2 + 1)
        self.state = "closed"
        self.advance(SOON)

    def left_tasks(self):
        """Return the tasks that have not ended, but for those of the program."""
        return asyncio.all_tasks(self.loop) - set(self._background)

    def left_timers(self):
        """Return the timers that have not fired."""
        return [timer for timer in self.loop._scheduled if not timer.cancelled()]

    # -- the end ---------------------------------------------------------------------------------

    def heal(self, *, wholly):
        """Have all writes that hang go on, and, *wholly*, let no more go wrong."""
        for witness in self.witnesses:
            if wholly:
                witness.plan.clear()
            witness.release()

    def tear_down(self):
        """Let go of everything, whatever state it is in."""
        self._patch.stop()
        self.loop.set_exception_handler(lambda loop, context: None)
        self.state = "over"
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
