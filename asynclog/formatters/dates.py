"""Times in the language of `strftime`, as plain text for each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import PatternError
from .timestamps import DateFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECOND = 1_000_000_000


class DateWriter:
    """Writes times by a date format.

    Args:
        text: the format, see `timestamps`.
        local: whether in the local time zone rather than in UTC.
        option: the name of the option, for messages.

    Raises:
        PatternError: *text* cannot be used.
    """

    def __init__(self, text: str, *, local: bool = False, option: str = "strftime") -> None:
        try:
            self._format = DateFormat(text, local=local)
        except ValueError as error:
            raise PatternError(f"{option}: {error}", text, 0) from None

    def texts(self, times: Iterable[int]) -> list[str]:
        """Return the text of each of *times*, in nanoseconds since the Unix epoch."""
        return [self._text(*divmod(time_ns, _SECOND)) for time_ns in times]

    def _text(self, second: int, nanosecond: int) -> str:
        first, *rest = self._format.texts(second)
        digits = f"{nanosecond:09d}"
        fractions = zip(self._format.fractions, rest, strict=True)
        return first + "".join([f"{digits[:length]}{text}" for length, text in fractions])
