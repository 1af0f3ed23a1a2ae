"""The laws: each looks at a world, and raises `AssertionError` where it is broken.

The numbers are those of the list of invariants that asynclog promises to keep.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from asynclog import Overflow
from asynclog.backoff import LONGEST
from asynclog.handlers.closing import LEAST_SECONDS

from .book import OWN_LABEL
from .world import SOON

NOTICE = re.compile(r"([\d,]+) lines? dropped: queue full")
QUEUE_FULL = ("queue full", "queue full and the call not awaited", "handler's queue full")
CLOSED = "not written when the logger closed"


def texts(witness):
    """Return the texts that reached a sink, without the logger's own."""
    return [record.message for record in witness.records if record.label != OWN_LABEL]


def conserved(world):
    """1: accepted = emitted + dropped + buffered, and accepted is what the program handed over."""
    handed = len(world.book.of("in", "either", "out"))
    account = world.account
    assert account.accepted == account.emitted + account.dropped + account.buffered, account
    assert account.dropped == sum(account.dropped_by_cause.values()), account
    assert account.dropped == sum(account.dropped_by_level.values()), account
    at_most = len(world.book.of("in", "either", "out", "open", "lost"))
    assert handed <= account.accepted <= at_most, (handed, account, at_most)


def counted_as_emitted(world):
    """1: a line is emitted when all sinks are done with it, and one of them confirmed it."""
    confirmed = [witness.confirmed for witness in world.witnesses]
    emitted = world.account.emitted
    at_least, at_most = len(set.intersection(*confirmed)), len(set.union(*confirmed))
    assert at_least <= emitted <= at_most, (at_least, emitted, at_most)


def exactly_once(world):
    """2: no line reaches a sink twice, and none that was not taken reaches one at all."""
    taken = {line.text for line in world.book.of("in", "either", "open", "lost")}
    for witness in world.witnesses:
        assert not witness.faults, witness.faults
        doubles = [text for text, count in Counter(texts(witness)).items() if count > 1]
        assert not doubles, f"{witness} has twice: {doubles}"
        strange = set(texts(witness)) - taken
        assert not strange, f"{witness} should not have {strange}"


def in_order(world):
    """3: what one producer sends to one label reaches each sink in that order."""
    for witness in world.witnesses:
        latest = {}
        for text in texts(witness):
            line = world.book.by_text[text]
            key = (line.label, line.producer)
            last = latest.get(key)
            early = last is not None and line.ended is not None and line.ended < last.began
            assert not early, f"{witness} has {text} behind {last.text}"
            if last is None or line.began > last.began:
                latest[key] = line


def grouped(world):
    """Lines of one flush of one label stand together in every sink, in order."""
    for witness in world.witnesses:
        place = {text: i for i, text in enumerate(r.message for r in witness.records)}
        for group in world.groups:
            places = [place[text] for text in group if text in place]
            apart = [pair for pair in pairwise(places) if pair[1] != pair[0] + 1]
            assert not apart, f"{witness} has {group} at {places}"


def young(world):
    """5 and 7: no line waits longer than `max_age` for a healthy sink, whatever others do."""
    if world.state != "open":
        return  # what was not written is counted
    now = world.loop.time()
    for route, witnesses in world.routes:
        for witness in witnesses:
            if not witness.calm or now < witness.trouble_until + LONGEST + SOON:
                continue
            late = [
                line.text
                for line in world.book.of("in")
                if line.at + world.setup.max_age + SOON < now
                and line.level >= route.level
                and line.text not in witness.confirmed
                and line.text not in witness.refused
            ]
            assert len(late) <= world.slack(route), f"{witness} still waits for {late}"


def bounded(world):
    """6: there are never more lines on their way than there is room for."""
    buffered = world.account.buffered
    assert buffered <= world.setup.capacity, f"{buffered} lines, room for {world.setup.capacity}"


def oldest_evicted(world):
    """DROP_OLDEST gives up a line only while no older one of its label could be given up.

    A line that a sink was given only after the last overflow could have been given up until then.
    """
    if world.setup.overflow != Overflow.DROP_OLDEST or len(world.witnesses) > 1:
        return
    if world.routes[0][0].capacity is not None:
        return  # a handler may drop lines at any time
    if world.account.dropped_by_cause.get(CLOSED):
        return  # of those, too, the sink was given none
    (witness,) = world.witnesses
    gone = {}
    for line in world.book.of("in", "either"):
        if line.producer == "thread":
            continue  # where the loop does not run, a thread can only drop its own line
        if line.ended < world.book.overflowed and line.text not in witness.given:
            gone[line.label] = line
    for line in world.book.of("in"):
        last = gone.get(line.label)
        if last is None or line.text not in witness.given:
            continue
        spared = line.ended < last.began and witness.given[line.text] > world.book.overflowed
        assert not spared, f"{last.text} was given up, and {line.text} was not"


def quiet(world):
    """Nothing warns, and no task ends with an exception that nobody sees."""
    assert not world.complaints, world.complaints


ALWAYS = (conserved, counted_as_emitted, exactly_once, in_order, grouped, young, bounded, quiet)
"""Laws that hold whenever the loop is not running."""
EVERY_TURN = (conserved, counted_as_emitted, bounded)
"""Laws that hold after every turn of the loop, at little cost."""


def closed_in_time(world):
    """9: closing ends within its time, and every call that waited comes back."""
    assert world.closing_seconds is not None, "aclose() did not return"
    longest = max(world.setup.close_timeout, LEAST_SECONDS)
    assert world.closing_seconds <= longest + SOON, world.closing_seconds
    assert not world.waiting, f"{world.waiting} calls wait for ever"


def closed_wholly(world):
    """9: nothing is left, and sinks that work have everything."""
    account = world.account
    assert account.buffered == 0, account
    assert account == world.final, "the account changed after aclose() had returned it"
    assert all(witness.closed == 1 for witness in world.witnesses)
    if world.calm_at_close:
        assert not account.dropped_by_cause.get(CLOSED), account


def counted_at_the_end(world):
    """1: in the end, what was taken and no sink has is what was dropped."""
    account = world.account
    written = set().union(*(witness.confirmed for witness in world.witnesses))
    assert account.emitted == len(written), account


def announced(world):
    """Losses for want of room are told of in the stream, and add up.

    A handler tells its own stream what it alone dropped, which others may have written.
    """
    if not world.calm_at_close or any(witness.refused_notices for witness in world.witnesses):
        return  # some notice may be among what was given up
    account = world.account
    lost = sum(account.dropped_by_cause.get(cause, 0) for cause in QUEUE_FULL)
    notices = dict(notice for witness in world.witnesses for notice in witness.notices.items())
    told = sum(int(NOTICE.fullmatch(text)[1].replace(",", "")) for text in notices.values())
    assert len(notices) == account.announced, (notices, account)
    if len(world.routes) > 1 and any(route.capacity for route, _ in world.routes):
        assert told >= lost, (notices, account)
    else:
        assert told == lost, (notices, account)


def nothing_left(world):
    """9: no task and no timer is left."""
    assert not world.left_tasks(), world.left_tasks()
    assert not world.left_timers(), world.left_timers()


AT_THE_END = (
    closed_in_time,
    closed_wholly,
    counted_at_the_end,
    announced,
    nothing_left,
    oldest_evicted,
)
"""Laws that hold when the logger has closed."""


def uphold(laws, world):
    """Check all of *laws*."""
    world.account = world.logger.statistics()
    for law in laws:
        law(world)
