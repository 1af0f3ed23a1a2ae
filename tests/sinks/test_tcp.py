"""Lines to a server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import TCPSink
from asynclog.sinks.connection import Connection
from asynclog.testing import check_sink

from .servers import Server, settle

pytestmark = pytest.mark.virtual


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


@pytest.fixture
async def server():
    """A server that reads everything."""
    async with Server() as one:
        yield one


@pytest.fixture
async def sink(server):
    """A sink for that server."""
    one = TCPSink("127.0.0.1", server.port)
    await one.open()
    yield one
    await one.aclose()


async def test_it_keeps_the_promises_of_a_sink(server):
    """And every line arrives once."""
    await check_sink(TCPSink("127.0.0.1", server.port))
    assert await server.lines(10) == [f"check {i}" for i in range(10)]


async def test_a_large_batch_arrives_whole(sink, server):
    """In order."""
    lines = [f"{number} {'x' * 100}" for number in range(3000)]
    await sink.write(batch_of(*lines))
    assert await server.lines(3000) == lines


async def test_octets_can_be_counted(server):
    """As RFC 6587 has it; line breaks are kept then."""
    sink = TCPSink("127.0.0.1", server.port, framing="octet-counting")
    await sink.write(batch_of("a\nb"))
    await sink.aclose()
    await server.lines(1)
    assert server.peers[0].received == b"3 a\nb"


async def test_a_server_that_is_not_there_yet_is_waited_for(sink, server):
    """With pauses; the error says when it is tried again."""
    await server.stop()
    with pytest.raises(SinkError, match="ConnectionRefusedError"):
        await sink.write(batch_of("a"))
    with pytest.raises(SinkError, match=r"ConnectionRefusedError: .*; next attempt in 0\.\d s"):
        await sink.write(batch_of("a"))
    await server.start()
    await asyncio.sleep(0.2)
    await sink.write(batch_of("a"))
    assert await server.lines(1) == ["a"]


async def test_what_a_broken_connection_may_have_lost_is_sent_again(sink, server):
    """Before anything else."""
    await sink.write(batch_of("a", "b"))
    await settle()
    server.peers[0].reset()
    await settle()
    await asyncio.sleep(0.2)
    await sink.write(batch_of("c"))
    await server.lines(5)
    assert server.peers[1].lines == ["a", "b", "c"]


async def test_it_is_sent_again_even_if_nothing_follows(sink, server):
    """The sink connects by itself."""
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    assert await server.lines_of(1) == ["a"]


async def test_it_is_sent_again_until_that_works(sink, server):
    """Also while the server is away for a while, and after several breaks."""
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await server.stop()
    await asyncio.sleep(30)
    await server.start()
    assert await server.lines_of(1) == ["a"]
    server.peers[1].reset()
    assert await server.lines_of(2) == ["a"]


async def test_an_end_is_noticed_without_writing(sink, server):
    """Nothing is written into a connection that the peer has closed."""
    await sink.write(batch_of("a"))
    await asyncio.sleep(6)
    server.peers[0].close()
    await settle()
    await sink.write(batch_of("b"))
    await server.lines(2)
    assert [peer.lines for peer in server.peers] == [["a"], ["b"]]


async def test_what_was_taken_long_ago_counts_as_read(sink, server):
    """It is not sent again."""
    await sink.write(batch_of("a"))
    await asyncio.sleep(6)
    server.peers[0].reset()
    await settle()
    await sink.write(batch_of("b"))
    await server.lines(2)
    assert server.peers[1].lines == ["b"]


async def test_sending_again_can_be_switched_off(server):
    """Then no line comes twice."""
    sink = TCPSink("127.0.0.1", server.port, resend=0)
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await asyncio.sleep(0.2)
    await sink.write(batch_of("b"))
    assert await server.lines_of(1) == ["b"]
    await sink.aclose()


async def test_a_flush_waits_for_what_is_doubtful(sink, server):
    """It does not lie while there is no connection for it."""
    await sink.flush()
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await server.stop()
    await settle()
    with pytest.raises(SinkError, match="reset"):
        await sink.flush()
    await server.start()
    await asyncio.sleep(1)
    await sink.flush()
    assert server.peers[-1].lines == ["a"]


async def test_what_could_not_be_sent_again_is_told(server, capsys):
    """When the sink closes before there is a connection for it."""
    sink = TCPSink("127.0.0.1", server.port)
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await server.stop()
    await settle()
    await sink.aclose()
    told = f"TCPSink(tcp://127.0.0.1:{server.port}) could not send 2 bytes again that may be lost"
    assert told in capsys.readouterr().err


async def test_a_peer_that_takes_nothing_is_given_up():
    """After the time that was allowed; the next write has another connection."""
    async with Server(reads=False, buffer=4096) as server:
        sink = TCPSink("127.0.0.1", server.port, write_timeout=timedelta(seconds=3))
        lines = ["x" * 1_000_000] * 20
        with pytest.raises(SinkError, match="the peer took nothing for 3 s"):
            await sink.write(batch_of(*lines))
        server.reads = True
        await asyncio.sleep(1)
        await sink.write(batch_of("a"))
        assert await server.lines_of(1) == ["a"]
        await sink.aclose()


async def test_a_write_under_way_can_be_ended(server):
    """When the logger closes and its time is over; so are later ones."""
    server.reads = False
    sink = TCPSink("127.0.0.1", server.port)
    writing = asyncio.ensure_future(sink.write(batch_of(*["x" * 1_000_000] * 20)))
    await asyncio.sleep(1)
    sink.interrupt()
    with pytest.raises(SinkError, match="a write was cut short"):
        await writing
    with pytest.raises(SinkError):
        await sink.write(batch_of("a"))
    await sink.aclose()


async def test_a_cancelled_write_leaves_nothing_behind(sink, server):
    """The connection is given up, because half a record may be on it."""
    server.reads = False
    writing = asyncio.ensure_future(sink.write(batch_of(*["x" * 1_000_000] * 20)))
    await asyncio.sleep(1)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    server.reads = True
    await asyncio.sleep(1)
    await sink.write(batch_of("a"))
    await settle()
    assert server.peers[1].lines == ["a"]


async def test_whoever_cancels_all_tasks_does_not_stop_the_sink(sink, server):
    """A connection that nobody watches is given up."""
    await sink.write(batch_of("a"))
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(1)
    await sink.write(batch_of("b"))
    await settle()
    assert server.peers[1].lines[-1] == "b"


async def test_a_batch_can_be_sent_when_no_loop_runs(sink, server):
    """At the interpreter's end, with what is still doubtful."""
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await settle()
    sink.write_now(batch_of("b"))
    await settle()
    assert server.peers[1].lines == ["a", "b"]


