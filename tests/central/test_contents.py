"""What becomes of a batch, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.central.contents import Batch, merge, read, totals
from asynclog.central.stores import Drop

from .producing import payload

BATCH = Batch("test:0", "b", 5)


def test_groups_come_in_order_of_time():
    """Whatever their names."""
    payloads = {b"a": payload("a", 5, 2), b"b": payload("b", 5, 1)}
    found = read(BATCH, [(b"a", 1), (b"b", 4)], payloads)

    assert [(row.group, row.repeats) for row in found.delivery.rows] == [("b", 4), ("a", 1)]
    assert found.events == 5


def test_a_group_without_a_payload_is_counted():
    """At the beginning of its second."""
    (row,) = read(BATCH, [(b"a", 3)], {}).delivery.rows

    assert (row.repeats, row.time_ns, row.payload) == (3, 5_000_000_000, None)


def test_a_group_that_only_has_a_payload_came_once():
    """And what counts the bytes of payloads is no group."""
    found = read(BATCH, [], {b"a": payload("a", 5), b"~b": b"99"})

    assert [(row.group, row.repeats) for row in found.delivery.rows] == [("a", 1)]
    assert found.events == 1


def test_what_had_no_room_is_a_drop():
    """With the name of the batch, so that it counts once."""
    found = read(BATCH, [(b"~over", 7)], {})

    assert found.delivery.drops == [Drop("test:0", 5, "folded", "b", 7)]
    assert found.events == 7


@pytest.mark.parametrize(
    ("member", "score", "content", "reason"),
    [
        (b"g", 2, b"\xc1", "no event: "),
        (b"g", 2, b"", "no event: "),
        (b"g", 2, b"\x91\x01", "no event: "),
        (b"g", 2, b"x" * 2_000_000, "no event: 2,000,000 bytes"),
        (b"\xff", 2, None, "expected UTF-8"),
        (b"a\0b", 2, None, "no NUL"),
        (b"g" * 600, 2, None, "up to 512 bytes"),
        (b"g", -1, None, "no count of events"),
        (b"g", 0.5, None, "no count of events"),
        (b"g", float("nan"), None, "no count of events"),
        (b"g", float("inf"), None, "no count of events"),
    ],
)
def test_poison_becomes_a_dead_letter(member, score, content, reason):
    """And the group beside it is delivered."""
    payloads = {b"well": payload("well", 5)} | ({member: content} if content is not None else {})
    found = read(BATCH, [(member, score), (b"well", 1)], payloads).delivery

    assert [row.group for row in found.rows] == ["well"]
    (letter,) = found.dead
    assert reason in letter.reason
    assert letter.payload == content


@given(
    counts=st.dictionaries(st.binary(max_size=20), st.floats() | st.integers(1, 9)),
    payloads=st.dictionaries(st.binary(max_size=20), st.binary(max_size=40)),
)
def test_whatever_a_stranger_writes_every_event_is_accounted_for(counts, payloads):
    """Rows, drops and dead letters together have the sum that the server is told."""
    found = read(BATCH, counts.items(), payloads)
    parts = found.delivery

    known = sum(one.repeats for one in (*parts.rows, *parts.dead))
    assert known + sum(one.events for one in parts.drops) == found.events
    members = {*counts, *payloads} - {b"~b"} | set(counts)
    assert len(parts.rows) + len(parts.dead) + len(parts.drops) == len(members)


def test_batches_are_delivered_together():
    """The catalogue is told of the earliest event of a group."""
    late = read(Batch("test:0", "b2", 6), [(b"a", 1)], {b"a": payload("a", 6)})
    early = read(BATCH, [(b"a", 1)], {b"a": payload("a", 5)})
    merged = merge([late, early])

    assert len(merged) == 2
    assert merged.events["a"].second == 5


def test_running_totals_are_rows_by_cause():
    """What is no number is left out."""
    counters = {b"dropped:20": b"3", b"folded:10": b"x", b"\xff": b"1"}

    assert totals("test:0", counters) == [Drop("test:0", 0, "dropped:20", "", 3)]
