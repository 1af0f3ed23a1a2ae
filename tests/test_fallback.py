"""A word about the logger itself, on stderr."""

from __future__ import annotations

import fcntl
import io
import os
import sys

import pytest

from asynclog import fallback

from .making import Hostile, HostileError


class Stream(io.StringIO):
    """Fails as it is told to."""

    def __init__(self, error=None):
        super().__init__()
        self.error = error

    def flush(self):
        """Fail."""
        if self.error:
            raise self.error


@pytest.fixture(name="stderr")
def _stderr(monkeypatch):
    return lambda stream: monkeypatch.setattr(sys, "stderr", stream)


def test_a_word_is_one_line_onstderr(capsys):
    """It says whose word it is."""
    fallback.tell("disk full")
    assert capsys.readouterr().err == "asynclog: disk full\n"


def test_what_could_break_the_line_is_shown_as_an_escape(capsys):
    """The text may come from a peer, and the terminal obeys it."""
    fallback.tell("a\nb\x1b[31m\ud800\u202e é")
    assert capsys.readouterr().err == "asynclog: a\\nb\\x1b[31m\\ud800\\u202e é\n"


def test_without_stderr_nothing_is_said(stderr):
    """As under pythonw, or in a daemon."""
    stderr(None)
    assert fallback.tell("x") is None


@pytest.mark.parametrize(
    "error", [OSError("gone"), ValueError("closed"), RuntimeError("reentrant"), TypeError("odd")]
)
def test_a_broken_stderr_breaks_nothing(stderr, error):
    """There is nobody left to tell."""
    stream = Stream(error)
    stderr(stream)
    fallback.tell("x")
    assert stream.getvalue() == "asynclog: x\n"


def test_a_closed_stderr_breaks_nothing(stderr):
    """Asking for its descriptor fails already."""
    stream = Stream()
    stream.close()
    stderr(stream)
    assert fallback.tell("x") is None


@pytest.mark.parametrize("make", [object, Hostile])
def test_a_stderr_that_is_no_stream_breaks_nothing(stderr, make):
    """A program may put anything there."""
    stderr(make())
    assert fallback.tell("x") is None


def test_an_encoding_that_lacks_a_letter_breaks_nothing(stderr):
    """The letter is shown as an escape."""
    raw = io.BytesIO()
    stderr(io.TextIOWrapper(raw, encoding="ascii"))
    fallback.tell("é")
    assert raw.getvalue() == b"asynclog: \\xe9\n"


@pytest.fixture(name="pipe")
def _pipe():
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def fill(descriptor):
    """Write until the pipe takes no more."""
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(descriptor, b"x" * 4096)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, 0)


def test_a_stderr_that_nobody_reads_holds_nobody_up(stderr, pipe):
    """The word is dropped."""
    fill(pipe[1])
    with os.fdopen(os.dup(pipe[1]), "w") as stream:
        stderr(stream)
        fallback.tell("unheard")
    assert b"unheard" not in os.read(pipe[0], 1 << 20)


def test_a_stderr_whose_reader_has_gone_keeps_nothing(stderr):
    """Or the program would end with status 120, for Python could not flush it."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        stderr(stream)
        fallback.tell("unheard")
        stream.flush()


def test_a_pipe_with_room_is_written_to(stderr, pipe):
    """The usual stderr of a service."""
    with os.fdopen(os.dup(pipe[1]), "w") as stream:
        stderr(stream)
        fallback.tell("heard")
        assert os.read(pipe[0], 100) == b"asynclog: heard\n"


@pytest.mark.parametrize("letter", ["x", "€", "\U0001f600", "\U000e0001"], ids=ascii)
def test_a_long_word_is_cut(stderr, pipe, letter):
    """A pipe takes without waiting what is shorter than a page."""
    with os.fdopen(os.dup(pipe[1]), "w") as stream:
        stderr(stream)
        fallback.tell(letter * 100_000)
        assert len(os.read(pipe[0], 1 << 20)) <= 4096


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: "a", "'a'"),
        (lambda: Hostile, "<class 'tests.making.Hostile'>"),
        (Hostile, "<Hostile>"),
        (HostileError, "<HostileError>"),
    ],
)
def test_whatever_it_is_can_be_named(make, text):
    """By its repr, or, where that fails, by its type."""
    assert fallback.name_of(make()) == text


def test_a_name_is_short():
    """It stands in the middle of a sentence."""
    assert fallback.name_of("x" * 1000) == "'" + "x" * 299


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: OSError(28, "No space left"), "OSError: [Errno 28] No space left"),
        (lambda: ValueError("two\n  lines"), "ValueError: two lines"),
        (ValueError, "ValueError"),
        (HostileError, "HostileError: <unrenderable: HostileError>"),
    ],
)
def test_the_reason_of_an_error_is_one_line(make, text):
    """Its type, and its text if it has one."""
    assert fallback.reason_of(make()) == text


def test_a_reason_is_short():
    """A peer may have written it."""
    assert len(fallback.reason_of(ValueError("x" * 10_000))) == 300


@pytest.mark.parametrize(
    ("lines", "text"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (3210, "3,210 lines")]
)
def test_a_number_of_lines_is_put_in_words(lines, text):
    """As a person would."""
    assert fallback.count_of(lines) == text


class _Nameless(type):
    @property
    def __name__(cls):
        raise ValueError("no name")


class _NamelessError(HostileError, metaclass=_Nameless):
    """An error whose class does not tell its name."""


def test_a_class_that_does_not_tell_its_name_is_named_all_the_same():
    """Python knows it."""
    told = [tell(_NamelessError()) for tell in (fallback.name_of, fallback.reason_of)]
    assert told[0] == "<_NamelessError>"
    assert told[1].startswith("_NamelessError: ")
