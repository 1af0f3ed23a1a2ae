"""What the scripts do on a real server."""

import pytest

from asynclog.central.connection import connect
from asynclog.central.keys import OVER, Keys
from asynclog.central.scripts import Applied, Duplicate, Gap, NotOver, Scripts
from asynclog.errors import ServerError

KEYS = Keys("test", 0)
OLD = 1_700_000_000
"""A second that is over."""
LIMITS = (1000, 1000, 1_000_000, 1000, 3600)


def arguments(number, *sections, adopt=0, limits=LIMITS, counters=()):
    """Return keys and arguments of a report; a section is (second, level, {group: (n, payload)})."""
    keys = [KEYS.pending, KEYS.state, KEYS.prod("p"), KEYS.drops]
    flat = [number, adopt, *limits, len(sections), len(counters)]
    for counter in counters:
        flat += counter
    for second, level, groups in sections:
        keys += [KEYS.ts(second), KEYS.ev(second)]
        flat += [second, level, len(groups)]
        for group, (repeats, payload) in groups.items():
            flat += [group, repeats, payload]
    return keys, flat


def one(group="g", repeats=1, second=OLD, level=20, payload=b"x"):
    """Return a section of one group."""
    return (second, level, {group: (repeats, payload)})


async def claimed(scripts, batch="b", **options):
    """Claim the old second, with no grace."""
    options = {"lease_ms": 60_000, "grace_ms": 0, **options}
    return await scripts.claim(KEYS, OLD, batch, "me", **options)


async def test_a_first_report_is_counted_and_kept(scripts, server):
    """Counts, payloads and the second are where a gatherer looks for them."""
    assert await scripts.report(*arguments(1, one(repeats=3))) == Applied(1, 0, 0, 1, 1)

    assert server.client.zrange(KEYS.ts(OLD), 0, -1, withscores=True) == [(b"g", 3.0)]
    assert server.client.hgetall(KEYS.ev(OLD)) == {b"g": b"x", b"~b": b"1"}
    assert server.client.zrange(KEYS.pending, 0, -1) == [str(OLD).encode()]


async def test_a_group_that_came_once_has_no_count(scripts, server):
    """Its payload alone stands for it, which is half the memory, until it comes again."""
    await scripts.report(*arguments(1, one()))
    assert server.client.keys(KEYS.ts(OLD)) == []
    assert server.client.hgetall(KEYS.ev(OLD)) == {b"g": b"x", b"~b": b"1"}

    answers = [await scripts.report(*arguments(number, one(payload=b"y"))) for number in (2, 3)]

    assert server.client.zscore(KEYS.ts(OLD), "g") == 3
    assert server.client.hget(KEYS.ev(OLD), "g") == b"x"
    assert [(answer.new, answer.groups, answer.bytes) for answer in answers] == [(0, 1, 1)] * 2


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("second", [1, 2])
async def test_counts_add_up_however_they_come(scripts, server, first, second):
    """A second report of as many events is no first one."""
    await scripts.report(*arguments(1, one(repeats=first)))
    await scripts.report(*arguments(2, one(repeats=second)))

    assert server.client.zscore(KEYS.ts(OLD), "g") == first + second


async def test_what_a_stranger_counted_counts(scripts, server):
    """Without a payload, until one comes."""
    server.client.zadd(KEYS.ts(OLD), {"g": 5})

    await scripts.report(*arguments(1, one()))

    assert server.client.zscore(KEYS.ts(OLD), "g") == 6
    assert server.client.hget(KEYS.ev(OLD), "g") == b"x"


@pytest.mark.parametrize("command", ["hsetnx", "zincrby", "hincrby", "zadd", "set", "hexists"])
async def test_a_user_who_may_not_do_all_of_it_is_refused_whole(server, command):
    """Or half a report would be applied, and never again."""
    rules = ("reset", "on", "nopass", "~*", "+@all", f"-{command}")
    server.client.execute_command("ACL", "SETUSER", "half", *rules)
    connection = connect(server.url.replace("//", "//half:x@"))
    with pytest.raises(ServerError) as caught:
        await Scripts(connection).report(*arguments(1, one(repeats=2)))
    await connection.aclose()
    server.client.execute_command("ACL", "DELUSER", "half")

    assert caught.value.code == "NOPERM"
    assert server.client.keys() == []


