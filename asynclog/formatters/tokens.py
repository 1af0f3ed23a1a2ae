"""What a pattern consists of, once it is parsed."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from .specs import Spec


class Text(msgspec.Struct, frozen=True):
    """Text of the pattern itself."""

    text: str


class Field(msgspec.Struct, frozen=True):
    """A part that asynclog knows of every record."""

    source: str
    """Which one, as `asynclog.formatters.fields` calls it: `thread.name`."""
    spec: Spec = Spec()
    default: str | None = None
    """What stands for it where the record has none; None for the usual."""
    prefix: str = ""
    """Printed before it, unless the default is."""
    suffix: str = ""
    """Printed behind it, unless the default is."""


class Timestamp(msgspec.Struct, frozen=True):
    """The record's time as a date."""

    date: str
    """In the language of `strftime`, with fractions of a second: `%f`, `%3f`, `%9f`."""
    local: bool = False
    """Whether in local time rather than in UTC."""
    spec: Spec = Spec()


class Attribute(msgspec.Struct, frozen=True):
    """An attribute of the record."""

    name: str
    spec: Spec = Spec()
    default: str | None = None
    """What stands for a missing one; None where it is required."""
    prefix: str = ""
    """Printed before it, unless the default is."""
    suffix: str = ""
    """Printed behind it, unless the default is."""


class Name(msgspec.Struct, frozen=True):
    """The name of an attribute, in a leftover's own pattern."""

    spec: Spec = Spec()


class Value(msgspec.Struct, frozen=True):
    """The value of an attribute, in a leftover's own pattern."""

    spec: Spec = Spec()


Part: TypeAlias = "Text | Name | Value"


class Leftover(msgspec.Struct, frozen=True):
    """All attributes of the record, one after the other."""

    parts: tuple[Part, ...] = (Name(), Text(": "), Value())
    """How each is written."""
    separator: str = ", "
    prefix: str = ""
    """Printed before the first, if there is any."""
    suffix: str = ""
    """Printed behind the last, if there is any."""
    spec: Spec = Spec()
    """Of the whole."""
    unique: bool = False
    """Whether an attribute that another one hides is left out."""


Token: TypeAlias = "Text | Field | Timestamp | Attribute | Leftover"  # noqa: S105 - a word of parsing
