"""Any object as plain values that JSON can hold, whatever the object's own methods do.

The encoder's own renderings are kept: dates in ISO 8601, `Decimal` and `UUID` as text, bytes in
Base64, an `Enum` as its value, dataclasses, attrs classes and structs as objects.  Beyond those,
an object is its `str`, a key its text, and what cannot be had is named in angle brackets.
"""

from __future__ import annotations

import base64
import math
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from ..tracebacks import type_name
from .cutting import MAX_FIELD, cut_mark

MAX_DEPTH = 16
"""Containers within containers that are written; what lies deeper is a mark."""
MAX_NODES = 10_000
"""Values written of one attribute, whatever containers they lie in."""
MAX_TEXT = 16_384
"""Characters kept of the `str` of a foreign object, and digits of a number in hexadecimal."""

CYCLE = "<cycle>"
TOO_DEEP = "<too deep>"
MORE = "<more>"

_NAME_OF_TYPE: Callable[[type], str] = type.__dict__["__name__"].__get__
_ENCODED = (datetime, date, time, timedelta, Decimal, UUID)
"""Kinds that msgspec writes as text."""
SCALARS = frozenset({type(None), bool, int, float, str, *_ENCODED})
"""Exact types that the encoder writes as one value."""


def unrenderable(value: object) -> str:
    """Return what stands for *value* where rendering it failed."""
    return f"<unrenderable: {_NAME_OF_TYPE(type(value))}>"


def is_tidy(value: object, depth: int = MAX_DEPTH) -> bool:
    """Tell whether *value* is of exact built-in types, not too deep, with names for keys.

    The encoder writes other values as well, but may write a key twice, or too much.
    """
    kind = type(value)
    items: Iterable[object]
    if kind is dict:
        if not _NAMES.issuperset(map(type, value)):  # type: ignore[call-overload]
            return False
        items = value.values()  # type: ignore[attr-defined]
    elif kind is list or kind is tuple:
        items = value  # type: ignore[assignment]
    else:
        return kind in SCALARS
    if len(value) > MAX_NODES or depth == 0:  # type: ignore[arg-type]
        return False
    return SCALARS.issuperset(map(type, items)) or all(is_tidy(one, depth - 1) for one in items)


_NAMES = frozenset({str})


def jsonable(value: object, *, nonfinite: str = "null") -> Any:
    """Return *value* as dicts with text keys, lists, text, numbers, booleans and None.

    Never raises, and never iterates over what has no end.

    Args:
        value: anything.
        nonfinite: `null` makes NaN and the infinities None, `string` makes them text.
    """
    return _Conversion(nonfinite).convert(value, 0)


