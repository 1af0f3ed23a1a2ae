"""Format specs: Python's mini-language, checked when a pattern is built.

    [[fill]align][sign][z][#][0][width][grouping][.precision][type]

Beside Python's own types there are `si` and `iec`, which print numbers as sizes for people.  A spec
that is none of this but holds a `%`, such as `%H:%M`, is for values with a format of their own,
like dates.
"""

from __future__ import annotations

import re

import msgspec

MAX_WIDTH = 1_024
"""The largest width and precision, in characters, so that a pattern cannot ask for gigabytes."""

SIZES = ("si", "iec")
"""The types that print a number as a size."""

_NUMERIC = "bdoxXneEfFgG%"
_SPEC = re.compile(
    r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[ +-])?(?P<zero_sign>z)?(?P<form>\#)?(?P<zero>0)?"
    r"(?P<width>[0-9]+)?(?P<grouping>[,_])?(?:\.(?P<precision>[0-9]+))?"
    r"(?P<type>si|iec|[bcdeEfFgGnosxX%])?",
    re.DOTALL,
)


class Spec(msgspec.Struct, frozen=True):
    """One checked format spec."""

    text: str = ""
    """The whole, as Python's `format` takes it, unless `type` is one of `SIZES`."""
    type: str = ""
    """What stands last: one of Python's letters or `SIZES`; `%…` for a date's spec."""
    align: str = ""
    """One of `<`, `>`, `=` and `^`, or nothing."""
    padding: str = ""
    """The part that any text can take: fill, align and width."""

    @property
    def is_numeric(self) -> bool:
        """Whether only numbers can take this spec's type."""
        return self.type != "" and (self.type in _NUMERIC or self.is_size)

    @property
    def counts_booleans(self) -> bool:
        """Whether true and false are 1 and 0 here: for `s` too, which no number takes."""
        return self.is_numeric or self.type == "s"

    @property
    def is_size(self) -> bool:
        """Whether the spec prints a number as a size."""
        return self.type in SIZES

    @property
    def is_date(self) -> bool:
        """Whether the spec is for values with a format of their own."""
        return self.type == "%…"

    def fits(self, example: object) -> bool:
        """Tell whether a value of the type of *example* takes this spec."""
        try:
            format(example, self.text)
        except (ValueError, TypeError):
            return False
        return True


def parse_spec(text: str) -> Spec:
    """Return the spec that *text* stands for.

    Raises:
        ValueError: *text* is not a format spec, or asks for too much; the message says why.
    """
    match = _SPEC.fullmatch(text)
    if match is None:
        if "%" in text:
            return Spec(text=text, type="%…")
        raise ValueError(
            f"{text!r} is not a format spec: expected"
            " [[fill]align][sign][#][0][width][grouping][.precision][type],"
            " with a type of b c d e E f F g G n o s x X % si iec"
        )
    for part in ("width", "precision"):
        # No number of five digits fits; a longer one need not even be converted.
        if len(digits := match[part] or "") > 4 or int(digits or 0) > MAX_WIDTH:  # noqa: PLR2004
            raise ValueError(f"{part} {digits[:12]} is too large: at most {MAX_WIDTH:,} is allowed")
    fill, align, width = match["fill"] or "", match["align"] or "", match["width"] or ""
    padding = f"{fill}{align.replace('=', '>')}{width}"
    return Spec(text=text, type=match["type"] or "", align=align, padding=padding)


def as_hexadecimal(spec: Spec) -> Spec:
    """Return *spec*, which names no type, with the type of a thread's id: `0x` and hex digits."""
    match = _SPEC.fullmatch(spec.text)
    assert match is not None  # noqa: S101 - the spec was parsed by the same expression
    fill, align, sign = match["fill"] or "", match["align"] or "", match["sign"] or ""
    zero, width = match["zero"] or "", match["width"] or ""
    return msgspec.structs.replace(spec, text=f"{fill}{align}{sign}#{zero}{width}x", type="x")
