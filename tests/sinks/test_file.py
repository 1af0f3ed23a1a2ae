"""The sink of one file, or of one for each value of an attribute."""

from __future__ import annotations

import asyncio
import signal
import stat
from functools import partial

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.records import Batch, Record
from asynclog.sinks import FileSink, RollingFileSink
from asynclog.testing import check_sink


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


@pytest.fixture
def path(tmp_path):
    """Return where the log is to be."""
    return tmp_path / "app.log"


async def test_it_keeps_the_promises_of_a_sink(path):
    """And has written every line once."""
    await check_sink(FileSink(path))
    assert path.read_text() == "".join(f"check {i}\n" for i in range(10))


async def test_nothing_is_made_before_the_first_line(path):
    """An unused sink leaves no trace."""
    sink = FileSink(path)
    await sink.open()
    await sink.flush()
    await sink.aclose()
    assert not path.exists()


async def test_text_is_utf_8(path):
    """What it cannot hold, a lone surrogate, is escaped."""
    sink = FileSink(path)
    await sink.write(batch_of("é \ud800"))
    await sink.aclose()
    assert path.read_bytes() == b"\xc3\xa9 \\ud800\n"


async def test_a_batch_can_be_written_when_no_loop_runs(path):
    """At the interpreter's end."""
    sink = FileSink(path)
    await sink.write(batch_of("a"))
    sink.write_now(batch_of("b"))
    await sink.aclose()
    assert path.read_text() == "a\nb\n"


async def test_a_hangup_opens_the_file_anew(path):
    """And does not end the process."""
    sink = FileSink(path, reopen_on_hangup=True)
    await sink.open()
    await sink.write(batch_of("a"))
    path.rename(path.with_suffix(".1"))
    path.with_suffix(".1").rename(path)  # moved and moved back: only the signal tells
    signal.raise_signal(signal.SIGHUP)
    await sink.write(batch_of("b"))
    await sink.aclose()
    assert path.read_text() == "a\nb\n"
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


@pytest.mark.parametrize("kind", [FileSink, partial(RollingFileSink, every="day")])
async def test_a_hangup_before_the_first_line_is_heeded(kind, path):
    """From opening the logger on, until it is closed: it would end the process."""
    handler = Handler(kind(path, reopen_on_hangup=True))
    async with BufferedLogger(100, 5.0, handlers=handler):
        signal.raise_signal(signal.SIGHUP)
        assert not path.exists()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def test_outside_of_the_main_thread_a_hangup_cannot_be_had(path, capsys):
    """The sink works all the same, and says so."""

    async def use():
        sink = FileSink(path, reopen_on_hangup=True)
        await sink.open()
        await sink.write(batch_of("a"))
        await sink.aclose()

    await asyncio.to_thread(asyncio.run, use())
    assert path.read_text() == "a\n"
    assert "SIGHUP can be handled in the main thread only" in capsys.readouterr().err


def test_the_mode_of_a_new_file_can_be_chosen(path):
    """Before the umask."""
    target = FileSink(path, mode=0o600)._target
    target.write(b"a\n")
    target.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", ["", "a\0b", "logs/", b"x", "/", 5, None])
def test_a_path_that_cannot_be_a_file_is_refused(value):
    """When the sink is made; the message names it."""
    with pytest.raises(ValueError, match=r"^path: expected the path of a file, got "):
        FileSink(value)


def test_a_directory_is_refused(tmp_path):
    """When the sink is made, not at the first line."""
    with pytest.raises(ValueError, match="got the directory"):
        FileSink(tmp_path)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mode", None),
        ("mode", True),
        ("mode", "rw"),
        ("flush", -1),
        ("flush", "10 MB"),
        ("max_open", 0),
    ],
)
def test_an_option_that_cannot_be_used_is_named(path, option, value):
    """With its value."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        FileSink(path, **{option: value})


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        (0, "0o0"),
        (0o440, "0o440"),
        (0o1000, "0o1000"),
        (644, "0o1204: for 644 write 0o644"),
        ("0644", "'0644': for 0644 write 0o644"),
        ("0o640", "'0o640': for 0o640 write 0o640"),
        ("444", "'444'"),
    ],
)
def test_permissions_that_cannot_be_used_are_shown_in_octal(path, mode, shown):
    """With what was meant, where the digits tell."""
    with pytest.raises(ValueError) as caught:
        FileSink(path, mode=mode)
    allowed = "expected permissions from 0o200 to 0o777, as a number"
    assert str(caught.value) == f"mode: {allowed}, got {shown}"


def test_repr_names_the_file(path):
    """For messages about the sink."""
    assert repr(FileSink(path)) == f"FileSink({str(path)!r})"


async def test_a_path_with_a_placeholder_is_a_file_for_each_value(tmp_path):
    """Also while several are written in one batch."""
    sink = FileSink(tmp_path / "{label}.log", max_open=1)
    records = [Record(0, 20, label, f"of {label}") for label in ("a", "b", "a")]
    await sink.write(Batch(records, [record.message for record in records]))
    await sink.flush(durable=True)
    await sink.aclose()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.log": "of a\nof a\n",
        "b.log": "of b\n",
    }


async def test_it_keeps_the_promises_of_a_sink_with_placeholders_too(tmp_path):
    """And has written every line once."""
    await check_sink(FileSink(tmp_path / "{label}.log"))
    assert (tmp_path / "check.log").read_text() == "".join(f"check {i}\n" for i in range(10))


async def test_doubled_braces_are_single_ones(tmp_path):
    """In a path that is one file."""
    sink = FileSink(tmp_path / "{{x}}.log")
    await sink.write(batch_of("a"))
    await sink.aclose()
    assert (tmp_path / "{x}.log").read_text() == "a\n"
