"""What a forked child does with the sinks of its parent: it writes, and disturbs nobody."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import socket
import stat
from concurrent.futures import Future

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.errors import LoggerClosed
from asynclog.formatters import PatternFormatter
from asynclog.sinks import (
    ConsoleSink,
    FileSink,
    MemorySink,
    NullSink,
    RollingFileSink,
    SyslogSink,
    TCPSink,
    UDPSink,
    UnixSink,
)
from asynclog.sinks.dialing import raw_socket
from tests.making import batch_of

from .servers import Server

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PLAIN = PatternFormatter("{message}")
LINES = ["after", "before", "child 0", "child 1"]


async def in_child(call):
    """Return the exit code of a forked child that does *call*, while the loop goes on."""
    if (child := os.fork()) == 0:
        try:
            call()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return await asyncio.to_thread(lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


async def logged_by_two(sink, *, buffered="buffered"):
    """Log to *sink* in this process, in a child, and in this one again."""
    async with BufferedLogger(100, 60.0, handlers=Handler(sink, formatter=PLAIN)) as builder:
        sender = builder.sender_with_label("a")
        await sender.info("before")
        await builder.flush()
        if buffered:
            await sender.info(buffered)  # the parent's to write
        assert await in_child(lambda: [sender.info(f"child {i}") for i in range(2)]) == 0
        await sender.info("after")


@pytest.mark.parametrize("name", ["log", "{label}.log"])
async def test_both_write_to_one_file(tmp_path, name):
    """What the parent has buffered is written once."""
    await logged_by_two(FileSink(tmp_path / name))
    (file,) = tmp_path.iterdir()
    assert sorted(file.read_text().split("\n")[:-1]) == sorted([*LINES, "buffered"])


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_both_roll_one_file(tmp_path, compression):
    """Each has a lock of its own: inherited, one would be held by both."""
    await logged_by_two(RollingFileSink(tmp_path / "log", size=8, compression=compression))
    texts = [
        gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        for file in tmp_path.iterdir()
    ]
    assert sorted(b"".join(texts).decode().splitlines()) == sorted([*LINES, "buffered"])
    assert len(texts) > 1


async def test_both_write_on_the_console(capfd):
    """To the one stderr that they share."""
    await logged_by_two(ConsoleSink(colour=False))
    assert sorted(capfd.readouterr().err.splitlines()) == sorted([*LINES, "buffered"])


async def test_the_parent_s_connection_is_left_alone():
    """The child makes one of its own, for each line, and ends it."""
    async with Server() as server:
        await logged_by_two(TCPSink("127.0.0.1", server.port), buffered=None)
        assert sorted(await server.lines(4)) == LINES
        assert server.peers[0].lines == ["before", "after"]


async def test_an_inherited_connection_ends_with_the_parent_s(tmp_path):
    """The child, which lives on, does not keep it open."""
    async with Server(str(tmp_path / "socket")) as server:
        sink = UnixSink(tmp_path / "socket")
        async with BufferedLogger(0, 0, handlers=Handler(sink, formatter=PLAIN)) as builder:
            await builder.sender_with_label("a").info("x")
            await builder.flush()
            if (child := os.fork()) == 0:
                signal.pause()
        async with asyncio.timeout(5):
            while not server.peers[0]._transport.is_closing():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        os.kill(child, 9)
        await asyncio.to_thread(os.waitpid, child, 0)


async def test_syslog_gets_both(tmp_path):
    """Through a carrier of either kind."""
    async with Server() as server:
        sink = SyslogSink("127.0.0.1", server.port, transport="tcp")
        await logged_by_two(sink, buffered=None)
        await asyncio.sleep(0)
        assert len(server.peers) == 3


async def test_datagrams_come_from_both():
    """Each from a socket of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        await logged_by_two(UDPSink(*receiver.getsockname()), buffered=None)
        received = [await asyncio.to_thread(receiver.recv, 100) for _ in range(4)]
    assert sorted(one.decode().strip() for one in received) == LINES


@pytest.mark.parametrize("sink", [MemorySink(), NullSink()], ids=repr)
async def test_what_has_nothing_open_has_nothing_to_let_go(sink):
    """The child writes to its own memory."""
    await logged_by_two(sink)


