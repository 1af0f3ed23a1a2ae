"""Texts that many records share: those of label, origin and level, and of attributes' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..records import Origin, Record

    ByLevel: TypeAlias = dict[int, str | list[str]]

MAX_LABELS = 1_024
"""Labels of which the texts are kept; beyond that all are forgotten."""
MAX_LEVELS = 64
"""Levels of one label of which the texts are kept."""

MAX_NAMES = 1_024
"""Names of attributes of which the texts are kept; beyond that all are forgotten."""
MAX_KEPT_NAME = 256
"""Characters of a text that is worth keeping."""


class NameTexts(dict[str, str]):
    """What several writers together make of an attribute's name, kept once it was asked for."""

    def __init__(self, writers: Sequence[Callable[[str], str]]) -> None:
        super().__init__()
        self._writers = writers

    def __missing__(self, name: str) -> str:
        text = "".join([write(name) for write in self._writers])
        if len(text) > MAX_KEPT_NAME:
            return text
        if len(self) >= MAX_NAMES:
            self.clear()
        self[name] = text
        return text


class SteadyTexts:
    """Several texts at once, each made by a group of writers, kept by label, origin and level."""

    def __init__(self) -> None:
        self._groups: list[Sequence[Callable[[Record], str]]] = []
        self._by_label: dict[str, tuple[Origin | None, ByLevel]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, writers: Sequence[Callable[[Record], str]]) -> int:
        """Add the text that *writers* make together; return its index."""
        self._groups.append(writers)
        return len(self._groups) - 1

    def kept(self, record: Record) -> ByLevel:
        """Return what is kept of the label and origin of *record*, to be filled in by level."""
        origin, by_level = self._by_label.get(record.label, (None, None))
        if by_level is None or origin is not record.origin or len(by_level) > MAX_LEVELS:
            by_level = {}
            if len(self._by_label) >= MAX_LABELS:
                self._by_label.clear()
            self._by_label[record.label] = record.origin, by_level
        return by_level

    def render(self, record: Record) -> str | list[str]:
        """Return the texts for *record*; where there is only one, without a list around it."""
        texts = ["".join([write(record) for write in group]) for group in self._groups]
        return texts[0] if len(texts) == 1 else texts
