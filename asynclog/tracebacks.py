"""An exception as plain, bounded data, taken at the moment of the call.

A live exception keeps every frame, and so every local variable, alive until the line is written.
What is kept here instead is what a traceback prints: no reference to frames or objects survives.
"""

from __future__ import annotations

from itertools import islice
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from .typenames import nested_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

MAX_FRAMES = 64
"""Frames kept of one exception: the outermost and the innermost half of them each."""
MAX_RELATED = 32
"""Exceptions kept in all of one chain, causes, contexts and members of groups together."""
MAX_MEMBERS = 24
"""Exceptions kept of one group."""
MAX_TEXT = 16_384
"""Characters kept of one exception's own text or of one note."""
MAX_NAME = 1_024
"""Characters kept of the name of a file, function, module or type."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One line of a traceback."""

    file: str
    line: int
    """Line number, counted from 1; 0 where Python knows none."""
    function: str
    """Qualified name."""
    module: str
    """`__name__` of the module, empty where it has none."""
    source: str | None = None
    """The line of source to show; None where it is looked up when the traceback is written."""


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
    """The exceptions of a group; one that stands elsewhere too is whole in one place only."""
    truncated: bool = False
    """Whether related exceptions were left out because there were too many."""


def capture(exception: BaseException) -> ExceptionInfo:
    """Return what a traceback of *exception* shows.

    Never raises whatever the exception's own class does, keeps nothing of it alive, and takes
    time in proportion to the depth of the stack only: all else is bounded.
    """
    return _Capture().take(exception)


class _Capture:
    """One walk over a chain of exceptions, which may be long, wide or cyclic."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def take(self, exception: BaseException) -> ExceptionInfo:
        """Convert *exception* and, as far as the bounds allow, all that it refers to."""
        self._seen.add(id(exception))
        frames, omitted = _frames(_slot(exception, "__traceback__"))
        members, wanted = self._members(exception)
        cause = _slot(exception, "__cause__")
        hidden = _slot(exception, "__suppress_context__")
        context = None if hidden else _slot(exception, "__context__")
        earlier = self._earlier(cause if cause is not None else context)
        return ExceptionInfo(
            type=type_name(type(exception)),
            message=_text(exception),
            frames=frames,
            omitted=omitted,
            notes=_notes(exception),
            cause=earlier if cause is not None else None,
            context=earlier if cause is None else None,
            members=members,
            truncated=len(members) < wanted or (earlier is None and self._misses(cause, context)),
        )

    def _earlier(self, exception: BaseException | None) -> ExceptionInfo | None:
        """Convert what led to another exception, unless it was seen before or is one too many."""
        if exception is None or id(exception) in self._seen or self._full:
            return None
        return self.take(exception)

    def _misses(self, *related: BaseException | None) -> bool:
        return any(one is not None and id(one) not in self._seen for one in related)

    def _members(self, group: BaseException) -> tuple[tuple[ExceptionInfo, ...], int]:
        """Return the members to keep of *group*, and how many it has."""
        if not issubclass(type(group), BaseExceptionGroup):
            return (), 0
        exceptions = BaseExceptionGroup.__dict__["exceptions"].__get__(group)
        kept = [self._member(one) for one in exceptions[:MAX_MEMBERS]]
        return tuple(one for one in kept if one is not None), len(exceptions)

    def _member(self, exception: BaseException) -> ExceptionInfo | None:
        if id(exception) in self._seen:
            return ExceptionInfo(type=type_name(type(exception)), message=_text(exception))
        return None if self._full else self.take(exception)

    @property
    def _full(self) -> bool:
        return len(self._seen) >= MAX_RELATED


def type_name(kind: type) -> str:
    """Return the name by which Python's own traceback calls the type *kind*."""
    name = nested_name(kind)[:MAX_NAME]
    module = _module_of(kind)
    return name if module in ("", "builtins", "__main__") else f"{module}.{name}"


def _module_of(kind: type) -> str:
    """Return what Python stored as the module of *kind*, empty where that is no text."""
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:
        return ""
    return _exact(module, MAX_NAME) if _is_text(module) else ""


def _slot(exception: BaseException, name: str) -> Any:
    """Return what Python itself stored, whatever the exception's class calls by that name."""
    return BaseException.__dict__[name].__get__(exception)


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
        file=code.co_filename[:MAX_NAME],
        line=line or 0,
        function=code.co_qualname[:MAX_NAME],
        module=_exact(module, MAX_NAME) if _is_text(module) else "",
    )


def _text(exception: BaseException) -> str:
    try:
        return _exact(str(exception), MAX_TEXT)
    except Exception as error:  # noqa: BLE001 - whatever a foreign __str__ does, the record is kept
        return f"<unprintable: {type_name(type(error))}>"


def _notes(exception: BaseException) -> tuple[str, ...]:
    try:
        notes = getattr(exception, "__notes__", ())
    except Exception:  # noqa: BLE001 - a property of the exception's own class
        return ()
    if type(notes) not in (list, tuple):
        return ()
    return tuple(_exact(note, MAX_TEXT) for note in notes[:MAX_RELATED] if _is_text(note))


def _is_text(value: object) -> TypeGuard[str]:
    """Whether *value* is a `str`; unlike `isinstance`, without asking it for its `__class__`."""
    return issubclass(type(value), str)


def _exact(text: str, limit: int) -> str:
    """Return the first *limit* characters, as a plain `str` even where *text* is a subclass."""
    return str.__getitem__(text, slice(limit))


def walk_chain(info: ExceptionInfo) -> Iterator[ExceptionInfo]:
    """Yield *info* and what led to it, newest first, without the members of groups."""
    current: ExceptionInfo | None = info
    while current is not None:
        yield current
        current = current.cause or current.context
