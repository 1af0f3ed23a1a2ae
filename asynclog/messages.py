"""The text of a line, made of whatever the caller gave.  Nothing here raises."""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter as _TemplateParser
from typing import TYPE_CHECKING, Any, NamedTuple

from .typenames import short_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_WIDTH = 9_999
"""The widest padding and precision that a template may ask for, in characters."""
MAX_REMEMBERED = 1_024
"""The longest template, in characters, that is examined once and for all."""
_TOO_WIDE = f"width above {MAX_WIDTH}"
_MAX_WIDTH_DIGITS = len(str(MAX_WIDTH))
_NUMBER = re.compile(r"\d+")


def text_of(value: object) -> str:
    """Return `str(value)` as an exact `str`, or a mark where that cannot be had."""
    try:
        if isinstance(value, str):
            return str.__str__(value)  # a subclass may have a __str__ of its own
        text = str(value)
    except Exception:  # noqa: BLE001 - whatever a foreign __str__ does, the record is kept
        return f"<unrenderable: {short_name(type(value))}>"
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
    if callable(message):
        message = _called(message)
    text = text_of(message)
    if not args:
        return text, None
    return _filled(text, args, attributes), text


def _called(message: Callable[[], object]) -> object:
    try:
        return message()
    except Exception as error:  # noqa: BLE001 - a lazy message may fail as any code may
        return f"<unrenderable: {short_name(type(error))} in a lazy message>"


def _filled(template: str, args: tuple[object, ...], attributes: Mapping[str, Any]) -> str:
    plan = (_plan if len(template) <= MAX_REMEMBERED else _plan.__wrapped__)(template)
    fault = plan.fault or _missing(plan, args, attributes)
    if fault is None:
        try:
            return _format(template, plan, args, attributes) + _surplus(args[plan.positions :])
        except _TooWideError:
            fault = _TOO_WIDE
        except Exception as error:  # noqa: BLE001 - arguments may be anything
            fault = f"cannot be filled in: {short_name(type(error))}"
    rest = ", ".join(_short(argument) for argument in args)
    return f"{template} <{fault}; arguments: {rest}>"


def _format(
    template: str, plan: _Plan, args: tuple[object, ...], attributes: Mapping[str, Any]
) -> str:
    if plan.nested:
        return str.__str__(_Bounded().vformat(template, args, attributes))
    return str.__str__(template.format(*args, **attributes))


def _surplus(args: tuple[object, ...]) -> str:
    """Show arguments for which there is no field, as behind a `%s`, which is none here."""
    return f" <not in the template: {', '.join(map(_short, args))}>" if args else ""


class _Plan(NamedTuple):
    """What there is to know of a template before it is filled in."""

    fault: str | None = None
    """Why it must not be filled in; None where it may."""
    positions: int = 0
    """Positional arguments that it needs."""
    names: tuple[str, ...] = ()
    """Attributes that it needs."""
    nested: bool = False
    """Whether there are fields within fields, as in `{:>{width}}`."""


@lru_cache(maxsize=1024)
def _plan(template: str) -> _Plan:
    """Look through *template*.

    `str.format` would follow attributes and indexes into any object, and pad to any width; a
    template that came from outside by mistake must not be able to ask for that.
    """
    try:
        outer = _fields(template)
        inner = [field for _, spec in outer for field in _fields(spec)]
        if any(_fields(spec) for _, spec in inner):
            return _Plan("fields three levels deep")
    except ValueError as error:
        return _Plan(str(error).lower())
    fields = [name for name, _ in outer + inner]
    for name in fields:
        if not (name == "" or _is_number(name) or name.isidentifier()):
            return _Plan(f"field {name!r}: only a number or a plain name is allowed")
    if any(_too_wide(spec) for _, spec in outer):
        return _Plan(_TOO_WIDE)
    highest = max((int(name) for name in fields if _is_number(name)), default=-1)
    names = tuple(name for name in fields if name.isidentifier())
    return _Plan(None, max(fields.count(""), highest + 1), names, bool(inner))


def _fields(template: str) -> list[tuple[str, str]]:
    """Return name and format of each field of *template*."""
    parsed = _TemplateParser().parse(template)
    return [(name, spec or "") for _, name, spec, _ in parsed if name is not None]


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) <= _MAX_WIDTH_DIGITS


def _missing(plan: _Plan, args: tuple[object, ...], attributes: Mapping[str, Any]) -> str | None:
    if len(args) < plan.positions:
        return "too few arguments"
    return next((f"no argument {name!r}" for name in plan.names if name not in attributes), None)


def _too_wide(spec: str) -> bool:
    return any(len(number) > _MAX_WIDTH_DIGITS for number in _NUMBER.findall(spec))


class _TooWideError(Exception):
    """An argument asks for more width than is allowed."""


class _Bounded(_TemplateParser):
    """Fills in a template whose widths come from arguments, and so are known only now."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if _too_wide(format_spec):
            raise _TooWideError
        return format(value, format_spec)


def _short(argument: object) -> str:
    try:
        return str.__str__(repr(argument))[:200]
    except Exception:  # noqa: BLE001 - see text_of
        return f"<unrenderable: {short_name(type(argument))}>"
