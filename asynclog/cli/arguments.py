"""What the values of options may be; a bad one is told with what is allowed in its place."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def whole_number(lowest: int) -> Callable[[str | int], int]:
    """Return a type of options: a whole number from *lowest* up."""

    def convert(value: str | int) -> int:
        try:
            number = int(value)
        except ValueError:
            number = lowest - 1
        if number < lowest:
            raise click.BadParameter(f"expected a whole number from {lowest} up, got {value!r}")
        return number

    return convert


def seconds(value: str | float) -> float:
    """Return the number of seconds that *value* names.

    Raises:
        click.BadParameter: it names none, or one that is negative or has no end.
    """
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise click.BadParameter(f"expected seconds from 0 up, got {value!r}")
    return number


def directory(value: str) -> Path:
    """Return the path of a directory that exists.

    Raises:
        click.BadParameter: *value* is none.
    """
    if not Path(value).is_dir():
        raise click.BadParameter(f"expected a directory, got {value!r}")
    return Path(value)
