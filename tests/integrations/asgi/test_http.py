"""How an HTTP request went, told from its messages alone."""

import asyncio

import pytest

from asynclog import Level
from asynclog.integrations.asgi.http import HttpExchange

from .client import LEFT, REQUEST, body, start


class ClientDisconnect(Exception):  # noqa: N818 - its name is what matters
    """As frameworks have it."""


def group(*errors):
    """Return what a task group in the application raises."""
    return ExceptionGroup("tasks", [ExceptionGroup("inner", errors)])


def exchange(*messages, method="GET"):
    """Return an exchange that has seen *messages*, and the lines that it gave, a second each."""
    one = HttpExchange(method, "/a", {"query": "b"}, 0.0)
    lines = []
    for second, message in enumerate(messages, 1):
        if message["type"].startswith("http.response"):
            lines.append(one.sent(message, second))
        else:
            one.received(message)
    return one, [line for line in lines if line is not None]


def end(*messages, error=None, method="GET"):
    """Return the one line of an exchange that ends after *messages*."""
    one, lines = exchange(*messages, method=method)
    last = one.end(error, len(messages) + 10)
    (line,) = [*lines, *([last] if last else [])]
    return line


def test_the_line_comes_with_the_end_of_the_response():
    """Its figures are those of that moment."""
    _, (line,) = exchange(REQUEST, start(201), body(b"ab", more=True), body(b"c"))
    assert (line.level, line.message) == (Level.INFO, "GET /a 201")
    assert line.attributes == {"status": 201, "bytes": 3, "duration": 4, "query": "b"}


@pytest.mark.parametrize(("content", "size"), [(None, 0), (bytearray(b"ab"), 2), ("é", 2), (7, 0)])
def test_what_the_server_took_for_a_body_is_no_error(content, size):
    """It would have raised itself; the middleware only counts."""
    assert end(start(), body(content)).attributes["bytes"] == size


def test_it_comes_once():
    """What an application sends too much, and its end, have nothing to add."""
    one, lines = exchange(start(), body(), body())
    assert (len(lines), one.end(None, 9)) == (1, None)


@pytest.mark.parametrize(
    ("messages", "error", "level", "expected"),
    [
        ([start(404), body()], None, Level.INFO, "GET /a 404"),
        ([start(503), body()], None, Level.ERROR, "GET /a 503"),
        ([start(500), body()], ValueError(), Level.ERROR, "GET /a 500 failed"),
        ([], ValueError(), Level.ERROR, "GET /a 500 failed"),
        ([start()], ValueError(), Level.ERROR, "GET /a 200 failed"),
        ([start(503), body(), LEFT], None, Level.ERROR, "GET /a 503"),
        ([], None, Level.ERROR, "GET /a - incomplete"),
        ([start(), body(more=True)], None, Level.ERROR, "GET /a 200 incomplete"),
        ([], asyncio.CancelledError(), Level.WARNING, "GET /a - cancelled"),
        ([], GeneratorExit(), Level.WARNING, "GET /a - cancelled"),
        ([start(500), body()], asyncio.CancelledError(), Level.WARNING, "GET /a 500 cancelled"),
        ([], KeyboardInterrupt(), Level.ERROR, "GET /a 500 failed"),
        ([LEFT], None, Level.INFO, "GET /a - disconnected"),
        ([LEFT, start(), body()], None, Level.INFO, "GET /a 200 disconnected"),
        ([start(), LEFT], asyncio.CancelledError(), Level.INFO, "GET /a 200 disconnected"),
        ([start(), LEFT], BrokenPipeError(), Level.INFO, "GET /a 200 disconnected"),
        ([start(), LEFT], ClientDisconnect(), Level.INFO, "GET /a 200 disconnected"),
        ([start(), LEFT], group(ClientDisconnect()), Level.INFO, "GET /a 200 disconnected"),
        ([start(), LEFT], group(OSError(), ValueError()), Level.ERROR, "GET /a 200 failed"),
        ([start("200"), body()], None, Level.INFO, "GET /a -"),
        ([LEFT], ValueError(), Level.ERROR, "GET /a 500 failed"),
        ([start(), body(), LEFT], None, Level.INFO, "GET /a 200"),
        ([], ConnectionError(), Level.ERROR, "GET /a 500 failed"),
        ([start(), {"type": "http.response.pathsend"}], None, Level.INFO, "GET /a 200"),
        ([{"type": "http.response.push"}, start(), body()], None, Level.INFO, "GET /a 200"),
    ],
)
def test_each_end_has_one_honest_line(messages, error, level, expected):
    """A client that left is nobody's fault; what failed, or was stopped, says so."""
    line = end(*messages, error=error)
    assert (line.level, line.message) == (level, expected)
    assert ("exc_info" in line.attributes) == expected.endswith("failed")


def test_the_outcome_is_an_attribute_unless_all_went_well():
    """So that it can be counted."""
    assert end(LEFT).attributes["outcome"] == "disconnected"
    assert "outcome" not in end(start(), body()).attributes


def test_a_failed_write_means_that_the_client_left():
    """Some servers tell it in no other way."""
    one, _ = exchange(start())
    one.client_left()
    assert one.end(BrokenPipeError(), 9).message == "GET /a 200 disconnected"


def test_the_answer_to_head_has_no_bytes():
    """Frameworks give the body to the server, which keeps it."""
    assert end(start(), body(b"hello"), method="HEAD").attributes["bytes"] == 0


@pytest.mark.parametrize(
    ("error", "level", "expected"),
    [
        (ValueError(), Level.ERROR, "GET /a: failed after its response"),
        (asyncio.CancelledError(), Level.WARNING, "GET /a: cancelled after its response"),
    ],
)
def test_what_fails_in_the_background_has_a_line_of_its_own(error, level, expected):
    """It is no second access line: it has no figures."""
    one, _ = exchange(start(), body())
    line = one.end(error, 9)
    assert (line.level, line.message) == (level, expected)
    assert "status" not in line.attributes


def test_lines_that_tell_of_a_failure_are_urgent():
    """The others may wait for company."""
    assert end(error=ValueError()).urgent
    assert not end(LEFT).urgent
