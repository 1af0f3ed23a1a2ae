"""Opening a log file safely."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from asynclog.sinks.opening import Place, make_directories, reopen


@pytest.fixture
def opened(request):
    """Open places, and close what was opened at the end."""
    descriptors = []

    def open_(place):
        descriptors.append(place.open())
        return descriptors[-1]

    yield open_
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture(params=[0o022, 0o000, 0o077])
def umask(request):
    """Run under another umask."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_new_files_and_directories_are_closed_to_others(tmp_path, opened, umask):
    """Whatever the umask lets through."""
    opened(Place(tmp_path / "a" / "b" / "x.log"))
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/x.log")]
    assert modes == [0o750 & ~umask, 0o750 & ~umask, 0o640 & ~umask]


def test_what_is_there_is_kept(tmp_path, opened):
    """Lines are appended."""
    (tmp_path / "x.log").write_text("old\n")
    os.write(opened(Place(tmp_path / "x.log")), b"new\n")
    assert (tmp_path / "x.log").read_text() == "old\nnew\n"


def test_a_torn_line_is_ended(tmp_path, opened):
    """The next line begins on its own."""
    (tmp_path / "x.log").write_text("whole\nto")
    opened(Place(tmp_path / "x.log"))
    assert (tmp_path / "x.log").read_text() == "whole\nto\n"


def test_a_line_that_another_process_is_writing_is_not_torn(tmp_path, opened, monkeypatch):
    """Its end comes a moment later; a line break before it would leave an empty line."""
    path, pauses = tmp_path / "x.log", []
    path.write_text("whole\nbegun")

    def finish(seconds):
        pauses.append(seconds)
        with path.open("a") as theirs:
            theirs.write(" and ended\n" if len(pauses) == 2 else " on")

    monkeypatch.setattr("asynclog.sinks.opening.sleep", finish)
    opened(Place(path))
    assert path.read_text() == "whole\nbegun on and ended\n"


def test_the_path_names_the_file_until_it_is_moved_or_removed(tmp_path, opened):
    """By device and inode, not by name."""
    place = Place(tmp_path / "x.log")
    descriptor = opened(place)
    assert place.names(descriptor)
    (tmp_path / "x.log").rename(tmp_path / "x.log.1")
    assert not place.names(descriptor)
    (tmp_path / "x.log").touch()
    assert not place.names(descriptor)


def test_a_link_is_followed_if_it_was_there_first(tmp_path, opened):
    """It is the operator's; also after its target was moved."""
    (tmp_path / "link").symlink_to("real.log")
    place = Place(tmp_path / "link")
    opened(place)
    (tmp_path / "real.log").rename(tmp_path / "old.log")
    assert place.names(opened(place))
    assert (tmp_path / "real.log").exists()


def test_a_link_that_comes_later_is_not_followed(tmp_path, opened):
    """It would lead the lines elsewhere."""
    place = Place(tmp_path / "x.log")
    opened(place)
    (tmp_path / "x.log").unlink()
    (tmp_path / "x.log").symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        place.open()
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_that_comes_later_is_refused(tmp_path, opened):
    """Even if somebody reads it."""
    place = Place(tmp_path / "x.log")
    opened(place)
    (tmp_path / "x.log").unlink()
    os.mkfifo(tmp_path / "x.log")
    reader = os.open(tmp_path / "x.log", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="another kind"):
        place.open()
    os.close(reader)


def test_a_pipe_without_a_reader_is_an_error_at_once(tmp_path):
    """Nobody waits for one."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device or address"):
        Place(tmp_path / "pipe").open()


def test_a_descriptor_that_cannot_be_used_is_closed(tmp_path, monkeypatch):
    """A full disk, where a torn line cannot be ended, costs no descriptor."""
    (tmp_path / "x.log").write_text("torn")
    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, "write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Place(tmp_path / "x.log").open()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_below_a_root_directories_are_made(tmp_path, opened):
    """Closed to others."""
    place = Place(tmp_path / "logs" / "a" / "b" / "x.log", root=tmp_path / "logs")
    assert place.names(opened(place))
    assert stat.S_IMODE((tmp_path / "logs" / "a" / "b").stat().st_mode) == 0o750


@pytest.mark.parametrize("link", ["a", "a/x.log"])
def test_below_a_root_no_link_is_followed(tmp_path, link):
    """Not even one that was there first."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "logs" / link).parent.mkdir(parents=True)
    (tmp_path / "logs" / link).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        Place(tmp_path / "logs" / "a" / "x.log", root=tmp_path / "logs").open()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_directories_may_be_made_by_two_at_once(tmp_path, monkeypatch):
    """Whoever comes second is content."""
    (tmp_path / "a").mkdir()
    monkeypatch.setattr("pathlib.Path.exists", lambda path: path == tmp_path)
    make_directories(tmp_path / "a")
    assert (tmp_path / "a").is_dir()


def test_a_file_can_be_opened_again_without_its_name(tmp_path, opened):
    """Also when it has none any more."""
    descriptor = opened(Place(tmp_path / "x.log"))
    (tmp_path / "x.log").unlink()
    other = reopen(descriptor, os.O_RDONLY)
    assert os.path.sameopenfile(descriptor, other)
    os.close(other)


def test_a_file_that_may_not_be_read_is_taken_for_whole(tmp_path, opened, monkeypatch):
    """Only its last byte would have said otherwise."""
    (tmp_path / "x.log").write_text("torn")
    monkeypatch.setattr("asynclog.sinks.opening.reopen", _refuse)
    opened(Place(tmp_path / "x.log"))
    assert (tmp_path / "x.log").read_text() == "torn"


def _refuse(*_):
    raise PermissionError
