"""Anything that is handed in as a configuration -> plain data, with the environment filled in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .environment import expand
from .problems import Problems, join

UNUSABLE = object()
"""Stands for a value whose mistake was told."""
MAX_DEPTH = 40
"""Objects and lists within each other."""
MAX_NODES = 100_000
"""Values in all."""


class Plainer:
    """Makes plain data: dicts with text for keys, lists, text, numbers, true, false and null.

    Args:
        environment: values for `${NAME}`.
        problems: is told of what cannot be used.
    """

    def __init__(self, environment: Mapping[str, str], problems: Problems) -> None:
        self._environment = environment
        self._problems = problems
        self._left = MAX_NODES

    def plain(self, value: Any, path: str = "", depth: int = 0) -> Any:
        """Return *value* as plain data.

        Raises:
            ConfigError: it holds too many values.
        """
        self._left -= 1
        if self._left < 0:
            too_large = f"the configuration is too large: expected at most {MAX_NODES:,} values"
            self._problems.tell("", too_large)
            raise self._problems.error()  # at once: to go on would take long
        if depth > MAX_DEPTH:
            self._problems.tell(
                path[:200], f"nested too deeply: expected at most {MAX_DEPTH} levels"
            )
            return UNUSABLE
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, os.PathLike):
            return os.fsdecode(value)
        if isinstance(value, Mapping):
            return self._object(value, path, depth)
        if isinstance(value, (list, tuple)):
            return [self.plain(one, f"{path}[{i}]", depth + 1) for i, one in enumerate(value)]
        return value

    def _text(self, value: str, path: str) -> Any:
        try:
            return expand(value, self._environment)
        except ValueError as error:
            self._problems.tell(path, str(error))
            return UNUSABLE

    def _object(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        result = {}
        for key, one in value.items():
            if not isinstance(key, str):
                self._problems.tell(path, f"expected text for each key, got {ascii(key)[:60]}")
                continue
            result[key] = self.plain(one, join(path, key), depth + 1)
        return result
