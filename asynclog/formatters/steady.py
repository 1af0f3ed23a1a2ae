"""Texts that many records in a row share, because they depend on label, origin and level only."""

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
