"""A producer at work while its server fails: produced = held + folded + dropped, exactly."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from asynclog.central.connection import connect
from asynclog.central.reports import Limits
from asynclog.central.spooling import SpoolDirectory
from asynclog.errors import SinkError

from .accounts import Load, assert_exact, drops, end, held
from .servers import REDIS, VALKEY, Server, free_port, wait_until

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
BINARIES = [
    VALKEY,
    pytest.param(
        REDIS,
        marks=pytest.mark.skipif(REDIS is None and not os.environ.get("CI"), reason="no Redis"),
    ),
]

pytestmark = pytest.mark.usefixtures("capsys")  # failures are told on stderr


@asynccontextmanager
async def loaded(url, *, patience=0.5, **settings):
    """Give a producer whose load goes on in the background; end with all that can be reported."""
    connection = connect(url, timeout=patience)
    load = Load(connection, asyncio.get_running_loop(), **settings)
    await load.producer.open()
    task = asyncio.create_task(go_on(load))
    yield load
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await come_true(lambda: not load.statistics.waiting)
    await end(load.producer)
    await connection.aclose()


async def go_on(load):
    """Count some events every few milliseconds."""
    for step in itertools.count():
        load.count(groups=3, repeats=2, level=(10, 40)[step % 2], second=1_700_000_000 + step % 3)
        await asyncio.sleep(0.003)


async def come_true(condition):
    """Return when *condition* is true; the time limit of the test is the deadline."""
    while not condition():  # noqa: ASYNC110 - it is about a server
        await asyncio.sleep(0.005)


async def more(load, events=300):
    """Return when so many more events are acknowledged."""
    goal = load.statistics.acknowledged + events
    await come_true(lambda: load.statistics.acknowledged >= goal)


async def trouble(load, told=""):
    """Return when the producer has noticed that something is wrong, and what it has *told*.

    A busy machine may be too slow for its patience, at any moment: that is another trouble.
    """
    await come_true(lambda: load.statistics.last_error and told in load.statistics.last_error)
    return load.statistics.last_error


@pytest.mark.parametrize("binary", BINARIES)
async def test_a_server_that_is_killed_and_started_again(tmp_path, binary):
    """Several times, at any moment."""
    with Server(tmp_path, *DURABLE, binary=binary) as server:
        async with loaded(server.url) as load:
            for _ in range(3):
                await more(load)
                server.kill()
                await trouble(load)
                server.start()
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


async def test_a_server_that_loses_its_latest_data(tmp_path):
    """As after a loss of power: its append-only file ends earlier than what it answered."""
    with Server(tmp_path, *DURABLE, "--appendfilename", "a.aof") as server:
        async with loaded(server.url) as load:
            await more(load)
            server.kill()
            cut_off(tmp_path, 4000)
            server.start()
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


def cut_off(directory, size):
    """Take *size* bytes from the end of the append-only file."""
    (path,) = directory.glob("appendonlydir/*.incr.aof")
    os.truncate(path, max(0, path.stat().st_size - size))


async def test_a_server_that_is_frozen(tmp_path):
    """For longer than the producer waits for an answer."""
    with Server(tmp_path) as server:
        async with loaded(server.url, patience=0.2) as load:
            await more(load)
            server.freeze()
            await trouble(load, "Timeout")
            server.thaw()
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


async def test_the_application_goes_on_while_the_server_is_frozen(tmp_path):
    """The loop turns, and what is counted waits in memory."""
    with Server(tmp_path) as server:
        async with loaded(server.url, patience=2) as load:
            await more(load)
            server.freeze()
            longest = await longest_turn(until=trouble(load, "Timeout"))
            before = load.statistics
            await come_true(lambda: load.statistics.waiting >= before.waiting + 100)
            during = load.statistics
            server.thaw()

        assert longest < 2  # a call that waits for an answer takes all the patience
        assert during.acknowledged == before.acknowledged
        assert_exact(server.client, load.keys, load.produced)


async def longest_turn(until):
    """Return the seconds of the longest turn of the loop before something comes true."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(until)
    longest, last = 0.0, loop.time()
    while not task.done():
        await asyncio.sleep(0.002)
        last, longest = loop.time(), max(longest, loop.time() - last)
    return longest


async def test_a_server_that_is_down_at_the_start(tmp_path):
    """The application has begun long before."""
    server = Server(tmp_path)
    async with loaded(server.url) as load:
        await trouble(load)
        server.start()
        await more(load)

    assert_exact(server.client, load.keys, load.produced)
    server.kill()
    server.client.close()


