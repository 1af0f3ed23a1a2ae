"""What an event dict says: a text, attributes, perhaps an exception and a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...attributes import exception_of
from ...levels import level_name
from ...messages import text_of
from .callers import stack

if TYPE_CHECKING:
    from ...tracebacks import ExceptionInfo

SPECIAL = frozenset({"exc_info", "level", "logger", "positional_args", "stack_info"})
"""Keys, beside `event`, that mean something to structlog, and so may not be attributes."""
_TEXT = frozenset({str})


def is_simple(event: dict[Any, Any]) -> bool:
    """Whether *event* has nothing but an event and attributes, under names that are text."""
    return _TEXT.issuperset(map(type, event)) and SPECIAL.isdisjoint(event)


def event_dict(event: Any, args: tuple[Any, ...], values: dict[str, Any]) -> dict[Any, Any]:
    """Return the arguments of a call as a chain would leave them; some render to bytes."""
    if isinstance(event, bytes | bytearray):
        event = event.decode("utf-8", "backslashreplace")
    if args:
        values["positional_args"] = args
    return values if event is None else {**values, "event": event}


class Parts(NamedTuple):
    """An event dict, taken apart."""

    text: str
    attributes: dict[str, Any]
    exception: ExceptionInfo | None


def parts_of(event: dict[Any, Any], level: int, label: str) -> Parts:
    """Take *event* apart, whatever it holds; never raises.

    Args:
        event: stays as it is.
        level: of the line.
        label: of the line.
    """
    attributes = {key if type(key) is str else text_of(key): event[key] for key in event}
    text = interpolated(attributes.pop("event", ""), attributes.pop("positional_args", ()))
    exception = exception_of(attributes.pop("exc_info", None))
    _put_stack(attributes)
    _drop_known(attributes, level, label)
    return Parts(text, attributes, exception)


def interpolated(message: object, args: object) -> str:
    """Return the text of a line; where arguments do not fit, they stand behind it."""
    text = text_of(message)
    if type(args) is not tuple or not args:
        return text
    try:
        return text_of(text % (args[0] if len(args) == 1 and type(args[0]) is dict else args))
    except Exception:  # noqa: BLE001 - arguments may be anything
        return f"{text} <arguments: {', '.join(map(text_of, args))}>"


def _put_stack(attributes: dict[str, Any]) -> None:
    """Put the stack in the place of the wish for it."""
    wanted = attributes.pop("stack_info", None)
    if type(wanted) is str:  # one who knows `logging` has it already
        attributes["stack"] = wanted
    elif wanted is True:
        attributes["stack"] = stack()


def _drop_known(attributes: dict[str, Any], level: int, label: str) -> None:
    """Remove what processors have added, but every line says anyway."""
    for key, known in (("level", level_name(level)), ("logger", label)):
        value = attributes.get(key)
        if type(value) is str and value.lower() == known.lower():
            del attributes[key]
