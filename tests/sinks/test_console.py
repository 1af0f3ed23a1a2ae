"""Lines on standard output or standard error."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import io
import os
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from asynclog.errors import SinkError, SinkGone
from asynclog.levels import Level
from asynclog.protocols import LastGaspSink, Sink
from asynclog.sinks import ConsoleSink
from asynclog.sinks.console import COLOURS, RESET, ConsoleTarget, colour_of, wants_colour
from asynclog.testing import check_sink

from ..making import Hostile, batch_of


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="pipe")
def _pipe():
    """Return what makes a pipe of standard output, and tells where it is read."""
    with ExitStack() as after:
        yield lambda: _make_pipe(after)


def _make_pipe(after):
    reader, writer = os.pipe()
    before, sys.stdout = sys.stdout, os.fdopen(writer, "w")
    stream = sys.stdout
    after.callback(lambda: _close(stream.close, lambda: os.close(reader)))
    after.callback(lambda: setattr(sys, "stdout", before))
    return reader


def _close(*calls):
    for call in calls:
        with suppress(OSError):  # the test has closed it
            call()


def written_by(*lines, level=20, colour=None, stream="stdout"):
    """Return what a target writes, and write it."""
    target = ConsoleTarget(stream, colour)
    payload = target.encode(batch_of(*lines, level=level))
    target.write(payload)
    return payload


def read(reader):
    """Return what is in the pipe."""
    return os.read(reader, 1 << 20)


# -- where to -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_it_keeps_the_promises_of_a_sink(stream, capfd):
    """Every line once, in order, on the stream that was asked for."""
    await check_sink(ConsoleSink(stream))
    text = "".join(f"check {i}\n" for i in range(10))
    assert capfd.readouterr() == ((text, "") if stream == "stdout" else ("", text))


def test_by_itself_it_writes_to_standard_error():
    """Standard output belongs to the program's results."""
    assert repr(ConsoleSink()) == "ConsoleSink('stderr')"
    assert isinstance(ConsoleSink(), Sink)
    assert isinstance(ConsoleSink(), LastGaspSink)


@pytest.mark.parametrize("stream", ["console", "", None, sys.stderr, 1])
def test_another_stream_is_refused(stream):
    """The message says what is allowed."""
    with pytest.raises(ValueError, match=r"^stream: expected 'stderr' or 'stdout', got "):
        ConsoleSink(stream)


async def test_the_stream_is_looked_up_when_a_line_is_written(capsys):
    """It may have been replaced since the sink was made, as test tools do."""
    sink = ConsoleSink("stdout")
    await sink.write(batch_of("a"))
    await sink.aclose()
    assert capsys.readouterr().out == "a\n"


def test_lines_come_behind_what_the_program_printed(pipe):
    """Although that may still be in the stream's own buffer."""
    reader = pipe()
    sys.stdout.write("printed\n")
    written_by("logged")
    assert read(reader) == b"printed\nlogged\n"


def test_without_a_loop_the_calling_thread_writes(pipe):
    """When the interpreter ends."""
    reader = pipe()
    ConsoleSink("stdout").write_now(batch_of("a"))
    assert read(reader) == b"a\n"


def test_text_is_utf_8_whatever_the_locale(monkeypatch, pipe):
    """What cannot be encoded is shown as an escape."""
    reader = pipe()
    monkeypatch.setenv("LC_ALL", "C")
    written_by("é€\ud800")
    assert read(reader) == "é€\\ud800\n".encode()


# -- streams of the program's own -----------------------------------------------------------------


class Words(list):
    """Has nothing of a stream but `write`."""

    def write(self, text):
        """Keep it."""
        self.append(text)


class Buffered(io.StringIO):
    """Counts how often it was flushed."""

    flushes = 0

    def flush(self):
        """Count."""
        self.flushes += 1


def test_a_stream_without_a_descriptor_is_written_to_as_such(monkeypatch):
    """And flushed: it may keep what it is given."""
    stream = Buffered()
    monkeypatch.setattr(sys, "stdout", stream)
    written_by("é")
    assert (stream.getvalue(), stream.flushes) == ("é\n", 2)


