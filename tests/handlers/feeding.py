"""One outlet, or one handler, at work; and that nothing is left behind."""

from __future__ import annotations

import asyncio

from asynclog.errors import FlushError
from asynclog.handlers.barrier import Barrier
from asynclog.handlers.outlet import Outlet
from asynclog.handlers.portion import Portion
from asynclog.ledger import Ledger, SealedBatch

from ..making import record

CAPACITY = 100_000


class Feed:
    """Offers lines and flushes to the outlet of *sink*, and keeps the account."""

    def __init__(self, sink):
        self.sink = sink
        self.ledger = Ledger(CAPACITY)
        self.progress = 0
        self.failures = []
        self.outlet = Outlet(
            sink,
            asyncio.get_running_loop(),
            self,
        )

    def wake(self):
        """Count progress."""
        self.progress += 1

    def fail_barriers(self, outlet, lines, reason):
        """Note a failure."""
        self.failures.append((lines, reason))

    def notice_of(self, refused):
        """Return a line that tells of it."""
        notice = record(f"{refused} refused")
        sealed = SealedBatch([notice], None, 1)
        return Portion(sealed, range(1), [notice], [notice.message])

    def lines(self, *lines):
        """Offer *lines*, as one portion."""
        some = [record(line) for line in lines]
        for one in some:
            self.ledger.admit(one)
        sealed = SealedBatch(some, self.ledger, 1)
        self.outlet.offer(Portion(sealed, range(len(some)), some, list(lines)))

    def flush(self, **options):
        """Offer a flush, and return a task that waits for it."""
        barrier = Barrier(asyncio.get_running_loop(), [self], frozenset([self.outlet]), **options)
        barrier.send()
        return asyncio.create_task(reasons(barrier))

    def offer_barrier(self, barrier):
        """Pass it on, as a lane does."""
        self.outlet.offer(barrier)
        self.outlet.poke()

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.outlet.stop(1)
        self.outlet.abandon()
        if error is None:
            self.check()

    def check(self):
        """Find nothing left, and the account right."""
        assert self.outlet.lines == 0
        assert self.ledger.accepted == self.ledger.emitted + self.ledger.dropped
        assert self.ledger.emitted == self.outlet.written
        assert not others()


async def reasons(barrier):
    """Return what *barrier* says of each sink that failed: lines and reason."""
    try:
        await barrier.wait()
    except FlushError as error:
        return [(failure.lines, failure.reason) for failure in error.failures]
    return []


def others():
    """Return the tasks that run besides this one."""
    return asyncio.all_tasks() - {asyncio.current_task()}


def cancel_others(name):
    """Cancel the tasks whose name holds *name*, as who ends a program does."""
    for task in others():
        if name in task.get_name():
            task.cancel()


async def turns(count):
    """Let the loop run so many times."""
    for _ in range(count):
        await asyncio.sleep(0)
