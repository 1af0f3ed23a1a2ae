"""Numbers as sizes for people: four or five characters with a unit behind, `9.99k` or `1.00Mi`.

The layout is the one of muduo's `formatSI` and `formatIEC`, with three significant digits: the
number of decimals follows from where rounding would make one digit more.
"""

from __future__ import annotations

SI_UNITS = ("k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q")
"""Powers of 1000."""
IEC_UNITS = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi", "Ri", "Qi")
"""Powers of 1024."""


def format_si(number: float) -> str:
    """Return *number* in powers of 1000, such as `0`, `999`, `1.00k`, `99.9k`, `100k`, `9.22E`.

    A number below zero is printed as it is, and a fraction is rounded away first.

    Raises:
        OverflowError, ValueError: *number* is infinite, not a number, or beyond all units.
    """
    return _scaled(number, 1000, SI_UNITS, "999")


def format_iec(number: float) -> str:
    """Return *number* in powers of 1024, such as `1023`, `1.00Ki`, `1023Ki`, `1.00Mi`.

    A number below zero is printed as it is, and a fraction is rounded away first.

    Raises:
        OverflowError, ValueError: *number* is infinite, not a number, or beyond all units.
    """
    return _scaled(number, 1024, IEC_UNITS, "1023")


def _scaled(number: float, base: int, units: tuple[str, ...], largest: str) -> str:
    """Return *number* in the first of *units* in which it is at most *largest*."""
    number = round(number)
    if number < base:
        return str(number)
    scale = 1
    for unit in units:
        scale *= base
        # The bounds, in 2000ths of a unit: where rounding to so many decimals gives a digit more.
        for bound, decimals, last in ((19990, 2, "9.99"), (199900, 1, "99.9")):
            if number * 2000 < scale * bound:
                return f"{_rounded(number / scale, decimals, last)}{unit}"
        if number * 2 < scale * (2 * int(largest) + 1):
            return f"{_rounded(number / scale, 0, largest)}{unit}"
    raise OverflowError(f"{number:.3e} is beyond the unit {units[-1]}")


def _rounded(value: float, decimals: int, last: str) -> str:
    """Return *value* rounded; at most *last*, which a float just below the bound may exceed."""
    text = f"{value:.{decimals}f}"
    return last if float(text) > float(last) else text
