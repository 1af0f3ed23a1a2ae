"""Every error that asynclog raises, in one tree.

AsynclogError
 ├── LoggerClosed      a line was sent after `aclose()`, or a flush asked for in a forked child
 ├── LoggerNotOpen     a line was sent before `async with` opened the logger
 ├── FlushError        `flush()` could not bring every line into every sink
 ├── SinkError         a sink could not write; raised by sinks, never seen by the caller of `log()`
 ├── SinkGone          a sink can never write again, as a pipe whose reader has left
 ├── PatternError      a formatter's pattern or option cannot be used
 ├── ConfigError       a configuration cannot be used; it tells every mistake at once
 ├── ServerError       the server of central events did not do what it was asked
 ├── StoreError        a store of events could not do what it was asked; trying again may help
 │    └── StoreUnusable   it will never do: a wrong password, a file that is no database
 └── EventError        a payload is no event
"""

from __future__ import annotations

from typing import NamedTuple


class AsynclogError(Exception):
    """The root of asynclog's own errors."""


class LoggerClosed(AsynclogError, RuntimeError):  # noqa: N818 - a state, named as users know it
    """The logger no longer takes lines."""


class LoggerNotOpen(AsynclogError, RuntimeError):  # noqa: N818 - a state, named as users know it
    """The logger does not take lines yet."""

    def __init__(self, what: str) -> None:
        super().__init__(what)  # the arguments as they are, so that a copy can be made of them

    def __str__(self) -> str:
        return f"{self.args[0]} is not open: use `async with` (or `await open()`) first"


class SinkFailure(NamedTuple):
    """What one sink did not write, as far as a flush can tell."""

    sink: str
    """The sink's `repr`, without secrets."""
    lines: int
    """Lines that this sink has not written; they are kept, or were counted as dropped."""
    reason: str
    """One line: the type and text of the last error."""


class FlushError(AsynclogError):
    """At least one sink does not hold all the lines that were sent before the flush."""

    def __init__(self, failures: tuple[SinkFailure, ...]) -> None:
        super().__init__(failures)
        self.failures = failures
        """One entry for each sink that failed."""

    def __str__(self) -> str:
        return "; ".join(
            f"{f.lines:,} {'line' if f.lines == 1 else 'lines'} not in {f.sink}: {f.reason}"
            for f in self.failures
        )


class SinkError(AsynclogError):
    """A sink could not write (all of) a batch; writing it again later may help.

    Args:
        reason: one line about what happened, without text of the lines themselves.
        written: how many lines, from the first of the batch on, are safely written all the same.
        lost: how many lines, from the first behind those on, can never be written, such as one that
            is longer than a datagram; they are counted and told of, and the rest is tried at once.
        kept: whether the lines that a flush is about are where a later process finds them, so that
            a logger that closes need not try the flush again.
    """

    def __init__(self, reason: str, *, written: int = 0, lost: int = 0, kept: bool = False) -> None:
        super().__init__(reason)
        self.written = written
        self.lost = lost
        self.kept = kept


class SinkGone(AsynclogError):  # noqa: N818 - a state, as its kin above
    """A sink can never write again; trying again does not help, so its lines are given up."""


class ServerError(AsynclogError):
    """The server of central events did not do, or did not say that it did, what it was asked.

    Args:
        code: the first word of the server's answer, as `LOADING`; `CONNECTION` or `TIMEOUT` where
            there was none, and the command may have been carried out.
        reason: one line, without secrets and without anything of the events.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class EventError(AsynclogError, ValueError):
    """A payload is no event: it is damaged, or a stranger wrote it."""


class PatternError(AsynclogError, ValueError):
    """A pattern cannot be used.

    Args:
        reason: the fact, the offending part, and what is allowed, in one line.
        pattern: the whole pattern.
        position: index into *pattern* of the first character that is wrong.
    """

    def __init__(self, reason: str, pattern: str, position: int) -> None:
        super().__init__(reason, pattern, position)
        self.reason = reason
        self.pattern = pattern
        self.position = position

    def __str__(self) -> str:
        indent = " " * (4 + _column(self.pattern, self.position))
        return f"{self.reason}\n    {self.pattern!r}\n{indent}^"


class StoreError(AsynclogError):
    """A store of events could not do what it was asked; trying again later may help.

    Args:
        place: which store, without secrets.
        reason: one line, without the content of events.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class StoreUnusable(StoreError):  # noqa: N818 - a state, as its kin above
    """A store will never do what it is asked; trying again does not help."""


class ConfigProblem(NamedTuple):
    """One mistake in a configuration."""

    path: str
    """The way to the value, such as `root[0].sinks[1].port`; empty for the file as a whole."""
    reason: str
    """The fact, the value, what is allowed, and how to mend it, in one line, without secrets."""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class ConfigError(AsynclogError, ValueError):
    """A configuration cannot be used.

    Args:
        source: the file; for a mapping, what stands for it.
        problems: every mistake that was found; at least one.
    """

    def __init__(self, source: str, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(source, problems)
        self.source = source
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(f"{self.source}: {problem}" for problem in self.problems)


def _column(pattern: str, position: int) -> int:
    """Return the column of *position* in `repr(pattern)`, where characters may take several.

    Quotes are counted apart: how `repr` writes them depends on the whole pattern, not on the part
    before *position*.
    """
    before = pattern[:position]
    quotes = before.count("'")
    escaped = "'" in pattern and '"' in pattern
    return len(repr(before.replace("'", ""))) - 1 + quotes * (2 if escaped else 1)
