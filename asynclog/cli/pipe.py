"""`asynclog pipe`: what another program writes, labelled, with levels, to a file or the console."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import stat
import sys
from collections import deque
from typing import TYPE_CHECKING

import click

from .. import fallback
from ..errors import FlushError
from ..handlers import Handler
from ..levels import Level
from ..logger import BufferedLogger
from ..sinks import ConsoleSink, FileSink
from ..sinks.opening import Place
from ..sinks.placeholders import PathTemplate
from .arguments import seconds, whole_number
from .configured import configured, refuse_beside
from .intake import Intake
from .lines import LineSplitter
from .severity import recognise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..central import CentralSink
    from ..ledger import Statistics
    from ..senders import LogLineSender

STDIN = 0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals at which everything is written, and the command ends."""
LAST_SECONDS = 5.0
"""After a signal: time for the output to take what was read."""


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(),
    help="Append to PATH, in directories that are made if need be.  [default: standard output]",
    metavar="PATH",
)
@click.option(
    "--central",
    help="Count lines by group in URL: redis://host for a gatherer, or sqlite:///events.db.",
    metavar="URL",
)
@click.option("--label", default="stdin", show_default=True, help="The label of all lines.")
@click.option(
    "--max-lines",
    type=whole_number(0),
    metavar="N",
    default=100,
    show_default=True,
    help="Write when so many lines have come; 0 writes each at once.",
)
@click.option(
    "--max-age",
    type=seconds,
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="Write when a line is so many seconds old; 0 writes each at once.",
)
@click.option(
    "--config",
    type=click.Path(),
    help="Log as the configuration FILE says, in place of --file, --max-lines and --max-age.",
    metavar="FILE",
)
@click.option(
    "--logger",
    "name",
    default="root",
    show_default=True,
    help="With --config: which of its loggers.",
    metavar="NAME",
)
@click.pass_context
def pipe(
    context: click.Context,
    *,
    path: str | None,
    central: str | None,
    label: str,
    max_lines: int,
    max_age: float,
    config: str | None,
    name: str,
) -> None:
    """Log what another program writes.

    Reads standard input to its end and writes every line, with the time at which it came, its
    label, and the level that it names itself: ERROR, [warn], level=info, {"level": "error"}, <3>.
    A line that names none has level INFO.

    At the end of the input, and at SIGINT, SIGTERM and SIGHUP, everything read is written first.

    \b
    Examples:
      make 2>&1 | asynclog pipe --label make
      some-server 2>&1 | asynclog pipe --file server.log --max-age 0.2
      some-server 2>&1 | asynclog pipe --config logging.toml
      some-server 2>&1 | asynclog pipe --central sqlite:///events.db
    """  # noqa: D301 - click wants the backspace itself
    if sys.stdin is None:
        raise click.UsageError("standard input is closed")
    counting = None
    if config is None:
        if central is not None:
            refuse_beside(context, "--central", "path")
            counting = _central_sink(central)
        sink = counting or (_console_sink() if path is None else _file_sink(path))
        handler = Handler(sink)
        logger = BufferedLogger(max_lines, max_age, handlers=handler, close_timeout=LAST_SECONDS)
    else:
        refuse_beside(context, "--config", "path", "central", "max_lines", "max_age")
        logger = configured(config, name)
    done = asyncio.run(_run(logger, label))
    sys.exit(0 if done and not (counting and counting.statistics().dropped) else 1)


def _central_sink(url: str) -> CentralSink:
    """Return a sink that takes lines that differ in values only for one group."""
    from ..central import CentralSink, Fingerprint  # noqa: PLC0415 - others need none of it
    from ..central.normaliser import normalise  # noqa: PLC0415

    try:
        return CentralSink(url, fingerprint=Fingerprint(normalise=normalise))
    except (ValueError, ImportError) as error:
        reason = str(error).removeprefix("url: ").removeprefix("store: ")
        raise click.BadParameter(reason, param_hint="--central") from None


def _console_sink() -> ConsoleSink:
    # Let `... | head -1` end this command the way it ends every other.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return ConsoleSink("stdout")


