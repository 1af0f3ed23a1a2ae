"""A real syslog daemon understands what is sent to it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import SyslogSink

pytestmark = [
    pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="rsyslogd is not installed"),
    pytest.mark.slow,
]
CONFIGURATION = """
module(load="imudp") module(load="imtcp") module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{directory}/log")
input(type="imudp" port="{port}" address="127.0.0.1")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="fields" type="string"
    string="%syslogfacility-text%|%syslogseverity-text%|%app-name%|%structured-data%|%msg:::sp-if-no-1st-sp%%msg%\\n")
action(type="omfile" file="{directory}/out.log" template="fields" asyncWriting="off" flushOnTXEnd="on")
"""


class Daemon:
    """A running rsyslogd.

    Args:
        directory: for its files.
    """

    def __init__(self, directory):
        self.path = str(directory / "log")
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self._output = directory / "out.log"
        self._configuration = directory / "rsyslog.conf"
        self._configuration.write_text(CONFIGURATION.format(directory=directory, port=self.port))
        self._pid = directory / "pid"

    async def start(self):
        """Return when it listens."""
        self._process = await asyncio.create_subprocess_exec(
            "rsyslogd", "-n", "-f", str(self._configuration), "-i", str(self._pid)
        )
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            await asyncio.sleep(0.02)

    async def lines(self, count):
        """Return what it has understood, field by field, once *count* lines differ."""
        while len(set(lines := self._whole_lines())) < count:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
        return [tuple(line.split("|", 4)) for line in lines]

    def _whole_lines(self):
        text = self._output.read_text() if self._output.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()

    async def stop(self):
        """End it."""
        self._process.terminate()
        await self._process.wait()


@pytest.fixture
async def daemon(tmp_path):
    """A running rsyslogd."""
    one = Daemon(tmp_path)
    await one.start()
    yield one
    await one.stop()


async def send(sink):
    """Log two lines."""
    handler = Handler(sink, formatter=PatternFormatter("{message}"))
    async with BufferedLogger(10, 1.0, handlers=handler) as builder:
        sender = builder.sender_with_label("ct/100")
        await sender.error('disk "full"', path='/var]"\\x')
        await sender.info("one\ntwo é")


WITH_DATA = [
    ("user", "err", "app", r'[attributes@32473 label="ct/100" path="/var\]\"\\x"]', ' disk "full"'),
    ("user", "info", "app", '[attributes@32473 label="ct/100"]', r" one\ntwo é"),
]
WITHOUT = [(*fields[:3], "-", fields[4]) for fields in WITH_DATA]


@pytest.mark.parametrize(
    ("options", "understood"),
    [
        ({"transport": "udp"}, WITH_DATA),
        ({"transport": "tcp"}, WITH_DATA),
        ({"transport": "tcp", "framing": "newline"}, WITH_DATA),
        ({"transport": "tcp", "format": "rfc3164"}, WITHOUT),
        ({"transport": "udp", "format": "rfc3164"}, WITHOUT),
    ],
)
async def test_it_understands_what_comes_over_the_network(daemon, options, understood):
    """Facility, severity, program, structured data and text, each in its place."""
    await send(SyslogSink("127.0.0.1", daemon.port, identity="app", **options))
    assert await daemon.lines(2) == understood


async def test_it_understands_what_comes_from_this_machine(daemon):
    """Over its socket."""
    await send(SyslogSink(daemon.path, identity="app", facility="local0"))
    assert await daemon.lines(2) == [("local0", *fields[1:]) for fields in WITHOUT]


async def test_a_restart_loses_nothing(daemon, tmp_path):
    """Lines wait while it is away, and what it may not have read comes again."""
    sink = SyslogSink("127.0.0.1", daemon.port, transport="tcp", identity="app")
    handler = Handler(sink, formatter=PatternFormatter("{message}"))
    async with BufferedLogger(10, 0.01, handlers=handler, close_timeout=20) as builder:
        sender = builder.sender_with_label("")
        for number in range(3):
            for line in range(50):
                await sender.info(f"{number}-{line}")
            await daemon.stop()
            await daemon.start()
        seen = {fields[4].strip() for fields in await daemon.lines(150)}
    assert seen == {f"{number}-{line}" for number in range(3) for line in range(50)}
