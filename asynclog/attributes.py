"""The attributes of a record: looked up in order, and kept as they were at the call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

from .tracebacks import ExceptionInfo, capture

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH = 16
"""Containers nested deeper than this are kept by reference, not copied."""
_CONTAINERS = frozenset({list, dict, set, tuple, bytearray})


def combine(
    call: dict[str, Any], bound: Mapping[str, Any] | None, scope: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Merge three sources, nearest first: a name found in a nearer one hides the others.

    Containers are copied, so that a list changed after the call prints as it was at the call.
    """
    if call and not _CONTAINERS.isdisjoint(map(type, call.values())):
        call = {name: snapshot(value) for name, value in call.items()}
    if not bound and not scope:
        return call or None
    bound, scope = bound or {}, scope or {}
    return {**call, **bound, **scope, **bound, **call}


def snapshot(value: Any) -> Any:
    """Return a copy of *value* if it is a plain container, with what lies in it, else itself.

    It takes time in proportion to what there is, also where containers hold each other, and never
    raises: what cannot be copied is returned itself.
    """
    try:
        return _copy(value, MAX_DEPTH, {})
    except Exception:  # noqa: BLE001 - a key's own code, or another thread that changes *value*
        return value


def _copy(value: Any, depth: int, copies: dict[int, Any]) -> Any:
    """Copy *value*; *copies* holds what was copied before, by identity."""
    kind = type(value)
    if kind not in _CONTAINERS or depth == 0:
        return value
    if id(value) in copies:
        return copies[id(value)]
    copy: Any
    if kind is tuple:
        copy = tuple(_copy(item, depth - 1, copies) for item in value)
    else:
        copy = value.copy()
    copies[id(value)] = copy  # before what lies in it, which may hold *value* itself
    if kind is list:
        copy[:] = [_copy(item, depth - 1, copies) for item in copy]
    elif kind is dict:
        copy.update({key: _copy(item, depth - 1, copies) for key, item in copy.items()})
    return copy


def exception_of(exc_info: object) -> ExceptionInfo | None:
    """Return the exception that the argument `exc_info` of a call means.

    Args:
        exc_info: an exception, a triple as from `sys.exc_info()`, any true value for the
            exception being handled, or a false one for none.
    """
    if type(exc_info) is tuple and len(exc_info) == 3:  # noqa: PLR2004 - sys.exc_info()
        exc_info = exc_info[1]
    elif not _is_exception(exc_info) and _is_true(exc_info):
        exc_info = sys.exception()
    return capture(exc_info) if _is_exception(exc_info) else None


def _is_exception(value: object) -> TypeGuard[BaseException]:
    """Whether *value* is an exception, whatever its class says of itself."""
    return issubclass(type(value), BaseException)


def _is_true(value: object) -> bool:
    try:
        return bool(value)
    except Exception:  # noqa: BLE001 - a foreign __bool__ may do anything
        return False
