"""Bringing a file to the disk."""

from __future__ import annotations

import os

import pytest

from asynclog.sinks.syncing import Syncer


class Disk:
    """A disk whose fsync fails as often as it is told."""

    def __init__(self, failures):
        self.failures = failures

    def fsync(self, descriptor):
        """Fail, or do nothing."""
        if self.failures:
            self.failures -= 1
            raise OSError("I/O error")


@pytest.fixture
def file(tmp_path):
    """An open file with some bytes in it."""
    descriptor = os.open(tmp_path / "x.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"old\n")
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def rewritten(monkeypatch):
    """Return what is written again: bytes and place."""
    calls, pwrite = [], os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda fd, data, at: calls.append((data, at)) or pwrite(fd, data, at)
    )
    return calls


def test_a_good_fsync_is_all(file, rewritten):
    """Nothing is written twice."""
    syncer = Syncer(file, Disk(0).fsync)
    os.write(file, b"new\n")
    syncer.sync()
    assert rewritten == []


def test_after_a_failure_everything_since_the_last_good_one_is_written_again(
    file, rewritten, tmp_path
):
    """In its place: the kernel holds for clean what never reached the disk."""
    syncer = Syncer(file, Disk(1).fsync)
    os.write(file, b"new\n")
    with pytest.raises(OSError, match="I/O error"):
        syncer.sync()
    os.write(file, b"later\n")
    syncer.sync()
    assert rewritten == [(b"new\nlater\n", 4)]
    assert (tmp_path / "x.log").read_bytes() == b"old\nnew\nlater\n"


def test_once_repaired_nothing_is_written_again(file, rewritten):
    """The failure is over."""
    syncer = Syncer(file, Disk(1).fsync)
    os.write(file, b"new\n")
    with pytest.raises(OSError, match="I/O error"):
        syncer.sync()
    syncer.sync()
    syncer.sync()
    assert len(rewritten) == 1


def test_a_file_that_was_cut_meanwhile_is_left_alone(file, rewritten, monkeypatch):
    """There is nothing to write again."""
    syncer = Syncer(file, Disk(1).fsync)
    os.write(file, b"new\n")
    with pytest.raises(OSError, match="I/O error"):
        syncer.sync()
    monkeypatch.setattr(os, "pread", lambda *_: b"")
    syncer.sync()
    assert rewritten == []
