"""The attributes of a record: looked up in order, and kept as they were at the call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

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


def snapshot(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a copy of *value* if it is a plain container, with what lies in it, else itself."""
    kind = type(value)
    if kind not in _CONTAINERS or depth == 0:
        return value
    if kind is dict:
        return {key: snapshot(item, depth - 1) for key, item in value.items()}
    if kind is bytearray or kind is set:
        return value.copy()
    return kind(snapshot(item, depth - 1) for item in value)


def exception_of(exc_info: object) -> ExceptionInfo | None:
    """Return the exception that the argument `exc_info` of a call means.

    Args:
        exc_info: an exception, a triple as from `sys.exc_info()`, any true value for the
            exception being handled, or a false one for none.
    """
    if isinstance(exc_info, tuple) and len(exc_info) == 3:  # noqa: PLR2004 - sys.exc_info()
        exc_info = exc_info[1]
    elif exc_info and not isinstance(exc_info, BaseException):
        exc_info = sys.exception()
    return capture(exc_info) if isinstance(exc_info, BaseException) else None
