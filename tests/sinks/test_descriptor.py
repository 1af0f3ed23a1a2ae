"""Writing whole lines to a file descriptor."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import threading
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asynclog.sinks import descriptor as module
from asynclog.sinks.descriptor import (
    FILE_PIECE,
    PIPE_PIECE,
    Begun,
    Patience,
    Unfinished,
    piece_end,
    write_all,
)
from asynclog.sinks.payload import encode_records
from asynclog.sinks.threaded import ShortWrite

FULL = OSError(errno.ENOSPC, "full")


def never(waited):
    """Wait for ever."""
    return False


def at_once(waited):
    """Wait no moment."""
    return True


@pytest.fixture(name="file")
def _file(tmp_path):
    one = os.open(tmp_path / "log", os.O_RDWR | os.O_APPEND | os.O_CREAT)
    yield one
    os.close(one)


@pytest.fixture(name="pipe")
def _pipe():
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        with suppress(OSError):  # the test has closed it
            os.close(end)


def content(file):
    """Return all that is in *file*."""
    return os.pread(file, 1 << 24, 0)


def drain(reader, sink):
    """Read all there is, in a thread, into *sink*."""

    def read():
        while data := os.read(reader, 1000):
            sink.extend(data)

    thread = threading.Thread(target=read)
    thread.start()
    return thread


def lines(count, width=50):
    """Return *count* lines as bytes."""
    return b"".join(b"%0*d\n" % (width, i) for i in range(count))


def test_a_file_gets_all_of_it(file):
    """Behind what was there."""
    os.write(file, b"before\n")
    write_all(file, lines(100), never)
    assert content(file) == b"before\n" + lines(100)


@pytest.mark.parametrize("flags", [0, os.O_NONBLOCK], ids=["blocking", "not blocking"])
def test_a_pipe_gets_all_of_it_however_slowly_it_is_read(pipe, flags):
    """Many times what it holds."""
    reader, writer = pipe
    fcntl.fcntl(writer, fcntl.F_SETFL, flags)
    got = bytearray()
    thread = drain(reader, got)
    write_all(writer, lines(10_000), never)
    os.close(writer)
    thread.join(10)
    assert got == lines(10_000)


@given(
    payload=st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"") + b"\n")).map(
        b"".join
    ),
    size=st.integers(1, 12),
)
def test_a_piece_ends_with_a_line_if_one_fits(payload, size):
    """So a kill, or another writer, tears as few lines as can be."""
    start, pieces = 0, []
    while start < len(payload):
        end = piece_end(payload, start, size)
        assert start < end <= max(start + size, start + 1)
        pieces.append(payload[start:end])
        start = end
    assert b"".join(pieces) == payload
    assert all(b"\n" not in one or one.endswith(b"\n") for one in pieces)


@pytest.mark.parametrize(("kind", "size"), [("file", FILE_PIECE), ("pipe", PIPE_PIECE)])
def test_no_piece_is_larger_than_goes_whole(kind, size, file, pipe, monkeypatch):
    """A pipe takes a page in one step, so that lines of several writers do not mix."""
    sizes, real = [], os.write

    def write(descriptor, data):
        sizes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr(module.os, "write", write)
    write_all(file if kind == "file" else pipe[1], lines(2 * size // 51 // 2), never)
    assert size - 51 < max(sizes) <= size


# -- failing --------------------------------------------------------------------------------------


class Trouble:
    """Stands for `os.write`: takes a few bytes at a time, and fails when its plan says so."""

    def __init__(self, *plan):
        self.plan, self.real = list(plan), os.write

    def __call__(self, descriptor, data):
        """Take a step of the plan."""
        step = self.plan.pop(0) if self.plan else len(data)
        if isinstance(step, OSError):
            raise step
        return self.real(descriptor, data[:step])


def outcome(call):
    """Return what *call* raises, or None."""
    try:
        call()
    except (OSError, ShortWrite) as error:
        return error


STEPS = st.one_of(st.integers(1, 9), st.just(BlockingIOError()))
PLANS = st.tuples(st.lists(STEPS, max_size=6), st.booleans()).map(
    lambda plan: [*plan[0], FULL] if plan[1] else plan[0]
)
RECORDS = st.lists(st.text(alphabet="ab\n", max_size=5), min_size=1, max_size=5)


@given(texts=RECORDS, plan=PLANS, kind=st.sampled_from(["file", "pipe"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_is_known_exactly_how_far_a_write_got(texts, plan, kind, tmp_path):
    """Written on from there, every record is whole, once, and in order."""
    payload = encode_records(texts)
    if kind == "file":
        writer = reader = os.open(
            tmp_path / "log", os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
        )
    else:
        reader, writer = os.pipe()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module.os, "write", Trouble(*plan))
        error = outcome(lambda: write_all(writer, payload, never))
    rest = {type(None): b"", Unfinished: getattr(error, "rest", b"")}.get(type(error), b"")
    written = {type(None): len(payload), OSError: 0}.get(type(error), getattr(error, "count", 0))
    ends = [len(encode_records(texts[:i])) if i else 0 for i in range(len(texts) + 1)]
    os.write(writer, rest + payload[written:])
    got = content(reader) if kind == "file" else os.read(reader, 1 << 16)
    for descriptor in {reader, writer}:
        os.close(descriptor)
    assert written in ends
    assert got == payload


def test_a_file_that_took_half_a_line_gives_it_back(file, monkeypatch):
    """Nobody has seen it as part of the log."""
    monkeypatch.setattr(module.os, "write", Trouble(5, FULL))
    error = outcome(lambda: write_all(file, b"one\ntwo\n", never))
    assert (type(error), error.count, error.error) == (ShortWrite, 4, FULL)
    assert content(file) == b"one\n"


def test_where_not_even_one_line_was_written_nothing_was(file, monkeypatch):
    """The error is the system's own."""
    monkeypatch.setattr(module.os, "write", Trouble(2, FULL))
    assert outcome(lambda: write_all(file, b"one\ntwo\n", never)) is FULL
    assert content(file) == b""


