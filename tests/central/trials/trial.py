"""One trial: load, kills, and at the end the account.

    python -m tests.central.trials.trial --seconds 60 [--lock 10]

Producers with a spool, gatherers and the server are killed with SIGKILL at random moments and started
again.  A producer writes when it is told to, and is killed between what it has said that it has
written and the next: so it is known exactly what was produced.  It prints produced, delivered, their
difference, and the kills; the difference must be 0.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sqlite3
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import NamedTuple

from asynclog.central import CentralSink, Gatherer
from asynclog.central.stores import open_store
from asynclog.errors import SinkError
from tests.central.servers import Server

from .producer import TICK

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
OPTIONS = {"lease": 1.0, "grace": 0.2, "horizon": 0.0}


class Account(NamedTuple):
    """What came of a trial."""

    produced: int
    delivered: int
    catalogued: int
    kills: dict

    @property
    def difference(self):
        """Return what is too much in the store, or, below 0, missing."""
        return self.delivered - self.produced

    def __str__(self):
        kills = ", ".join(f"{number} {what}" for what, number in self.kills.items())
        return (
            f"produced {self.produced:,}, delivered {self.delivered:,}, "
            f"difference {self.difference}; killed: {kills}"
        )


class Trial:
    """Runs everything in a directory.

    Args:
        directory: for the server, spools and, with SQLite, the store.
        store_url: where the events are delivered.
        seconds: of load.
        seed: of the random moments.
    """

    def __init__(self, directory, store_url, seconds, seed=None):
        self.directory = Path(directory)
        self.store_url = store_url
        self.seconds = seconds
        self.random = random.Random(seed)
        self.server = Server(self.directory / "server", *DURABLE)
        self.produced = 0
        self.kills = {"producers": 0, "gatherers": 0, "servers": 0}

    async def run(self, *, producers=2, gatherers=2, rate=50, lock=0.0):
        """Load for the time of the trial, then gather all that is left; return the account.

        Args:
            producers: processes that count lines.
            gatherers: processes that bring them into the store.
            rate: lines that a producer writes at once, some twenty times a second.
            lock: seconds for which a file of SQLite is locked by somebody else, now and then.
        """
        await asyncio.to_thread(self.server.start)
        try:
            end = asyncio.get_running_loop().time() + self.seconds
            async with asyncio.TaskGroup() as group:
                for number in range(producers):
                    group.create_task(self._produce(f"p{number}", rate, end))
                for _ in range(gatherers):
                    group.create_task(self._gather(end))
                group.create_task(self._kill_server(end))
                if lock:
                    group.create_task(self._lock_store(end, lock))
            await self._finish()
            return await self._account()
        finally:
            await asyncio.to_thread(self.server.__exit__)

    async def _produce(self, name, rate, end):
        """Have a producer write; kill it now and then, and one of them once at least."""
        command = ("-m", "tests.central.trials.producer", self.server.url, self.spool, name)
        process = None
        while asyncio.get_running_loop().time() < end or not self.kills["producers"]:
            if process is None:
                process = await _python(*command, str(rate), stdin=PIPE, stdout=PIPE)
            process.stdin.write(b"\n")
            written = int(await process.stdout.readline())
            self.produced += written  # only now: others add to it while this one waits
            await asyncio.sleep(TICK)
            if self.random.random() < TICK:  # about once a second
                await self._kill(process, "producers")
                process = None
        if process is not None:
            await process.communicate(b"")  # if the server is down, the rest stays in the spool

    async def _gather(self, end):
        """Have a gatherer work; kill it after some time."""
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        command = ("-m", "asynclog", "gather", self.server.url, self.store_url, *options)
        while (now := asyncio.get_running_loop().time()) < end:
            process = await _python(*command, stdout=DEVNULL, stderr=DEVNULL)
            await asyncio.sleep(min(end - now, self.random.uniform(0.5, 2.5)))
            await self._kill(process, "gatherers")

    async def _kill_server(self, end):
        while (now := asyncio.get_running_loop().time()) < end:
            await asyncio.sleep(min(end - now, self.random.uniform(1, 3)))
            await asyncio.to_thread(self.server.kill)
            self.kills["servers"] += 1
            await asyncio.sleep(self.random.uniform(0, 0.3))
            await asyncio.to_thread(self.server.start)

    async def _lock_store(self, end, seconds):
        path = self.store_url.removeprefix("sqlite:///")
        while asyncio.get_running_loop().time() + seconds < end:
            other = await asyncio.to_thread(_lock, path)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(other.close)
            self.kills["locks"] = self.kills.get("locks", 0) + 1
            left = end - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, min(seconds, left)))

    async def _kill(self, process, what):
        process.send_signal(signal.SIGKILL)
        await process.wait()
        self.kills[what] += 1

    @property
    def spool(self):
        """Return the directory of the spools."""
        return str(self.directory / "spool")

    async def _finish(self):
        """Report what the dead have left in the spool, and gather everything."""
        sink = CentralSink(self.server.url, spool=self.spool)
        await sink.open()
        async with asyncio.timeout(30):
            while not await _flushed(sink):  # noqa: ASYNC110 - it comes true in a server
                await asyncio.sleep(0.1)
        await sink.aclose()
        async with Gatherer(self.server.url, self.store_url, **OPTIONS) as gatherer:
            await gatherer.run(once=True)

    async def _account(self):
        store = open_store(self.store_url)
        async with store.reading() as session:
            ((events,),) = await session.all("select cast(sum(repeats) as bigint) from events")
            ((total,),) = await session.all("select cast(sum(total) as bigint) from groups")
        await store.aclose()
        return Account(self.produced, events, total, self.kills)


def _lock(path):
    """Return a connection that nobody else can write beside."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    connection.execute("begin exclusive")
    return connection


async def _python(*arguments, **pipes):
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, **pipes)


async def _flushed(sink):
    try:
        await sink.flush()
    except SinkError:
        return False
    return True


def main():
    """Run trials, print the account of each; exit with 1 if one of them is not even."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--rate", type=int, default=150, help="lines every 0.05 s, of each producer"
    )
    parser.add_argument("--lock", type=float, default=0, help="seconds that the store is locked")
    options = parser.parse_args()
    differences = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as directory:
            trial = Trial(directory, f"sqlite:///{directory}/events.db", options.seconds)
            account = asyncio.run(
                trial.run(producers=3, gatherers=3, rate=options.rate, lock=options.lock)
            )
        print(account, flush=True)
        differences.append(account.difference)
    sys.exit(any(differences))


if __name__ == "__main__":
    main()
