"""Where the parts of a configuration stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Part


class Places:
    """Knows the path of every part that was read.

    By identity: two parts that say the same are equal, and stand in different places.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Part, str]] = {}  # the part, so that its identity is its own

    def put(self, part: Part, path: str) -> None:
        """Remember that *part* stands at *path*."""
        self._known[id(part)] = part, path

    def of(self, part: Part) -> str:
        """Return the path of *part*, or nothing for one that stands in no file."""
        known = self._known.get(id(part))
        return known[1] if known else ""

    def parts(self) -> list[Part]:
        """Return all parts, those inside others first."""
        return [part for part, _ in self._known.values()]
