"""A gatherer between a real server and real stores."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asynclog.central.collecting import PART
from asynclog.central.connection import connect
from asynclog.central.gatherer import Gatherer
from asynclog.central.keys import Keys
from asynclog.central.scripts import Scripts
from asynclog.central.stores import open_store
from asynclog.errors import ServerError, StoreUnusable

from .producing import KEYS, LIMITS, fill, long_ago, report
from .servers import Server
from .stores.deliveries import query, stored

RUNBOOK = Path(__file__).parents[2] / "docs/howto/run-central-events.md"
COUNTS = {f"g{n}": n + 1 for n in range(5)}
QUICK = {"horizon": 0, "grace": 0}


async def gather(server, store_url, **options):
    """Gather all that is there, and return the account."""
    async with Gatherer(server.url, store_url, **{**QUICK, **options}) as gatherer:
        return await gatherer.run(once=True)


async def sums(store_url):
    """Return what the store has, as events and as sums of groups."""
    store = open_store(store_url)
    try:
        return await stored(store)
    finally:
        await store.aclose()


async def ask(store_url, statement):
    """Return the rows of *statement*."""
    store = open_store(store_url)
    try:
        return await query(store, statement)
    finally:
        await store.aclose()


def state(server):
    """Return what the shard holds, and its events in and out."""
    found = {name.decode(): int(n) for name, n in server.client.hgetall(KEYS.state).items()}
    return {name: found.get(name, 0) for name in ("groups", "bytes", "in", "out")}


async def test_everything_is_gathered(server, scripts, store_url):
    """In either kind of store; the server is empty then, and its account is even."""
    produced = await fill(scripts, 20, COUNTS)
    account = await gather(server, store_url)

    assert (account.events, account.rows, account.batches) == (produced, 100, 20)
    assert await sums(store_url) == (produced, produced)
    assert state(server) == {"groups": 0, "bytes": 0, "in": produced, "out": produced}


async def test_late_events_are_another_batch_of_their_second(server, scripts, sqlite_url):
    """They add up."""
    second = long_ago()
    await report(scripts, 1, second, {"g": 3})
    await gather(server, sqlite_url)
    await report(scripts, 2, second, {"g": 4})
    await gather(server, sqlite_url)

    assert await ask(sqlite_url, "select second, sum(repeats) from events group by 1") == [
        (second, 7)
    ]


async def test_poison_stops_nothing(server, scripts, sqlite_url):
    """What a foreign client wrote is put aside, with its count; all else is gathered."""
    second = long_ago()
    await report(scripts, 1, second, {"g": 3})
    server.client.zadd(KEYS.ts(second), {b"\xff\x00": 2, b"bad": 5, b"negative": -1})
    server.client.hset(KEYS.ev(second), b"bad", b"\xc1garbage")
    account = await gather(server, sqlite_url)

    assert (account.events, account.dead) == (3, 7)
    assert await ask(sqlite_url, "select count(*) from dead_letters") == [(3,)]


async def test_keys_that_a_stranger_wrote_stop_nothing(server, scripts, sqlite_url):
    """Seconds that are none, batches with odd names, and a second of another type."""
    produced = await fill(scripts, 2, COUNTS)
    second = long_ago() - 100
    strange = {"x": 1, "5.5": 2, "9" * 30: 3, str(10**10): 4, str(second): second}
    server.client.zadd(KEYS.pending, strange)
    server.client.set(KEYS.ts(second), "no sorted set")
    server.client.hset(KEYS.ev(second), mapping={"g": "x", "~b": "many"})
    batches = {"none": "garbage", b"\xff": "1|1|1|1|1|1|o", "b": "9" * 30 + "|1|1|1|1|1|o"}
    server.client.hset(KEYS.cmeta, mapping=batches)
    server.client.zadd(KEYS.claims, dict.fromkeys(batches, 1))
    account = await gather(server, sqlite_url, lease=0.5, max_attempts=2)

    assert (account.events, account.damaged, account.failures) == (produced, 2, 0)
    assert server.client.zcard(KEYS.pending) == 0
    assert server.client.zcard(KEYS.dead) == 1


async def test_a_batch_of_the_wrong_type_stops_nothing(server, scripts, sqlite_url):
    """It is put aside in the server after some attempts, and may be requeued."""
    second = long_ago()
    await report(scripts, 1, second, {"g": 3})
    await scripts.claim(KEYS, second, "b", "gone", lease_ms=1, grace_ms=0)
    content = server.client.dump(KEYS.claimed_ts("b"))
    server.client.set(KEYS.claimed_ts("b"), "no sorted set")
    options = {"lease": 0.5, "max_attempts": 2}
    account = await gather(server, sqlite_url, **options)
    assert account.damaged == 1
    assert server.client.zcard(KEYS.dead) == 1

    server.client.restore(KEYS.claimed_ts("b"), 0, content, replace=True)
    async with Gatherer(server.url, sqlite_url, **QUICK, **options) as gatherer:
        assert await gatherer.requeue() == 1
        account = await gatherer.run(once=True)
    assert account.events == 3


async def test_what_had_no_room_is_counted(server, scripts, sqlite_url):
    """Produced is delivered and folded and dropped."""
    limits = (1000, 2, *LIMITS[2:])
    await report(scripts, 1, long_ago(), COUNTS, limits=limits)
    account = await gather(server, sqlite_url)

    assert account.events + account.folded == sum(COUNTS.values())
    rows = await ask(sqlite_url, "select cause, events from drops order by bid")
    assert rows == [("folded_server:40", account.folded), ("folded", account.folded)]


async def test_a_claim_is_not_delivered_before_the_horizon(server, scripts, sqlite_url):
    """A server that crashes before may have forgotten it."""
    await fill(scripts, 1, COUNTS)
    begun = time.monotonic()
    await gather(server, sqlite_url, horizon=0.4)

    assert time.monotonic() - begun > 0.39  # the server counts in milliseconds


async def test_a_claim_that_a_crash_has_undone_is_not_delivered(server, scripts, sqlite_url):
    """Its events come again as another batch: the fence lets only that one through."""
    produced = await fill(scripts, 1, COUNTS)
    async with Gatherer(server.url, sqlite_url, grace=0, horizon=0.1) as gatherer:
        (shard,) = gatherer._shards
        original = shard._source.claim

        async def claim(*arguments):
            shard._source.claim = original  # once
            claimed = await original(*arguments)
            undo_claim(server)
            return claimed

        shard._source.claim = claim
        account = await gatherer.run(once=True)

    assert (account.events, account.leases_lost) == (produced, 1)
    assert await sums(sqlite_url) == (produced, produced)


def undo_claim(server):
    """Put the server back to before the only claim; what was claimed can still be read."""
    client = server.client
    (batch,) = (name.decode() for name in client.zrange(KEYS.claims, 0, -1))
    second = client.hget(KEYS.cmeta, batch).decode().partition("|")[0]
    client.copy(KEYS.claimed_ts(batch), KEYS.ts(second))
    client.copy(KEYS.claimed_ev(batch), KEYS.ev(second))
    client.zadd(KEYS.pending, {second: int(second)})
    client.hdel(KEYS.cmeta, batch)
    client.zrem(KEYS.claims, batch)


async def until(condition):
    """Return once *condition* holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - it comes true in a thread, or a server
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("number", [2, 4])
async def test_several_gatherers_share_the_work(server, scripts, store_url, number):
    """Delivered is produced, whoever delivers."""
    produced = await fill(scripts, 40, COUNTS)
    accounts = await asyncio.gather(*(gather(server, store_url) for _ in range(number)))

    assert sum(one.events for one in accounts) == produced
    assert await sums(store_url) == (produced, produced)


