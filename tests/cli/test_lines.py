"""Tests of asynclog.cli.lines."""

from hypothesis import example, given
from hypothesis import strategies as st

from asynclog.cli.lines import LineSplitter


def split(*chunks, limit=100):
    """Return the lines in *chunks*."""
    splitter = LineSplitter(limit)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return lines + splitter.end()


def test_lines_end_at_line_feeds():
    """And only there: an empty line is a line, a lone carriage return is text."""
    assert split(b"a\n\nb\rc\n") == ["a", "", "b\rc"]


def test_the_last_line_needs_no_line_feed():
    """What stands behind the last line feed is a line; nothing is none."""
    assert split(b"a\nb") == ["a", "b"]
    assert split(b"a\n") == ["a"]
    assert split() == []


def test_a_carriage_return_goes_with_the_line_feed():
    """Lines that end as on Windows are the same lines."""
    assert split(b"a\r\nb\r", b"\nc\r") == ["a", "b", "c"]


def test_a_line_may_come_in_many_chunks():
    """Also a character may."""
    assert split(b"caf\xc3", b"\xa9", b"\nx") == ["café", "x"]


def test_bytes_that_are_not_utf8_stay_visible():
    """None is dropped or replaced by one sign for all."""
    assert split(b"a\xff\xc3\n") == [r"a\xff\xc3"]


def test_a_long_line_is_divided():
    """Nothing of it is left out, and what follows is not touched."""
    assert split(b"abcdefghij\nk\n", limit=4) == ["abcd", "efgh", "ij", "k"]


def test_a_line_as_long_as_allowed_is_whole():
    """Also if a carriage return follows it."""
    assert split(b"abcd\nabcd\r", b"\nabcd", limit=4) == ["abcd", "abcd", "abcd"]


def test_only_one_carriage_return_is_beyond_the_limit():
    """One before it is text, and text is divided."""
    assert split(b"abcd\r\r\n", limit=4) == ["abcd", "\r"]


def test_a_line_is_divided_between_characters():
    """A character of several bytes is not torn."""
    assert split("ab€€".encode(), limit=4) == ["ab", "€", "€"]


def test_continuation_bytes_without_a_start_do_not_stop_it():
    """Bytes that never begin a character are divided at the limit."""
    assert split(b"\x80" * 9, limit=4) == [r"\x80" * 4, r"\x80" * 4, r"\x80"]


def test_an_endless_line_is_not_kept():
    """Without any line feed, what is kept back stays within the limit."""
    splitter = LineSplitter(limit=10)
    for _ in range(1000):
        splitter.feed(b"x" * 64)
        assert len(splitter._rest) <= 10


chunks = st.lists(st.binary(max_size=12) | st.sampled_from([b"\r", b"\n", b"\r\n", b"\xe2\x82"]))


@given(chunks, st.integers(4, 9))
@example([b"\0" * 8, b"\r", b"\r", b"\n"], 4)
def test_how_the_bytes_were_cut_does_not_matter(parts, limit):
    """Any division into chunks gives the same lines."""
    assert split(*parts, limit=limit) == split(b"".join(parts), limit=limit)


@given(st.binary(max_size=60), st.integers(4, 9))
def test_nothing_is_lost(data, limit):
    """The lines hold every byte but the ends of lines."""
    kept = "".join(split(data, limit=limit))
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\r").split(b"\n")
    assert "".join(line.decode("utf-8", "backslashreplace") for line in lines) == kept