def test_a_file_that_somebody_else_wrote_to_meanwhile_is_not_cut(file, tmp_path, monkeypatch):
    """It would be their line that is lost."""

    class Shared(Trouble):
        def __call__(self, descriptor, data):
            if self.plan == [FULL]:
                with (tmp_path / "log").open("ab") as theirs:
                    theirs.write(b"theirs\n")
            return super().__call__(descriptor, data)

    monkeypatch.setattr(module.os, "write", Shared(5, FULL))
    error = outcome(lambda: write_all(file, b"one\ntwo\n", never))
    assert (type(error), error.count, error.rest) == (Unfinished, 8, b"wo\n")
    assert content(file) == b"one\nttheirs\n"


def test_a_file_that_cannot_be_cut_keeps_the_half_line(file, monkeypatch):
    """Its rest comes first when writing goes on."""

    def fail(*args):
        raise FULL

    monkeypatch.setattr(module.os, "ftruncate", fail)
    monkeypatch.setattr(module.os, "write", Trouble(5, FULL))
    error = outcome(lambda: write_all(file, b"one\ntwo\nthree\n", never))
    assert (type(error), error.count, error.rest) == (Unfinished, 8, b"wo\n")


def test_a_record_of_several_rows_is_given_back_whole(file, monkeypatch):
    """Its first rows would stand there twice."""
    payload = encode_records(["one", "two\nrows", "three"])
    monkeypatch.setattr(module.os, "write", Trouble(10, FULL))
    error = outcome(lambda: write_all(file, payload, never))
    assert (error.count, content(file)) == (4, b"one\n")


def test_the_kernel_s_own_limit_is_met_at_the_end_of_a_line(file):
    """It takes what fits, and then says that the file is too large."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        error = outcome(lambda: write_all(file, lines(100), never))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (error.count, error.error.errno) == (1000 // 51 * 51, errno.EFBIG)
    assert content(file) == lines(1000 // 51)


def test_a_full_device_has_taken_nothing():
    """There is no disk behind it, so no space that comes back."""
    full = os.open("/dev/full", os.O_WRONLY)
    error = outcome(lambda: write_all(full, lines(10), never))
    os.close(full)
    assert error.errno == errno.ENOSPC


def test_a_reader_that_has_gone_is_an_error(pipe):
    """No wait, and no signal that ends the process."""
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        write_all(pipe[1], b"x\n", never)


# -- waiting --------------------------------------------------------------------------------------


def test_the_rest_of_a_record_is_written_in_as_many_goes_as_it_takes(file, monkeypatch):
    """Row by row, or in the midst of one; each error is the system's own."""
    begun = Begun()
    begun.rest = b"one\ntwo\n"
    monkeypatch.setattr(module, "_take_back", lambda descriptor, count: False)
    monkeypatch.setattr(module.os, "write", Trouble(2, FULL, 2, FULL, FULL))
    for missing in (b"e\ntwo\n", b"two\n", b"two\n"):
        assert outcome(lambda: begun.finish(file, never)) is FULL
        assert begun.rest == missing
    begun.finish(file, never)
    assert not begun
    assert content(file) == b"one\ntwo\n"


def test_a_wait_for_a_reader_can_be_given_up_at_once(pipe):
    """Before anything is written, too."""
    with pytest.raises(TimeoutError, match="the reader does not read"):
        write_all(pipe[1], b"x\n", at_once)
    assert select.select([pipe[0]], [], [], 0)[0] == []


def test_a_wait_for_a_reader_is_given_up_when_nothing_moves(pipe):
    """What the pipe holds was written, up to the end of a line."""
    patience = Patience()
    patience.limit(0.01)
    error = outcome(lambda: write_all(pipe[1], lines(10_000), patience.is_over))
    assert type(error.error) is TimeoutError
    assert error.count % 51 == 0
    assert len(os.read(pipe[0], 1 << 20)) == error.count


def test_a_line_longer_than_the_pipe_takes_is_left_begun(pipe):
    """Its rest is told, for it cannot be taken back."""
    patience = Patience()
    patience.limit(0.01)
    long = b"x" * 200_000 + b"\n"
    error = outcome(lambda: write_all(pipe[1], long + b"y\n", patience.is_over))
    assert (type(error), error.count) == (Unfinished, len(long))
    assert os.read(pipe[0], 1 << 20) + error.rest == long


def test_a_file_is_not_waited_for(file):
    """The disk has no reader."""
    write_all(file, b"x\n", at_once)
    assert content(file) == b"x\n"


def test_patience_has_no_end_until_it_is_limited():
    """Then it ends for waits under way as well."""
    patience = Patience()
    assert not patience.is_over(1e9)
    patience.limit(5)
    assert [patience.is_over(seconds) for seconds in (4.9, 5)] == [False, True]
