"""Values of attributes as text that stays on its line, whatever the values' own methods do."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from ..tracebacks import type_name
from .cutting import MAX_FIELD, cut_mark
from .escaping import escape
from .jsonable import jsonable, unrenderable
from .sizes import format_iec, format_si

if TYPE_CHECKING:
    from .specs import Spec

Show: TypeAlias = Callable[[object], str]
"""Makes text of any value, and never raises."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Faults(msgspec.Struct):
    """What could not be printed as the pattern says, counted."""

    missing: int = 0
    """Attributes that a record did not have."""
    unrenderable: int = 0
    """Values whose own methods failed, or that the spec does not suit."""


def clean(text: str) -> str:
    """Return *text* escaped, and cut where it is longer than `MAX_FIELD`."""
    if type(text) is not str:
        text = str.__str__(text)  # a subclass may lie about its length
    return escape(text) if len(text) <= MAX_FIELD else f"{escape(text[:MAX_FIELD])}{cut_mark(text)}"


def show_plain(faults: Faults) -> Show:
    """Return what makes text of a value without a spec, counting in *faults* what fails."""

    def show(value: Any) -> str:
        kind = type(value)
        if kind is str:  # tested here, as it saves a call for most values
            return value if len(value) <= MAX_FIELD and value.isprintable() else clean(value)
        try:
            return _WORDS.get(kind, _foreign)(value)
        except Exception:  # noqa: BLE001 - an object's own methods may do anything
            if kind is int:  # more digits than Python converts
                return str(jsonable(value))
        faults.unrenderable += 1
        return escape(unrenderable(value))

    return show


def show_by(spec: Spec, faults: Faults) -> Show:
    """Return what makes text of a value by *spec*, counting in *faults* what fails.

    A number takes the spec as Python has it, and so do true and false where it names a type.
    Text, `none`, `true` and `false` otherwise, and whatever has no format of its own take it as
    text.
    """
    plain = show_plain(faults)
    if not spec.text:
        return plain
    number, text = _number_by(spec), spec.text

    def show(value: Any) -> str:
        kind = type(value)
        try:
            return number(value) if kind is int or kind is float else by_type(value, kind)
        except Exception:  # noqa: BLE001 - an object's own methods may do anything
            if spec.type == "s" and kind not in _PLAIN:  # a Decimal, which its mark would not show
                return format(plain(value), text)
        faults.unrenderable += 1
        if kind in _PLAIN:
            return f"<unrenderable: {kind.__name__} as {text!r}: {plain(value)}>"
        return escape(unrenderable(value))

    def by_type(value: Any, kind: Any) -> str:
        if kind is bool:
            counted = number(int(value))  # refuses what no whole number takes, such as a precision
            if spec.counts_booleans:
                return counted
        if kind in _PLAIN or kind.__format__ is object.__format__:
            return format(plain(value), text)
        return clean(format(value, text))

    return show


def default_text(default: str, spec: Spec) -> str:
    """Return what stands for a missing value: *default* by *spec*, as far as it suits.

    A default that reads as a number is formatted as one.  Text where the spec wants a number is
    only padded.
    """
    if not spec.text:
        return default
    attempts: list[Callable[[], str]] = [lambda: format(default, spec.text)]
    if _NUMBER.fullmatch(default):
        read = int if default.lstrip("+-").isdigit() else float
        attempts.insert(0, lambda: _number_by(spec)(read(default)))
    for attempt in attempts:
        with suppress(ValueError, OverflowError):
            return attempt()
    return format(default, spec.padding)


def _number_by(spec: Spec) -> Callable[[float], str]:
    if spec.is_size:
        size = format_si if spec.type == "si" else format_iec
        padding = spec.padding if spec.align else f">{spec.padding}"
        return lambda value: format(size(value), padding)
    text = spec.text
    if spec.type == "c":  # any character, so a line break too
        return lambda value: escape(format(value, text))
    return f"{{:{text}}}".format  # a spec has no braces, and this is one call less


def _contained(value: object) -> str:
    return clean(str(jsonable(value, nonfinite="string")))


def _foreign(value: object) -> str:
    text = str(value)
    if isinstance(value, BaseException):
        text = f"{type_name(type(value))}: {text}"
    return clean(text)


_WORDS: dict[type, Callable[[Any], str]] = {
    int: repr,
    float: repr,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "none",
    bytes: lambda value: clean(repr(value)),
    **dict.fromkeys((dict, list, tuple, set, frozenset), _contained),
}
"""How values of exact types are printed without a spec."""