class _Conversion:
    """One conversion: how many values it has written, and which containers it is inside of."""

    def __init__(self, nonfinite: str) -> None:
        self._nonfinite = nonfinite
        self._nodes = 0
        self._inside: set[int] = set()

    def convert(self, value: object, depth: int) -> Any:
        """Return *value*, found *depth* containers deep, as JSON's own types."""
        self._nodes += 1
        try:
            if isinstance(value, msgspec.Raw):
                value = _decoded(value)
            parts = _parts(value)
            return self._scalar(value) if parts is None else self._container(value, parts, depth)
        except Exception:  # noqa: BLE001 - an object's own methods may do anything
            return unrenderable(value)

    def _container(self, value: object, parts: _Parts, depth: int) -> Any:
        if id(value) in self._inside:
            return CYCLE
        if depth >= MAX_DEPTH:
            return TOO_DEEP
        self._inside.add(id(value))
        try:
            if isinstance(parts, _Pairs):
                return self._object(parts, depth + 1)
            return self._array(parts, depth + 1)
        finally:
            self._inside.discard(id(value))

    def _array(self, items: Iterable[object], depth: int) -> list[Any]:
        out: list[Any] = []
        for item in items:
            if self._nodes >= MAX_NODES:
                out.append(MORE)
                break
            out.append(self.convert(item, depth))
        return out

    def _object(self, pairs: _Pairs, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, item in pairs.all():
            name = key_text(key)
            while name in out:
                name += "_"
            if self._nodes >= MAX_NODES:
                out[name] = MORE
                break
            out[name] = self.convert(item, depth)
        return out

    def _scalar(self, value: object) -> Any:
        if value is None or value is True or value is False:
            return value
        if isinstance(value, Enum):
            return self._scalar(_of_enum(value))
        if isinstance(value, str):
            return encodable(_cut(value))
        if isinstance(value, int):
            return _whole(value)
        if isinstance(value, float):
            return self._number(float.__float__(value))
        return _text(value)

    def _number(self, value: float) -> float | str | None:
        if math.isfinite(value):
            return value
        return None if self._nonfinite == "null" else nonfinite_name(value)


def nonfinite_name(value: float) -> str:
    """Return the name that JavaScript has for NaN or an infinity."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


class _Pairs:
    """The members of a container that becomes a JSON object."""

    def __init__(self, pairs: Iterable[tuple[object, object]]) -> None:
        self._pairs = pairs

    def all(self) -> Iterator[tuple[object, object]]:
        return iter(self._pairs)


_Parts = _Pairs | Iterable[object]
_ITERATORS: dict[type, Callable[[Any], Iterator[object]]] = {
    kind: kind.__iter__ for kind in (list, tuple, set, frozenset, deque)
}


def _parts(value: object) -> _Parts | None:
    """Return what lies in *value*, None if it is no container that may be looked into.

    The methods called are those of the built-in types themselves, not of their subclasses.
    """
    if isinstance(value, dict):
        return _Pairs(dict.items(value))
    if isinstance(value, types.MappingProxyType):
        return _Pairs(value.items())
    for kind, iterate in _ITERATORS.items():
        if isinstance(value, kind):
            return iterate(value)
    names = _field_names(value)
    return None if names is None else _Pairs(_fields(value, names))


def _field_names(value: object) -> tuple[str, ...] | None:
    """Return the names of the fields of a struct, a dataclass or an attrs object."""
    kind = type(value)
    if isinstance(value, msgspec.Struct):
        return kind.__struct_fields__  # type: ignore[attr-defined, no-any-return]
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    attributes = getattr(kind, "__attrs_attrs__", ())
    return tuple(one.name for one in attributes) or None


def _fields(value: object, names: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    for name in names:
        try:
            yield name, getattr(value, name)
        except Exception as error:  # noqa: BLE001 - a property, or a slot never filled
            yield name, unrenderable(error)


def _of_enum(member: Enum) -> str | float:
    """Return the value of *member* if that is text or a number, else its name."""
    inner = member._value_
    return inner if isinstance(inner, (str, int, float)) else member._name_


def _decoded(raw: msgspec.Raw) -> Any:
    """Return what *raw*, JSON made by someone else, stands for; its text if it is not JSON."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return bytes(raw).decode("utf-8", "backslashreplace")


def _text(value: object) -> str:
    """Return the text of a value that JSON has no type for."""
    if type(value) in _ENCODED:
        return encodable(str(msgspec.to_builtins(value)))
    if isinstance(value, (date, time)):
        return encodable(value.isoformat())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, BaseException):
        text = str(value)
        name = type_name(type(value))
        return encodable((f"{name}: {text}" if text else name)[:MAX_TEXT])
    return encodable(str.__getitem__(str(value), slice(MAX_TEXT)))


def _whole(value: int) -> int | str:
    """Return *value* exactly; in hexadecimal where decimal would take more digits than allowed."""
    plain = int.__int__(value)
    try:
        str(plain)
    except ValueError:  # more digits than `sys.set_int_max_str_digits` allows
        return _hexadecimal(plain)
    return plain


def _hexadecimal(plain: int) -> str:
    digits = f"{plain:#x}"
    if len(digits) <= MAX_TEXT:
        return digits
    return f"{digits[:MAX_TEXT]}<{plain.bit_length():,} bits>"


def key_text(key: object) -> str:
    """Return the text of a member's key."""
    try:
        if isinstance(key, Enum):
            key = _of_enum(key)
        if isinstance(key, str):
            return encodable(key)
        if key is None or isinstance(key, bool):
            return {None: "null", True: "true", False: "false"}[key]
        if isinstance(key, bytes):
            return key.decode("utf-8", "backslashreplace")
        return str(_whole(key)) if isinstance(key, int) else _text(key)
    except Exception:  # noqa: BLE001 - see convert
        return unrenderable(key)


def _cut(text: str) -> str:
    """Return the beginning of a text that is too long, and how long it was."""
    mark = cut_mark(text)
    return f"{str.__getitem__(text, slice(MAX_FIELD))}{mark}" if mark else text


def encodable(text: str) -> str:
    r"""Return *text* as an exact `str` that UTF-8 can encode: a lone surrogate becomes `\udXXX`."""
    plain = str.__str__(text)
    if plain.isascii():
        return plain
    return plain.encode("utf-8", "backslashreplace").decode("utf-8")