async def test_a_server_that_has_no_memory_left(tmp_path):
    """It refuses reports whole, and takes them when it has room again."""
    with Server(tmp_path) as server:
        async with loaded(server.url) as load:
            await more(load)
            server.client.config_set("maxmemory", 1)
            await trouble(load, "maxmemory")
            server.client.config_set("maxmemory", 0)
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


async def test_a_server_that_is_a_replica_for_a_while(tmp_path):
    """As one that was master before a failover."""
    with Server(tmp_path) as server:
        async with loaded(server.url) as load:
            await more(load)
            server.client.replicaof("127.0.0.1", "1")
            await trouble(load, "read only")
            server.client.replicaof("NO", "ONE")
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


async def test_a_server_that_loads_its_data(tmp_path):
    """It answers, but not yet."""
    slow = ("--key-load-delay", "100")  # microseconds a key; it answers every 0.1 s
    with Server(tmp_path, *DURABLE, *slow) as server:
        async with loaded(server.url) as load:
            await more(load)
            with server.client.pipeline(transaction=False) as pipeline:
                for number in range(60_000):
                    pipeline.set(f"more{number}", "x")
                pipeline.execute()
            server.kill()
            started = asyncio.create_task(asyncio.to_thread(server.start))
            await trouble(load, "loading")
            server.client.config_set("key-load-delay", 0)
            await started
            await more(load)

        assert_exact(server.client, load.keys, load.produced)


def start(*command):
    """Start a process."""
    return subprocess.Popen(command)


def size_of(path):
    """Return the bytes of a file that may not be there."""
    return path.stat().st_size if path.exists() else 0


async def test_a_server_that_forgets_scripts_and_connections(tmp_path):
    """All the time."""
    with Server(tmp_path) as server:
        async with loaded(server.url) as load:
            for _ in range(20):
                server.client.script_flush()
                server.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                await more(load, 20)

        assert_exact(server.client, load.keys, load.produced)


async def test_a_password_that_changes(tmp_path):
    """Until it is the right one again."""
    with Server(tmp_path, "--requirepass", "one") as server:
        async with loaded(server.url.replace("//", "//:one@")) as load:
            await more(load)
            server.client.config_set("requirepass", "two")
            server.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            told = await trouble(load, "password")
            server.client.config_set("requirepass", "one")
            await more(load)

        assert "one" not in told
        assert_exact(server.client, load.keys, load.produced)


async def test_least_privileges(tmp_path):
    """A user who may do no more than what the documentation says."""
    page = Path(__file__).parents[2] / "docs/howto/central-events-in-redis.md"
    (rule,) = [line for line in page.read_text().splitlines() if line.startswith("user producer")]
    with Server(tmp_path) as server:
        server.client.execute_command("ACL", "SETUSER", *rule.split()[1:])
        url = server.url.replace("//", "//producer:secret@")
        async with loaded(url, namespace="asynclog", limits=Limits(groups=4, seconds=2)) as load:
            await more(load)

        assert_exact(server.client, load.keys, load.produced)
        assert drops(server.client, load.keys, "dropped_server") > 0
        assert held(server.client, load.keys)[1] > 0


async def test_sentinels_that_name_another_server(tmp_path):
    """A replica takes over; what it lacks of what was answered is sent again."""
    at_once = ("--repl-diskless-sync-delay", "0")  # a master waits 5 s for more replicas
    with (
        Server(tmp_path / "one", *at_once) as one,
        Server(tmp_path / "two", "--replicaof", "127.0.0.1", str(one.port)) as two,
        sentinel(tmp_path / "sentinel", one) as watcher,
    ):
        watcher.client.execute_command(
            "SENTINEL", "DEBUG", "INFO-PERIOD", "100", "PUBLISH-PERIOD", "100"
        )
        wait_until(lambda: two.client.info("replication")["master_link_status"] == "up")
        wait_until(lambda: knows_replica(watcher))
        url = watcher.url.replace("redis://", "redis+sentinel://") + "/events"
        async with loaded(url) as load:
            await more(load)
            one.kill()
            await trouble(load)
            await come_true(lambda: two.client.info("replication")["role"] == "master")
            await more(load)

        assert_exact(two.client, load.keys, load.produced)


def sentinel(directory, master):
    """Return a sentinel that watches *master* under the name `events`."""
    directory.mkdir()
    settings = directory / "sentinel.conf"
    settings.write_text(
        f"sentinel monitor events 127.0.0.1 {master.port} 1\n"
        "sentinel down-after-milliseconds events 300\n"
    )
    return Server(directory, before=(str(settings), "--sentinel"))


def knows_replica(watcher):
    """Whether the sentinel has found the replica, to which it can switch over."""
    (replica,) = watcher.client.sentinel_slaves("events") or [{"flags": "none"}]
    return replica["flags"] == "slave" or replica.get("is_slave")