async def test_a_repeated_report_does_nothing(scripts, server):
    """Whoever does not know whether a report arrived may send it again."""
    await scripts.report(*arguments(1, one(repeats=3)))

    answer = await scripts.report(*arguments(1, one(repeats=3)))

    assert (type(answer), answer.last) == (Duplicate, 1)
    assert server.client.zscore(KEYS.ts(OLD), "g") == 3


@pytest.mark.parametrize(("known", "last"), [([], -1), ([1], 1)])
async def test_a_gap_does_nothing(scripts, known, last):
    """A report that is not the next one tells where to go on."""
    for number in known:
        await scripts.report(*arguments(number, one()))

    answer = await scripts.report(*arguments(5, one()))

    assert (type(answer), answer.last) == (Gap, last)


@pytest.mark.parametrize("known", [[], [1]])
async def test_a_gap_can_be_given_up(scripts, known):
    """A producer that has not kept what is missing goes on behind it."""
    for number in known:
        await scripts.report(*arguments(number, one()))

    assert isinstance(await scripts.report(*arguments(5, one(), adopt=1)), Applied)
    assert isinstance(await scripts.report(*arguments(6, one())), Applied)


async def test_unknown_groups_fold_at_the_cap_and_known_ones_count(scripts, server):
    """Of a group for which there is no room the number is kept, by level."""
    limits = (1, 1000, 1_000_000, 1000, 3600)
    await scripts.report(*arguments(1, one("known"), limits=limits))

    answer = await scripts.report(
        *arguments(2, one("known", 2), one("new", 5, level=10), limits=limits)
    )

    assert answer.folded == 5
    assert server.client.zscore(KEYS.ts(OLD), "known") == 3
    assert server.client.zscore(KEYS.ts(OLD), OVER) == 5
    assert server.client.hgetall(KEYS.drops) == {b"folded_server:10": b"5"}


async def test_what_the_producer_folded_is_not_folded_again(scripts, server):
    """At the cap, either: its number is among the counters of the report."""
    limits = (1, 1000, 1_000_000, 1000, 3600)
    sections = (one("known"), one(OVER, 5, payload=b""))
    counters = [("folded_producer:20", 5)]

    await scripts.report(*arguments(1, *sections, limits=limits, counters=counters))

    assert server.client.hgetall(KEYS.drops) == {b"folded_producer:20": b"5"}
    assert server.client.zscore(KEYS.ts(OLD), OVER) == 5


async def test_a_second_too_many_is_dropped_and_counted(scripts, server):
    """Over the cap of seconds nothing is kept but the number."""
    limits = (1000, 1000, 1_000_000, 1, 3600)

    answer = await scripts.report(
        *arguments(1, one(), one(second=OLD + 1, repeats=7, level=40), limits=limits)
    )

    assert answer.dropped == 7
    assert server.client.hgetall(KEYS.drops) == {b"dropped_server:40": b"7"}
    assert server.client.hget(KEYS.state, "in") == b"1"


async def test_what_the_producer_dropped_is_added_once(scripts, server):
    """Counters travel in numbered batches, too."""
    for _ in range(2):
        await scripts.report(*arguments(1, counters=[("dropped_queue:20", 4)]))

    assert server.client.hgetall(KEYS.drops) == {b"dropped_queue:20": b"4"}


@pytest.mark.parametrize("repeats", [0, -1, 1.5, "x"])
async def test_a_count_that_is_none_is_refused_whole(scripts, server, repeats):
    """Nothing of a bad report is applied."""
    with pytest.raises(ServerError, match="not a count"):
        await scripts.report(*arguments(1, one(), one("h", str(repeats))))

    assert server.client.keys() == []


@pytest.mark.parametrize("key", [KEYS.pending, KEYS.state, KEYS.drops, KEYS.ts(OLD), KEYS.ev(OLD)])
async def test_a_key_that_a_stranger_took_refuses_the_report_whole(scripts, server, key):
    """When it is free again, the same report is applied."""
    server.client.set(key, "a stranger's")
    with pytest.raises(ServerError, match="WRONGTYPE"):
        await scripts.report(*arguments(1, one(), counters=[("dropped_producer:20", 4)]))

    server.client.delete(key)
    assert isinstance(await scripts.report(*arguments(1, one())), Applied)


async def test_thousands_of_groups_in_one_report(scripts, server):
    """The limit of Lua's stack is none for a report."""
    groups = {f"g{i}": (1, b"x") for i in range(5000)}
    limits = (10_000, 10_000, 1_000_000, 10, 3600)

    answer = await scripts.report(*arguments(1, (OLD, 20, groups), limits=limits))

    assert answer.new == 5000
    assert server.client.hlen(KEYS.ev(OLD)) == 5001


