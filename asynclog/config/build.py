"""Models -> a running logger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import PatternError
from ..fallback import reason_of
from .environment import Expanded
from .hints import of_size
from .problems import cleaner, join

if TYPE_CHECKING:
    from collections.abc import Collection

    from .model import Part
    from .places import Places
    from .problems import Problems

WINDOW = 6
"""Characters of a value from the environment that show it: texts in errors are cut."""

_OPTION = re.compile(r"([A-Za-z_]\w*)((?:\.[\w-]+|\[[^\]]*\])*): ", re.ASCII)


class Unmade(Exception):  # noqa: N818 - a signal between `Maker` and itself
    """A part could not be made, and that was told."""


class Maker:
    """Makes the running objects of parts.

    Args:
        places: where parts stand.
        expanded: all texts with values from the environment in them.
        problems: is told of what cannot be made.
    """

    def __init__(self, places: Places, expanded: Collection[Expanded], problems: Problems) -> None:
        self._places = places
        self._raw = {str(text): text.raw for text in expanded}
        self._secrets = {value for text in expanded for value in text.values}
        self._problems = problems

    def try_make(self, part: Part) -> Any:
        """Return what *part* makes, or None, when its mistake was told."""
        try:
            return self.make(part)
        except Unmade:
            return None

    def try_all(self) -> None:
        """Tell the mistakes of all parts, those inside of what cannot be made, too."""
        for part in self._places.parts():
            self.try_make(part)

    def make(self, part: Part) -> Any:
        """Return what *part* makes.

        Raises:
            Unmade: it makes nothing; the mistake was told.
        """
        try:
            return part.make(self.make)
        except Unmade:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a constructor raises is a mistake here
            self._tell(part, error)
            raise Unmade from None

    def _tell(self, part: Part, error: Exception) -> None:
        path = self._places.of(part)
        reason = _reason(error)
        if isinstance(error, PatternError) and getattr(part, "pattern", "") == error.pattern:
            reason = f"pattern: {reason}"
        found = _OPTION.match(reason)
        if found and found[1] in part.__struct_fields__:
            path = join(path, found[1]) + found[2]
            reason = reason[found.end() :]
            value = getattr(part, found[1])
            reason += of_size(value) if isinstance(value, str) and not found[2] else ""
        self._problems.tell(path, self._hidden(reason, _secrets_of(part)))

    def raw(self, value: object) -> object:
        """Return *value*, or, where it came from the environment, what stands in the file."""
        return self._raw.get(str(value), value)

    def _hidden(self, reason: str, secrets: set[str]) -> str:
        """Return *reason* without *secrets*, and without values from the environment."""
        for value, raw in self._raw.items():
            reason = reason.replace(repr(value), repr(raw))
        secrets = secrets | self._secrets
        if any(_leaks(value, reason) for value in secrets):
            fact = reason.partition(", got ")[0]
            if fact == reason or any(_leaks(value, fact) for value in secrets):
                return "cannot be used; why is not shown, for it holds a secret"
            return f"{fact}, got a value that is not shown"
        return reason


def _secrets_of(part: Part) -> set[str]:
    """Return the options of *part* whose names say that they are secret."""
    options = {name: getattr(part, name) for name in part.__struct_fields__}
    return {
        str(value)
        for name, value in options.items()
        if isinstance(value, str) and cleaner().is_secret(name)
    }


def _leaks(value: str, text: str) -> bool:
    """Whether *text* shows *value*, or a part of it."""
    parts = range(max(1, len(value) - WINDOW + 1))
    return len(value) > 1 and any(value[i : i + WINDOW] in text for i in parts)


def _reason(error: Exception) -> str:
    if isinstance(error, PatternError):
        at = error.position
        if error.pattern and error.pattern not in error.reason:
            return f"{error.reason}, at character {at + 1} of {error.pattern!r}"
        return error.reason
    return str(error) if isinstance(error, (ValueError, ImportError)) else reason_of(error)


def expanded_in(value: Any) -> list[Expanded]:
    """Return all texts in plain data *value* that have values from the environment in them."""
    if isinstance(value, Expanded):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in expanded_in(one)] if isinstance(value, list) else []
