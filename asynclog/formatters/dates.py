"""Times in the language of `strftime`, as plain text for each record."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from ..errors import PatternError
from .timestamps import DIGITS, DateFormat

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
        self._finer = self._format.finer()

    def texts(self, times: Iterable[int]) -> list[str]:
        """Return the text of each of *times*, in nanoseconds since the Unix epoch."""
        return [self._text(time_ns) for time_ns in times]

    def _text(self, time_ns: int) -> str:
        second, rest = divmod(time_ns, _SECOND)
        pieces = self._format.pieces(second, DIGITS[rest // 1_000_000])
        finer = {6: DIGITS[rest // 1000 % 1000]}
        finer[9] = finer[6] + DIGITS[rest % 1000]
        digits = [finer[count] for count in self._finer]
        return "".join(f"{a}{b}" for a, b in zip_longest(pieces, digits, fillvalue=""))
