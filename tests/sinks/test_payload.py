"""Where records end in the bytes of a batch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.records import Batch, Record
from asynclog.sinks.payload import (
    encode_payload,
    encode_records,
    last_record_end,
    record_end,
)


def payload_of(*lines):
    """Return the encoded records with these texts."""
    return encode_payload(Batch([Record(0, 20, "", line) for line in lines], list(lines)))


@pytest.mark.parametrize("lines", [("a", "bb", "ccc"), ("a\nA", "é", "\n\n")])
def test_each_record_ends_with_its_line_break(lines):
    """Those of several lines too."""
    payload, ends = payload_of(*lines), [0]
    for line in lines:
        ends.append(payload.end_of(ends[-1]))
        assert payload[ends[-2] : ends[-1]].decode() == line + "\n"
    assert ends[-1] == len(payload)


@given(st.lists(st.text("ab\né", max_size=4), min_size=1), st.data())
def test_the_last_end_is_the_last_one_that_fits(lines, data):
    """As if one had looked at every record."""
    payload = payload_of(*lines)
    ends, position = [0], 0
    for line in lines:
        position += len(line.encode()) + 1
        ends.append(position)
    start = data.draw(st.sampled_from(ends))
    stop = data.draw(st.integers(start - 3, len(payload) + 3))
    assert payload.last_end(start, stop) == max(
        [end for end in ends if start < end <= stop], default=start
    )


@given(st.lists(st.text("ab\né", max_size=4), min_size=1), st.data())
def test_a_part_knows_its_own_ends(lines, data):
    """As if its records had been encoded alone."""
    first, last = sorted(data.draw(st.lists(st.integers(0, len(lines)), min_size=2, max_size=2)))
    ends = [len(encode_records(lines[:i])) if i else 0 for i in range(len(lines) + 1)]
    part = payload_of(*lines).part(ends[first], ends[last])
    assert part == (encode_records(lines[first:last]) if first < last else b"")
    for start, stop in pairwise(end - ends[first] for end in ends[first : last + 1]):
        assert record_end(part, start) == stop
        assert last_record_end(part, stop) == stop


def test_ends_are_remembered_only_where_they_must_be():
    """A line break says where a record of one line ends."""
    assert payload_of("a", "b").ends is None
    assert payload_of("a\nb").ends == (4,)
