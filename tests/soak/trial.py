"""One fault under load, and as much load on a `NullSink` before and after it, in one process.

    python -m tests.soak.trial FAULT --seconds 30 --report FILE

The fault begins after a sixth of the time, and is over after two thirds.  A second handler gets
lines of its own meanwhile, whose delays are noted.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import selectors
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.filters import labelled
from asynclog.formatters import PatternFormatter
from asynclog.ledger import Cause
from asynclog.sinks import MemorySink, NullSink

from .faults import FAULTS, Fault

if TYPE_CHECKING:
    from asynclog.ledger import Statistics
    from asynclog.protocols import Sink
    from asynclog.records import Batch

CAPACITY = 10_000
"""Lines that may wait in the handler whose sink fails."""
LINES_A_SECOND = 2_000
BURST_SECONDS = 0.01
MAX_LINES = 100
"""Lines of a label that make a batch."""
AFTERWARDS = 200
"""Lines that are logged after the fault, at least."""
PAD = "x" * 200
TICK = 0.001
SAMPLE_SECONDS = 0.1
CLOSE_SECONDS = 30.0
LINE = re.compile(rb"(\d{8}) x{200}$", re.MULTILINE)
NOTICE = re.compile(rb"([\d,]+) lines? dropped: queue full$", re.MULTILINE)


class Report(msgspec.Struct):
    """What was seen of one fault."""

    fault: str
    lag: float
    """p99.9 of the loop's lag, milliseconds."""
    quiet_lag: float
    """The same with a `NullSink`: the mean of before and after."""
    memory: float
    """Growth of the process's memory at its peak, megabytes."""
    waiting: int
    """Lines that waited in the handler at most."""
    late: float
    """Milliseconds after which the last line of the other handler was written, at most."""
    quiet_late: float
    """The same with a `NullSink`."""
    accepted: int
    emitted: int
    dropped: int
    causes: dict[str, int]
    missing: int
    """Lines that count as emitted, and did not arrive."""
    twice: int
    """Lines that arrived more than once."""
    told: int
    """Lines of which the stream itself says that they were dropped."""
    resumed: bool
    """Whether lines logged after the fault arrived."""
    capacity: int
    """Lines that might wait in the handler."""

    @property
    def burst(self) -> int:
        """Return how many lines may come between two looks at the capacity."""
        return 2 * MAX_LINES

    @property
    def shed(self) -> int:
        """Return how many lines the handler dropped for want of room."""
        return self.causes.get(Cause.HANDLER_FULL.value, 0)

    @property
    def difference(self) -> int:
        """Return by how many lines the account is wrong."""
        return self.accepted - self.emitted - self.dropped


class Pulses(MemorySink):
    """Notes how late lines come."""

    def __init__(self) -> None:
        super().__init__()
        self.late = 0.0

    async def write(self, batch: Batch, /) -> None:
        """Note the delay of the oldest line, in milliseconds."""
        self.late = max(self.late, (time.time_ns() - batch.records[0].time_ns) / 1e6)


class Stretch(NamedTuple):
    """What was measured while lines went to one sink."""

    lag: float
    memory: float
    waiting: int
    late: float
    account: Statistics
    capacity: int
    last_before_end: int
    """The number of the last line logged while the fault lasted."""


