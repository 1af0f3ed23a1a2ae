"""Reading a pattern from left to right."""

from __future__ import annotations

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.scanner import Scanner


def test_text_ends_at_a_placeholder():
    """Doubled braces are single ones."""
    scanner = Scanner("a {{b}} {c}")

    assert scanner.text() == "a {b} "
    assert scanner.is_next("{c}")


def test_text_may_reach_the_end():
    """Nothing is left then."""
    scanner = Scanner("a }} b")

    assert (scanner.text(), scanner.is_at_end) == ("a } b", True)


@pytest.mark.parametrize(("pattern", "read"), [("{a.b_9}", ("a.b_9", False)), ("{a:", ("a", True))])
def test_a_name_ends_at_a_colon_or_brace(pattern, read):
    """True stands for the colon."""
    assert Scanner(pattern).name() == read


def test_parts_in_inner_braces_come_in_any_order():
    """Each with its kind."""
    extensions = Scanner("{[:r}{x{{:default}{]:u}s}").extensions("default", "r", "u")

    assert [extensions.text(kind) for kind in ("r", "default", "u", "p")] == ["[", "x{", "]", None]


def test_a_placeholder_inside_a_part_does_not_end_it():
    """Even if it looks like an end."""
    extensions = Scanner("{{name:s}}}|:p}s}").extensions("p", "s", nested=True)

    assert extensions["p"].text == "{name:s}}}|"


def test_a_second_part_of_a_kind_is_refused():
    """Where it begins."""
    with pytest.raises(PatternError, match="a second part with ':s}'") as error:
        Scanner("{a:s}{b:s}s}").extensions("s")

    assert error.value.position == 5


def test_balanced_braces_are_read_as_one():
    """Without the outermost."""
    scanner = Scanner("{a{b}c}d")

    assert (scanner.balanced(), scanner.at) == ("a{b}c", 7)


def test_an_error_stands_where_the_scanner_stands():
    """Unless another place is named."""
    scanner = Scanner("abc", at=2)

    assert [scanner.error("x").position, scanner.error("x", 0).position] == [2, 0]


def test_a_scanner_does_not_see_beyond_its_end():
    """What follows belongs to another."""
    assert Scanner("{a} b}", at=3, end=5).text() == " b"