async def test_a_child_may_open_a_logger_of_its_own_on_the_same_handlers(tmp_path):
    """With the same sinks: each process writes for itself."""
    handler = Handler(FileSink(tmp_path / "log"), formatter=PLAIN)

    async def work():
        async with BufferedLogger(100, 60.0, handlers=handler) as builder:
            await builder.sender_with_label("a").info("child")
            await builder.flush(durable=True)

    async with BufferedLogger(100, 60.0, handlers=handler) as builder:
        await builder.sender_with_label("a").info("parent")
        await builder.flush()
        await builder.sender_with_label("a").info("buffered")
        assert await in_child(lambda: asyncio.run(work())) == 0
    assert sorted((tmp_path / "log").read_text().split()) == ["buffered", "child", "parent"]


async def test_in_a_child_a_flush_says_whose_logger_it_is(tmp_path):
    """It does not wait for a loop that is not there; the lines are written."""

    async def flush(sender):
        with pytest.raises(LoggerClosed, match="belongs to the parent process"):
            await sender.flush()

    sink = FileSink(tmp_path / "log")
    async with BufferedLogger(100, 60.0, handlers=Handler(sink)) as builder:
        sender = builder.sender_with_label("a")
        assert await in_child(lambda: asyncio.run(flush(sender))) == 0
        assert await in_child(lambda: builder.flush_in_thread(5)) == 0
        assert await in_child(builder.statistics) == 0


# -- piece by piece: what a child must let go of ---------------------------------------------------


async def test_a_write_under_way_is_the_parent_s(tmp_path):
    """Its thread does not exist in the child, and nobody would ever tell how it ended."""
    sink = FileSink(tmp_path / "log")
    await sink.write(batch_of("a"))
    sink._under_way = (batch_of("b"), Future())
    sink.inherit()
    sink.write_now(batch_of("c"))
    assert (tmp_path / "log").read_text() == "a\nc\n"


def test_a_file_is_opened_anew_and_a_line_that_was_begun_left_alone(tmp_path):
    """A lock on the descriptor would be held by both, and the rest of the line written by both."""
    target = FileSink(tmp_path / "log")._target
    descriptor = target.current()
    target._begun.rest = b"the rest\n"
    target.inherit()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    target.write(b"a\n")
    assert (tmp_path / "log").read_text() == "a\n"


def test_locks_that_a_thread_of_the_parent_held_are_made_anew(tmp_path):
    """Those of the thread that writes, and of the one that keeps the archives in order."""
    sink = RollingFileSink(tmp_path / "log", size=8)
    for thread in (sink._thread, sink._helper):
        thread._lock.acquire()
    sink.inherit()
    for thread in (sink._thread, sink._helper):
        assert thread.submit(lambda: 1).result(5) == 1
        thread.stop()


async def test_a_connection_s_descriptor_leads_nowhere(tmp_path):
    """Its number stays taken: the transport may still close it."""
    async with Server(str(tmp_path / "socket")) as server:
        sink = UnixSink(tmp_path / "socket")
        async with BufferedLogger(0, 0, handlers=Handler(sink, formatter=PLAIN)) as builder:
            await builder.sender_with_label("a").info("x")
            await builder.flush()
            number = raw_socket(sink._carrier._connection._stream).fileno()
            assert stat.S_ISSOCK(os.fstat(number).st_mode)
            assert await in_child(lambda: 1 / stat.S_ISCHR(os.fstat(number).st_mode)) == 0
        assert await server.lines(1) == ["x"]


async def test_a_socket_for_datagrams_is_closed():
    """The next datagram goes by another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        sink = UDPSink(*receiver.getsockname())
        await sink.write(batch_of("x"))
        known = sink._datagrams._socket
        sink.inherit()
        assert known.fileno() == -1
        await sink.aclose()


async def test_lines_that_threads_have_left_are_the_parent_s():
    """And the locks of the account are new ones."""
    memory = MemorySink()
    async with BufferedLogger(100, 60.0, handlers=Handler(memory)) as builder:
        collector = builder._engine.collector
        await asyncio.to_thread(builder.sender_with_label("a").info, "x")
        collector._intake.append((collector.buffer_of("a"), memory))
        locks = collector._intake_lock, collector.ledger._lock
        builder._engine.disown()
        assert len(collector._intake) == 0
        assert collector._intake_lock is not locks[0]
        assert collector.ledger._lock is not locks[1]
