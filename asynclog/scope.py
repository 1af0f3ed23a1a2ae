"""Attributes for everything that is logged inside a `with` block, and in tasks started there."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

from .attributes import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    Source = Callable[[], Mapping[str, Any] | None]


class _Pipeline(dict[str, Any]):
    """Marks the context of the pipeline's own tasks and threads; see `INSIDE_PIPELINE`."""


INSIDE_PIPELINE = _Pipeline()
"""The current scope inside a filter, formatter or sink.

A line logged there to the logger that is just writing would beget another line for ever.  A
sender finds this mark where it looks up the scope anyway, so the check costs nothing.
"""

current_scope: ContextVar[dict[str, Any] | None] = ContextVar("asynclog_scope", default=None)
"""The attributes of all scopes around the running code, innermost first."""


@contextmanager
def inside_pipeline() -> Iterator[None]:
    """Mark the code of the block as part of the pipeline, in whichever context it runs."""
    token = current_scope.set(INSIDE_PIPELINE)
    try:
        yield
    finally:
        current_scope.reset(token)


class scope:  # noqa: N801 - read as a verb: `with scope(request_id=...)`
    """Add *attributes* to every line logged inside the block, by any sender.

    Tasks started inside inherit them, as any context variable.  An attribute given to the call
    or bound to the sender wins over one of the scope; an inner scope wins over an outer.  One
    scope may be entered again, and by several tasks at once.

        with scope(request_id="r-17"):
            await handle(request)
    """

    __slots__ = ("_attributes", "_tokens")

    def __init__(self, /, **attributes: Any) -> None:
        self._attributes = {name: snapshot(value) for name, value in attributes.items()}
        self._tokens: list[Token[dict[str, Any] | None]] = []

    def __enter__(self) -> None:
        outer = current_scope.get()
        if outer is None:
            merged = self._attributes
        elif outer is INSIDE_PIPELINE:
            merged = outer
        else:
            merged = {**self._attributes, **outer, **self._attributes}
        self._tokens.append(current_scope.set(merged))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for token in reversed(self._tokens):
            with suppress(ValueError):  # that of another task, which is still inside
                current_scope.reset(token)
                self._tokens.remove(token)
                return

    def __repr__(self) -> str:
        return f"scope({', '.join(self._attributes)})"


class Surroundings:
    """What is found around a call: the scopes, and behind them what other libraries know."""

    def __init__(self) -> None:
        self._sources: tuple[Source, ...] = ()
        self.get: Callable[[], dict[str, Any] | None] = current_scope.get
        """Returns the attributes for a line that is logged now, or `INSIDE_PIPELINE`."""

    def add(self, source: Source) -> None:
        """Ask *source* at each call of any logger, in the caller's context, from now on."""
        self._sources = (*self._sources, source)
        self.get = self._gather

    def remove(self, source: Source) -> None:
        """Ask *source* no more."""
        self._sources = tuple(one for one in self._sources if one is not source)
        self.get = self._gather if self._sources else current_scope.get

    def _gather(self) -> dict[str, Any] | None:
        scope = current_scope.get()
        if scope is INSIDE_PIPELINE:
            return scope
        found: dict[str, Any] = {}
        for source in self._sources:
            with suppress(Exception):  # of a foreign library: the line is kept without
                found = {**(source() or {}), **found}
        return {**found, **(scope or {})} if found else scope


surroundings = Surroundings()
"""Of all loggers in the process."""
