"""Events in a server, as producers put them there."""

from __future__ import annotations

import time

from asynclog.central.event import Event, encode
from asynclog.central.keys import Keys

KEYS = Keys("asynclog", 0)
LIMITS = (1_000_000, 1_000_000, 1 << 30, 100_000, 3600)
SECOND_NS = 1_000_000_000


def long_ago():
    """Return a second that is over."""
    return int(time.time()) - 1000


def payload(group, second, offset=0):
    """Return an encoded event."""
    time_ns = second * SECOND_NS + offset
    return encode(Event(time_ns, 1, f"text of {group}", None, 40, "db", "shop", None, None, group))


async def report(scripts, number, second, counts, *, keys=KEYS, limits=LIMITS, producer="p"):
    """Report *counts*, a mapping of groups, as batch *number* of *producer*."""
    names = [keys.pending, keys.state, keys.prod(producer), keys.drops]
    names += [keys.ts(second), keys.ev(second)]
    flat = [number, 0, *limits, 1, 0, second, 40, len(counts)]
    for offset, (group, repeats) in enumerate(counts.items()):
        flat += [group, repeats, payload(group, second, offset)]
    return await scripts.report(names, flat)


async def fill(scripts, seconds, counts, *, first=None, keys=KEYS):
    """Report *counts* in each of so many *seconds*; return how many events that is."""
    first = long_ago() if first is None else first
    for number in range(seconds):
        await report(scripts, number + 1, first + number, counts, keys=keys)
    return seconds * sum(counts.values())
