"""What a line for each request costs a service: the middleware against Uvicorn's own access log.

Run as a script: `python tests/benchmarks/bench_asgi.py [--check]`; it needs `wrk`.  Three servers run
the same application: one that logs nothing, one with Uvicorn's access log, one with the middleware,
both into a file.  Each round loads one after the other, so that a machine that slows down slows all
of them down; the figures are the medians of the rounds.  Time is that of the server's processor,
which depends less on who else is there than requests a second do.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import uvicorn

from asynclog import BufferedLogger, Handler
from asynclog.integrations.asgi import AsynclogMiddleware
from asynclog.sinks import FileSink

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 7
SECONDS = 2
"""Of load, for each peer and round."""
CONNECTIONS = 16
PEERS = ("nothing", "uvicorn", "asynclog")
WANTED = 0.5
"""Requests in the same time with the middleware, as a part of those with Uvicorn's access log."""
_TICKS = os.sysconf("SC_CLK_TCK")


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answer with five bytes."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def logger() -> BufferedLogger:
    """Return the logger of the service; it writes where the process's stdout goes."""
    return BufferedLogger(100, 1.0, handlers=Handler(FileSink(os.environ["LOG"])))


def serve(peer: str, fd: int) -> None:
    """Be one of the servers."""
    app = AsynclogMiddleware(hello, logger) if peer == "asynclog" else hello
    lifespan: Any = "on" if peer == "asynclog" else "off"
    config = uvicorn.Config(app, access_log=peer == "uvicorn", lifespan=lifespan)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)])


class Server(NamedTuple):
    """A server that runs."""

    process: subprocess.Popen[bytes]
    port: int

    def processor_seconds(self) -> float:
        """Return the time that the process has spent so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def load(self) -> tuple[float, float]:
        """Return requests a second, and microseconds of the processor for each."""
        before = self.processor_seconds()
        command = [shutil.which("wrk") or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
        printed = subprocess.check_output([*command, f"http://127.0.0.1:{self.port}/"], text=True)
        requests = int(re.search(r"(\d+) requests in", printed)[1])  # type: ignore[index]
        return requests / SECONDS, (self.processor_seconds() - before) / requests * 1e6


@contextmanager
def serving(peer: str, place: Path) -> Iterator[Server]:
    """Run a server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        with (place / f"{peer}.out").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, __file__, "--serve", peer, "--fd", str(fd)],
                env={**os.environ, "LOG": str(place / f"{peer}.log")},
                pass_fds=[fd],
                stdout=out,
                stderr=subprocess.DEVNULL,
            )
    try:
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait()


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Return the medians of each peer: requests a second, and microseconds for each."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {peer: stack.enter_context(serving(peer, place)) for peer in PEERS}
        for server in servers.values():
            server.load()  # the first requests are slower
        results = [{peer: server.load() for peer, server in servers.items()} for _ in range(rounds)]
    return {
        peer: tuple(statistics.median(result[peer][i] for result in results) for i in (0, 1))
        for peer in PEERS
    }


def main() -> int:
    """Print the figures; with --check, fail where the middleware costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help=f"fail below {WANTED}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.fd)
        return 0
    figures = measure(options.rounds)
    for peer, (rate, cost) in figures.items():
        more = cost - figures["nothing"][1]
        print(f"{peer:<9} {rate:8,.0f} requests/s  {cost:6.1f} us each, {more:+6.1f} for the line")
    ratio = figures["uvicorn"][1] / figures["asynclog"][1]
    print(f"asynclog serves {ratio:.2f} times the requests of uvicorn, for the same time")
    return int(options.check and ratio < WANTED)


if __name__ == "__main__":
    sys.exit(main())
