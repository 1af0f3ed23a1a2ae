"""What a configuration may say: frozen models, which know nothing of files.

A *part* is what has a `type` in the file: a handler, formatter, filter or sink.  The fields of its
model are the options beside `type`; a field whose type is a family of parts holds another part.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, TypeAlias

from msgspec import Meta, Struct

from ..buffers import Overflow
from ..levels import Level, parse_level
from ..units import parse_size

Build: TypeAlias = Callable[["Part"], Any]
"""Makes the running object of a part inside another, and knows where errors belong."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of the configuration."""

    def make(self, build: Build) -> Any:
        """Return the running object.

        Args:
            build: to be called for each part that this one holds.

        Raises:
            ValueError: an option cannot be used; the message may begin with its name and a colon.
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return names only: a value may be a secret that came from the environment."""
        return f"{type(self).__name__}({', '.join(self.__struct_fields__)})"


class FormatterPart(Part, frozen=True, kw_only=True):
    """Makes a `Formatter`."""

    FAMILY: ClassVar[str] = "formatter"


class FilterPart(Part, frozen=True, kw_only=True):
    """Makes a `Filter`."""

    FAMILY: ClassVar[str] = "filter"


class SinkPart(Part, frozen=True, kw_only=True):
    """Makes a `Sink`."""

    FAMILY: ClassVar[str] = "sink"

    filter: FilterPart | None = None
    """Keeps lines from this sink alone."""


class HandlerPart(Part, frozen=True, kw_only=True):
    """Makes a list of `Handler`."""

    FAMILY: ClassVar[str] = "handler"
    DEFAULT: ClassVar[str] = "blocking"


POLICIES = {
    "wait": Overflow.WAIT,
    "drop": Overflow.DROP_NEWEST,
    "drop_newest": Overflow.DROP_NEWEST,
    "drop_oldest": Overflow.DROP_OLDEST,
}
"""What may happen to a line that finds no room, as a file names it."""


def parse_overflow(value: str) -> Overflow:
    """Return the policy called *value*.

    Raises:
        ValueError: there is none of that name.
    """
    name, colon, level = value.partition(":")
    if name == "drop_below" and colon:
        return Overflow.DROP_BELOW(level.strip())
    if value not in POLICIES:
        raise ValueError(
            "expected one of "
            + ", ".join(f'"{one}"' for one in (*POLICIES, "drop_below:WARNING"))
            + f', got "{value:.60}"'
        )
    return POLICIES[value]


def check_finite(value: object) -> None:
    """Refuse infinity: nobody means it, and no clock knows it.

    Raises:
        ValueError: *value* is infinite.
    """
    if value == math.inf:
        raise ValueError(f"expected a finite number, got {value!r}")


ALL_LEVELS = -sys.maxsize
"""Below every level: Blackhole's severities may be negative."""
_LEVELS = f"a whole number or one of {', '.join(Level.__members__)}"

LevelName: TypeAlias = Annotated[int | str, Meta(extra={"check": parse_level, "words": _LEVELS})]
"""A number, or a name in any case."""
Size: TypeAlias = Annotated[
    int | str, Meta(extra={"check": parse_size, "words": 'bytes, such as 4096 or "10MB"'})
]
"""Bytes: a whole number, or one with a unit, as `"10MB"`."""
Count: TypeAlias = Annotated[int, Meta(ge=1)]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65_535)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, extra={"check": check_finite})]
SecondsOrZero: TypeAlias = Annotated[float, Meta(ge=0, extra={"check": check_finite})]
Glob: TypeAlias = Annotated[str, Meta(pattern=".", examples=["db.*"])]
"""Of labels."""
OverflowName: TypeAlias = Annotated[
    str,
    Meta(
        extra={
            "check": parse_overflow,
            "words": f"one of {', '.join(POLICIES)}, drop_below:LEVEL",
        }
    ),
]
"""What happens to a line that finds no room: one of `wait`, `drop` (the new one), `drop_oldest`,
`drop_below:LEVEL`."""


class Redaction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken out of records before a formatter sees them."""

    keys: tuple[str, ...] = ()
    """Names of attributes whose values are secret, beside the usual ones."""
    patterns: tuple[str, ...] = ()
    """Regular expressions of what is secret in texts, beside the usual ones."""
    defaults: bool = True
    """Whether the usual names and patterns hold too."""
    mask: str = "***"
    """What stands for a secret."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How lines are collected: the table `asynclog` of a configuration."""

    max_lines: Annotated[int, Meta(ge=0)] = 100
    """A label's lines go out when there are so many; 0: each at once."""
    max_age: SecondsOrZero = 5.0
    """A label's lines go out when the oldest is so many seconds old; 0: each at once."""
    capacity: Count = 65_536
    """Lines that may be buffered in all."""
    overflow: OverflowName = "wait"
    """What happens to a line that finds no room."""
    flush_level: LevelName | None = None
    """A line at or above this level sends its label's lines out at once."""
    level: LevelName | None = None
    """Lines below it go nowhere; a label that matches one of `levels` has its own."""
    levels: dict[Glob, LevelName] = {}
    """Levels by label: the keys are globs such as `db.*`; of several that match, the longest."""
    close_timeout: SecondsOrZero = 5.0
    """Seconds that closing may take."""
    filter: FilterPart | None = None
    """Keeps lines from all handlers."""
    redact: bool | Redaction = False
    """Whether secrets are taken out of all lines; an object says which."""


class Config(Struct, frozen=True):
    """A whole file."""

    settings: Settings
    """The table `asynclog`."""
    loggers: dict[str, tuple[HandlerPart, ...]]
    """Handlers by the name of their logger."""

    def __repr__(self) -> str:
        return f"Config({', '.join(self.loggers)})"
