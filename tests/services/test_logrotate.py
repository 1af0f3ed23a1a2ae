"""logrotate takes files away while they are written."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import FileSink

pytestmark = [
    pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed"),
    pytest.mark.slow,
]
ROUNDS = 5


async def rotate(directory, way):
    """Have logrotate take the file away, at once."""
    configuration = directory / "logrotate.conf"
    configuration.write_text(f"{directory}/app.log {{\n rotate 100\n {way}\n}}\n")
    configuration.chmod(0o600)
    process = await asyncio.create_subprocess_exec(
        "logrotate", "-f", "-s", str(directory / "state"), str(configuration)
    )
    assert await process.wait() == 0


async def write(directory, way):
    """Log lines while the file is taken away again and again; return all files' bytes."""
    handler = Handler(FileSink(directory / "app.log"), formatter=PatternFormatter("{message}"))
    async with BufferedLogger(10, 0.01, handlers=handler) as builder:
        sender = builder.sender_with_label("")
        for number in range(ROUNDS):
            for line in range(100):
                await sender.info(f"<{number}-{line}>")
                await asyncio.sleep(0)
            await builder.flush()
            rotating = asyncio.create_task(rotate(directory, way))
            for line in range(100, 200):
                await sender.info(f"<{number}-{line}>")
                await asyncio.sleep(0.0005)
            await rotating
    return b"".join(path.read_bytes() for path in directory.glob("app.log*"))


async def test_with_create_no_line_is_lost(tmp_path):
    """Nor torn, nor doubled."""
    lines = (await write(tmp_path, "create")).decode().splitlines()
    assert sorted(lines) == sorted(f"<{n}-{line}>" for n in range(ROUNDS) for line in range(200))
    assert len(list(tmp_path.glob("app.log.*"))) == ROUNDS


async def test_with_copytruncate_there_is_no_hole_and_no_torn_line(tmp_path):
    """What is written between its copying and its truncating is lost by its design."""
    data = await write(tmp_path, "copytruncate")
    assert b"\0" not in data
    lines = set(data.decode().splitlines())
    before = {f"<{n}-{line}>" for n in range(ROUNDS) for line in range(100)}
    assert before <= lines <= {f"<{n}-{line}>" for n in range(ROUNDS) for line in range(200)}
