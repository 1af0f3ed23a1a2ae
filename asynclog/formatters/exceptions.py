"""How a captured exception is written: as the text that Python would print, or as a tree.

Both take the plain data of `asynclog.tracebacks`, so that they may run long after the frames are
gone.  Source lines are read through `linecache`, which keeps each file in memory once read.
"""

from __future__ import annotations

import linecache
import os
import stat
import sys
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from ..tracebacks import MAX_RELATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..tracebacks import ExceptionInfo, Frame

MAX_RENDERED = 65_536
"""Characters of one rendered exception; the middle is left out of a longer one."""
MAX_SOURCE_LINE = 512
"""Characters shown of one line of source."""
MAX_SOURCE_FILE = 8 * 1024 * 1024
"""Bytes of a source file beyond which its lines are not shown."""
MAX_DEPTH = 12
"""Groups within groups that are written in full."""
SHOWN_REPEATS = 3
"""Identical frames in a row that are shown before they are counted, as Python does."""

CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"
MORE = "... more related exceptions, not captured"


def render_exception(info: ExceptionInfo) -> str:
    """Return the lines of a traceback, oldest exception first, without a line break at the end.

    Text of the exception itself stands as it is, line breaks and control characters included:
    whoever prints it escapes it.  Takes at most `MAX_RENDERED` characters; never raises.
    """
    return _bounded("\n".join(_chain_lines(info, 0)))


def exception_tree(info: ExceptionInfo) -> dict[str, Any]:
    """Return *info* as nested dicts and lists of JSON's own types; empty parts are left out.

    At most `MAX_RELATED` exceptions are in the tree, as in a captured one.
    """
    return _Tree().convert(info) or {}


class _Tree:
    """One conversion, which counts the exceptions that it may still take."""

    def __init__(self) -> None:
        self._left = MAX_RELATED

    def convert(self, info: ExceptionInfo | None) -> dict[str, Any] | None:
        if info is None or self._left == 0:
            return None
        self._left -= 1
        tree = {
            "type": info.type,
            "message": info.message,
            "frames": [_frame_tree(frame) for frame in info.frames],
            "omitted": info.omitted,
            "notes": list(info.notes),
            "cause": self.convert(info.cause),
            "context": self.convert(info.context),
            "members": [tree for one in info.members if (tree := self.convert(one))],
            "truncated": info.truncated,
        }
        return {name: value for name, value in tree.items() if value or name == "message"}


def _frame_tree(frame: Frame) -> dict[str, Any]:
    return {
        "file": frame.file,
        "line": frame.line,
        "function": frame.function,
        "module": frame.module,
    }


def _chain_lines(info: ExceptionInfo, indent: int) -> Iterator[str]:
    """Yield the lines of *info* and of what led to it, oldest first, behind *indent* spaces."""
    if indent > 2 * MAX_DEPTH:
        yield f"{' ' * indent}| ... groups too deep"
        return
    chain = list(islice(_chain(info), MAX_RELATED))
    bar = f"{' ' * indent}| " if indent else ""
    oldest = chain[-1][0]
    if oldest.cause or oldest.context or (oldest.truncated and not oldest.members):
        yield f"{bar}{MORE}"
        yield bar.rstrip()
    for one, link in reversed(chain):
        yield from _group_lines(one, indent) if one.members else _barred(_own_lines(one), bar)
        if link:
            yield from _barred(["", link, ""], bar)


def _chain(info: ExceptionInfo) -> Iterator[tuple[ExceptionInfo, str]]:
    """Yield *info* and what led to it, newest first, each with the sentence that follows it."""
    current: ExceptionInfo | None = info
    link = ""
    while current is not None:
        yield current, link
        link = CAUSE if current.cause else CONTEXT
        current = current.cause or current.context


def _own_lines(info: ExceptionInfo, title: str = "Traceback") -> Iterator[str]:
    """Yield the lines of one exception, without what led to it."""
    if info.frames:
        yield f"{title} (most recent call last):"
    half = len(info.frames) // 2 if info.omitted else len(info.frames)
    yield from _frame_lines(info.frames[:half])
    if info.omitted:
        yield f"  ... {info.omitted:,} frames omitted ..."
    yield from _frame_lines(info.frames[half:])
    yield f"{info.type}: {info.message}" if info.message else info.type
    yield from info.notes


def _frame_lines(frames: tuple[Frame, ...]) -> Iterator[str]:
    for frame, run in groupby(frames):
        repeats = sum(1 for _ in run)
        text = f'  File "{frame.file}", line {frame.line}, in {frame.function}'
        source = source_line(frame)
        for _ in range(min(repeats, SHOWN_REPEATS)):
            yield text
            if source:
                yield f"    {source}"
        if repeats > SHOWN_REPEATS:
            yield f"  [Previous line repeated {repeats - SHOWN_REPEATS:,} more times]"


def _group_lines(info: ExceptionInfo, indent: int) -> Iterator[str]:
    """Yield the lines of a group: its own behind one bar, each member behind the next."""
    margin = " " * (indent or 2)
    own = _barred(_own_lines(info, "Exception Group Traceback"), f"{margin}| ")
    yield next(own) if indent or not info.frames else next(own).replace("|", "+", 1)
    yield from own
    for number, member in enumerate(info.members, start=1):
        yield f"{margin}{'+-+' if number == 1 else '  +'}---------------- {number} ----------------"
        yield from _chain_lines(member, len(margin) + 2)
    if info.truncated:
        yield f"{margin}  +---------------- more, not captured"
    yield f"{margin}  +------------------------------------"


def _barred(lines: Iterable[str], bar: str) -> Iterator[str]:
    """Yield *lines* behind *bar*; one that holds line breaks becomes several."""
    for line in lines:
        for part in line.split("\n"):
            yield f"{bar}{part}"


def source_line(frame: Frame) -> str:
    """Return the line of source that *frame* stands at, or nothing where it cannot be had."""
    if frame.source is not None:
        return frame.source
    try:
        if frame.file not in linecache.cache and not _is_source(frame.file):
            return ""
        module = sys.modules.get(frame.module)
        line = linecache.getline(frame.file, frame.line, getattr(module, "__dict__", None))
    except Exception:  # noqa: BLE001 - a foreign loader failed; the traceback does without source
        return ""
    return line.strip()[:MAX_SOURCE_LINE]


def _is_source(path: str) -> bool:
    """Tell whether *path* may be read: not a pipe, a device or something huge."""
    try:
        status = os.stat(path)  # noqa: PTH116 - once a file, and Path is many times slower
    except (OSError, ValueError):
        return True  # no such file: linecache may know it from the module's loader
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_SOURCE_FILE


def _bounded(text: str) -> str:
    if len(text) <= MAX_RENDERED:
        return text
    half = MAX_RENDERED // 2 - 40
    omitted = len(text) - 2 * half
    return f"{text[:half]}\n... {omitted:,} characters omitted ...\n{text[-half:]}"