async def test_shards_are_gathered_side_by_side(server, scripts, sqlite_url):
    """Equal seconds of two shards are two rows."""
    produced = sum(
        [await fill(scripts, 3, COUNTS, keys=Keys("asynclog", shard)) for shard in range(3)]
    )
    account = await gather(server, sqlite_url, shards=3)

    assert account.events == produced
    assert await sums(sqlite_url) == (produced, produced)


async def test_a_lease_that_ends_in_the_middle_of_a_delivery_doubles_nothing(
    server, scripts, store_url
):
    """Two deliver the same batch at the same time."""
    produced = await fill(scripts, PART, COUNTS)
    slow = Gatherer(server.url, store_url, **QUICK)
    original = slow._store.deliver

    async def deliver(delivery):
        # The leases end now, and another one gathers everything.
        for shard in slow._shards:
            for batch in shard._leases.names:
                server.client.zadd(KEYS.claims, {batch: 0})
        await gather(server, store_url)
        return await original(delivery)

    slow._store.deliver = deliver
    async with slow:
        account = await slow.run(once=True)

    assert account.events == 0
    assert account.again > 0
    assert await sums(store_url) == (produced, produced)


async def test_leases_are_kept_while_the_store_is_out_of_reach(server, scripts, sqlite_url):
    """And no attempt of the batch is used up."""
    produced = await fill(scripts, 1, COUNTS)
    async with Gatherer(server.url, sqlite_url, **QUICK, lease=2, max_attempts=1) as gatherer:
        original = gatherer._store.deliver

        taken = []

        async def deliver(delivery):
            await asyncio.sleep(2.1)  # more than a lease, which is long for busy machines
            options = {"lease_ms": 2000, "grace_ms": 0, "want": 9, "attempts": 9}
            taken.extend((await scripts.next(KEYS, "another", **options)).again)
            return await original(delivery)

        gatherer._store.deliver = deliver
        account = await gatherer.run(once=True)

    assert taken == []
    assert account.events == produced