async def test_a_cluster_of_three(tmp_path):
    """Each shard on the master of its slot, also when that moves."""
    with cluster(tmp_path) as servers:
        url = f"redis+cluster://127.0.0.1:{servers[0].port}"
        async with loaded(url) as load:
            await more(load)
            await asyncio.to_thread(move_slot, servers, load.keys)
            await more(load)

        owner = next(one for one in servers if one.client.keys(f"{load.keys.prefix}*"))
        assert_exact(owner.client, load.keys, load.produced)


@contextmanager
def cluster(directory):
    """Give three masters, with a third of the slots each."""
    ranges = [(0, 5460), (5461, 10922), (10923, 16383)]
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port")
    buses = [free_port() for _ in ranges]
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Server(directory / str(bus), *options, str(bus))) for bus in buses
        ]
        for server, bus, (first, last) in zip(servers, buses, ranges, strict=True):
            server.client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            if server is not servers[0]:
                meet = ("CLUSTER", "MEET", "127.0.0.1", server.port, bus)
                servers[0].client.execute_command(*meet)
        for server in servers:
            wait_until(lambda one=server: b"cluster_state:ok" in info(one))
        yield servers


def info(server):
    """Return what *server* says about its cluster."""
    return server.client.execute_command("CLUSTER", "INFO", NEVER_DECODE=True)


def move_slot(servers, keys):
    """Move the slot of *keys*, with what is in it, from its master to the next one."""
    names = {server.client.execute_command("CLUSTER", "MYID"): server for server in servers}
    source = next(one for one in servers if one.client.keys(f"{keys.prefix}*"))
    target = servers[(servers.index(source) + 1) % 3]
    slot = source.client.execute_command("CLUSTER", "KEYSLOT", keys.state)
    by_server = {server: name for name, server in names.items()}
    target.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", by_server[source])
    source.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", by_server[target])
    while found := source.client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        source.client.execute_command(
            "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *found
        )
    for server in (target, source, *servers):
        server.client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", by_server[target])


PRODUCER = """
    import asyncio, os, sys
    from asynclog.central import CentralSink
    from tests.making import batch_of

    async def main():
        url, spool, acknowledgements = sys.argv[1:]
        sink = CentralSink(url, flush_interval=0.02, spool=spool)
        await sink.open()
        report = os.open(acknowledgements, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        while True:
            await sink.write(batch_of("one", "two", "one"))
            os.write(report, b"xxx")

    asyncio.run(main())
"""


async def test_producers_that_are_killed(server, tmp_path):
    """With a spool, whatever a `write` returned for is counted once, by whoever comes next."""
    script, report = tmp_path / "producer.py", tmp_path / "report"
    script.write_text(textwrap.dedent(PRODUCER))
    command = [sys.executable, str(script), server.url, str(tmp_path / "spool"), str(report)]
    for _ in range(4):
        before = size_of(report)
        process = start(*command)
        await come_true(lambda: size_of(report) > before + 300)  # noqa: B023 - called at once
        process.send_signal(signal.SIGKILL)
        process.wait()
    await take_over(server.url, tmp_path / "spool", "asynclog")

    produced = report.stat().st_size
    found = held(server.client, Load(None, asyncio.get_running_loop(), "asynclog").keys)[0]
    assert produced <= found <= produced + 4 * 3  # a write may have ended, and not been told of


async def test_what_a_spool_holds_outlives_producer_and_server(tmp_path):
    """One after the other."""
    with Server(tmp_path / "server", *DURABLE) as server:
        connection = connect(server.url)
        spools = SpoolDirectory(tmp_path / "spool", "load-0-")
        load = Load(connection, asyncio.get_running_loop(), spools=spools)
        await load.producer.open()
        server.kill()
        load.count(groups=5, repeats=2)
        await load.producer.spool.delta(load.producer.epoch, load.producer.counting.snapshot())
        with pytest.raises(SinkError):
            await load.producer.flush()
        await end(load.producer)
        assert load.statistics.dropped == {}
        await connection.aclose()
        spools.stop()
        server.start()
        await take_over(server.url, tmp_path / "spool", "load")

        assert_exact(server.client, load.keys, 10)
        assert list((tmp_path / "spool").glob("*.spool")) == []


async def take_over(url, spool, namespace):
    """Report what producers of *namespace* have left in *spool*."""
    connection = connect(url)
    spools = SpoolDirectory(spool, f"{namespace}-0-")
    load = Load(connection, asyncio.get_running_loop(), namespace, spools)
    await load.producer.open()
    await load.producer.flush()
    await end(load.producer)
    spools.stop()
    await connection.aclose()
