"""Which lines are wanted at all: a level for each label, which may change at any time."""

from __future__ import annotations

import re
import sys
from fnmatch import translate
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from .levels import parse_level

if TYPE_CHECKING:
    from collections.abc import Mapping


class LabelThreshold:
    """What the senders of one label look at before anything else."""

    __slots__ = ("__weakref__", "threshold")

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold
        """Lines below this level go nowhere."""


class Thresholds:
    """Keeps the threshold of every label up to date.

    Of several globs that match a label, the longest decides; of equally long ones, the one that
    was set last.

    Args:
        level: of labels that match no glob.
        levels: levels by glob, as in a shell: `db.*`.

    Raises:
        ValueError: a level or a glob cannot be used; the message names it.
    """

    def __init__(self, level: int, levels: Mapping[str, int | str] | None = None) -> None:
        self._initial = self._default = level
        self._floor = -sys.maxsize
        self._override: int | None = None
        self._levels: dict[str, int] = {}
        self._matches: dict[str, re.Pattern[str]] = {}
        self._known: WeakValueDictionary[str, LabelThreshold] = WeakValueDictionary()
        for glob, one in (levels or {}).items():
            self._put(one, glob)

    def of(self, label: str) -> LabelThreshold:
        """Return the threshold of *label*: always the same object, while anybody has it."""
        threshold = self._known.get(label)
        if threshold is None:
            threshold = self._known[label] = LabelThreshold(self.level_of(label))
        return threshold

    def level_of(self, label: str) -> int:
        """Return the level below which lines of *label* go nowhere."""
        if self._override is not None:
            return self._override
        best, level = -1, self._default
        for glob, one in self._levels.items():
            if len(glob) >= best and self._matches[glob].match(label):
                best, level = len(glob), one
        return max(level, self._floor)

    def set_level(self, level: int | str | None, labels: str | None = None) -> None:
        """Change the level of all labels that match the glob *labels*.

        Args:
            level: a number or a name; None for what it was before.
            labels: a glob; None for the labels that match none of those that were set.

        Raises:
            ValueError: *level* or *labels* cannot be used.
        """
        if labels is not None and level is None:
            self._levels.pop(labels, None)
        elif labels is not None and level is not None:
            self._put(level, labels)
        else:
            self._default = self._initial if level is None else parse_level(level)
        self._refresh()

    def set_floor(self, level: int) -> None:
        """Have no label's threshold lie below *level*: no handler takes such lines."""
        self._floor = level
        self._refresh()

    def override(self, level: int | None) -> None:
        """Have *level* be the threshold of every label, whatever else was set; None ends this."""
        self._override = level
        self._refresh()

    def _put(self, level: int | str, glob: str) -> None:
        if not glob or not hasattr(glob, "encode"):  # also of those who do not heed types
            raise ValueError(f"labels: expected a glob such as 'db.*', got {glob!r}")
        number = parse_level(level)
        self._levels.pop(glob, None)
        self._levels[glob] = number
        self._matches[glob] = re.compile(translate(glob))

    def _refresh(self) -> None:
        for label, threshold in list(self._known.items()):
            threshold.threshold = self.level_of(label)
