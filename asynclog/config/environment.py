"""Values from the environment: `${NAME}`, and `${NAME:-default}` where it may be missing or empty.

`$${` stands for `${` itself.  Such values may be secrets, so they are told apart: they never stand
in an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<name>[A-Za-z_]\w*)(?P<default>:-[^}]*)?\}")


class Expanded(str):
    """Text with values from the environment in it."""

    __slots__ = ("raw", "values")

    raw: str
    """As it stands in the file."""
    values: tuple[str, ...]
    """What came from the environment: parts of the text."""


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Return *text* with its references replaced; an `Expanded` if it has any.

    Raises:
        ValueError: a variable is not set, and there is no default; the message tells the name.
    """
    used: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        found = environment.get(match["name"])
        used.append(found or "")
        if match["default"] is not None:
            return found or match["default"][2:]
        if found is None:
            name = match["name"]
            raise ValueError(
                f"the environment has no variable {name}:"
                f" set it, or write ${{{name}:-default}}, or $${{{name}}} for the text itself"
            )
        return found

    result = _REFERENCE.sub(value, text)
    if not used:
        return result
    expanded = Expanded(result)
    expanded.raw = text
    expanded.values = tuple(filter(None, used))
    return expanded
