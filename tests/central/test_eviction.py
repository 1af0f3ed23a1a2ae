"""A server that does not keep what it has taken is told of."""

from asynclog.central import CentralLog
from asynclog.central.gatherer import Gatherer
from asynclog.central.stores import open_store

from .producing import KEYS, fill, long_ago, report
from .stores.deliveries import query

QUICK = {"horizon": 0, "grace": 0}


async def test_a_policy_that_evicts_is_told_of(server, sqlite_url, capsys):
    """By producers and gatherers, once each."""
    server.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        async with CentralLog(server.url, shards=2) as log:
            await log.sender_with_label("a").error("text")
            await log.flush()
        async with Gatherer(server.url, sqlite_url, shards=2, **QUICK) as gatherer:
            await gatherer.run(once=True)
    finally:
        server.client.config_set("maxmemory-policy", "noeviction")

    assert capsys.readouterr().err.count("maxmemory-policy is allkeys-lru") == 2


async def test_events_that_were_evicted_are_counted(server, scripts, sqlite_url, capsys):
    """As soon as nothing is left to gather, and once."""
    await fill(scripts, 3, {"a": 1, "b": 4})
    (second, *_) = server.client.zrange(KEYS.pending, 0, 0)
    server.client.delete(KEYS.ts(second.decode()), KEYS.ev(second.decode()))
    for _ in range(2):
        async with Gatherer(server.url, sqlite_url, **QUICK) as gatherer:
            account = await gatherer.run(once=True)

    assert account.lost == 5
    assert "the server has lost 5 events" in capsys.readouterr().err
    store = open_store(sqlite_url)
    assert await query(store, "select cause, events from drops") == [("lost_server", 5)]
    await store.aclose()


async def test_nothing_is_told_of_a_server_that_keeps_everything(
    server, scripts, sqlite_url, capsys
):
    """Whatever is folded, late, or done twice."""
    await report(scripts, 1, long_ago(), {"a": 1, "b": 2}, limits=(1, 1, 1 << 20, 9, 60))
    async with Gatherer(server.url, sqlite_url, **QUICK) as gatherer:
        account = await gatherer.run(once=True)

    assert (account.lost, account.folded) == (0, 2)
    assert capsys.readouterr().err == ""


async def test_a_server_that_was_emptied_is_told_of(server, capsys):
    """What was taken within the horizon is sent again."""
    async with CentralLog(server.url) as log:
        sender = log.sender_with_label("a")
        for _ in range(2):
            await sender.error("text")
            await log.flush()
        server.client.flushall()
        await sender.error("text")
        await log.flush()

    assert "the server has forgotten what it had taken" in capsys.readouterr().err
    assert server.client.hget(KEYS.state, "in") == b"3"
