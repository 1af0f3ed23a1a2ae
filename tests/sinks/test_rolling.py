"""A file that is put away from time to time."""

from __future__ import annotations

import fcntl
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks import rolling
from asynclog.sinks.appending import FileTarget
from asynclog.sinks.archives import Archives
from asynclog.sinks.naming import NumberNaming
from asynclog.sinks.opening import Place
from asynclog.sinks.payload import Payload
from asynclog.sinks.retention import Retention
from asynclog.sinks.rolling import RollingTarget
from asynclog.sinks.rotation import Daily, Rotation
from asynclog.sinks.threaded import ShortWrite
from asynclog.testing import ManualClock

from ..making import batch_of

DAY = 86_400


class Setting:
    """A directory with a rolling file in it."""

    def __init__(self, directory):
        self.path = directory / "app.log"
        self.clock = ManualClock()
        self.rolled = []
        self.targets = []

    def target(self, *rotation):
        """Return a new target for the file, as another process would have."""
        one = RollingTarget(
            self.path,
            FileTarget(Place(self.path)),
            Rotation(*rotation),
            Archives(self.path.parent, NumberNaming("app.log"), Retention(), None, self.clock),
            clock=self.clock,
            on_rolled=lambda: self.rolled.append(1),
        )
        self.targets.append(one)
        return one

    def texts(self):
        """Return the texts of all files, oldest first."""
        files = sorted(self.path.parent.glob("app.log.*"), key=lambda path: int(path.suffix[1:]))
        return [path.read_text() for path in (*files, self.path) if path.exists()]

    def close(self):
        """Close all targets."""
        for one in self.targets:
            one.close()


@pytest.fixture
def setting(tmp_path):
    """A directory with a rolling file in it."""
    one = Setting(tmp_path)
    yield one
    one.close()


def test_one_batch_may_fill_several_files(setting):
    """In one second; a line larger than the limit has a file of its own."""
    target = setting.target(8)
    target.write(Payload(b"aaa\nbbb\nc\nddddddddddd\ne\n"))
    target.write(Payload(b"f\nggg\n"))
    assert setting.texts() == ["aaa\nbbb\n", "c\n", "ddddddddddd\n", "e\nf\nggg\n"]


def test_a_file_is_rolled_before_the_first_line_of_a_day(setting):
    """The lines of the old day are all in the old file."""
    target = setting.target(None, Daily())
    target.write(Payload(b"monday\n"))
    setting.clock.advance(DAY)
    target.write(Payload(b"tuesday\n"))
    assert setting.texts() == ["monday\n", "tuesday\n"]


def test_an_idle_file_is_rolled_when_its_day_is_over(setting):
    """Whoever reads it finds an empty one in its place."""
    target = setting.target(None, Daily())
    target.write(Payload(b"monday\n"))
    target.roll_if_due()
    setting.clock.advance(DAY)
    target.roll_if_due()
    target.roll_if_due()
    assert setting.texts() == ["monday\n", ""]


def test_a_file_that_is_not_there_is_not_made_to_be_rolled(setting):
    """An unused sink leaves no trace."""
    setting.target(None, Daily()).roll_if_due()
    assert not setting.path.exists()


def test_a_file_of_an_earlier_process_is_taken_over(setting):
    """By its size and the time of its last line."""
    setting.path.write_text("old\n")
    os.utime(setting.path, ns=(0, setting.clock.now_ns - DAY * 10**9))
    setting.target(None, Daily()).write(Payload(b"new\n"))
    assert setting.texts() == ["old\n", "new\n"]


def test_of_two_writers_one_rolls_and_the_other_follows(setting):
    """Each line is in exactly one file."""
    first, second = setting.target(8), setting.target(8)
    for target, line in (
        (first, b"aaa\n"),
        (second, b"bbb\n"),
        (first, b"ccc\n"),
        (second, b"ddd\n"),
    ):
        target.write(Payload(line))
    assert setting.texts() == ["aaa\nbbb\n", "ccc\nddd\n"]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=30))
def test_several_writers_lose_and_double_nothing(tmp_path_factory, writes):
    """Whoever writes how much when."""
    setting = Setting(tmp_path_factory.mktemp("logs"))
    targets = [setting.target(20) for _ in range(3)]
    lines = [f"{number}{'x' * length}\n" for number, (_, length) in enumerate(writes)]
    for (writer, _), line in zip(writes, lines, strict=True):
        targets[writer].write(Payload(line.encode()))
    assert "".join(setting.texts()) == "".join(lines)
    assert all(len(text) <= 20 for text in setting.texts())
    setting.close()


def test_each_roll_is_told_and_so_is_the_first_opening(setting):
    """Somebody compresses and removes archives then."""
    target = setting.target(4)
    for line in (b"aaa\n", b"bbb\n", b"c\n"):
        target.write(Payload(line))
    assert len(setting.rolled) == 3


def test_a_file_that_cannot_be_rolled_is_written_on(setting, monkeypatch, capsys):
    """It is told once, and tried again after a while."""
    target, time = setting.target(4), [100.0]
    monkeypatch.setattr(rolling, "monotonic", lambda: time[0])
    monkeypatch.setattr(Archives, "put_away", _refuse)
    for _ in range(3):
        target.write(Payload(b"aaa\nbbb\n"))
    assert setting.texts() == ["aaa\nbbb\n" * 3]
    assert capsys.readouterr().err.count("cannot be rolled, and is written on: no") == 1
    monkeypatch.undo()
    target.write(Payload(b"ccc\n"))
    assert setting.texts() == ["aaa\nbbb\n" * 3, "ccc\n"]


