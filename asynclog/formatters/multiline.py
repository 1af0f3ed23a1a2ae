"""What becomes of line breaks in messages and exceptions: one line each, or indented lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .cutting import MAX_FIELD, cut_mark
from .escaping import escape
from .exceptions import render_exception
from .values import clean

if TYPE_CHECKING:
    from ..tracebacks import ExceptionInfo


class Multiline(Protocol):
    """A way to print texts that may have several lines."""

    def message(self, text: str, /) -> str:
        """Return the escaped text of a message that is not safe as it is."""
        ...

    def exception(self, info: ExceptionInfo, /) -> str:
        """Return the escaped text of an exception."""
        ...

    def tail(self, info: ExceptionInfo, /) -> str:
        """Return what is added to a line to show the exception behind it."""
        ...


class Escaped:
    """Everything on one line: breaks in messages are escaped, those of exceptions are bars.

    `failed | Traceback (most recent call last): | File "app.py", line 3, in sync | OSError: gone`
    """

    joint = " | "

    def message(self, text: str, /) -> str:
        """Return *text* on one line."""
        return clean(text)

    def exception(self, info: ExceptionInfo, /) -> str:
        """Return the lines of *info* on one line."""
        lines = (line.strip() for line in render_exception(info).split("\n"))
        return self.joint.join(escape(line) for line in lines if line)

    def tail(self, info: ExceptionInfo, /) -> str:
        """Return *info* behind a bar."""
        return f"{self.joint}{self.exception(info)}"


class Indented:
    """Line breaks are kept, and all lines but a record's first are indented."""

    joint = "\n    "

    def message(self, text: str, /) -> str:
        """Return *text* with its lines below one another."""
        return f"{self._lines(text[:MAX_FIELD])}{cut_mark(text)}"

    def exception(self, info: ExceptionInfo, /) -> str:
        """Return the lines of *info* below one another."""
        return self._lines(render_exception(info))

    def tail(self, info: ExceptionInfo, /) -> str:
        """Return *info* below the line."""
        return f"{self.joint}{self.exception(info)}"

    def _lines(self, text: str) -> str:
        return self.joint.join(map(escape, text.replace("\r\n", "\n").split("\n")))


WAYS: dict[str, Multiline] = {"escape": Escaped(), "indent": Indented()}
"""The ways by name."""
