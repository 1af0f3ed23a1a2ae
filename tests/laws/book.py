"""What the program knows of the lines it logged, without looking into the logger."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

OWN_LABEL = "asynclog"
"""The label of the logger's own lines."""


@dataclass(eq=False)
class Line:
    """One call of `log`."""

    text: str
    label: str
    level: int
    producer: str
    began: int
    """Moment of the call; moments are numbered, and several have the same virtual time."""
    ended: int | None = None
    """Moment when the call, awaited if it was, came back; None until then."""
    at: float = 0.0
    """Virtual time of the same."""
    fate: str = "open"
    """`open` until the call came back, then one of:

    in: taken, and to be written.  out: known to have been dropped, and never to be written.
    either: taken or dropped, nobody can say.  refused: the call raised `LoggerClosed`.
    below: of a level that no handler wants, hence not even counted.
    lost: neither taken nor counted, for the caller was cancelled when the logger closed.
    """


@dataclass
class Book:
    """Every line that was logged."""

    lines: list[Line] = field(default_factory=list)
    by_text: dict[str, Line] = field(default_factory=dict)
    moments: count = field(default_factory=lambda: count(1))
    overflowed: int = 0
    """Moment of the last call during which the logger dropped something."""

    def begin(self, label, level, producer):
        """Return a line, as it is about to be logged."""
        began = next(self.moments)
        line = Line(f"{label}/{producer}/{began}", label, level, producer, began)
        self.lines.append(line)
        self.by_text[line.text] = line
        return line

    def end(self, line, fate, now):
        """Note that the call for *line* came back at virtual time *now*."""
        line.ended, line.fate, line.at = next(self.moments), fate, now

    def of(self, *fates):
        """Return the lines with one of these fates."""
        return [line for line in self.lines if line.fate in fates]