def _refuse(*_):
    raise PermissionError("no")


def test_if_no_new_file_can_be_opened_the_archive_is_written_on(setting, monkeypatch):
    """Its lines can still be found."""
    target = setting.target(4)
    target.write(Payload(b"aaa\n"))
    monkeypatch.setattr(Place, "open", _refuse)
    target.write(Payload(b"bbb\n"))
    assert setting.texts() == ["aaa\nbbb\n"]
    monkeypatch.undo()
    target.write(Payload(b"ccc\n"))
    assert setting.texts() == ["aaa\nbbb\n", "ccc\n"]


def test_what_was_written_before_a_failure_is_told(setting, monkeypatch):
    """In bytes, up to the end of a line."""
    target, appended = setting.target(4), []
    append = FileTarget.append

    def fail_at_the_third(file, descriptor, payload):
        appended.append(payload)
        if len(appended) == 3:
            raise OSError("full")
        append(file, descriptor, payload)

    monkeypatch.setattr(FileTarget, "append", fail_at_the_third)
    with pytest.raises(ShortWrite) as caught:
        target.write(Payload(b"aaa\nbbb\nccc\nddd\n"))
    assert (caught.value.count, setting.texts()) == (8, ["aaa\n", "bbb\n", ""])


def test_a_short_write_counts_from_the_start_of_the_payload(setting, monkeypatch):
    """Over all files."""
    target, appended = setting.target(4), []

    def short_at_the_second(file, descriptor, payload):
        appended.append(payload)
        if len(appended) == 2:
            raise ShortWrite(1, OSError("full"))
        os.write(descriptor, payload)

    monkeypatch.setattr(FileTarget, "append", short_at_the_second)
    with pytest.raises(ShortWrite) as caught:
        target.write(Payload(b"aaa\nb\nc\nd"))
    assert caught.value.count == 5


def test_a_short_write_ends_with_a_record_of_several_rows(setting, monkeypatch):
    """Its first rows are taken back, for they will come again."""
    target, real = setting.target(100), os.write
    plan = [10]

    def write(descriptor, data):
        if not plan:
            raise OSError("full")
        return real(descriptor, data[: plan.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        with pytest.raises(ShortWrite) as raised:
            target.write(target.encode(batch_of("one", "two\nrows", "three")))
    assert raised.value.count == len("one\n")
    assert setting.texts() == ["one\n"]


def test_if_nothing_was_written_the_error_says_so(setting, monkeypatch):
    """It is passed on as it is."""
    monkeypatch.setattr(FileTarget, "append", _refuse)
    with pytest.raises(PermissionError):
        setting.target(4).write(Payload(b"a\n"))


def test_while_another_process_holds_the_lock_nobody_writes(setting, monkeypatch):
    """After a while that is an error, and the lines are kept."""
    time = iter(range(0, 100, 2))
    monkeypatch.setattr(rolling, "monotonic", lambda: next(time))
    setting.path.touch()
    with setting.path.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError, match="holds the lock"):
            setting.target(4).write(Payload(b"a\n"))
    assert setting.texts() == [""]


def test_a_file_that_was_rolled_while_waiting_for_the_lock_is_left(setting, monkeypatch):
    """The line goes into the new one."""
    target = setting.target(100)
    target.write(Payload(b"a\n"))
    lock = rolling.try_lock

    def roll_meanwhile(descriptor, **otherwise):
        monkeypatch.setattr(rolling, "try_lock", lock)
        setting.path.rename(setting.path.with_name("app.log.1"))
        return lock(descriptor, **otherwise)

    monkeypatch.setattr(rolling, "try_lock", roll_meanwhile)
    target.write(Payload(b"b\n"))
    assert setting.texts() == ["a\n", "b\n"]


def test_where_there_are_no_locks_one_process_still_writes(setting, monkeypatch):
    """As on some file systems of the network."""
    monkeypatch.setattr(fcntl, "flock", _no_locks)
    setting.target(100).write(Payload(b"a\n"))
    assert setting.texts() == ["a\n"]


def _no_locks(*_):
    raise OSError("no locks available")


def test_a_pipe_is_written_to_and_never_rolled(setting):
    """It has no size."""
    os.mkfifo(setting.path)
    reader = os.open(setting.path, os.O_RDONLY | os.O_NONBLOCK)
    setting.target(1).write(Payload(b"aaa\nbbb\n"))
    assert os.read(reader, 100) == b"aaa\nbbb\n"
    os.close(reader)


def test_a_wait_for_a_pipe_s_reader_can_be_ended(setting):
    """When the sink closes."""
    os.mkfifo(setting.path)
    reader = os.open(setting.path, os.O_RDONLY | os.O_NONBLOCK)
    target = setting.target(None)
    target.interrupt(0)
    with pytest.raises(TimeoutError):
        target.write(Payload((b"a" * 4000 + b"\n") * 100))
    os.close(reader)


def test_a_file_that_still_cannot_be_rolled_is_not_told_of_again(setting, monkeypatch, capsys):
    """However often it is tried."""
    target, time = setting.target(4), [100.0]
    monkeypatch.setattr(rolling, "monotonic", lambda: time[0])
    monkeypatch.setattr(Archives, "put_away", _refuse)
    target.write(Payload(b"aaa\n"))
    for _ in range(3):
        target.write(Payload(b"bbb\n"))
        time[0] += 2
    assert capsys.readouterr().err.count("cannot be rolled") == 1