def _file_sink(path: str) -> FileSink:
    """Return a sink for *path*; fail at once, and not line by line, where it cannot be written."""
    try:
        sink = FileSink(path)
        if not PathTemplate(path).names:
            os.close(Place(sink.path).open())
    except ValueError as error:
        reason = str(error).removeprefix("path: ")
        raise click.BadParameter(reason, param_hint="--file") from None
    except OSError as error:
        if error.errno != errno.ENXIO:  # a named pipe whose reader has yet to come
            reason = f"expected a file that can be written, got {path!r}: {error.strerror}"
            raise click.BadParameter(reason, param_hint="--file") from None
    return sink


async def _run(logger: BufferedLogger, label: str) -> bool:
    """Relay standard input to *logger*; return whether all of it was read and written."""
    async with logger:
        intake = Intake(STDIN, _tell_slow)
        relay = _Relay(logger.sender_with_label(label), intake)
        try:
            async with asyncio.timeout(None) as limit:
                _on_signals(intake, limit)
                intake.start()
                await relay.run()
        except FlushError:
            if logger.statistics().buffered:
                fallback.tell(f"pipe: all is read; trying to write it for {LAST_SECONDS:g} s more")
        except TimeoutError:
            relay.give_up()
    return _report(intake, await logger.aclose())


def _on_signals(intake: Intake, limit: asyncio.Timeout) -> None:
    """Have the first signal end the reading; a second one acts as if nothing were handled."""
    loop = asyncio.get_running_loop()
    handled = [one for one in ENDINGS if signal.getsignal(one) is not signal.SIG_IGN]

    def end() -> None:
        intake.stop()
        limit.reschedule(loop.time() + LAST_SECONDS)
        for one in handled:
            loop.remove_signal_handler(one)

    for one in handled:
        loop.add_signal_handler(one, end)


class _Relay:
    """Brings lines from the intake to the sender.

    Args:
        sender: takes the lines.
        intake: gives the bytes.
    """

    def __init__(self, sender: LogLineSender, intake: Intake) -> None:
        self._sender = sender
        self._intake = intake
        self._splitter = LineSplitter()
        self._lines: deque[str] = deque()

    async def run(self) -> None:
        """Send everything, and return when it is written."""
        async for data in self._intake.chunks():
            await self._send(self._splitter.feed(data))
            await asyncio.sleep(0)  # a source that is always ready must not keep all else waiting
        await self._send(self._splitter.end())
        await self._sender.flush()

    async def _send(self, lines: Iterable[str]) -> None:
        self._lines.extend(lines)
        while self._lines:
            line = self._lines.popleft()  # if cancelled now, the logger counts it
            await self._sender.log(_level_of(line), line)

    def give_up(self) -> None:
        """Have the logger count what it has no room for: nothing waits any more."""
        for data in self._intake.abandon():
            self._lines.extend(self._splitter.feed(data))
        for line in (*self._lines, *self._splitter.end()):
            self._sender.log(_level_of(line), line)


def _level_of(line: str) -> int:
    level = recognise(line)
    return Level.INFO if level is None else level


def _is_live() -> bool:
    """Whether there is a program behind the input: one that would have to wait, unlike a file."""
    return not stat.S_ISREG(os.fstat(STDIN).st_mode)


def _tell_slow() -> None:
    if _is_live():
        fallback.tell("pipe: the output is slower than the input, which has to wait")


def _report(intake: Intake, statistics: Statistics) -> bool:
    """Tell what was not as it should be; return whether all was read and written."""
    if intake.slow and _is_live():
        fallback.tell(
            f"pipe: the input waited {intake.waits:,} times, {intake.waited:.1f} s in all"
        )
    if intake.error is not None:
        fallback.tell(f"pipe: cannot read standard input: {intake.error.strerror}")
    for cause, count in statistics.dropped_by_cause.items():
        fallback.tell(f"pipe: {count:,} {'line' if count == 1 else 'lines'} lost: {cause}")
    return intake.error is None and not statistics.dropped