async def test_stopping_gives_back_what_is_not_delivered(server, scripts, sqlite_url):
    """Another one need not wait for the lease to end."""
    produced = await fill(scripts, 3, COUNTS)
    async with Gatherer(server.url, sqlite_url, grace=0, horizon=20) as gatherer:
        working = asyncio.create_task(gatherer.run())
        await until(lambda: gatherer.statistics().held == 3)
        gatherer.stop()
        assert (await working).events == 0

    async with asyncio.timeout(5):
        account = await gather(server, sqlite_url)
    assert (account.events, account.taken_over) == (produced, 3)


async def test_leases_are_not_renewed_any_more_when_they_are_given_back(server, sqlite_url):
    """For a renewal that came after that would take the batch from whoever has it then."""
    steps = []
    async with Gatherer(server.url, sqlite_url, **QUICK) as gatherer:
        (shard,) = gatherer._shards

        async def keep():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.01)  # as a client does that hangs up
                steps.append("kept")

        async def give_back():
            steps.append("given back")

        shard._keep_leases, shard._give_back = keep, give_back
        await gatherer.run(once=True)

    assert steps == ["kept", "given back"]


async def test_a_server_that_is_restarted_loses_and_doubles_nothing(tmp_path, store_url):
    """With `appendfsync always`, at any moment."""
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with Server(tmp_path / "server", *options) as server:
        connection = connect(server.url)
        produced = await fill(Scripts(connection), PART, COUNTS)
        await connection.aclose()
        async with Gatherer(server.url, store_url, **QUICK) as gatherer:
            original = gatherer._store.deliver

            async def deliver(delivery):
                gatherer._store.deliver = original  # once
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
                return await original(delivery)

            gatherer._store.deliver = deliver
            account = await gatherer.run(once=True)

    assert account.events == produced
    assert account.failures >= 1
    assert await sums(store_url) == (produced, produced)


async def test_a_database_that_is_restarted_in_a_transaction_loses_and_doubles_nothing(
    server, scripts, postgres
):
    """The batch is kept under its lease, and delivered again."""
    produced = await fill(scripts, 30, COUNTS)
    async with Gatherer(server.url, postgres.url, **QUICK) as gatherer:
        original = gatherer._store._settled

        async def settled(session, delivery):
            gatherer._store._settled = original  # once
            await asyncio.to_thread(postgres.crash)
            return await original(session, delivery)

        gatherer._store._settled = settled
        account = await gatherer.run(once=True)

    assert (account.events, account.failures > 0) == (produced, True)
    assert await sums(postgres.url) == (produced, produced)


