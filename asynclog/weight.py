"""How much of the capacity a line takes: it bounds memory, so what is kept of a line is weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .records import Record
    from .tracebacks import ExceptionInfo

UNIT = 1024
"""Characters that one place in the capacity holds; a line that keeps more takes several."""
SHORT = 128
"""Beside the message, texts of up to so many characters weigh nothing: every line has some."""
FEW = 16
"""Values beyond so many, in one place, weigh `SHORT` each, whatever they are."""
FRAME = 128
"""What a frame of a traceback weighs."""
MAX_DEPTH = 16
"""Containers nested deeper than this are not kept by the line, and weigh nothing."""
_WEIGHTLESS = frozenset({int, float, bool, type(None)})
_CONTAINERS = frozenset({list, tuple, set, dict})


def is_light(attributes: dict[str, Any]) -> bool:
    """Whether *attributes* weigh nothing, at a glance."""
    for value in attributes.values():
        kind = type(value)
        if kind is str or kind is bytes:
            if len(value) > SHORT:
                return False
        elif kind not in _WEIGHTLESS:
            return False
    return len(attributes) <= FEW


def places_of(record: Record) -> int:
    """Return how many places of the capacity *record* takes."""
    return -(-weight_of(record) // UNIT) or 1


def weight_of(record: Record) -> int:
    """Return the characters that *record* keeps, as far as they count; never raises."""
    weight = len(record.message) + beyond_short(record.label)
    if record.template is not None:
        weight += beyond_short(record.template)
    if record.attributes is not None:
        weight += _weight_of_attributes(record.attributes)
    if record.exception is not None:
        weight += _weight_of_exception(record.exception)
    return weight


def beyond_short(text: str) -> int:
    """Return the length of *text*, or 0 if it is short."""
    length = len(text)
    return length if length > SHORT else 0


def _weight_of_attributes(attributes: dict[str, Any]) -> int:
    try:
        return 0 if is_light(attributes) else _weight_of_mapping(attributes, MAX_DEPTH, set())
    except Exception:  # noqa: BLE001 - a type's own code, or another thread that changes a value
        return 0


def _weight_of_mapping(mapping: Mapping[Any, Any], depth: int, seen: set[int]) -> int:
    return sum(_weight_of_values(part, depth, seen) for part in (mapping, mapping.values()))


def _weight_of_values(values: Iterable[Any], depth: int, seen: set[int]) -> int:
    count = weight = 0
    for value in values:
        count += 1
        weight += _weight_of_value(value, depth, seen)
    return weight + max(0, count - FEW) * SHORT


def _weight_of_value(value: Any, depth: int, seen: set[int]) -> int:
    """Weigh texts and plain containers; all else belongs to the program, or is small."""
    kind = type(value)
    for text in (str, bytes, bytearray):
        if issubclass(kind, text):
            length = text.__len__(value)  # not what a subclass says
            return length if length > SHORT else 0
    if kind not in _CONTAINERS or not depth or id(value) in seen:
        return 0
    seen.add(id(value))
    weigh = _weight_of_mapping if kind is dict else _weight_of_values
    return weigh(value, depth - 1, seen)


def _weight_of_exception(info: ExceptionInfo) -> int:
    related = (one for one in (info.cause, info.context, *info.members) if one is not None)
    texts = len(info.message) + sum(map(len, info.notes))
    return texts + FRAME * len(info.frames) + sum(map(_weight_of_exception, related))
