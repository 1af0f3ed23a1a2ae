"""The archives of a rolling file."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from asynclog.sinks.archives import Archives
from asynclog.sinks.compression import gzip
from asynclog.sinks.naming import NumberNaming
from asynclog.sinks.retention import Retention
from asynclog.testing import ManualClock


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def archives(tmp_path):
    """Keep the archives of `app.log`, with these settings."""

    def make(codec=None, **keep):
        return Archives(tmp_path, NumberNaming("app.log"), Retention(**keep), codec, ManualClock())

    return make


@pytest.fixture
def log(tmp_path):
    """Return the current file."""
    return tmp_path / "app.log"


def content(directory):
    """Return the text of each file by its name."""
    return {path.name: path.read_bytes().decode("latin-1") for path in directory.iterdir()}


def test_a_file_is_put_away_under_the_next_name(archives, log, tmp_path):
    """And no archive is replaced."""
    for text in ("first", "second"):
        log.write_text(text)
        archives().put_away(log, 0)
    assert content(tmp_path) == {"app.log.1": "first", "app.log.2": "second"}


def test_a_name_that_is_taken_at_the_last_moment_is_not_replaced(
    archives, log, tmp_path, monkeypatch
):
    """Another one is found."""
    log.write_text("text")
    keeper, names = archives(), [set(), {"app.log.1"}]
    (tmp_path / "app.log.1").write_text("foreign")
    monkeypatch.setattr(keeper, "_names", lambda: names.pop(0))
    keeper.put_away(log, 0)
    assert content(tmp_path) == {"app.log.1": "foreign", "app.log.2": "text"}


def test_where_every_name_is_taken_it_gives_up(archives, log, tmp_path, monkeypatch):
    """Instead of trying for ever."""
    log.write_text("text")
    keeper = archives()
    (tmp_path / "app.log.1").touch()
    monkeypatch.setattr(keeper, "_names", set)
    with pytest.raises(OSError, match="no free name like app"):
        keeper.put_away(log, 0)


def test_a_file_that_cannot_be_renamed_stays_as_it_was(archives, log, tmp_path, monkeypatch):
    """No empty archive is left."""
    log.write_text("text")
    monkeypatch.setattr(Path, "rename", _refuse)
    with pytest.raises(PermissionError):
        archives().put_away(log, 0)
    assert content(tmp_path) == {"app.log": "text"}


def _refuse(*_):
    raise PermissionError


def test_a_crash_before_the_renaming_leaves_an_empty_name(archives, log, tmp_path, monkeypatch):
    """Which the next process removes."""
    log.write_text("text")
    monkeypatch.setattr(Path, "rename", _crash)
    monkeypatch.setattr(Path, "unlink", _crash)
    with pytest.raises(Crash):
        archives().put_away(log, 0)
    monkeypatch.undo()
    assert content(tmp_path) == {"app.log": "text", "app.log.1": ""}
    archives().tidy()
    assert content(tmp_path) == {"app.log": "text"}


def _crash(*_, **__):
    raise Crash


def test_archives_are_compressed_oldest_first(archives, tmp_path, monkeypatch):
    """And the current file is not."""
    done = []
    monkeypatch.setattr("asynclog.sinks.archives.compress", lambda path, *_: done.append(path.name))
    for name in ("app.log", "app.log.10", "app.log.9", "app.log.8.gz", "app.log.bak"):
        (tmp_path / name).write_text("text")
    archives(gzip()).tidy()
    assert done == ["app.log.9", "app.log.10"]


def test_only_own_names_are_ever_removed(archives, tmp_path):
    """However much they look like it."""
    foreign = (
        "app.log",
        "app.log-secret",
        "app.log.1.bak",
        "app.log.old",
        "other.log.1",
        "app.log.x.gz.tmp",
    )
    for name in (*foreign, "app.log.1", "app.log.2.gz", "app.log.3"):
        (tmp_path / name).write_text("text")
    (tmp_path / "app.log.4").mkdir()
    (tmp_path / "app.log.5").symlink_to("app.log-secret")
    archives(files=1).tidy()
    assert {path.name for path in tmp_path.iterdir()} == {
        *foreign,
        "app.log.3",
        "app.log.4",
        "app.log.5",
    }


def test_a_copy_whose_archive_is_gone_is_removed(archives, tmp_path):
    """Nothing would ever finish it; one whose archive is there is finished."""
    for name in ("app.log.1.gz.tmp", "app.log.2.gz.tmp", "app.log.2"):
        (tmp_path / name).write_text("text")
    archives(gzip()).tidy()
    assert sorted(content(tmp_path)) == ["app.log.2.gz"]


def test_an_archive_that_another_process_removed_is_passed_over(archives, tmp_path, monkeypatch):
    """Two keep order in one directory."""
    (tmp_path / "app.log.1").write_text("text")
    keeper = archives(gzip(), files=0)
    found = keeper.found()
    (tmp_path / "app.log.1").unlink()
    monkeypatch.setattr(keeper, "found", lambda: found)
    keeper.tidy()
    assert content(tmp_path) == {}


def test_trouble_is_told_once_and_again_after_it_was_over(archives, tmp_path, monkeypatch, capsys):
    """And never raised: it is no fault of the lines."""
    keeper = archives()
    monkeypatch.setattr(keeper, "_remove_surplus", _refuse)
    keeper.tidy()
    keeper.tidy()
    assert capsys.readouterr().err.count("cannot be kept in order") == 1
    monkeypatch.undo()
    keeper.tidy()
    monkeypatch.setattr(keeper, "_remove_surplus", _refuse)
    keeper.tidy()
    assert capsys.readouterr().err.count("cannot be kept in order") == 1


def test_interrupted_it_leaves_the_rest_for_another_time(archives, tmp_path, capsys):
    """In silence."""
    (tmp_path / "app.log.1").write_text("text")
    keeper = archives(gzip(), files=0)
    keeper.interrupt()
    keeper.tidy()
    assert (content(tmp_path), capsys.readouterr().err) == ({"app.log.1": "text"}, "")


def test_an_archive_that_goes_while_it_is_looked_at_is_passed_over(archives, tmp_path, monkeypatch):
    """Another process was faster."""
    (tmp_path / "app.log.1").write_text("text")

    class Gone:
        name = "app.log.1"

        def is_file(self, *, follow_symlinks):
            return True

        def stat(self, *, follow_symlinks):
            raise FileNotFoundError

    monkeypatch.setattr("asynclog.sinks.archives.os.scandir", lambda _: nullcontext([Gone()]))
    assert archives().found() == []


# -- several processes -----------------------------------------------------------------------------


def test_a_name_that_a_log_is_about_to_take_is_no_leftover(archives, log, tmp_path, monkeypatch):
    """However empty it is: another process would remove the log that takes it."""
    log.write_text("text")
    rename = Path.rename

    def tidy_first(path, target):
        archives().tidy()
        assert target.exists()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", tidy_first)
    archives().put_away(log, 0)
    assert content(tmp_path) == {"app.log.1": "text"}


def test_a_name_that_a_log_has_taken_meanwhile_is_no_leftover(archives, tmp_path, monkeypatch):
    """It was empty when the directory was read."""
    keeper, path = archives(), tmp_path / "app.log.1"
    path.touch()
    stale = keeper.found()
    path.write_text("text")
    monkeypatch.setattr(keeper, "found", lambda: stale)
    keeper.tidy()
    assert content(tmp_path) == {"app.log.1": "text"}


def test_a_leftover_that_is_gone_already_is_passed_over(archives, tmp_path, monkeypatch, capsys):
    """Another process was faster."""
    keeper, path = archives(), tmp_path / "app.log.1"
    path.touch()
    stale = keeper.found()
    path.unlink()
    monkeypatch.setattr(keeper, "found", lambda: stale)
    keeper.tidy()
    assert capsys.readouterr().err == ""


def test_a_name_that_somebody_looks_at_is_left_to_them(archives, log, tmp_path, monkeypatch):
    """They take it for a leftover; there are other names."""
    answers = [False, True]
    monkeypatch.setattr("asynclog.sinks.archives.try_lock", lambda *_, **__: answers.pop(0))
    log.write_text("text")
    archives().put_away(log, 0)
    assert content(tmp_path) == {"app.log.1": "", "app.log.2": "text"}