async def test_a_line_break_cannot_begin_a_record(sink, server):
    """Text is no way to forge one."""
    await sink.write(batch_of("a\nforged"))
    assert await server.lines(1) == ["a\\nforged"]


async def test_connecting_takes_only_so_long(monkeypatch, server):
    """Looking up, connecting and TLS together."""
    sink = TCPSink("127.0.0.1", server.port, connect_timeout=2)

    async def never():
        await asyncio.Event().wait()

    monkeypatch.setattr(sink._dialer, "dial", never)
    with pytest.raises(SinkError, match="no connection within 2 s"):
        await sink.write(batch_of("a"))
    await sink.aclose()


async def test_each_address_of_a_host_is_tried(monkeypatch, server):
    """The first that answers is taken."""
    sink = TCPSink("log.example", server.port)

    async def addresses(*_):
        return ["::1", "127.0.0.1"]

    monkeypatch.setattr("asynclog.sinks.dialing.look_up", addresses)
    await sink.write(batch_of("a"))
    await sink.aclose()
    assert await server.lines(1) == ["a"]


async def test_a_host_without_addresses_is_an_error(monkeypatch):
    """It is looked up again with the next attempt."""
    sink = TCPSink("log.example", 514)

    async def none(*_):
        return []

    monkeypatch.setattr("asynclog.sinks.dialing.look_up", none)
    with pytest.raises(SinkError, match="no address for log"):
        await sink.write(batch_of("a"))
    await sink.aclose()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("host", ""),
        ("port", 0),
        ("framing", "nul"),
        ("connect_timeout", 0),
        ("write_timeout", -1),
        ("resend", -1),
        ("server_name", "a b"),
    ],
)
async def test_an_option_that_cannot_be_used_is_named(option, value):
    """With its value, when the sink is made."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        TCPSink(**{"host": "log.example", "port": 514, option: value})


async def test_repr_names_the_peer():
    """And whether it is spoken to in the open."""
    assert repr(TCPSink("log.example", 514)) == "TCPSink(tcp://log.example:514)"
    assert repr(TCPSink("log.example", 6514, tls=True)) == "TCPSink(tls://log.example:6514)"


async def test_what_breaks_while_it_is_sent_again_stays_doubtful(sink, server, monkeypatch):
    """Until it has been sent ten times."""
    await sink.write(batch_of("a"))
    server.peers[0].reset()
    await server.stop()
    await settle()
    await server.start()
    monkeypatch.setattr(Connection, "send", _breaks)
    await asyncio.sleep(120)
    assert (len(server.peers), sink._doubtful) == (11, [])


async def _breaks(connection, _):
    connection.drop("broken")
    raise SinkError("broken")


async def test_a_failure_in_setting_up_closes_the_connection(server, monkeypatch):
    """Nothing stays open."""
    sink = TCPSink("127.0.0.1", server.port)
    monkeypatch.setattr(sink._dialer, "_set_options", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await sink.write(batch_of("a"))
    await settle()
    await sink.aclose()
    assert server.peers[0]._transport.is_closing()


async def test_a_system_without_an_option_does_without_it(server, monkeypatch):
    """Not every one can be told how long to wait for an acknowledgement."""
    monkeypatch.delattr("socket.TCP_USER_TIMEOUT")
    sink = TCPSink("127.0.0.1", server.port)
    await sink.write(batch_of("a"))
    await sink.aclose()
    assert await server.lines(1) == ["a"]
