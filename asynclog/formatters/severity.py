"""Names of severities, as the user of a formatter gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ..levels import LEVEL_NAMES

Namer: TypeAlias = Callable[[int], str | None]
"""Gives the name of a severity, or None where it has none."""
SeverityNames: TypeAlias = "Mapping[int, str] | Sequence[str] | Namer"
"""Names by number, names from number 0 on, or a function that knows them."""


def severity_namer(names: SeverityNames | None) -> Namer:
    """Return a function that gives the name of a severity, and never raises.

    Args:
        names: None for the names of `asynclog.Level`.

    Raises:
        ValueError: *names* is of another kind; the message says what is allowed.
    """
    if names is None:
        return LEVEL_NAMES.get
    if callable(names):
        return _guarded(names)
    by_number = _by_number(names)
    if by_number is None or not all(isinstance(name, str) for name in by_number.values()):
        raise ValueError(
            f"severity: expected names by number, a list of names or a function, got {names!r}"
        )
    return by_number.get


def _by_number(names: object) -> dict[int, str] | None:
    if isinstance(names, Mapping):
        return dict(names)
    if isinstance(names, Sequence) and not isinstance(names, str):
        return dict(enumerate(names))
    return None


def _guarded(namer: Namer) -> Namer:
    """Return *namer*, except that where it fails a severity has no name."""

    def guarded(number: int) -> str | None:
        try:
            name = namer(number)
        except Exception:  # noqa: BLE001 - a user's function may fail, and the line is kept
            return None
        return name if isinstance(name, str) else None

    return guarded
