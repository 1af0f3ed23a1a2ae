"""What the tests of a program see of its log; the plugin of pytest is made of this."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .. import current
from ..fallback import count_of
from ..formatters.default import default_formatter
from ..handlers.outputs import observers
from ..ledger import Cause
from ..levels import parse_level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..current import OpenEntry
    from ..records import Record

TIMEOUT = 5.0
"""Seconds that `wait_for` waits, unless told otherwise."""
PAUSE = 0.01
"""Seconds between two looks at what was logged."""


class Capture:
    """All lines that are logged while it watches, by whichever logger of asynclog, in any thread.

    Nothing need be set up for it, and nothing is changed by it: lines go their way as ever.  A line
    is seen as soon as it was logged; those that the logger's own filter refuses are seen only
    until then.
    """

    def __init__(self) -> None:
        self._dispatched: list[Record] = []
        self._cleared: dict[int, Record] = {}  # by identity; some may be dispatched only later
        self._loggers: dict[int, tuple[OpenEntry, dict[str, int]]] = {}
        self._level: int | None = None
        self._formatter = default_formatter()
        self._watching = False

    def start(self) -> None:
        """Begin to watch."""
        self._watching = True
        current.follow(self)
        observers.append(self._observe)
        self.changed()
        self.clear()

    def stop(self) -> None:
        """Watch no longer; what was seen can still be read."""
        self._dispatched = self.records
        self._watching = False
        observers.remove(self._observe)

    def _observe(self, records: list[Record]) -> None:
        self._dispatched += records

    def changed(self) -> None:
        """Watch loggers that have opened, too; see `current.Follower`."""
        for one in current.entries() if self._watching else ():
            if id(one) not in self._loggers:
                self._loggers[id(one)] = (one, one.statistics().dropped_by_cause)
                if self._level is not None:
                    one.override_level(self._level)

    @property
    def records(self) -> list[Record]:
        """The records, in the order of the calls."""
        open_now = current.entries() if self._watching else []
        waiting = [record for one in open_now for record in one.waiting()]
        seen = {id(record): record for record in [*self._dispatched, *waiting]}
        found = [record for key, record in seen.items() if key not in self._cleared]
        return sorted(found, key=lambda record: record.time_ns)

    @property
    def messages(self) -> list[str]:
        """The text of each record, without time, level, label and attributes."""
        return [record.message for record in self.records]

    @property
    def text(self) -> str:
        """All lines, in the form of the default formatter, each with a line break."""
        return "".join(f"{line}\n" for line in self._formatter.format_batch(self.records))

    def clear(self) -> None:
        """Forget what was logged so far."""
        self._cleared |= {id(record): record for record in self.records}

    @contextmanager
    def at_level(self, level: int | str) -> Iterator[None]:
        """Have all loggers take lines from *level* up inside the block, whatever their settings.

        Handlers and sinks still keep to their own levels.

        Raises:
            ValueError: *level* is neither a number nor a name.
        """
        before, self._level = self._level, parse_level(level)
        self._apply_level()
        try:
            yield
        finally:
            self._level = before
            self._apply_level()

    def _apply_level(self) -> None:
        for one, _ in self._loggers.values():
            one.override_level(self._level)

    async def wait_for(
        self,
        predicate: Callable[[Record], object],
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - as those who write tests expect it
    ) -> Record:
        """Wait until a record is logged that *predicate* holds for, and return the first such.

        Args:
            predicate: is given each record, also those that were logged before.
            timeout: seconds.

        Raises:
            AssertionError: there was none in time; the message shows what was logged instead.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            for record in self.records:
                if predicate(record):
                    return record
            if loop.time() >= deadline:
                shown = self.text or "nothing"
                raise AssertionError(f"no such line within {timeout:g} s, but:\n{shown}")
            await asyncio.sleep(PAUSE)

    def assert_nothing_dropped(self) -> None:
        """Check that no logger has lost a line; those that filters refuse are not lost.

        Raises:
            AssertionError: some were; the message counts them by cause.
        """
        lost: dict[str, int] = {}
        for one, before in self._loggers.values():
            for cause, count in one.statistics().dropped_by_cause.items():
                lost[cause] = lost.get(cause, 0) + count - before.get(cause, 0)
        lost.pop(Cause.FILTERED.value, None)
        causes = [f"{cause}: {count:,}" for cause, count in lost.items() if count]
        if causes:
            raise AssertionError(f"{count_of(sum(lost.values()))} dropped ({', '.join(causes)})")

    def __repr__(self) -> str:
        return f"Capture({count_of(len(self.records))})"


@contextmanager
def capturing() -> Iterator[Capture]:
    """Watch what is logged inside the block."""
    capture = Capture()
    capture.start()
    try:
        yield capture
    finally:
        capture.stop()
