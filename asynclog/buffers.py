"""Where lines wait for their label's turn, and what to do when too many do.  No asyncio here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from .levels import parse_level

if TYPE_CHECKING:
    from .records import Record


class Overflow(msgspec.Struct, frozen=True):
    """What happens to a line that finds no room, in a logger or in one of its handlers.

    - `Overflow.WAIT`: the caller waits, without blocking the loop; nothing is lost.  The default.
    - `Overflow.DROP_NEWEST`: the new line is dropped.
    - `Overflow.DROP_OLDEST`: the line that has waited longest is dropped, and the new one taken.
    - `Overflow.DROP_BELOW("WARNING")`: a new line below that level is dropped, others wait.

    What is dropped is counted by cause and level, and announced in the stream as soon as there is
    room.  In a handler, to wait means that the line counts against the logger's own capacity, so
    that the logger's policy decides.
    """

    name: str
    level: int | None = None
    """For DROP_BELOW: lines below it are dropped, the others wait."""

    WAIT: ClassVar[Overflow]
    """The caller waits, without blocking the loop; nothing is lost."""
    DROP_NEWEST: ClassVar[Overflow]
    """The new line is dropped, and counted."""
    DROP_OLDEST: ClassVar[Overflow]
    """The line that has waited longest is dropped, and counted."""

    @classmethod
    def DROP_BELOW(cls, level: int | str) -> Overflow:  # noqa: N802 - one of the policies
        """Drop new lines below *level*, and count them; let the others wait.

        Raises:
            ValueError: *level* is neither a number nor a name.
        """
        return cls("DROP_BELOW", int(parse_level(level)))

    def waits(self, level: int) -> bool:
        """Whether a line of *level* waits for room rather than being dropped."""
        return self == Overflow.WAIT or (self.level is not None and level >= self.level)


Overflow.WAIT = Overflow("WAIT")
Overflow.DROP_NEWEST = Overflow("DROP_NEWEST")
Overflow.DROP_OLDEST = Overflow("DROP_OLDEST")


class LabelBuffer:
    """The lines of one label that have not gone out yet, in order of arrival.

    Touched by the loop's thread alone; a signal handler or a finaliser may log at any moment,
    which is why `take` exchanges the list in one step.
    """

    __slots__ = ("__weakref__", "attention", "label", "lines")

    def __init__(self, label: str) -> None:
        self.label = label
        self.lines: list[Record] = []
        self.attention = 1
        """How many lines there must be for the collector to look after the buffer."""

    def take(self) -> list[Record]:
        """Return all lines and start anew.

        The new list exists before the exchange: were it made in between, a garbage collection
        that it sets off could run code that logs to the list just read.
        """
        fresh: list[Record] = []
        taken, self.lines = self.lines, fresh
        self.attention = 1
        return taken

    def __repr__(self) -> str:
        return f"LabelBuffer({self.label!r}, lines={len(self.lines)})"
