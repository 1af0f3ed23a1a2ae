"""What is told of a request, and what is kept back."""

import pytest

from asynclog.integrations.asgi.description import MAX_TEXT, NAMES, Description
from asynclog.redaction import Redactor

from .client import scope_of

SECRETIVE = Redactor(keys=["pin"])


def access(redactor=SECRETIVE, headers=(), **scope):
    """Return what the access line tells."""
    return Description((), headers, redactor).on_access_line(scope_of(**scope))


def test_all_that_can_be_told_is_told():
    """Each by its name."""
    scope = scope_of("/a", query_string=b"b=c", headers=[(b"host", b"example.org")])
    assert Description(NAMES, (), None).on_each_line(scope, "17") == {
        "request_id": "17",
        "method": "GET",
        "path": "/a",
        "query": "b=c",
        "client": "192.0.2.1:5000",
        "host": "example.org",
        "scheme": "http",
        "http_version": "1.1",
    }


def test_what_is_not_known_is_not_told():
    """A request over a Unix socket, of a client without a name for the host."""
    scope = {"type": "http", "path": "/", "headers": []}
    assert Description(NAMES, (), None).on_each_line(scope, "17") == {
        "request_id": "17",
        "path": "/",
    }


@pytest.mark.parametrize(
    ("client", "text"),
    [(("::1", 80), "[::1]:80"), (("a", 0), "a"), (["b", 1], "b:1"), (("c", None), "c")],
)
def test_a_client_is_written_as_in_a_url(client, text):
    """The brackets keep the port apart."""
    told = Description(["client"], (), None).on_each_line(scope_of(client=client), "1")
    assert told == {"client": text}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"a=1&b=2", "a=1&b=2"),
        (b"token=abc&a=1", "token=***&a=1"),
        (b"PIN=1234", "PIN=***"),
        (b"p%69n=1234", "p%69n=***"),
        (b"pin", "pin"),
        (b"\xff\xfe", "ÿþ"),
        (b"next=http://a:b@c/", "next=http://a:***@c/"),
    ],
)
def test_secrets_in_a_query_are_masked(query, shown):
    """By the names of its parameters, however they are written, and by what they look like."""
    assert access(query_string=query) == {"query": shown}


def test_without_a_redactor_everything_is_shown():
    """Where the log itself is protected."""
    assert access(None, query_string=b"token=abc") == {"query": "token=abc"}


def test_headers_are_shown_if_they_are_asked_for():
    """With their names as those of attributes; secrets are masked all the same."""
    headers = [(b"user-agent", b"wrk"), (b"authorization", b"Basic YTpi"), (b"accept", b"*/*")]
    assert access(headers=[], query_string=b"") == {}
    description = Description((), ["User-Agent", "Authorization"], SECRETIVE)
    assert description.on_access_line(scope_of(headers=headers)) == {
        "header_user_agent": "wrk",
        "header_authorization": "***",
    }


def test_a_secret_in_a_path_is_masked():
    """As far as it looks like one."""
    assert Description((), (), SECRETIVE).path(scope_of("/a;token=abc")) == "/a;token=***"


@pytest.mark.parametrize("redactor", [None, SECRETIVE])
def test_a_long_path_is_cut(redactor):
    """A line of the log stays a line that one can read."""
    path = Description((), (), redactor).path(scope_of("/" + "a" * 100_000))
    assert path == "/" + "a" * (MAX_TEXT - 1) + "..."