KILLED = """
import asyncio, os, signal, sys
from asynclog.central import scripts, source
from asynclog.central.gatherer import Gatherer
from asynclog.central.stores import engine
server, store, step, when = sys.argv[1:]
PLACES = {"claim": (source.Source, "claim"), "read": (source.Source, "fetch"),
          "renew": (source.Source, "renew"), "ack": (source.Source, "acknowledge"),
          "insert": (engine.Session, "many"), "commit": (engine.Session, "run")}
where, name = PLACES[step]
original = getattr(where, name)
async def dying(self, *values, **options):
    here = step != "commit" or values[0] == "commit" and os.environ.get("ARMED")
    if here and when == "before": os.kill(os.getpid(), signal.SIGKILL)
    done = await original(self, *values, **options)
    if here: os.kill(os.getpid(), signal.SIGKILL)
    return done
async def main():
    async with Gatherer(server, store, horizon=0, grace=0, lease=0.5) as gatherer:
        await gatherer._store.open()
        os.environ["ARMED"] = "yes"
        setattr(where, name, dying)
        await gatherer.run(once=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["claim", "read", "renew", "insert", "commit", "ack"])
async def test_a_gatherer_killed_at_any_step_loses_and_doubles_nothing(
    server, scripts, sqlite_url, step, when
):
    """The next one goes on where it was."""
    produced = await fill(scripts, 3, COUNTS)
    command = [sys.executable, "-c", KILLED, server.url, sqlite_url, step, when]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -signal.SIGKILL

    await gather(server, sqlite_url)
    assert await sums(sqlite_url) == (produced, produced)
    assert state(server) == {"groups": 0, "bytes": 0, "in": produced, "out": produced}


async def test_a_server_out_of_reach_is_waited_for(tmp_path, sqlite_url, capsys):
    """One line tells of it, and one of its end."""
    server = Server(tmp_path / "server")
    async with Gatherer(server.url, sqlite_url, **QUICK) as gatherer:
        working = asyncio.create_task(gatherer.run(once=True))
        await until(lambda: gatherer.statistics().failures > 2)
        assert gatherer.statistics().trouble
        await asyncio.to_thread(server.start)
        account = await working
    server.__exit__()

    assert account.trouble is None
    told = capsys.readouterr().err
    assert told.count("trying again") == 1
    assert told.count("well again") == 1


async def test_a_store_that_will_never_do_ends_it(server, scripts, tmp_path):
    """Rather than trying for ever."""
    await fill(scripts, 1, COUNTS)
    with pytest.raises(StoreUnusable, match="there is no directory"):
        await gather(server, f"sqlite:///{tmp_path}/missing/events.db")


async def test_a_gatherer_needs_no_more_than_the_runbook_grants(server, scripts, sqlite_url):
    """Every command that it uses, requeueing as well."""
    user = re.search(r"^user (gatherer .*)$", RUNBOOK.read_text(), re.MULTILINE)[1]
    server.client.execute_command("ACL", "SETUSER", *user.split())
    produced = await fill(scripts, 3, COUNTS)
    url = server.url.replace("redis://", "redis://gatherer:secret@")
    async with Gatherer(url, sqlite_url, **QUICK) as gatherer:
        await gatherer.requeue()
        account = await gatherer.run(once=True)

    assert account.events == produced


async def test_a_wrong_password_ends_it(server, sqlite_url):
    """And is not shown."""
    url = server.url.replace("redis://", "redis://me:secret@")
    with pytest.raises(ServerError) as caught:
        async with Gatherer(url, sqlite_url, **QUICK) as gatherer:
            await gatherer.run(once=True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lease": 0}, "lease: expected a span above zero"),
        ({"lease": 1, "horizon": 2}, "lease: expected more than the horizon, got 1"),
        ({"grace": -1}, "grace: expected a span above zero"),
        ({"owner": "a|b"}, "owner: expected 1 to 100 characters without '|'"),
        ({"owner": ""}, "owner: expected 1 to 100 characters"),
        ({"shards": 0}, "shards: expected a whole number of at least 1"),
        ({"shards": 5000}, "shards: expected 1 to 1024"),
        ({"namespace": "{x}"}, "namespace: expected"),
        ({"max_attempts": 0}, "max_attempts: expected"),
    ],
)
def test_an_argument_that_cannot_be_used_is_told(options, told):
    """When the gatherer is made."""
    with pytest.raises(ValueError, match=told.replace("|", r"\|")):
        Gatherer("redis://localhost", "sqlite:///events.db", **options)


def test_its_repr_shows_no_password():
    """Neither of the server nor of the store."""
    one = Gatherer("redis://me:secret@host", "postgresql://me:secret@db/events", owner="x")

    assert "secret" not in repr(one)
    assert "host:6379" in repr(one)