class Stage:
    """A logger under load, and who watches it.

    Args:
        sink: takes most of the lines.
        seconds: of load.
        capacity: lines that may wait for *sink*.
    """

    def __init__(self, sink: Sink, seconds: float, capacity: int) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._pulses = Pulses()
        formatter = PatternFormatter("{message}")
        self._logger = BufferedLogger(
            MAX_LINES,
            0.05,
            handlers=[
                Handler(
                    sink,
                    formatter=formatter,
                    filter=labelled("app"),
                    capacity=capacity,
                    overflow=Overflow.DROP_OLDEST,
                ),
                Handler(self._pulses, formatter=formatter, filter=labelled("pulse")),
            ],
            close_timeout=CLOSE_SECONDS,
        )
        self._lags: list[float] = []
        self._memory = self._waiting = self._logged = self._last_before_end = 0

    async def run(self, fault: Fault | None = None) -> Stretch:
        """Log for so many seconds, with *fault* in the midst of them."""
        before = _resident()
        async with self._logger, asyncio.TaskGroup() as tasks:
            watchers = [tasks.create_task(one) for one in (self._tick(), self._sample())]
            if fault is not None:
                tasks.create_task(self._misbehave(fault))
            await self._load(lasting=fault is not None)
            for watcher in watchers:
                watcher.cancel()
        ordered = sorted(self._lags)
        return Stretch(
            1e3 * ordered[int(0.999 * len(ordered))],
            (self._memory - before) / (1 << 20),
            self._waiting,
            self._pulses.late,
            self._logger.statistics(),
            self._capacity,
            self._last_before_end,
        )

    async def _misbehave(self, fault: Fault) -> None:
        # In a thread: what begins a fault may start programs.
        await asyncio.sleep(self._seconds / 6)
        await asyncio.to_thread(fault.begin)
        await asyncio.sleep(self._seconds / 2)
        await asyncio.to_thread(fault.end)
        self._last_before_end = self._logged

    async def _load(self, *, lasting: bool) -> None:
        """Log for so many seconds, and, with a *lasting* fault, for a while after it."""
        app = self._logger.sender_with_label("app")
        pulse = self._logger.sender_with_label("pulse")
        start = time.perf_counter()
        while (
            (elapsed := time.perf_counter() - start) < self._seconds
            or self._logged < self._last_before_end + AFTERWARDS
            or (lasting and not self._last_before_end)
        ):
            for _ in range(int(elapsed * LINES_A_SECOND) - self._logged):
                await app.info(f"{self._logged:08} {PAD}")
                self._logged += 1
            await pulse.info("pulse")
            await asyncio.sleep(BURST_SECONDS)

    async def _tick(self) -> None:
        """Note, every millisecond, by how many seconds the loop is late."""
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            self._lags.append(time.perf_counter() - due)

    async def _sample(self) -> None:
        """Note the most that was ever held."""
        while True:
            handler = self._logger.statistics().handlers[0]
            waiting = handler.waiting + sum(sink.waiting for sink in handler.sinks)
            self._waiting = max(self._waiting, waiting)
            self._memory = max(self._memory, _resident())
            await asyncio.sleep(SAMPLE_SECONDS)


def run(name: str, seconds: float, quiet: float, capacity: int) -> Report:
    """Return what is seen of the fault called *name*.

    Args:
        name: of the fault.
        seconds: of load with it.
        quiet: seconds of load with a `NullSink`, before and after it.
        capacity: lines that may wait for the sink.
    """
    with tempfile.TemporaryDirectory() as folder:
        fault = FAULTS[name](Path(folder))
        try:
            sink = fault.make_sink()
            before = _stretch(Stage(NullSink(), quiet, capacity))
            stretch = _stretch(Stage(sink, seconds, capacity), fault)
            after = _stretch(Stage(NullSink(), quiet, capacity))
            return _report(name, fault, stretch, [before, after])
        finally:
            fault.close()


def _stretch(stage: Stage, fault: Fault | None = None) -> Stretch:
    """Run on a loop whose timers are exact: epoll rounds them up to whole milliseconds."""

    def loop_factory() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(selectors.SelectSelector())

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(stage.run(fault))


def _report(name: str, fault: Fault, stretch: Stretch, quiet: list[Stretch]) -> Report:
    """Compare what counts as emitted with what arrived; programs may have to finish reading."""
    account = stretch.account
    pulses = account.emitted - account.handlers[0].sinks[0].written + account.announced
    expected = account.emitted - pulses
    deadline = time.monotonic() + CLOSE_SECONDS
    arrived = _arrived(fault)
    while len(set(arrived)) < expected and time.monotonic() < deadline:
        time.sleep(0.1)
        arrived = _arrived(fault)
    numbers = set(arrived)
    text = b"".join(file.read_bytes() for file in fault.files())
    return Report(
        fault=name,
        lag=stretch.lag,
        quiet_lag=sum(one.lag for one in quiet) / len(quiet),
        memory=stretch.memory,
        waiting=stretch.waiting,
        late=stretch.late,
        quiet_late=max(one.late for one in quiet),
        accepted=account.accepted,
        emitted=account.emitted,
        dropped=account.dropped,
        causes=account.dropped_by_cause,
        missing=expected - len(numbers),
        twice=len(arrived) - len(numbers),
        told=sum(int(count.replace(b",", b"")) for count in NOTICE.findall(text)),
        resumed=any(number > stretch.last_before_end for number in numbers),
        capacity=stretch.capacity,
    )


def _arrived(fault: Fault) -> list[int]:
    """Return the numbers of all lines that arrived whole."""
    return [int(number) for file in fault.files() for number in LINE.findall(file.read_bytes())]


def _resident() -> int:
    """Return the bytes of memory that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def main() -> None:
    """Run one fault, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--quiet", type=float, default=15.0, help="before and after it")
    parser.add_argument("--capacity", type=int, default=CAPACITY)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    report = run(options.fault, options.seconds, options.quiet, options.capacity)
    options.report.write_bytes(msgspec.json.encode(report))


if __name__ == "__main__":
    main()
