"""What a server holds, for comparison with what was produced."""

from __future__ import annotations

import asyncio

from asynclog.central.keys import BYTES, OVER, Keys
from asynclog.central.producer import Producer
from asynclog.central.settings import Settings
from asynclog.central.ways import ServerWay
from tests.making import record


def held(client, keys):
    """Return events in groups, and events of which only the number is known, of one shard."""
    found = {False: 0, True: 0}
    for name in client.keys(f"{keys.prefix}ts:*") + client.keys(f"{keys.prefix}c:*:ts"):
        for group, repeats in client.zrange(name, 0, -1, withscores=True):
            found[group.decode() == OVER] += int(repeats)
    for name in client.keys(f"{keys.prefix}ev:*") + client.keys(f"{keys.prefix}c:*:ev"):
        counts = name.replace(b":ev:", b":ts:") if b":ev:" in name else name[:-2] + b"ts"
        once = set(client.hkeys(name)) - {BYTES.encode()} - set(client.zrange(counts, 0, -1))
        found[False] += len(once)
    return found[False], found[True]


def drops(client, keys, cause):
    """Return the events that a shard has counted as dropped or folded for *cause*."""
    fields = client.hgetall(keys.drops).items()
    return sum(int(events) for name, events in fields if name.decode().startswith(cause))


def assert_exact(client, keys, produced):
    """Check that all that was produced is held, folded, or counted as dropped, by both accounts."""
    known, folded = held(client, keys)
    assert known + folded + drops(client, keys, "dropped") == produced
    assert drops(client, keys, "folded") == folded
    assert int(client.hget(keys.state, "in")) == known + folded


async def end(producer, seconds=5.0):
    """Let go of *producer* within *seconds*, whatever is left in it."""
    await producer.stop()
    await producer.let_go(asyncio.get_running_loop().time() + seconds)


class Load:
    """A producer, and a way to make it work.

    Args:
        connection: to the server.
        loop: of the test.
        namespace: of its keys.
        spools: for its events; None for none.
        **settings: of the producer.
    """

    def __init__(self, connection, loop, namespace="load", spools=None, **settings):
        self.keys = Keys(namespace, 0)
        options = Settings(**{"flush_interval": 0.01, **settings})
        self.producer = Producer(
            ServerWay(connection, self.keys, options.limits), options, loop, spools=spools
        )
        self.produced = 0

    def count(self, groups=1, repeats=1, level=40, second=1_700_000_000, payload=b"x"):
        """Count so many events of so many groups."""
        for number in range(groups):
            self.producer.counting.add(second, level, f"g{level}-{number}", payload, repeats)
        self.producer.fed()
        self.produced += groups * repeats

    @property
    def statistics(self):
        """The account."""
        return self.producer.statistics()


def records(count, *, label="a", level=40, text="text {}"):
    """Return so many records of one template."""
    return [record(text.format(i), level, label, template=text) for i in range(count)]
