"""One file for each value of an attribute."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import partitioned
from asynclog.sinks.appending import FileTarget
from asynclog.sinks.opening import Place
from asynclog.sinks.partitioned import PartitionedTarget
from asynclog.sinks.placeholders import PathTemplate
from asynclog.sinks.threaded import ShortWrite


def batch_of(*lines):
    """Return a batch of lines, each given as tenant and text."""
    records = [Record(0, 20, "", text, attributes={"tenant": tenant}) for tenant, text in lines]
    return Batch(records, [record.message for record in records])


@pytest.fixture
def made():
    """Every target that was made, by the name of its file."""
    return {}


@pytest.fixture
def target(tmp_path, made):
    """Write to `logs/{tenant}.log`, with two files open."""

    def make(path):
        made[path.stem] = FileTarget(Place(path, root=tmp_path / "logs"))
        return made[path.stem]

    one = PartitionedTarget(PathTemplate(f"{tmp_path}/logs/{{tenant}}.log"), make, 2)
    yield one
    one.close()


def write(target, batch):
    """Write *batch* as a sink does."""
    target.write(target.encode(batch))


def texts(tmp_path):
    """Return the text of each file by its name."""
    return {path.stem: path.read_text() for path in (tmp_path / "logs").iterdir()}


def test_each_value_has_its_file(target, tmp_path):
    """In order."""
    write(target, batch_of(("a", "1"), ("b", "2"), ("a", "3")))
    write(target, batch_of(("b", "4")))
    assert texts(tmp_path) == {"a": "1\n3\n", "b": "2\n4\n"}


def test_no_value_leads_out_of_the_directory(target, tmp_path):
    """Whatever a user put into it."""
    write(target, batch_of(*((value, "x") for value in ("../up", "/etc/x", "a/b", "..", "a\0b"))))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs"]
    assert all(path.is_file() for path in (tmp_path / "logs").iterdir())
    assert len(texts(tmp_path)) == 5


def test_a_link_planted_in_the_directory_is_not_followed(target, tmp_path):
    """Its lines wait, those of others do not."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SinkError, match="symbolic links"):
        write(target, batch_of(("a", "1"), ("b", "2")))
    assert (tmp_path / "logs" / "b.log").read_text() == "2\n"
    assert not (tmp_path / "elsewhere").exists()


def test_only_so_many_files_stay_open(target, made):
    """The one not used for longest is closed."""
    write(target, batch_of(("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")))
    write(target, batch_of(("b", "5")))
    still = {name: file._descriptor is not None for name, file in made.items()}
    assert still == {"a": False, "b": True, "c": True}


@pytest.fixture
def errors(monkeypatch):
    """Errors that writing to the file of a tenant raises."""
    found, write_ = {}, FileTarget.write

    def write_or_fail(file, payload):
        error = found.get(file._place.path.stem)
        if error is not None:
            raise error
        write_(file, payload)

    monkeypatch.setattr(FileTarget, "write", write_or_fail)
    return found


def test_what_is_written_ahead_of_a_failure_is_not_written_twice(target, tmp_path, errors):
    """The lines before it are told as written; the others come again."""
    errors["a"] = OSError("full")
    batch = batch_of(("b", "1"), ("a", "2"), ("b", "3"), ("a", "4"))
    with pytest.raises(SinkError, match="full") as caught:
        write(target, batch)
    assert caught.value.written == 1
    errors.clear()
    write(target, Batch(batch.records[1:], batch.lines[1:]))
    assert texts(tmp_path) == {"a": "2\n4\n", "b": "1\n3\n"}


def test_the_end_of_the_trouble_is_forgotten(target, tmp_path, errors):
    """The same record object may be written again later."""
    errors["a"] = OSError("full")
    batch = batch_of(("a", "1"), ("b", "2"))
    with pytest.raises(SinkError):
        write(target, batch)
    errors.clear()
    write(target, batch)
    write(target, batch)
    assert texts(tmp_path) == {"a": "1\n1\n", "b": "2\n2\n"}


def test_a_part_may_be_written_in_part(target, errors):
    """Whole lines of it count."""
    errors["a"] = ShortWrite(4, OSError("full"))
    with pytest.raises(SinkError) as caught:
        write(target, batch_of(("a", "1"), ("a", "2"), ("a", "3")))
    assert caught.value.written == 2


@pytest.fixture
def synced(monkeypatch):
    """Names of files that were brought to the disk."""
    names = []

    def fsync(descriptor):
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


def test_a_durable_flush_covers_closed_files_too(target, synced, tmp_path):
    """Except one that is gone; and only once."""
    write(target, batch_of(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")))
    (tmp_path / "logs" / "b.log").unlink()
    target.flush(durable=False)
    assert synced == []
    target.flush(durable=True)
    assert sorted(synced) == ["a.log", "c.log", "d.log"]
    target.flush(durable=True)
    assert sorted(synced[3:]) == ["c.log", "d.log"]


def test_of_too_many_closed_files_each_is_brought_to_the_disk_at_once(target, synced, monkeypatch):
    """What is to be remembered is bounded."""
    monkeypatch.setattr(partitioned, "MAX_UNSYNCED", 1)
    write(target, batch_of(*((name, "x") for name in "abcd")))
    assert synced == ["b.log"]


def test_files_are_opened_anew_when_asked_for(target, made):
    """As on SIGHUP."""
    write(target, batch_of(("a", "1")))
    before = made["a"]._descriptor
    target.reopen()
    write(target, batch_of(("a", "2")))
    assert made["a"]._descriptor != before


def test_a_wait_for_a_reader_can_be_ended(target, made):
    """Of files that are open, and of those that will be."""
    write(target, batch_of(("a", "1")))
    target.interrupt(3)
    write(target, batch_of(("b", "1")))
    assert [file._patience.is_over(3) for file in made.values()] == [True, True]