def test_a_stream_need_not_have_more_than_write(monkeypatch):
    """As `print` does not ask for more."""
    stream = Words()
    monkeypatch.setattr(sys, "stdout", stream)
    written_by("a", "b")
    assert stream == ["a\nb\n"]


def test_a_stream_may_lack_some_letters(monkeypatch):
    """They are shown as escapes."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    written_by("é")
    assert raw.getvalue() == b"\\xe9\n"


# -- pressure, and the end ------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [0, os.O_NONBLOCK], ids=["blocking", "not blocking"])
async def test_a_slow_reader_holds_up_the_sink_and_not_the_loop(pipe, flags):
    """All lines arrive when it reads."""
    reader = pipe()
    fcntl.fcntl(sys.stdout.fileno(), fcntl.F_SETFL, flags)
    sink, got, texts = ConsoleSink("stdout"), bytearray(), [f"{i:0100}" for i in range(4000)]

    def drain():
        while len(got) < 101 * len(texts):
            got.extend(os.read(reader, 10_000))

    thread = threading.Thread(target=drain)
    thread.start()
    await sink.write(batch_of(*texts))
    thread.join(10)
    await sink.aclose()
    assert got.decode().split() == texts


async def test_a_reader_that_never_reads_is_not_waited_for_in_the_end(pipe):
    """It is known how many lines it has; each of them is whole."""
    reader = pipe()
    sink, texts = ConsoleSink("stdout"), [f"{i:0100}" for i in range(4000)]
    writing = asyncio.create_task(sink.write(batch_of(*texts)))
    await asyncio.sleep(0)
    sink.interrupt()
    with pytest.raises((SinkError, TimeoutError), match="the reader does not read") as raised:
        await writing
    written = getattr(raised.value, "written", 0)
    await sink.aclose()
    sys.stdout.close()
    assert read(reader).decode().split() == texts[:written]


def test_a_line_that_was_begun_is_finished_first(pipe):
    """When the reader reads again."""
    reader = pipe()
    target, long = ConsoleTarget("stdout", None), "x" * 200_000
    target.interrupt(0.01)
    with pytest.raises(Exception, match="the reader does not read"):
        target.write(target.encode(batch_of(long, "y")))
    begun = read(reader)
    got = bytearray(begun)
    drain = threading.Thread(target=lambda: _read_up_to(reader, got, 200_003))
    drain.start()
    target.interrupt(10)
    target.write(b"z\n")
    drain.join(10)
    assert got == f"{long}\nz\n".encode()


def test_a_line_that_was_begun_is_in_the_way_of_a_flush(pipe):
    """It counts as written, and is not: whoever waits must know."""
    reader = pipe()
    target, long = ConsoleTarget("stdout", None), b"x" * 150_000 + b"\n"
    target.interrupt(0.01)
    with pytest.raises(Exception, match="the reader does not read"):
        target.write(long)
    got = b""
    for _ in range(2):
        with pytest.raises(TimeoutError):
            target.flush(durable=False)
        got += os.read(reader, 1 << 16)
    target.flush(durable=False)
    assert got + read(reader) == long


def _read_up_to(reader, got, size):
    while len(got) < size:
        got.extend(os.read(reader, 10_000))


def close_reader(reader):
    """Leave nobody who reads."""
    os.close(reader)


def close_stream(reader):
    """Close the stream, as a program may."""
    sys.stdout.close()


def close_descriptor(reader):
    """Close what is behind the stream."""
    os.close(sys.stdout.fileno())


def remove_stream(reader):
    """Have no stream, as a daemon does."""
    sys.stdout = None


def lose_terminal(reader):
    """Put a terminal in its place, and hang up."""
    master, slave = os.openpty()
    os.dup2(slave, sys.stdout.fileno())
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(
    "end", [close_reader, close_stream, close_descriptor, remove_stream, lose_terminal]
)
def test_a_stream_that_has_gone_is_gone_for_good(pipe, end):
    """Its lines are given up: nobody will ever read them."""
    end(pipe())
    for _ in range(2):
        with pytest.raises(SinkGone, match="stdout"):
            written_by("a")


def test_a_full_disk_is_not_the_end(monkeypatch):
    """There may be room later, so the lines are kept."""
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OSError) as raised:
            written_by("a")
    assert raised.value.errno == errno.ENOSPC


PROGRAM = """
import asyncio
from asynclog import BufferedLogger

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # else debug mode prints, too
    async with BufferedLogger(10, 60) as logger:
        sender = logger.sender_with_label("a")
        for i in range(1000):
            await sender.info(str(i))
    return logger.statistics()

