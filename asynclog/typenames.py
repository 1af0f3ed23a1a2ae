"""The name of a type, had without running any code of its metaclass."""

from __future__ import annotations

from typing import Any

_NAME: Any = type.__dict__["__name__"]
_QUALNAME: Any = type.__dict__["__qualname__"]


def short_name(kind: type) -> str:
    """Return what Python itself stored as the `__name__` of *kind*; never raises."""
    return str.__str__(_NAME.__get__(kind))


def nested_name(kind: type) -> str:
    """Return what Python itself stored as the `__qualname__` of *kind*; never raises."""
    return str.__str__(_QUALNAME.__get__(kind))
