"""The filters of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from .. import filters as _filters
from .model import Count, FilterPart, LevelName, Seconds

if TYPE_CHECKING:
    from ..protocols import Filter
    from .model import Build


class Severity(FilterPart, frozen=True, kw_only=True):
    """Keeps lines from a level up."""

    threshold: LevelName
    """The lowest level that is kept."""

    def make(self, build: Build) -> Filter:
        """Return `at_least(...)`."""
        return _filters.at_least(self.threshold)


class Labelled(FilterPart, frozen=True, kw_only=True):
    """Keeps the lines of some labels."""

    globs: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Such as `ct/*`; one must match."""

    def make(self, build: Build) -> Filter:
        """Return `labelled(...)`."""
        return _filters.labelled(*self.globs)


class Where(FilterPart, frozen=True, kw_only=True):
    """Keeps lines by the value of one attribute."""

    attribute: str
    """Its name; a line without it is not kept."""
    values: tuple[str | int | float | bool | None, ...] = ()
    """One of them must be its value; without any, it is enough to have the attribute."""

    def make(self, build: Build) -> Filter:
        """Return `where(...)`."""
        return _filters.where(self.attribute, *self.values)


class Sampled(FilterPart, frozen=True, kw_only=True):
    """Keeps a random part of the lines."""

    rate: Annotated[float, Meta(ge=0, le=1)]
    """From 0, none, to 1, all."""
    announce_every: Seconds | None = None
    """Seconds between two lines that tell how many were left out; left out, the usual ones."""

    def make(self, build: Build) -> Filter:
        """Return `sampled(...)`."""
        return _filters.sampled(self.rate, **_set(announce_every=self.announce_every))


class RateLimited(FilterPart, frozen=True, kw_only=True):
    """Keeps at most so many lines a second."""

    per_second: Annotated[float, Meta(gt=0)]
    """Lines a second of each key."""
    key: str | None = None
    """`label`, `level`, `message`, `template` or an attribute; left out, all lines together."""
    burst: Count | None = None
    """Lines that may come at once; left out, one second's worth."""
    max_keys: Count | None = None
    """Keys that are remembered; left out, the usual number."""
    announce_every: Seconds | None = None
    """Seconds between two lines that tell how many were left out; left out, the usual ones."""

    def make(self, build: Build) -> Filter:
        """Return `rate_limited(...)`."""
        options = _set(max_keys=self.max_keys, announce_every=self.announce_every)
        return _filters.rate_limited(self.per_second, self.key, burst=self.burst, **options)


class Deduplicated(FilterPart, frozen=True, kw_only=True):
    """Keeps the first of equal lines, and tells how often it was repeated."""

    window: Seconds
    """Seconds in which a line is a repetition."""
    max_keys: Count | None = None
    """Lines that are remembered; left out, the usual number."""

    def make(self, build: Build) -> Filter:
        """Return `deduplicated(...)`."""
        return _filters.deduplicated(self.window, **_set(max_keys=self.max_keys))


class _Combination(FilterPart, frozen=True, kw_only=True):
    filters: tuple[FilterPart, ...]
    """The filters that are combined."""


class AllOf(_Combination, frozen=True, kw_only=True):
    """Keeps what each of several filters keeps."""

    def make(self, build: Build) -> Filter:
        """Return `all_of(...)`."""
        return _filters.all_of(*map(build, self.filters))


class AnyOf(_Combination, frozen=True, kw_only=True):
    """Keeps what at least one of several filters keeps."""

    def make(self, build: Build) -> Filter:
        """Return `any_of(...)`."""
        return _filters.any_of(*map(build, self.filters))


class NoneOf(_Combination, frozen=True, kw_only=True):
    """Keeps what each of several filters refuses."""

    def make(self, build: Build) -> Filter:
        """Return `none_of(...)`."""
        return _filters.none_of(*map(build, self.filters))


def _set(**options: Any) -> dict[str, Any]:
    """Return those of *options* that are set."""
    return {name: value for name, value in options.items() if value is not None}
