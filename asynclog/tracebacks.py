"""An exception as plain, bounded data, taken at the moment of the call.

A live exception keeps every frame, and so every local variable, alive until the line is written.
What is kept here instead is what a traceback prints: no reference to frames or objects survives.
"""

from __future__ import annotations

from itertools import islice
from traceback import walk_tb
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

MAX_FRAMES = 64
"""Frames kept of one exception: the outermost and the innermost half of them each."""
MAX_RELATED = 32
"""Exceptions kept in all of one chain, causes, contexts and members of groups together."""
MAX_TEXT = 16_384
"""Characters kept of one exception's own text or of one note."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One line of a traceback."""

    file: str
    line: int
    """Line number, counted from 1; 0 where Python knows none."""
    function: str
    """Qualified name."""
    module: str
    """`__name__` of the module, empty where it has none."""


class ExceptionInfo(msgspec.Struct, frozen=True, gc=False):
    """One exception with what led to it."""

    type: str
    """Qualified name, with its module unless that is `builtins`."""
    message: str
    """`str(exception)`, bounded."""
    frames: tuple[Frame, ...] = ()
    """Outermost first, as Python prints them."""
    omitted: int = 0
    """Frames left out in the middle, between the two halves of `frames`."""
    notes: tuple[str, ...] = ()
    cause: ExceptionInfo | None = None
    """The exception of `raise ... from`."""
    context: ExceptionInfo | None = None
    """The exception being handled when this one arose, unless it is hidden."""
    members: tuple[ExceptionInfo, ...] = ()
    """The exceptions of a group."""
    truncated: bool = False
    """Whether related exceptions were left out because there were too many."""


def capture(exception: BaseException) -> ExceptionInfo:
    """Return what a traceback of *exception* shows.  Never raises, and takes bounded time."""
    return _Capture().take(exception)


class _Capture:
    """One walk over a chain of exceptions, which may be long, wide or cyclic."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def take(self, exception: BaseException) -> ExceptionInfo:
        """Convert *exception* and, as far as the bounds allow, all that it refers to."""
        self._seen.add(id(exception))
        frames, omitted = _frames(exception.__traceback__)
        hidden = exception.__suppress_context__ or exception.__cause__ is not None
        related = [exception.__cause__, None if hidden else exception.__context__]
        cause, context = (self._follow(one) for one in related)
        members = exception.exceptions if isinstance(exception, BaseExceptionGroup) else ()
        kept = tuple(info for one in members if (info := self._follow(one)) is not None)
        wanted = sum(one is not None for one in related) + len(members)
        found = sum(one is not None for one in (cause, context)) + len(kept)
        return ExceptionInfo(
            type=type_name(type(exception)),
            message=_text(exception),
            frames=frames,
            omitted=omitted,
            notes=_notes(exception),
            cause=cause,
            context=context,
            members=kept,
            truncated=found < wanted,
        )

    def _follow(self, exception: BaseException | None) -> ExceptionInfo | None:
        if exception is None or id(exception) in self._seen or len(self._seen) >= MAX_RELATED:
            return None
        return self.take(exception)


def type_name(kind: type) -> str:
    """Return the name by which Python's own traceback calls the type *kind*."""
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _frames(traceback: TracebackType | None) -> tuple[tuple[Frame, ...], int]:
    """Return the frames to keep and how many were left out in the middle."""
    half = MAX_FRAMES // 2
    walk = walk_tb(traceback)
    head = [_frame(frame, line) for frame, line in islice(walk, half)]
    tail: list[tuple[FrameType, int | None]] = []
    omitted = 0
    for entry in walk:
        tail.append(entry)
        if len(tail) > 2 * half:
            del tail[:half]
            omitted += half
    surplus = max(0, len(tail) - half)
    kept = [_frame(frame, line) for frame, line in tail[surplus:]]
    return (*head, *kept), omitted + surplus


def _frame(frame: FrameType, line: int | None) -> Frame:
    code = frame.f_code
    module = frame.f_globals.get("__name__")
    return Frame(
        file=code.co_filename,
        line=line or 0,
        function=code.co_qualname,
        module=module if isinstance(module, str) else "",
    )


def _text(exception: BaseException) -> str:
    try:
        return str(exception)[:MAX_TEXT]
    except Exception as error:  # noqa: BLE001 - whatever a foreign __str__ does, the record is kept
        return f"<unprintable: {type(error).__name__}>"


def _notes(exception: BaseException) -> tuple[str, ...]:
    notes = getattr(exception, "__notes__", ())
    if not isinstance(notes, (list, tuple)):
        return ()
    return tuple(note[:MAX_TEXT] for note in islice(notes, MAX_RELATED) if isinstance(note, str))


def walk_chain(info: ExceptionInfo) -> Iterator[ExceptionInfo]:
    """Yield *info* and what led to it, newest first, without the members of groups."""
    current: ExceptionInfo | None = info
    while current is not None:
        yield current
        current = current.cause or current.context
