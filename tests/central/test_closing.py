"""Tests of asynclog.central.closing, and of sinks, logs and gatherers whose close is disturbed."""

import asyncio
import threading
from contextlib import asynccontextmanager, suppress

import pytest

from asynclog.central import CentralLog, CentralSink, Gatherer
from asynclog.central import log as log_module
from asynclog.central.closing import LEAST_SECONDS, Closing, until
from tests.making import batch_of

from .test_gatherer import until as come_true
from .test_log import event
from .test_producer import NOWHERE

pytestmark = pytest.mark.usefixtures("capsys")  # failures are told on stderr


async def for_ever(*_):
    """Never end."""
    await asyncio.Event().wait()


class Steps:
    """What a close did, and when."""

    def __init__(self, report=for_ever):
        self.deadline = None
        self.done = False
        self.closing = Closing(report, self.let_go)

    async def let_go(self, deadline):
        """Take all the time there is."""
        self.deadline = deadline
        await until(deadline, for_ever())
        self.done = True


def now():
    """Return the time of the loop."""
    return asyncio.get_running_loop().time()


@pytest.mark.virtual
async def test_reporting_and_letting_go_share_one_time():
    """However long both would take."""
    steps, start = Steps(), now()
    await steps.closing.run(3)

    assert steps.done
    assert now() - start == pytest.approx(3)


@pytest.mark.virtual
async def test_who_is_cancelled_lets_go_all_the_same():
    """In no time, for nobody waits any more; a second call does nothing then."""
    steps, start = Steps(), now()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(steps.closing.run(3), 1)
    await steps.closing.run(3)

    assert steps.done
    assert now() - start == pytest.approx(1 + LEAST_SECONDS)


@pytest.mark.virtual
async def test_who_is_cancelled_twice_lets_go_in_the_background():
    """And a second call waits for that."""
    steps = Steps()
    closing = asyncio.ensure_future(steps.closing.run(3))
    for _ in range(2):
        await asyncio.sleep(LEAST_SECONDS / 2)
        closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert not steps.done
    await steps.closing.run(3)

    assert steps.done


class Mute:
    """A server that says nothing; it knows who is still connected."""

    def __init__(self):
        self.connected = 0
        self.url = NOWHERE

    async def serve(self, reader, writer):
        """Wait for the end of a connection."""
        self.connected += 1
        with suppress(ConnectionError):
            while await reader.read(10_000):
                pass
        self.connected -= 1
        writer.close()


@pytest.fixture(name="mute")
async def _mute():
    mute = Mute()
    async with await asyncio.start_server(mute.serve, "127.0.0.1", 0) as listener:
        mute.url = f"redis://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        yield mute
        await come_true(lambda: not mute.connected)


async def cancelled(closing, after):
    """Have *closing* cancelled as soon as *after* holds."""
    task = asyncio.ensure_future(closing)
    await come_true(after)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def tasks():
    """Return the tasks of the package that run now."""
    return {one for one in asyncio.all_tasks() if one.get_name().startswith("asynclog")}


async def test_a_sink_whose_close_is_cancelled_lets_go_of_everything(mute, tmp_path):
    """Of worker, connection and spool; what is in the spool is the next one's."""
    sink = CentralSink(mute.url, spool=tmp_path)
    await sink.open()
    await sink.write(batch_of("a", "b"))
    await cancelled(sink.aclose(), lambda: mute.connected)
    await sink.aclose()
    assert tasks() == set()
    assert sink.statistics().waiting == 2
    await come_true(lambda: not mute.connected)
    heir = CentralSink(NOWHERE, spool=tmp_path)
    await heir.open()

    assert heir.statistics().produced == 2
    await heir.aclose()


async def test_a_log_whose_close_is_cancelled_lets_go_of_everything(mute):
    """Of both its connections, and of what waits for an event."""
    central = CentralLog(mute.url)
    async with central:
        asking = asyncio.ensure_future(central.get_event())
        await central.report(event())
        await come_true(lambda: mute.connected == 2)
        await cancelled(central.aclose(), lambda: central._reporter._state == "closed")
        with pytest.raises(asyncio.CancelledError):
            await asking
        await come_true(lambda: not mute.connected)

    assert tasks() == set()
    assert central.statistics().dropped == 1


async def test_a_gatherer_whose_close_is_cancelled_lets_go_of_everything(server, sqlite_url):
    """Though its store was not ready to be closed."""
    gatherer = Gatherer(server.url, sqlite_url)
    await gatherer._store.open()
    await gatherer.backlog()
    async with gatherer._store._lock:
        await cancelled(gatherer.aclose(), lambda: gatherer._closing)
    await come_true(lambda: gatherer._store._session is None)

    pool = gatherer._connection._client.connection_pool
    await come_true(lambda: not any(one.is_connected for one in pool._available_connections))


async def test_a_peer_that_hangs_holds_up_no_close(server, monkeypatch):
    """It takes a part of the time that the whole close has."""
    monkeypatch.setattr(log_module, "CLOSE_SECONDS", 0.2)
    central = CentralLog(server.url)
    await central.__aenter__()
    for connection in (central._connection, central._reporter._connection):
        monkeypatch.setattr(connection, "aclose", for_ever)
    async with asyncio.timeout(20):
        await central.aclose()


class Disk:
    """Hangs whenever it is to write, until it is told otherwise."""

    def __init__(self, file):
        self.begun = 0
        self.well = threading.Event()
        self._append, file.append = file.append, self.append

    def append(self, data):
        """Write, when the disk is well."""
        self.begun += 1
        self.well.wait()
        return self._append(data)


@asynccontextmanager
async def hung(sink):
    """Have the disk hang under the spool of *sink*; it is well at the end, and all is written."""
    (producer,) = sink._reporter._producers
    writer = producer.spool._thread._thread
    disk = Disk(producer.spool._file)
    try:
        yield disk
    finally:
        disk.well.set()
    await come_true(lambda: not writer.is_alive())


async def test_a_disk_that_hangs_holds_up_no_close(tmp_path, capsys):
    """What it has not written is counted as dropped, and told, and not written later."""
    sink = CentralSink(NOWHERE, spool=tmp_path)
    await sink.open()
    await sink.write(batch_of("written"))
    async with hung(sink) as disk:
        writing = [asyncio.ensure_future(sink.write(batch_of(*"a" * n))) for n in (2, 3)]
        await come_true(lambda: disk.begun)
        async with asyncio.timeout(20):
            await sink._reporter.aclose(0.3)
        account = sink.statistics()
        await asyncio.gather(*writing, return_exceptions=True)
    heir = CentralSink(NOWHERE, spool=tmp_path)
    await heir.open()

    assert (account.produced, account.waiting, account.dropped) == (6, 1, 5)
    assert "5 events not reported when it was closed" in capsys.readouterr().err
    assert heir.statistics().produced == 1 + 2  # the write that had begun was carried out
    await heir.aclose()


async def test_what_a_full_spool_did_not_take_is_told_at_the_end(tmp_path, capsys):
    """For nobody has it then; that the spool is full was told before, once."""
    sink = CentralSink(NOWHERE, spool=tmp_path)
    await sink.open()
    await sink.write(batch_of("written"))
    (producer,) = sink._reporter._producers
    producer.spool._file._max_bytes = 0
    for text in "ab":
        await sink.write(batch_of(text))
    await sink.aclose()

    assert (sink.statistics().waiting, sink.statistics().dropped) == (1, 2)
    told = capsys.readouterr().err
    assert told.count("is full") == 1
    assert "2 events not reported when it was closed" in told
