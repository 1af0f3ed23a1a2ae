"""Tests of asynclog.central.skew."""

import pytest

from asynclog.central.counting import Section
from asynclog.central.event import decode, encode, from_record
from asynclog.central.keys import OVER
from asynclog.central.skew import moved, skew_of
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

    first, second = moved([section], 7 * SECOND + 300_000_000)

    assert (first.second, list(first.groups)) == (17, ["e", OVER])
    assert (second.second, list(second.groups)) == (18, ["l"])
    assert decode(first.groups["e"][1]).time_ns == 17 * SECOND + 300_000_100
    assert first.events + second.events == section.events


def test_what_moves_into_one_second_is_added_up():
    """A group of two seconds whose parts meet keeps its first event."""
    payloads = [
        encode(from_record(Record(time_ns, 20, "a", "m"), "g"))
        for time_ns in (10 * SECOND + 900_000_000, 11 * SECOND + 100_000_000)
    ]
    before = [Section(10 + n, 20, {"g": (2, payload)}) for n, payload in enumerate(payloads)]

    (after,) = moved(before, SECOND // 5)

    assert (after.second, after.events) == (11, 4)
    assert decode(after.groups["g"][1]).time_ns == 11 * SECOND + 100_000_000
