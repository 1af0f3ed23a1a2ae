"""Lines as bytes on a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks.framing import cut, encode, newline, octet_counting, one_line, parse_framing

TEXT = st.text(st.characters(exclude_categories=()))


def test_octets_are_counted_not_characters():
    """The length is that of the bytes."""
    assert octet_counting(["hello world", "é", ""]) == [b"11 hello world", b"2 \xc3\xa9", b"0 "]


def test_line_breaks_stay_inside_where_octets_are_counted():
    """The length says where a record ends."""
    assert octet_counting(["a\nb"]) == [b"3 a\nb"]


def test_a_line_break_inside_cannot_begin_a_record():
    """Text is no way to forge a line."""
    assert newline(["a\n<34>1 forged\r\n\0", "b"]) == [b"a\\n<34>1 forged\\r\\n\\x00\n", b"b\n"]


def test_what_utf_8_cannot_encode_is_escaped():
    """A lone surrogate loses no line."""
    assert encode("\ud800é") == b"\\ud800\xc3\xa9"


@given(st.lists(TEXT))
def test_newline_frames_are_one_line_each(lines):
    """Whatever the text, the receiver counts as many records as were sent."""
    stream = b"".join(newline(lines))
    assert stream.count(b"\n") == len(lines)
    assert b"\0" not in stream
    stream.decode()


@given(st.lists(TEXT))
def test_counted_frames_can_be_read_back(lines):
    """A receiver that obeys the lengths finds every text again."""
    stream, found = b"".join(octet_counting(lines)), []
    while stream:
        length, _, stream = stream.partition(b" ")
        found.append(stream[: int(length)])
        stream = stream[int(length) :]
    assert found == [encode(line) for line in lines]


def test_one_line_leaves_other_text_alone():
    """Nothing is done without need."""
    text = "a\tb\\n é"
    assert one_line(text) is text


def test_framings_have_names():
    """As settings use them."""
    assert [parse_framing("newline"), parse_framing("octet-counting")] == [newline, octet_counting]


def test_an_unknown_framing_is_refused():
    """The message names those that exist."""
    with pytest.raises(
        ValueError, match="framing: expected one of newline, octet-counting, got 'nul'"
    ):
        parse_framing("nul")


def test_a_frame_that_fits_is_not_cut():
    """Not even at the limit."""
    assert cut(b"12345", 5) == b"12345"


def test_a_frame_that_is_cut_tells_its_length():
    """In bytes, and within the limit."""
    assert cut(b"x" * 1234, 30) == b"x" * 14 + b"...[1,234 bytes]"


@given(TEXT, st.integers(0, 60))
def test_a_cut_frame_keeps_its_limit_and_is_still_text(text, limit):
    """No character is cut in two."""
    frame = cut(encode(text), limit)
    assert len(frame) <= limit
    frame.decode()
