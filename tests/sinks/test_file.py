"""Lines in one file."""

from __future__ import annotations

import asyncio
import os
import signal
import stat

import pytest

from asynclog.records import Batch, Record
from asynclog.sinks import FileSink
from asynclog.sinks.file import FileTarget
from asynclog.sinks.flushing import EveryRecords
from asynclog.sinks.opening import Place
from asynclog.testing import check_sink


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


@pytest.fixture
def path(tmp_path):
    """Return where the log is to be."""
    return tmp_path / "app.log"


@pytest.fixture
def target(path):
    """The blocking half of a sink."""
    one = FileTarget(Place(path))
    yield one
    one.close()


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


def test_a_moved_file_is_opened_anew(target, path):
    """As logrotate does it."""
    target.write(b"a\n")
    path.rename(path.with_suffix(".1"))
    target.write(b"b\n")
    assert (path.with_suffix(".1").read_text(), path.read_text()) == ("a\n", "b\n")


def test_a_truncated_file_has_no_hole(target, path):
    """As logrotate does it with copytruncate."""
    target.write(b"a\n")
    os.truncate(path, 0)
    target.write(b"b\n")
    assert path.read_text() == "b\n"


def test_a_removed_file_is_made_again(target, path):
    """Directory and all."""
    target.write(b"a\n")
    path.unlink()
    target.write(b"b\n")
    assert path.read_text() == "b\n"


def test_a_moved_file_is_written_on_while_no_other_can_be_opened(target, path):
    """Its lines can still be found."""
    target.write(b"a\n")
    path.rename(path.with_suffix(".1"))
    path.symlink_to("elsewhere")
    target.write(b"b\n")
    assert path.with_suffix(".1").read_text() == "a\nb\n"


def test_a_removed_file_is_not_written_on(target, path):
    """Nobody would find the lines."""
    target.write(b"a\n")
    path.unlink()
    path.symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        target.write(b"b\n")


def test_asked_to_it_opens_the_file_anew(target, path, monkeypatch):
    """Once."""
    target.write(b"a\n")
    opened = []
    place_open = Place.open
    monkeypatch.setattr(Place, "open", lambda place: opened.append(place) or place_open(place))
    target.reopen()
    target.write(b"b\n")
    target.write(b"c\n")
    assert (len(opened), path.read_text()) == (1, "a\nb\nc\n")


@pytest.fixture
def synced(monkeypatch):
    """Return the sizes of files that were brought to the disk."""
    sizes = []
    monkeypatch.setattr(
        "asynclog.sinks.syncing.os.fsync", lambda fd: sizes.append(os.fstat(fd).st_size)
    )
    monkeypatch.setattr(
        "asynclog.sinks.file.Syncer",
        lambda fd: type(
            "S", (), {"sync": staticmethod(lambda: sizes.append(os.fstat(fd).st_size))}
        ),
    )
    return sizes


def test_only_a_durable_flush_goes_to_the_disk(target, synced):
    """Each costs milliseconds."""
    target.write(b"a\n")
    target.flush(durable=False)
    target.flush(durable=True)
    assert synced == [2]


def test_with_fsync_every_flush_goes_to_the_disk(path, synced):
    """Also those by count, and the last one."""
    target = FileTarget(Place(path), EveryRecords(2), fsync=True)
    target.write(b"a\n")
    target.write(b"b\n")
    target.write(b"c\n")
    target.flush(durable=False)
    target.write(b"d\n")
    target.close()
    assert synced == [4, 6, 8]


def test_by_count_without_fsync_nothing_goes_to_the_disk(path, synced):
    """The kernel has the lines all the same."""
    target = FileTarget(Place(path), EveryRecords(1))
    target.write(b"a\n")
    target.close()
    assert synced == []


def test_a_failed_flush_by_count_does_not_say_that_lines_were_not_written(path, monkeypatch):
    """They would be written twice; the next flush that is waited for tells of it."""
    target = FileTarget(Place(path), EveryRecords(1), fsync=True)
    monkeypatch.setattr("asynclog.sinks.file.Syncer", lambda fd: _Broken())
    target.write(b"a\n")
    with pytest.raises(OSError, match="I/O error"):
        target.flush(durable=False)
    with pytest.raises(OSError, match="I/O error"):
        target.close()
    assert path.read_text() == "a\n"
    target.close()


class _Broken:
    def sync(self):
        raise OSError("I/O error")


def test_a_named_pipe_is_written_to(tmp_path):
    """While somebody reads; a reader that goes is an error, and another may come."""
    os.mkfifo(tmp_path / "pipe")
    target = FileTarget(Place(tmp_path / "pipe"))
    for _ in range(2):
        reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        target.write(b"a\n")
        target.flush(durable=True)
        assert os.read(reader, 100) == b"a\n"
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            target.write(b"lost\n")
    target.close()


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


@pytest.mark.parametrize("value", ["", "a\0b", "logs/", b"x", "/"])
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
    [("mode", 0o1000), ("mode", 0o440), ("mode", 0), ("flush", -1), ("flush", "10 MB")],
)
def test_an_option_that_cannot_be_used_is_named(path, option, value):
    """With its value."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        FileSink(path, **{option: value})


def test_repr_names_the_file(path):
    """For messages about the sink."""
    assert repr(FileSink(path)) == f"FileSink({str(path)!r})"
