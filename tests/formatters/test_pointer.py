"""JSON Pointer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters.pointer import MAX_TOKENS, parse_pointer
from asynclog.formatters.routing import pointer_text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("/", ("",)),
        ("//", ("", "")),
        ("/foo", ("foo",)),
        ("/foo/0", ("foo", "0")),
        ("/a~1b", ("a/b",)),
        ("/m~0n", ("m~n",)),
        ("/~01", ("~1",)),
        ("/c%d", ("c%d",)),
        ("/ ", (" ",)),
        ("/é", ("é",)),
        ("#", ()),
        ("#/c%25d", ("c%d",)),
        ("#/a%20b", ("a b",)),
        ("#/%C3%A9", ("é",)),
    ],
)
def test_a_pointer_is_the_names_along_the_way(text, names):
    """The examples of RFC 6901 are among these."""
    assert parse_pointer(text) == names


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a", 0),
        ("a/b", 0),
        ("#a", 1),
        ("/a~b", 2),
        ("/a~", 2),
        ("/~2", 1),
        ("#/%2", 2),
        ("#/%FF", 2),
    ],
)
def test_what_is_no_pointer_is_refused_with_its_place(text, position):
    """The error names the pointer, and points at the character."""
    with pytest.raises(PatternError, match="JSON pointer") as caught:
        parse_pointer(text)
    assert (caught.value.pattern, caught.value.position) == (text, position)


def test_a_pointer_may_not_be_too_deep():
    """No program reads a hundred objects within objects."""
    parse_pointer("/a" * MAX_TOKENS)
    with pytest.raises(PatternError, match="of 17 names: at most 16"):
        parse_pointer("/a" * (MAX_TOKENS + 1))


@given(st.lists(st.text(), max_size=MAX_TOKENS))
def test_any_names_can_be_written_as_a_pointer(names):
    """And are read back the same."""
    assert parse_pointer(pointer_text(tuple(names))) == tuple(names)


@given(st.text(alphabet="/#~01%aF"))
def test_any_text_is_a_pointer_or_refused(text):
    """Nothing else comes out of it."""
    with suppress(PatternError):
        parse_pointer(text)
