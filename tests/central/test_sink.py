"""Tests of asynclog.central.sink, with a real server."""

import asyncio

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.central import CentralSink, Fingerprint, Rule, fingerprint
from asynclog.central.event import decode
from asynclog.central.keys import Keys
from asynclog.config import load_config
from asynclog.errors import SinkError
from asynclog.protocols import Sink
from asynclog.records import Batch, Record
from tests.config.making import sunk
from tests.making import batch_of, record

from .accounts import assert_exact, held, records

KEYS = Keys("asynclog", 0)
SECOND = 1_000_000_000
SECRET = "sesame-7"


def payloads(client, keys=KEYS):
    """Return all events that wait at the server."""
    found = [client.hgetall(name) for name in client.keys(f"{keys.prefix}ev:*")]
    groups = [pair for second in found for pair in second.items() if pair[0] != b"~b"]
    return [decode(payload, group=group.decode()) for group, payload in groups]


@pytest.fixture(name="sink")
async def _sink(server):
    sink = CentralSink(server.url, flush_interval=0.01)
    await sink.open()
    yield sink
    await sink.aclose()


async def test_lines_of_a_logger_reach_the_server(server):
    """Through any handler; a flush returns when they are there."""
    sink = CentralSink(server.url, logger="shop")
    async with BufferedLogger(100, 1.0, handlers=Handler(sink)) as logger:
        for number in range(50):
            await logger.sender_with_label(f"vm/{number}").error("no {}", number)
        await logger.flush()

        event = payloads(server.client)[0]
    assert (event.message, event.template, event.logger) == ("no 0", "no {}", "shop")
    assert len(server.client.keys(f"{KEYS.prefix}ev:*")) == len(payloads(server.client))
    assert_exact(server.client, KEYS, 50)


async def test_a_sink_of_a_configuration(server):
    """By its type and its URL."""
    config = sunk(type="central", url=server.url, namespace="shop")
    async with load_config(config) as logger:
        await logger.sender_with_label("a").error("text")

    assert_exact(server.client, Keys("shop", 0), 1)


async def test_groups_are_spread_among_shards(server):
    """Each always on the same one."""
    sink = CentralSink(server.url, shards=3)
    await sink.open()
    for _ in range(2):
        await sink.write(batch_of(*(f"text {n}" for n in range(60))))
        await sink.flush()
    await sink.aclose()

    found = [held(server.client, Keys("asynclog", shard)) for shard in range(3)]
    assert sum(known for known, _ in found) == 120
    assert all(known for known, _ in found)


async def test_lines_that_come_again_are_counted_in_each_second(sink, server):
    """And, after each report, anew."""
    made = [Record(n // 99 * SECOND // 2, 40, "a", "text") for n in range(990)]
    for _ in range(3):
        await sink.write(Batch(made, []))
        await sink.flush()

    group = fingerprint(made[0])
    assert {server.client.zscore(KEYS.ts(second), group) for second in range(5)} == {594}
    assert_exact(server.client, KEYS, 2970)


class Alternating:
    """A rule that matches every other line."""

    def __init__(self):
        self.number = 0

    def __call__(self, record):
        """Return whether it matches."""
        self.number += 1
        return self.number % 2 == 0


async def test_a_rule_is_asked_of_each_line(server):
    """What is known of a text does not tell what rules say of it."""
    sink = CentralSink(server.url, fingerprint=Fingerprint(Rule(Alternating(), "odd")))
    await sink.open()
    await sink.write(Batch([Record(0, 40, "a", "text")] * 100, []))
    await sink.aclose()

    assert server.client.zrange(KEYS.ts(0), 0, -1, withscores=True, score_cast_func=int)[0][1] == 50


async def test_a_write_that_is_cancelled_counts_nothing_twice(server, tmp_path):
    """It goes on where it was when it is tried again with the same batch."""
    sink = CentralSink(server.url, spool=tmp_path)
    await sink.open()
    batch = Batch(records(3000), [""] * 3000)
    for _ in range(5):
        writing = asyncio.create_task(sink.write(batch))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
    await sink.write(batch)
    await sink.aclose()

    assert_exact(server.client, KEYS, 3000)


async def test_a_rule_that_fails_is_told_once(server, capsys):
    """And the default is taken."""
    sink = CentralSink(server.url, fingerprint=lambda record: 1 / 0)
    await sink.open()
    await sink.write(batch_of("a", "b"))
    await sink.aclose()

    assert capsys.readouterr().err.count("the fingerprint failed: ZeroDivisionError") == 1
    assert_exact(server.client, KEYS, 2)


async def test_a_spool_that_cannot_be_made_is_an_error(server, tmp_path):
    """That the handler tries again."""
    (tmp_path / "file").write_text("")
    sink = CentralSink(server.url, spool=tmp_path / "file")
    with pytest.raises(OSError, match="file"):
        await sink.open()
    await sink.aclose()


async def test_a_spool_that_fails_is_told_and_the_rest_goes_on(server, tmp_path, capsys):
    """Events are in memory all the same."""
    sink = CentralSink(server.url, spool=tmp_path)
    await sink.open()
    spool = sink._reporter._producers[0].spool
    spool._file._max_bytes = -1  # full from the beginning
    spool._file.append = _no_space
    for _ in range(2):
        await sink.write(batch_of("a"))
    await sink.aclose()

    assert capsys.readouterr().err.count("No space left") == 1
    assert_exact(server.client, KEYS, 2)


def _no_space(data):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("spooled", [False, True])
async def test_a_flush_that_fails_says_whether_the_events_are_kept(tmp_path, spooled):
    """With a spool they are on disk, and a logger that closes need not wait for the server."""
    sink = CentralSink("redis://127.0.0.1:1", spool=tmp_path if spooled else None)
    await sink.open()
    await sink.write(batch_of("text"))
    with pytest.raises(SinkError) as caught:
        await sink.flush()
    await sink.aclose()

    assert caught.value.kept is spooled


async def test_the_loop_goes_on_while_much_is_counted(sink, server):
    """Ten thousand different lines are no reason to wait."""
    batch = Batch([record(f"text {n}") for n in range(10_000)], [""] * 10_000)
    turns = 0

    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    await sink.write(batch)
    turning.cancel()
    await sink.flush()

    assert turns > 30
    assert_exact(server.client, KEYS, 10_000)


async def test_closing_twice_and_without_open_does_nothing(server):
    """As the protocol says."""
    sink = CentralSink(server.url)
    assert isinstance(sink, Sink)
    await sink.aclose()
    await sink.aclose()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"shards": 0}, "shards: expected"),
        ({"namespace": "a b"}, "namespace: expected"),
        ({"flush_interval": 0}, "flush_interval: expected"),
        ({"horizon": -1}, "horizon: expected"),
        ({"max_groups": 0}, "max_groups: expected"),
        ({"max_bytes": "many"}, "max_bytes: expected"),
        ({"url": f"redis://:{SECRET}@h:x"}, "url: expected a port"),
    ],
)
def test_what_cannot_be_used_is_refused(options, told):
    """In one line, without the password."""
    with pytest.raises(ValueError, match=told) as caught:
        CentralSink(**{"url": f"redis://:{SECRET}@h", **options})

    assert SECRET not in str(caught.value)


def test_a_password_shows_in_no_repr():
    """Of the sink."""
    assert repr(CentralSink(f"redis://:{SECRET}@h")) == "CentralSink(h:6379)"


def test_a_fingerprint_is_the_same_in_every_process():
    """Groups of many machines must meet."""
    assert Fingerprint()(record("a")) == Fingerprint()(record("a"))
