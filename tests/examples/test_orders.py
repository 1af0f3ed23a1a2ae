"""A library that logs with `logging`, from a thread of its own."""

from __future__ import annotations

from . import printed_by


def test_the_library_s_lines_stand_with_the_program_s(tmp_path):
    """Each under its label, at its own level."""
    lines = printed_by("orders.py", tmp_path / "orders.db")
    library = [line for line in lines if "[aiosqlite]" in line]
    assert all(line.startswith("DEBUG") for line in library)
    assert sum("INSERT INTO orders" in line and "executing" in line for line in library) == 3
    assert "returning exception UNIQUE constraint failed: orders.number" in "".join(library)


def test_the_lines_of_an_order_stand_together(tmp_path):
    """With the customer, as an attribute of the scope."""
    lines = printed_by("orders.py", tmp_path / "orders.db")
    start = lines.index("INFO     [order 17]: order arrives customer=ann")
    assert lines[start : start + 4] == [
        "INFO     [order 17]: order arrives customer=ann",
        "INFO     [order 17]: order placed customer=ann",
        "INFO     [order 17]: order arrives customer=eve",
        "ERROR    [order 17]: not placed: UNIQUE constraint failed: orders.number customer=eve",
    ]