async def test_scripts_that_the_server_forgot_are_given_again(scripts, server):
    """SCRIPT FLUSH, and any restart, goes unnoticed."""
    await scripts.report(*arguments(1, one()))
    server.client.script_flush()

    assert isinstance(await scripts.report(*arguments(2, one())), Applied)


async def test_next_offers_seconds_that_are_over(scripts):
    """A second is offered, claimed, and offered no more."""
    await scripts.report(*arguments(1, one(repeats=3)))
    options = {"lease_ms": 60_000, "grace_ms": 0, "want": 10, "attempts": 3}

    assert (await scripts.next(KEYS, "me", **options)).seconds == [OLD]
    meta = await claimed(scripts)
    assert (meta.second, meta.attempts, meta.repeated, meta.fields) == (OLD, 1, 1, 2)
    assert (meta.bytes, meta.owner) == (1, "me")
    assert (await scripts.next(KEYS, "me", **options)).seconds == []


async def test_a_claim_is_repeatable_and_exclusive(scripts):
    """The same id gets the same answer; another one gets none."""
    await scripts.report(*arguments(1, one()))

    assert await claimed(scripts) == await claimed(scripts)
    assert await claimed(scripts, "other") is None


async def test_a_second_that_is_not_over_cannot_be_claimed(scripts):
    """The grace is time for events that are late."""
    await scripts.report(*arguments(1, one()))

    answer = await claimed(scripts, grace_ms=10**15)

    assert isinstance(answer, NotOver)
    assert answer.wait_ms > 0


async def test_late_events_make_another_batch(scripts, server):
    """What was claimed does not change any more."""
    await scripts.report(*arguments(1, one(repeats=3)))
    await claimed(scripts)
    await scripts.report(*arguments(2, one(repeats=4)))

    assert server.client.zscore(KEYS.claimed_ts("b"), "g") == 3
    assert (await claimed(scripts, "late")).second == OLD


async def test_a_lease_that_ran_out_goes_to_the_next(scripts):
    """And the former owner learns of it when it asks."""
    await scripts.report(*arguments(1, one()))
    await claimed(scripts, lease_ms=0)

    options = {"lease_ms": 60_000, "grace_ms": 0, "want": 10, "attempts": 3}
    work = await scripts.next(KEYS, "other", **options)

    assert [(batch, meta.attempts, meta.owner) for batch, meta in work.again] == [("b", 2, "other")]
    assert await scripts.renew(KEYS, "b", "me", lease_ms=1000) is None
    assert await scripts.renew(KEYS, "b", "other", lease_ms=1000) >= 0


async def test_who_finds_nothing_waits_until_the_next_lease_ends(scripts, server):
    """And not longer, if that is soon."""
    await scripts.report(*arguments(1, one()))
    await claimed(scripts, lease_ms=900)
    ends_ms = server.client.zscore(KEYS.claims, "b")
    options = {"lease_ms": 60_000, "grace_ms": 0, "want": 10, "attempts": 3}
    work = await scripts.next(KEYS, "other", **options)

    assert work.again or work.wait_ms == ends_ms - work.now_ms


async def test_a_batch_given_up_too_often_is_a_dead_letter(scripts, server):
    """It is kept, but offered no more until it is requeued."""
    await scripts.report(*arguments(1, one()))
    await claimed(scripts, lease_ms=0)
    options = {"lease_ms": 0, "grace_ms": 0, "want": 10, "attempts": 1}

    assert (await scripts.next(KEYS, "me", **options)).again == []
    assert server.client.zrange(KEYS.dead, 0, -1) == [b"b"]
    assert await scripts.requeue(KEYS, "b")
    assert not await scripts.requeue(KEYS, "b")
    again = (await scripts.next(KEYS, "me", **options)).again
    assert [(batch, meta.attempts) for batch, meta in again] == [("b", 1)]


async def test_ack_frees_everything_once(scripts, server):
    """What is in the store is let go of; the account stays."""
    await scripts.report(*arguments(1, one(repeats=3)))
    await claimed(scripts)

    assert await scripts.ack(KEYS, "b", 3)
    assert not await scripts.ack(KEYS, "b", 3)
    state = {b"groups": b"0", b"bytes": b"0", b"in": b"3", b"out": b"3"}
    assert server.client.hgetall(KEYS.state) == state
    assert set(server.client.keys()) == {KEYS.state.encode(), KEYS.prod("p").encode()}
