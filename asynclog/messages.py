"""The text of a line, made of whatever the caller gave.  Nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from string import Formatter as _TemplateParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WIDTH = 9_999
"""The widest padding and precision that a template may ask for, in characters."""
_MAX_WIDTH_DIGITS = len(str(MAX_WIDTH))
_NUMBER = re.compile(r"\d+")


def text_of(value: object) -> str:
    """Return `str(value)` as an exact `str`, or a mark where that cannot be had."""
    try:
        if isinstance(value, str):
            return str.__str__(value)  # a subclass may have a __str__ of its own
        text = str(value)
    except Exception:  # noqa: BLE001 - whatever a foreign __str__ does, the record is kept
        return f"<unrenderable: {type(value).__name__}>"
    return str.__str__(text)


def render(
    message: object, args: tuple[object, ...], attributes: Mapping[str, Any]
) -> tuple[str, str | None]:
    """Return the text of a line and its template.

    A message is a template only where arguments follow it: text that came from a user is safe as
    the message itself.  Named fields of a template are looked up in the call's attributes.

    Args:
        message: the text, or a callable without parameters that returns it.
        args: the template's positional arguments.
        attributes: the call's own attributes.
    """
    if isinstance(message, Callable):  # type: ignore[arg-type]
        message = _called(message)  # type: ignore[arg-type]
    text = text_of(message)
    if not args:
        return text, None
    return _filled(text, args, attributes), text


def _called(message: Callable[[], object]) -> object:
    try:
        return message()
    except Exception as error:  # noqa: BLE001 - a lazy message may fail as any code may
        return f"<unrenderable: {type(error).__name__} in a lazy message>"


def _filled(template: str, args: tuple[object, ...], attributes: Mapping[str, Any]) -> str:
    fault = _fault(template)
    if fault is None:
        try:
            return template.format(*args, **attributes)
        except Exception as error:  # noqa: BLE001 - arguments may be anything
            fault = _reason(error)
    rest = ", ".join(_short(argument) for argument in args)
    return f"{template} <{fault}; arguments: {rest}>"


@lru_cache(maxsize=1024)
def _fault(template: str) -> str | None:
    """Tell why *template* must not be filled in, or None where it may.

    `str.format` would follow attributes and indexes into any object, and pad to any width; a
    template that came from outside by mistake must not be able to ask for that.
    """
    try:
        fields = list(_TemplateParser().parse(template))
    except ValueError as error:
        return str(error).lower()
    for _, name, spec, _ in fields:
        if name is None:
            continue
        if not (name == "" or name.isdecimal() or name.isidentifier()):
            return f"field {name!r}: only a number or a plain name is allowed"
        if any(len(n) > _MAX_WIDTH_DIGITS for n in _NUMBER.findall(spec or "")):
            return f"width above {MAX_WIDTH}"
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "too few arguments"
    if isinstance(error, KeyError):
        return f"no argument {error.args[0]!r}"
    return f"cannot be filled in: {type(error).__name__}"


def _short(argument: object) -> str:
    try:
        return str.__str__(repr(argument))[:200]
    except Exception:  # noqa: BLE001 - see text_of
        return f"<unrenderable: {type(argument).__name__}>"
