"""Tests of asynclog.central.spool."""

import resource
import signal
import stat

import pytest

from asynclog.central.spool import SpoolFile, abandoned, open_spool


@pytest.fixture(name="spool")
def _spool(tmp_path):
    spool = open_spool(tmp_path / "spool", "a", 100)
    yield spool
    spool.close()


def test_what_is_appended_can_be_read(spool):
    """In order."""
    assert spool.append(b"one")
    assert spool.append(b"two")

    assert (spool.read(), spool.size) == (b"onetwo", 6)


def test_only_the_owner_can_read_it(spool):
    """There are log lines in it."""
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700


def test_it_is_bounded(spool):
    """What does not fit is not written, not even in part."""
    assert spool.append(b"x" * 90)
    assert not spool.append(b"y" * 11)

    assert spool.read() == b"x" * 90


def test_a_disk_that_is_full_leaves_it_as_it_was(tmp_path):
    """A part that was written is taken back."""
    spool = open_spool(tmp_path, "a", 1 << 30)
    spool.append(b"whole")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            spool.append(b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert spool.read() == b"whole"
    spool.close()


def test_it_can_be_written_anew(spool):
    """It stays locked, and at its place."""
    spool.append(b"x" * 90)
    spool.rewrite([b"one", b"two"])

    assert spool.append(b"three")
    assert spool.read() == spool.path.read_bytes() == b"onetwothree"
    assert list(abandoned(spool.path.parent, "a")) == []


def test_nothing_can_be_written_anew(spool):
    """Then it is empty."""
    spool.append(b"x" * 90)
    spool.rewrite([])

    assert (spool.size, spool.path.read_bytes()) == (0, b"")


def test_what_does_not_fit_anew_leaves_the_old_one(spool):
    """Better too much than nothing."""
    spool.append(b"old")
    spool.rewrite([b"x" * 60, b"x" * 60])

    assert spool.read() == b"old"


def test_a_file_with_an_owner_is_left_alone(spool):
    """Whoever finds it next may have it."""
    assert list(abandoned(spool.path.parent, "a")) == []
    spool.append(b"left")
    spool.close()

    (found,) = abandoned(spool.path.parent, "a")
    assert found.read() == b"left"
    found.close(remove=True)
    assert list(spool.path.parent.iterdir()) == []


def test_the_files_of_others_are_left_alone(spool):
    """Each namespace and shard has its prefix."""
    spool.close()

    assert list(abandoned(spool.path.parent, "b")) == []


def test_a_link_is_not_followed(tmp_path):
    """Somebody may have put it there."""
    (tmp_path / "a.spool").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match=r"a\.spool"):
        SpoolFile(tmp_path / "a.spool")
    assert [path.name for path in tmp_path.iterdir()] == ["a.spool"]


def test_closing_twice_does_nothing(spool):
    """The second time."""
    spool.close()
    spool.close(remove=True)

    assert spool.path.exists()
