"""Tests of asynclog.cli.sparkline."""

from hypothesis import given
from hypothesis import strategies as st

from asynclog.cli.sparkline import BARS, NONE, sparkline


def test_the_greatest_has_the_full_height():
    """And what is there at all has a bar."""
    assert sparkline([0, 1, 50, 100]) == "·▁▄█"


@given(st.lists(st.integers(0, 1 << 60)))
def test_a_bar_for_each_count(counts):
    """None only where there was nothing."""
    line = sparkline(counts)

    assert len(line) == len(counts)
    assert [bar != NONE for bar in line] == [n > 0 for n in counts]
    assert set(line) <= {*BARS, NONE}
