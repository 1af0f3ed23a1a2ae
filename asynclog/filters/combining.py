"""Filters made of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..protocols import AnnouncingFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..protocols import Filter
    from ..records import Record


def all_of(*filters: Filter) -> Filter:
    """Return a filter that keeps what each of *filters* keeps.

    Those that announce what they hold back are asked last, so that they neither count nor spend
    their allowance on what the others refuse.
    """
    return _combine(filters, _AllOf)


def any_of(*filters: Filter) -> Filter:
    """Return a filter that keeps what at least one of *filters* keeps; of none, everything.

    Raises:
        ValueError: more than one of *filters* announces what it holds back: the first could count
            as held back what the second then keeps.
    """
    announcing = sum(isinstance(one, AnnouncingFilter) for one in filters)
    if announcing > 1:
        raise ValueError(
            f"any_of: expected at most one filter that announces what it holds back, "
            f"got {announcing}"
        )
    return _combine(filters, _AnyOf)


def none_of(*filters: Filter) -> Filter:
    """Return a filter that keeps what each of *filters* refuses.

    Raises:
        ValueError: one of *filters* announces what it holds back, which would here be what is kept.
    """
    if any(isinstance(one, AnnouncingFilter) for one in filters):
        raise ValueError(
            "none_of: expected filters that announce nothing, got one that announces what it "
            "holds back"
        )

    def keep(record: Record, /) -> bool:
        return not any(one(record) for one in filters)

    return keep if filters else _everything


def _everything(_record: Record, /) -> bool:
    return True


def _combine(filters: tuple[Filter, ...], kind: type[_Combined]) -> Filter:
    if not filters:
        return _everything
    if len(filters) == 1:
        return filters[0]
    announcing = [one for one in filters if isinstance(one, AnnouncingFilter)]
    plain = [one for one in filters if not isinstance(one, AnnouncingFilter)]
    decide = kind([*plain, *announcing])
    return _Announcing(decide, announcing) if announcing else decide


class _Combined:
    """Several filters under one rule, in the order in which they are asked."""

    __slots__ = ("_filters",)

    def __init__(self, filters: Sequence[Filter]) -> None:
        self._filters = tuple(filters)

    def __call__(self, record: Record, /) -> bool:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__.strip('_')}{self._filters!r}"


class _AllOf(_Combined):
    __slots__ = ()

    def __call__(self, record: Record, /) -> bool:
        return all(keep(record) for keep in self._filters)


class _AnyOf(_Combined):
    __slots__ = ()

    def __call__(self, record: Record, /) -> bool:
        return any(keep(record) for keep in self._filters)


class _Announcing:
    """A combination that passes on what its members announce."""

    __slots__ = ("_announcing", "_decide")

    def __init__(self, decide: Filter, announcing: Sequence[AnnouncingFilter]) -> None:
        self._decide = decide
        self._announcing = tuple(announcing)

    def __call__(self, record: Record, /) -> bool:
        return self._decide(record)

    @property
    def holding(self) -> bool:
        """Whether any member has something to tell."""
        return any(one.holding for one in self._announcing)

    def notices(self, now_ns: int, /, *, closing: bool = False) -> list[Record]:
        """Return the notices of all members."""
        return [
            notice for one in self._announcing for notice in one.notices(now_ns, closing=closing)
        ]

    def __repr__(self) -> str:
        return repr(self._decide)
