"""The part of a compiled function that prints dates.

Names in the generated code: `u0`, `u1`, ... are texts that hold for a second, `t0`, `t1`, ... hold
for a millisecond, and `elapsed` is the nanoseconds since that millisecond began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .timestamps import DateFormat

_CODE = """\
            elapsed = record.time_ns - tick
            if not 0 <= elapsed < 1000000:
                tick = never
                milliseconds = record.time_ns // 1000000
                if milliseconds // 1000 != second:
                    second = None
                    [{seconds}] = dates(milliseconds // 1000)
                    second = milliseconds // 1000
                milli = digits[milliseconds % 1000]
{assignments}\
                tick = milliseconds * 1000000
                elapsed = record.time_ns - tick
"""
"""`tick` and `second` are taken back before anything that can fail, lest old texts be reused."""
_ASSIGNMENT = """\
                t{number} = f"{parts}"
"""
_FINER = {
    3: "",
    6: "{digits[elapsed // 1000]}",
    9: "{digits[elapsed // 1000]}{digits[elapsed % 1000]}",
}
"""What prints the digits below a millisecond, by all digits of a fraction."""


class DateCode:
    """The dates of a pattern: their formats, and the code that prints them."""

    def __init__(self) -> None:
        self._formats: list[DateFormat] = []
        self._seconds = 0
        self._assignments: list[str] = []

    def add(self, date: DateFormat) -> str:
        """Add *date*; return the part of an f-string that prints it."""
        self._formats.append(date)
        inline, pending = "", self._second()
        for digits, segment in zip(date.fractions, date.segments[1:], strict=True):
            text = self._second()
            pending += "{milli}"
            if _FINER[digits]:
                inline += self._assigned(pending) + _FINER[digits]
                pending = ""
            pending += text if segment else ""
        return inline + (self._assigned(pending) if pending else "")

    def source(self) -> str:
        """Return the statements to be run for each record; nothing where there are no dates."""
        if not self._formats:
            return ""
        seconds = ", ".join(f"u{number}" for number in range(self._seconds))
        return _CODE.format(seconds=seconds, assignments="".join(self._assignments))

    def texts(self, second: int) -> list[str]:
        """Return all texts that hold for the epoch's *second*."""
        if len(self._formats) == 1:
            return self._formats[0].texts(second)
        return [text for date in self._formats for text in date.texts(second)]

    def _second(self) -> str:
        self._seconds += 1
        return f"{{u{self._seconds - 1}}}"

    def _assigned(self, parts: str) -> str:
        if "{milli}" not in parts:
            return parts
        number = len(self._assignments)
        self._assignments.append(_ASSIGNMENT.format(number=number, parts=parts))
        return f"{{t{number}}}"
