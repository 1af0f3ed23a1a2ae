"""Compressing one archive."""

from __future__ import annotations

import errno
import fcntl
import gzip as gzip_module
import os
import stat
from pathlib import Path

import pytest

from asynclog.sinks import compression
from asynclog.sinks.compression import Interrupted, compress, gzip, parse_compression, zstd

TEXT = b"".join(b"line %d\n" % i for i in range(100_000))


class Crash(BaseException):
    """The process ends here."""


def never():
    """Not interrupted."""
    return False


@pytest.fixture(params=[gzip, zstd])
def codec(request):
    """Each kind of compression."""
    return request.param()


@pytest.fixture
def archive(tmp_path):
    """An archive to be compressed."""
    path = tmp_path / "app.log.1"
    path.write_bytes(TEXT)
    return path


def unpacked(path, codec):
    """Return what *path* holds."""
    return codec.decompressor().decompress(path.read_bytes())


def names(path):
    """Return the names in the directory of *path*."""
    return sorted(one.name for one in path.parent.iterdir())


def test_the_archive_is_replaced(archive, codec):
    """By a smaller file with the same text, mode and time."""
    archive.chmod(0o640)
    os.utime(archive, ns=(1, 1_600_000_000_000_000_123))
    assert compress(archive, codec, never)
    packed = archive.with_name(archive.name + codec.suffix)
    status = packed.stat()
    assert names(archive) == [packed.name]
    assert unpacked(packed, codec) == TEXT
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o640, 1_600_000_000_000_000_123)
    assert status.st_size < len(TEXT) / 3


def test_other_programs_can_read_it(archive):
    """It is a gzip file."""
    compress(archive, gzip(), never)
    with gzip_module.open(f"{archive}.gz") as packed:
        assert packed.read() == TEXT


@pytest.mark.parametrize(
    "step", ["os.fchmod", "os.fsync", "pathlib.Path.rename", "pathlib.Path.unlink"]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_crash_at_any_step_loses_and_doubles_nothing(archive, codec, monkeypatch, step, times):
    """The next try takes it up where it was left."""
    crashes(monkeypatch, step, times)
    with pytest.raises(Crash):
        compress(archive, codec, never)
    monkeypatch.undo()
    assert archive.read_bytes() == TEXT
    assert compress(archive, codec, never)
    packed = archive.with_name(archive.name + codec.suffix)
    assert (names(archive), unpacked(packed, codec)) == ([packed.name], TEXT)


def crashes(monkeypatch, step, times):
    """Have the *times*-th call of *step* be the process's last, or the first if there are less."""
    name = step.rsplit(".", 1)[1]
    owner = Path if name in ("rename", "unlink") else os
    original, calls = getattr(owner, name), []
    last = min(times, {"fsync": 2, "unlink": 2}.get(name, 1))

    def call(*arguments, **options):
        calls.append(arguments)
        if len(calls) == last:
            raise Crash
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, call)


def test_a_failure_leaves_the_archive_as_it_was(archive, codec, monkeypatch):
    """And no unfinished copy."""
    monkeypatch.setattr(os, "fsync", _fails)
    with pytest.raises(OSError, match="I/O error"):
        compress(archive, codec, never)
    assert (names(archive), archive.read_bytes()) == (["app.log.1"], TEXT)


def _fails(*_):
    raise OSError(errno.EIO, "I/O error")


def test_it_ends_soon_when_it_is_told_to(archive, codec):
    """A program that closes does not wait for it."""
    with pytest.raises(Interrupted):
        compress(archive, codec, lambda: True)
    assert names(archive) == ["app.log.1"]


def test_an_archive_that_somebody_writes_to_is_left_alone(archive, codec):
    """Writers hold the lock."""
    with archive.open("a") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert not compress(archive, codec, never)
    assert names(archive) == ["app.log.1"]


def test_a_file_of_another_origin_is_not_replaced(archive, codec):
    """Even if it stands where the compressed archive would."""
    foreign = archive.with_name(archive.name + codec.suffix)
    foreign.write_bytes(b"not compressed")
    with pytest.raises(OSError, match="is there already, with other content"):
        compress(archive, codec, never)
    assert (foreign.read_bytes(), archive.read_bytes()) == (b"not compressed", TEXT)


@pytest.mark.parametrize("text", [TEXT[:-8], TEXT + b"more\n", b"x" + TEXT[1:]])
def test_an_archive_is_removed_only_if_the_copy_holds_all_of_it(archive, codec, text):
    """To the last byte."""
    compressor = codec.compressor()
    copy = archive.with_name(archive.name + codec.suffix)
    copy.write_bytes(compressor.compress(text) + compressor.flush())
    with pytest.raises(OSError, match="other content"):
        compress(archive, codec, never)


def test_a_copy_that_was_cut_does_not_hold_it(archive, codec):
    """Though all of it is right."""
    compressor = codec.compressor()
    copy = archive.with_name(archive.name + codec.suffix)
    copy.write_bytes((compressor.compress(TEXT) + compressor.flush())[:-20])
    with pytest.raises(OSError, match="other content"):
        compress(archive, codec, never)


def test_the_last_space_of_a_disk_is_left_to_new_lines(archive, codec, monkeypatch):
    """Both copies are there for a while."""
    disk = os.statvfs_result((1, 1, 9, 9, 9, 9, 9, 9, 9, 9))
    monkeypatch.setattr(compression.os, "statvfs", lambda _: disk)
    with pytest.raises(OSError, match="9 bytes free are too few"):
        compress(archive, codec, never)


def test_a_link_in_its_place_is_not_followed(archive, codec):
    """Nor is what it leads to removed."""
    archive.rename(archive.with_name("elsewhere"))
    archive.symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        compress(archive, codec, never)


def test_codecs_have_names():
    """As settings use them."""
    assert parse_compression(None) is None
    assert [parse_compression(name).suffix for name in ("gzip", "zstd")] == [".gz", ".zst"]


def test_an_unknown_codec_is_refused():
    """The message names those that exist."""
    with pytest.raises(ValueError, match="expected None or one of gzip, zstd, got 'zip'"):
        parse_compression("zip")


def test_without_its_library_the_error_names_the_extra(monkeypatch):
    """When the sink is made."""
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    with pytest.raises(ImportError, match=r"install asynclog-toolkit\[zstd\]"):
        parse_compression("zstd")


def test_a_log_that_took_the_name_of_an_empty_file_is_not_removed(archive, codec, monkeypatch):
    """What was opened is that empty file: to compress it would be the end of the log."""
    text, opened = archive.read_bytes(), compression._open

    def open_too_early(path):
        log = path.rename(path.with_name("log"))
        path.touch()
        source = opened(path)
        log.rename(path)
        return source

    monkeypatch.setattr(compression, "_open", open_too_early)
    assert not compress(archive, codec, lambda: False)
    assert [(one, one.read_bytes()) for one in archive.parent.iterdir()] == [(archive, text)]
