"""Tests of asynclog.central.skew."""

import pytest

from asynclog.central.counting import Section
from asynclog.central.event import decode, encode, from_record
from asynclog.central.keys import OVER
from asynclog.central.skew import shifted, skew_of
from asynclog.records import Record

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("asked", "server", "answered", "skew"),
    [
        (100, 107, 100, 7),
        (100, 95, 100, -5),
        (100, 100.04, 100, 0),
        (100, 100.9, 102, 0),
        (100, 106, 102, 5),
    ],
)
def test_the_difference_of_two_clocks(asked, server, answered, skew):
    """A small one, or one that may be due to the way, is none."""
    in_ns = [int(one * SECOND) for one in (asked, server, answered)]

    assert skew_of(*in_ns) == skew * SECOND


def test_what_was_counted_before_moves_to_the_server_s_time():
    """By the time of the first event of each group."""
    early = encode(from_record(Record(10 * SECOND + 100, 20, "a", "m"), "e"))
    late = encode(from_record(Record(10 * SECOND + 800_000_000, 20, "a", "m"), "l"))
    section = Section(10, 20, {"e": (2, early), "l": (3, late), OVER: (4, b"")})

    moved = list(shifted([section], 7 * SECOND + 300_000_000))

    assert [(one.second, list(one.groups)) for one in moved] == [
        (17, ["e"]),
        (18, ["l"]),
        (17, [OVER]),
    ]
    assert decode(moved[0].groups["e"][1]).time_ns == 17 * SECOND + 300_000_100
    assert sum(one.events for one in moved) == section.events
