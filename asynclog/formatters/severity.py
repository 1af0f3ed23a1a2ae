"""Names of severities, as the user of a formatter gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ..levels import LEVEL_NAMES

SeverityNames: TypeAlias = "Mapping[int, str] | Sequence[str] | Callable[[int], str | None]"
"""Names by number, names from number 0 on, or a function that knows them."""


def severity_namer(names: SeverityNames | None) -> Callable[[int], str | None]:
    """Return a function that gives the name of a severity, or None where it has none.

    Args:
        names: None for the names of `asynclog.Level`.

    Raises:
        ValueError: *names* is of another kind; the message says what is allowed.
    """
    if names is None:
        return LEVEL_NAMES.get
    if isinstance(names, Mapping):
        return dict(names).get
    if isinstance(names, Sequence) and not isinstance(names, str):
        return dict(enumerate(names)).get
    if callable(names):
        return names
    raise ValueError(
        f"severity: expected names by number, a list of names or a function, got {names!r}"
    )
