"""Attributes of several sources, kept apart, for formatters that can print what is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class StackedAttributes(dict[str, Any]):
    """A record's attributes from several sources, where a name may come from more than one.

    As a dict it holds what a lookup finds: the first source that has a name wins.  Lines that go
    through a sender hold plain dicts, merged already; this is for records made by hand, or taken
    over from a system that keeps its sources apart, as Blackhole does.

    Args:
        *sources: in order of lookup; each a mapping, or pairs, which may repeat a name.
    """

    def __init__(self, *sources: Mapping[str, Any] | list[tuple[str, Any]]) -> None:
        self.sources = tuple(
            tuple(source if isinstance(source, list) else source.items()) for source in sources
        )
        """The sources as given, each a tuple of pairs."""
        merged: dict[str, Any] = {}
        for name, value in self.pairs():
            merged.setdefault(name, value)
        super().__init__(merged)

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """Yield every pair, those hidden by an earlier one too, in order of lookup."""
        for source in self.sources:
            yield from source


def pairs_of(attributes: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return all pairs of *attributes*, hidden ones too where there may be any."""
    if isinstance(attributes, StackedAttributes):
        return list(attributes.pairs())
    return list(attributes.items())
