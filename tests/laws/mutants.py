"""Faulty variants of asynclog: each must break a law, or the laws are worth nothing.

A mutant is a function that changes one thing by way of `mock.patch.object`, and says in its
docstring which mistake it stands for.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from unittest import mock
from weakref import WeakKeyDictionary

from asynclog.buffers import LabelBuffer
from asynclog.collector import Collector
from asynclog.ending import Ending
from asynclog.handlers import outputs
from asynclog.handlers.backlog import Backlog
from asynclog.handlers.barrier import Barrier
from asynclog.handlers.lane import Lane
from asynclog.handlers.losses import Losses
from asynclog.handlers.outlet import Outlet
from asynclog.handlers.portion import Portion
from asynclog.ledger import Cause, Ledger
from asynclog.waiting import Waiting

MUTANTS = {}
"""By name: how to apply it, and in which family of worlds it shows soonest."""


def mutant(family):
    """Register a function that patches by means of another, which it is given."""

    def register(change):
        @contextmanager
        def applied():
            with ExitStack() as stack:
                change(lambda *args: stack.enter_context(mock.patch.object(*args)))
                yield

        MUTANTS[change.__name__] = (applied, family)
        return change

    return register


def _nothing(*args, **kwargs):
    """Do nothing."""


async def _nothing_async(*args, **kwargs):
    """Do nothing."""


# -- the account -----------------------------------------------------------------------------------


@mutant("waiting")
def settled_twice(patch):
    """A written line is counted once more."""
    settle = Ledger.settle

    def twice(self, records, cause):
        settle(self, records, cause)
        self.emitted += cause is None

    patch(Ledger, "settle", twice)


@mutant("waiting")
def dropped_silently(patch):
    """What finds no room is gone without a count."""
    patch(Collector, "lose", _nothing)


@mutant("waiting")
def cancelled_wait_not_counted(patch):
    """The line of a caller that was cancelled while it waited is gone without a count."""
    lose = Collector.lose

    def forgetful(self, record, cause):
        if cause is not Cause.CANCELLED:
            lose(self, record, cause)

    patch(Collector, "lose", forgetful)


@mutant("waiting")
def cancelled_wait_counted_though_admitted(patch):
    """A caller cancelled after its line came in has it counted as dropped as well."""

    async def wait(self, buffer, record):
        try:
            await wait_for_room(self, buffer, record)
        except asyncio.CancelledError:
            self.ledger.refuse(record, Cause.CANCELLED)
            raise

    wait_for_room = Collector.wait_for_room
    patch(Collector, "wait_for_room", wait)


@mutant("waiting")
def not_awaited_not_counted(patch):
    """A line that should have waited, but was not awaited, is gone without a count."""
    patch(Waiting, "_give_up", _nothing)


@mutant("waiting")
def unbounded(patch):
    """There is always room."""
    patch(Ledger, "has_room", lambda self, places=1: True)


@mutant("waiting")
def closing_forgets(patch):
    """What is not written when the logger closes is gone without a count."""

    def forget(self, cause=None):
        left, self._backlog.lines = self.lines, 0
        return left

    patch(Outlet, "abandon", forget)


@mutant("several sinks")
def notices_do_not_add_up(patch):
    """A notice tells of one loss, however many there are."""
    take = Ledger.take_unannounced
    patch(Ledger, "take_unannounced", lambda self: min(take(self), 1))


# -- the way to the sinks --------------------------------------------------------------------------


@mutant("waiting")
def popped_before_write(patch):
    """A batch is let go of before the sink has it; if the write fails, it is lost."""

    async def let_go(self, error):
        self._took(self._backlog.given)

    patch(Outlet, "_retry_later", let_go)


@mutant("several sinks")
def written_part_sent_again(patch):
    """After a write that got half way, all of it is written again."""
    patch(Outlet, "_took_part", _nothing)


@mutant("waiting")
def worker_dies(patch):
    """The first error of a sink ends the task that writes to it."""

    async def die(self, error):
        self._stopping = True

    patch(Outlet, "_retry_later", die)


@mutant("several sinks")
def one_hangs_all(patch):
    """Sinks are written to one after the other."""
    locks = WeakKeyDictionary()

    async def in_turn(self):
        async with locks.setdefault(self._loop, asyncio.Lock()):
            await work(self)

    work = Outlet._work
    patch(Outlet, "_work", in_turn)


@mutant("waiting")
def reversed_order(patch):
    """A buffer is emptied from the wrong end."""
    take = LabelBuffer.take
    patch(LabelBuffer, "take", lambda self: take(self)[::-1])


@mutant("several sinks")
def labels_mixed(patch):
    """Lines of several labels that go out together alternate."""

    def forward_now(self):
        labels = {}
        while not self._queue.empty() and isinstance(self._queue._queue[0], list):
            batch = self._queue.get_nowait()
            self._queued -= len(batch)
            labels.setdefault(batch[0].label, []).extend(batch)
        mixed = [one for row in zip_longest(*labels.values()) for one in row if one is not None]
        self._outputs.dispatch(mixed)
        forward_rest(self)

    forward_rest = Collector.forward_now
    patch(Collector, "forward_now", forward_now)


@mutant("several sinks")
def no_timer(patch):
    """Age is looked at only when something is logged."""
    patch(Collector, "_set_timer", _nothing)


@mutant("evicting")
def newest_evicted(patch):
    """DROP_OLDEST drops what came last."""

    def evict(self, cause, most=1):
        for position in reversed(range(len(self._waiting))):
            item = self._waiting[position]
            if isinstance(item, Portion) and item.sealed.counted:
                self._waiting[position], last = item.split(len(item.lines) - 1)
                if not self._waiting[position].lines:
                    del self._waiting[position]
                self.lines -= 1
                last.settle(cause)
                return True
        return False

    patch(Backlog, "evict", evict)


@mutant("waiting")
def waiters_forgotten(patch):
    """Room is made, and nobody who waits for it is told."""
    patch(Collector, "_make_use_of_room", _nothing)


# -- flushing and closing --------------------------------------------------------------------------


@mutant("waiting")
def flush_without_waiting(patch):
    """A flush returns as soon as the lines are on their way."""
    patch(Barrier, "settled", _nothing_async)


@mutant("several sinks")
def flush_overtakes(patch):
    """A flush is answered before the lines that were sent ahead of it are written."""
    offer = Backlog.offer

    def offer_in_front(self, item):
        offer(self, item)
        if isinstance(item, Barrier) and not self._given:
            self._waiting.rotate(1)

    patch(Backlog, "offer", offer_in_front)


@mutant("waiting")
def flush_lies(patch):
    """A flush does not know of lines that the sink gave up."""
    patch(Losses, "owed", lambda self, label, asked_at: 0)


@mutant("waiting")
def flush_tells_one_only(patch):
    """Of two flushes under way only one is told of a loss."""

    def owed(self, label, asked_at):
        lines = losses_owed(self, label, asked_at)
        self._lines.clear()
        return lines

    losses_owed = Losses.owed
    patch(Losses, "owed", owed)
    patch(Losses, "tell", _nothing)


@mutant("waiting")
def flush_hangs_at_close(patch):
    """Who flushes while the logger closes, and a sink hangs, waits for ever."""
    patch(Outlet, "fail_barriers", _nothing)


@mutant("dropping")
def close_gives_way(patch):
    """A cancelled `aclose()` leaves the rest to nobody."""

    async def give_way(self):
        await self._task

    patch(Ending, "wait", give_way)


@mutant("waiting")
def close_without_limit(patch):
    """Closing waits for a sink for as long as that takes."""

    async def write_out(lanes, sinks, loop, seconds):
        await limited(lanes, sinks, loop, 1_000)

    limited = outputs.write_out
    patch(outputs, "write_out", write_out)


@mutant("evicting")
def close_in_a_hurry(patch):
    """Closing does not write what is left."""
    patch(outputs, "write_out", _nothing_async)


@mutant("several sinks")
def timer_left(patch):
    """Closing leaves the timer behind."""

    async def stop(self):
        timer, self._timer = self._timer, None
        await collector_stop(self)
        self._timer = timer

    collector_stop = Collector.stop
    patch(Collector, "stop", stop)


@mutant("waiting")
def task_left(patch):
    """Closing leaves a task behind."""
    patch(Lane, "stop", _nothing_async)


@mutant("waiting")
def open_for_ever(patch):
    """A line is taken after the logger was closed."""

    def refuse(self, refusal):
        thread_id = self.thread_id
        collector_refuse(self, refusal)
        self.thread_id = thread_id

    collector_refuse = Collector.refuse
    patch(Collector, "refuse", refuse)
