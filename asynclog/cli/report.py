"""What the demonstration shows: the same lines in two orders, and the numbers."""

from __future__ import annotations

import sys
import time
from io import TextIOWrapper
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

from rich import box, progress
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..ledger import Statistics
    from ..records import Record

SHOWN = 24
"""Lines that are shown of each order."""
_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "red")
_STYLES = [f"{prefix}{colour}" for prefix in ("", "bright_") for colour in _COLOURS]


class Order(NamedTuple):
    """The lines of a run, in the order in which one logger wrote them."""

    name: str
    explanation: str
    records: Sequence[Record]
    lines: Sequence[str]
    statistics: Statistics


def count_switches(labels: Iterable[str]) -> int:
    """Return how often a line has another label than the line before it."""
    return sum(label != following for label, following in pairwise(labels))


def show_orders(orders: Sequence[Order]) -> None:
    """Print the two orders and their numbers on standard output."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files can be anything
    show(Console(highlight=False), orders)


def show(console: Console, orders: Sequence[Order]) -> None:
    """Print the beginning of each order, in one colour for each label, and a table of numbers."""
    styles: dict[str, str] = {}
    for order in orders:
        console.print(Text(f"{order.name}: {order.explanation}", style="bold"))
        for record, line in zip(order.records[:SHOWN], order.lines, strict=False):
            style = styles.setdefault(record.label, _STYLES[len(styles) % len(_STYLES)])
            _print_line(console, Text(line, style=style))
        if len(order.lines) > SHOWN:
            console.print(f"... and {len(order.lines) - SHOWN:,} more lines")
        console.print()
    console.print(_table(orders))


def _print_line(console: Console, text: Text) -> None:
    """Print *text* on one line: as much as a terminal has room for, or all of it elsewhere."""
    if console.is_terminal:
        console.print(text, no_wrap=True, overflow="ellipsis")
    else:
        console.print(text, soft_wrap=True)


def _table(orders: Sequence[Order]) -> Table:
    table = Table("", box=box.SIMPLE_HEAD)
    for order in orders:
        table.add_column(order.name, justify="right")
    switches = [count_switches(record.label for record in order.records) for order in orders]
    table.add_row("lines", *(f"{len(order.lines):,}" for order in orders))
    table.add_row("label switches", *(f"{count:,}" for count in switches))
    table.add_row(
        "label switches per 100 lines",
        *(
            f"{100 * count / max(1, len(order.lines)):.0f}"
            for count, order in zip(switches, orders, strict=True)
        ),
    )
    for name in ("accepted", "emitted", "dropped", "buffered"):
        table.add_row(name, *(f"{getattr(order.statistics, name):,}" for order in orders))
    return table


class Progress:
    """A bar on stderr, if that is a terminal, from the moment when the work takes a second.

    Args:
        total: steps of the work.
    """

    PATIENCE_SECONDS = 1.0

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        self._bar = progress.Progress(
            console=console, transient=True, disable=not console.is_terminal
        )
        self._task = self._bar.add_task("working", total=total)
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self) -> None:
        """Tell that one more step is done."""
        self._bar.advance(self._task)
        if time.monotonic() - self._begun >= self.PATIENCE_SECONDS:
            self._bar.start()