print(asyncio.run(main()).emitted)
"""


def run_with(**streams):
    """Return how a program ends that logs to standard error, which has a buffer as usual."""
    command = [sys.executable, "-X", "dev", "-c", PROGRAM]
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, env=usual, text=True, timeout=30, check=False, **streams)


def test_a_program_whose_standard_error_is_closed_goes_on():
    """Nobody hears its lines."""
    done = run_with(stdout=subprocess.PIPE, preexec_fn=lambda: os.close(2))
    assert (done.returncode, done.stdout) == (0, "0\n")


def test_a_program_whose_reader_has_gone_goes_on():
    """As with `program 2>&1 | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    done = run_with(stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    assert (done.returncode, done.stdout) == (0, "0\n")


# -- colours --------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self):
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("explicit", "environment", "stream", "wanted"),
    [
        (None, {}, Terminal(), True),
        (None, {}, io.StringIO(), False),
        (None, {}, None, False),
        (None, {}, Words(), False),
        (None, {"FORCE_COLOR": "1"}, io.StringIO(), True),
        (None, {"FORCE_COLOR": ""}, io.StringIO(), False),
        (None, {"NO_COLOR": "1"}, Terminal(), False),
        (None, {"NO_COLOR": ""}, Terminal(), True),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, Terminal(), False),
        (True, {"NO_COLOR": "1"}, None, True),
        (False, {"FORCE_COLOR": "1"}, Terminal(), False),
    ],
)
def test_a_wish_goes_before_the_environment_and_that_before_the_terminal(
    explicit, environment, stream, wanted
):
    """A variable that is empty says nothing."""
    assert wants_colour(explicit, environment, stream) is wanted


def test_whatever_stands_for_a_stream_it_can_be_asked_for_colour():
    """One that is closed, or will not answer, has none."""
    closed = io.StringIO()
    closed.close()
    assert [wants_colour(None, {}, one) for one in (closed, Hostile())] == [False, False]


@pytest.mark.parametrize(
    ("level", "same"), [(0, 5), (10, 15), (20, 25), (30, 39), (40, 49), (50, 1000), (-5, -1)]
)
def test_levels_between_two_have_the_colour_of_the_lower_one(level, same):
    """Any int is a level."""
    assert colour_of(level) == colour_of(same)


def test_each_level_has_a_colour_of_its_own():
    """Only what is usual has none."""
    assert len({colour for _, colour in COLOURS}) == len(COLOURS)
    assert [level for level, colour in COLOURS if not colour] == [Level.INFO]


def test_a_line_is_coloured_as_a_whole(pipe):
    """And the terminal is left as it was."""
    reader = pipe()
    assert written_by("a", "b\nc", level=30, colour=True) == (
        b"\x1b[33ma\x1b[0m\n\x1b[33mb\nc\x1b[0m\n"
    )
    assert written_by("a", colour=True) == b"a\n"
    assert read(reader).endswith(RESET.encode() + b"\na\n")


def test_rows_of_a_coloured_record_belong_together():
    """A reader that takes only some of them gets them again."""
    payload = ConsoleTarget("stdout", True).encode(batch_of("a\nA", "b", level=40))
    assert list(payload.ends) == [len(b"\x1b[31ma\nA\x1b[0m\n"), len(payload)]
