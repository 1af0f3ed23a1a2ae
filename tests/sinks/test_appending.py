"""Lines appended to a file that is followed by name."""

from __future__ import annotations

import os

import pytest

from asynclog.sinks.appending import FileTarget
from asynclog.sinks.descriptor import Unfinished
from asynclog.sinks.flushing import EveryRecords
from asynclog.sinks.opening import Place


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
        "asynclog.sinks.appending.Syncer",
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
    monkeypatch.setattr("asynclog.sinks.appending.Syncer", lambda fd: _Broken())
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


def test_a_pipe_keeps_for_the_next_reader_what_the_last_one_left(tmp_path):
    """It was written, and a flush has said so."""
    os.mkfifo(tmp_path / "pipe")
    target = FileTarget(Place(tmp_path / "pipe"))
    first = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    target.write(b"a\nb\nc\n")
    assert os.read(first, 2) == b"a\n"
    os.close(first)
    with pytest.raises(BrokenPipeError):
        target.write(b"d\n")
    second = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    target.write(b"d\n")
    assert os.read(second, 100) == b"b\nc\nd\n"
    os.close(second)
    target.close()


def test_a_line_that_was_begun_is_in_the_way_of_a_flush(tmp_path):
    """It counts as written, and is not: whoever waits must know."""
    os.mkfifo(tmp_path / "pipe")
    target = FileTarget(Place(tmp_path / "pipe"))
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    target.interrupt(0.01)
    long = b"x" * 150_000 + b"\n"
    with pytest.raises(Unfinished):
        target.write(long)
    got = b""
    for _ in range(2):
        with pytest.raises(TimeoutError, match="the reader does not read"):
            target.flush(durable=False)
        got += os.read(reader, 1 << 16)
    target.flush(durable=False)
    assert got + os.read(reader, 1 << 18) == long
    os.close(reader)
    target.close()


def test_a_line_that_was_begun_is_not_taken_for_the_next(tmp_path):
    """However often its end is tried in vain, nothing counts as written by that."""
    os.mkfifo(tmp_path / "pipe")
    target = FileTarget(Place(tmp_path / "pipe"))
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    target.interrupt(0.01)
    long = b"x" * 150_000 + b"\n"
    with pytest.raises(Unfinished):
        target.write(long)
    got = os.read(reader, 1 << 16)
    with pytest.raises(TimeoutError):
        target.write(b"next\n")
    got += os.read(reader, 1 << 16)
    target.write(b"next\n")
    assert got + os.read(reader, 1 << 18) == long + b"next\n"
    os.close(reader)
    target.close()


def inodes_synced(monkeypatch):
    """Return the inodes that were brought to the disk, as they are."""
    inodes, real = [], os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda file: inodes.append(os.fstat(file).st_ino) or real(file)
    )
    return inodes


def test_a_file_that_was_moved_is_brought_to_the_disk(target, path, monkeypatch):
    """A durable flush of later cannot reach it, and covers its lines."""
    inodes = inodes_synced(monkeypatch)
    target.write(b"a\n")
    path.rename(path.with_suffix(".1"))
    target.write(b"b\n")
    target.flush(durable=True)
    assert inodes == [path.with_suffix(".1").stat().st_ino, path.stat().st_ino]


def test_a_moved_file_that_cannot_be_brought_to_the_disk_is_told_of_once(target, path, monkeypatch):
    """By the next durable flush; the file at hand is written on."""
    errors = [OSError("broken disk")]

    def fail(file):
        if errors:
            raise errors.pop()

    monkeypatch.setattr(os, "fsync", fail)
    target.write(b"a\n")
    path.rename(path.with_suffix(".1"))
    target.write(b"b\n")
    target.flush(durable=False)
    with pytest.raises(OSError, match="broken disk"):
        target.flush(durable=True)
    target.flush(durable=True)
    assert path.read_text() == "b\n"


def test_a_line_that_was_begun_is_ended_first(target, path, monkeypatch):
    """Where it could not be taken back, because somebody wrote behind it."""
    target.write(b"a\n")
    monkeypatch.setattr("asynclog.sinks.descriptor.write_all", _unfinished)
    with pytest.raises(Unfinished):
        target.write(b"beginning and end\n")
    monkeypatch.undo()
    target.write(b"c\n")
    assert path.read_text() == "a\nbeginning and end\nc\n"


def test_a_line_that_was_begun_is_ended_in_its_own_file(target, path, monkeypatch):
    """Also after that was moved."""
    monkeypatch.setattr("asynclog.sinks.descriptor.write_all", _unfinished)
    with pytest.raises(Unfinished):
        target.write(b"beginning and end\n")
    monkeypatch.undo()
    path.rename(path.with_suffix(".1"))
    target.write(b"c\n")
    assert path.with_suffix(".1").read_text() == "beginning and end\n"
    assert path.read_text() == "c\n"


def _unfinished(descriptor, payload, _):
    os.write(descriptor, payload[:9])
    raise Unfinished(len(payload), OSError("full"), payload[9:])
