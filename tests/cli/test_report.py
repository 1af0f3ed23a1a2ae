"""Tests of asynclog.cli.report."""

import io

import pytest
from rich.console import Console

from asynclog.cli.report import SHOWN, Order, Progress, count_switches, show
from asynclog.ledger import Ledger
from asynclog.records import Record


def order(name, labels):
    """Return an order of one line for each label."""
    records = [Record(0, 20, label, f"line {n}") for n, label in enumerate(labels)]
    lines = [f"[{record.label}]: {record.message}" for record in records]
    return Order(name, "explained", records, lines, Ledger(1).statistics(0))


def printed(*orders, **options):
    """Return what is shown of *orders*."""
    console = Console(file=io.StringIO(), highlight=False, width=60, **options)
    show(console, orders)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("labels", "switches"), [("", 0), ("a", 0), ("aab", 1), ("abab", 3), ("aabb", 1)]
)
def test_a_switch_is_a_change_of_label(labels, switches):
    """From one line to the next."""
    assert count_switches(labels) == switches


def test_both_orders_are_shown_with_their_numbers():
    """One after the other, each under its name, then the table."""
    rows = [
        line.split()
        for line in printed(order("mixed", "abab"), order("sorted", "aabb")).splitlines()
    ]
    assert rows[:3] == [["mixed:", "explained"], ["[a]:", "line", "0"], ["[b]:", "line", "1"]]
    assert ["label", "switches", "3", "1"] in rows
    assert ["label", "switches", "per", "100", "lines", "75", "25"] in rows


def test_a_long_order_is_cut():
    """The rest is counted."""
    text = printed(order("mixed", "a" * (SHOWN + 3)))
    assert (text.count("[a]:"), "... and 3 more lines" in text) == (SHOWN, True)


def test_colours_are_for_terminals():
    """One for each label; anything else gets plain text, and lines in full."""
    lines = order("mixed", ["x" * 80, "b"])
    assert "\x1b[36m" in printed(lines, force_terminal=True, color_system="standard")
    assert f"[{'x' * 80}]: line 0\n" in printed(lines)


def test_a_line_takes_one_line_of_a_terminal():
    """What does not fit is cut off, visibly."""
    lines = printed(order("mixed", ["x" * 80]), force_terminal=True).splitlines()
    assert "x" * 58 + "…" in lines[1]
    assert lines[2] == ""


def test_text_is_not_read_as_markup():
    """A label such as [red] is text."""
    assert "[red]: line 0" in printed(order("mixed", ["red"]))


def test_the_bar_is_for_terminals(capsys):
    """Elsewhere nothing is printed about progress."""
    with Progress(1) as progress:
        progress.PATIENCE_SECONDS = 0
        progress.advance()
    assert capsys.readouterr() == ("", "")
