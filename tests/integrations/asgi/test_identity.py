"""Ids of requests, and labels that no two have at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.integrations.asgi.identity import MAX_ID, Labels, RequestIds

ids = RequestIds(b"x-request-id", lambda: "made")


def taken(*values):
    """Return the id of a request with these headers."""
    return ids.of([(b"host", b"a"), *((b"x-request-id", value) for value in values)])


@pytest.mark.parametrize(
    "value",
    [
        "f3a91c02",
        "9d8b9c5e-9d41-4f2a-8f57-6a3bcd1f2e77",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "Root=1-67891233-abcdef012345678912345678",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "aGVsbG8+d29ybGQ/",
        "x" * MAX_ID,
    ],
)
def test_an_id_as_proxies_and_clients_make_them_is_taken(value):
    """As it is."""
    assert taken(value.replace("?", "=").encode()) == value.replace("?", "=")


@pytest.mark.parametrize(
    "value",
    [b"", b"a b", b"a\r\nset-cookie: b", b"a\n", b"\x1b[31m", "é".encode(), b"x" * 10_000, b"-rf"],
)
def test_what_is_no_id_is_replaced(value):
    """Never cut or cleaned: what is left could be the id of another."""
    assert taken(value) == "made"


@given(st.binary())
def test_no_bytes_get_into_the_log_but_harmless_ones(value):
    """Whatever is sent."""
    found = taken(value)
    assert found == "made" or (found.encode() == value and found.isascii() and found.isprintable())


def test_of_several_headers_the_first_that_holds_an_id_counts():
    """A proxy may have added its own behind that of the client."""
    assert taken(b"a b", b"second", b"third") == "second"


def test_without_a_header_each_id_is_made():
    """Nothing is taken from outside."""
    assert RequestIds(None, lambda: "made").of([(b"x-request-id", b"a")]) == "made"


def test_a_label_may_be_taken_again_when_it_was_given_back():
    """In between, another one is found."""
    labels = Labels(iter("ab").__next__)
    assert [labels.take("x"), labels.take("x")] == ["x", "x#a"]
    labels.give_back("x")
    assert [labels.take("x"), labels.take("x")] == ["x", "x#b"]
