"""A template for one value, as the option `formatting` gives it: `<{:>8}>`."""

from __future__ import annotations

from string import Formatter
from typing import Any

from ..errors import PatternError
from .jsonable import jsonable
from .sizes import format_iec, format_si
from .specs import Spec, parse_spec

_WORDS = {None: "none", True: "true", False: "false"}
_NAMED = frozenset({bool, type(None)})
_PLAIN = _NAMED | {str, int, float}


class Template:
    """Text with holes, each of which shows the same value.

    Args:
        text: in the language of `str.format`, with `{}`, `{0}` and `{:spec}`, nothing else; may
            have no hole at all.
        option: the name of the option, for messages.

    Raises:
        PatternError: *text* is no such template.
    """

    def __init__(self, text: str, option: str = "formatting") -> None:
        self._text = text
        self._parts: list[tuple[str, Spec | None]] = []
        for literal, name, spec, conversion in _parsed(text, option):
            if name is None:
                self._parts.append((literal, None))
                continue
            if name not in ("", "0") or conversion:
                hole = f"{name}!{conversion}" if conversion else name
                raise _error(option, f"expected {{}}, {{0}} or {{:spec}}, got {{{hole}}}", text)
            try:
                self._parts.append((literal, parse_spec(spec or "")))
            except ValueError as error:
                raise _error(option, str(error), text, text.find(spec or "")) from None

    def fill(self, value: object) -> Any:
        """Return the text for *value*; a mark with it where the spec does not suit it.

        A value that takes no spec at all, as it knows only how to print itself, is returned.
        """
        try:
            return "".join(
                literal if spec is None else literal + _shown(value, spec)
                for literal, spec in self._parts
            )
        except Exception:  # noqa: BLE001 - a value's own methods may do anything
            kind = type(value)
        if kind not in _PLAIN:
            return value
        shown = _WORDS[value] if kind in _NAMED else jsonable(value, nonfinite="string")  # type: ignore[index]
        return f"<unrenderable: {kind.__name__} as {self._text!r}: {shown}>"


def _parsed(text: str, option: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(text))
    except ValueError as error:
        raise _error(option, str(error).lower(), text) from None


def _shown(value: Any, spec: Spec) -> str:
    if value is None and not spec.is_numeric:
        value = _WORDS[value]
    elif (value is True or value is False) and not spec.counts_booleans:
        format(value, spec.text)  # refuses what no whole number takes, such as a precision
        value = _WORDS[value]
    if spec.type in ("si", "iec"):
        size = (format_si if spec.type == "si" else format_iec)(value)
        return format(size, spec.padding)
    return format(value, spec.text)


def _error(option: str, reason: str, text: str, position: int = 0) -> PatternError:
    return PatternError(f"{option}: {reason}", text, max(position, 0))
