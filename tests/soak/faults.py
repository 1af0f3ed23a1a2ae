"""The faults: what the sink is, how it begins, how it is over, and what arrived.

A fault belongs to a process of its own: it may change limits, streams and look-ups of all of it.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from asynclog.sinks import ConsoleSink, FileSink, RollingFileSink, SyslogSink, TCPSink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asynclog.protocols import Sink

PEER = Path(__file__).with_name("peer.py")
READER = Path(__file__).with_name("reader.py")
CHUNK = 4096
"""Bytes of a page of memory, of which that file system is made."""


class Fault:
    """Nothing goes wrong; the base of what does.

    Args:
        folder: an empty directory.
    """

    ends: ClassVar[bool] = True
    """Whether it is over at some time, so that lines are written again."""
    repeats: ClassVar[bool] = False
    """Whether lines may arrive twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.received = folder / "received"
        self._programs: list[subprocess.Popen[str]] = []

    def make_sink(self) -> Sink:
        """Return the sink; what it needs works."""
        return FileSink(self.received)

    def begin(self) -> None:
        """Let it happen; returns soon."""

    def end(self) -> None:
        """Let it be over; returns soon."""

    def close(self) -> None:
        """Leave nothing behind, when all lines have arrived."""
        for program in self._programs:
            program.send_signal(signal.SIGCONT)
            program.kill()
            program.wait()

    def files(self) -> Iterator[Path]:
        """Yield the files that hold what arrived."""
        yield from sorted(self.folder.glob("received*"))

    def _start(self, *command: str | Path, **options: object) -> subprocess.Popen[str]:
        program = subprocess.Popen(list(map(str, command)), text=True, **options)
        self._programs.append(program)
        return program

    def _start_peer(self, kind: str, address: str, *before: str) -> subprocess.Popen[str]:
        command = (*before, sys.executable, PEER, kind, address, self.received)
        program = self._start(*command, stdout=subprocess.PIPE)
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        return program


class Fifo(Fault):
    """A named pipe whose reader stops."""

    def make_sink(self) -> Sink:
        """Return a sink on a pipe that `cat` reads."""
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        out = self.received.open("w")
        self._reader = self._start("cat", pipe, stdout=out)
        out.close()
        return FileSink(pipe)

    def begin(self) -> None:
        """Stop the reader."""
        self._reader.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """Have it read on."""
        self._reader.send_signal(signal.SIGCONT)


class StoppedStdout(Fault):
    """Standard output is a pipe whose reader stops."""

    @property
    def reader(self) -> tuple[str | Path, ...]:
        """The command of the reader."""
        return ("cat",)

    def make_sink(self) -> Sink:
        """Return a sink for standard output, which is a pipe from now on."""
        out = self.received.open("w")
        self._reader = self._start(*self.reader, stdin=subprocess.PIPE, stdout=out)
        out.close()
        assert self._reader.stdin is not None
        os.dup2(self._reader.stdin.fileno(), 1)
        self._reader.stdin.close()
        return ConsoleSink("stdout")

    def begin(self) -> None:
        """Stop the reader."""
        self._reader.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """Have it read on."""
        self._reader.send_signal(signal.SIGCONT)


class ClosedStdout(StoppedStdout):
    """Standard output is a pipe whose reader has gone."""

    ends = False

    @property
    def reader(self) -> tuple[str | Path, ...]:
        """The command of one that knows how to end."""
        return (sys.executable, READER, self.folder / "ready")

    def begin(self) -> None:
        """End the reader, which reads everything so far: what the pipe holds would be lost."""
        while not (self.folder / "ready").exists():
            time.sleep(0.01)
        self._reader.terminate()

    def end(self) -> None:
        """It never is."""


class SilentTCP(Fault):
    """A TCP peer that accepts and never reads."""

    repeats = True

    def make_sink(self) -> Sink:
        """Return a sink on a server."""
        self._port = _free_port()
        self._peer = self._start_peer("tcp", f"127.0.0.1:{self._port}")
        return TCPSink("127.0.0.1", self._port)

    def begin(self) -> None:
        """Stop it: the system still accepts, and takes what fits into its buffers."""
        self._peer.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """Have it read on."""
        self._peer.send_signal(signal.SIGCONT)


class ResettingTCP(SilentTCP):
    """A TCP peer that resets each connection."""

    def begin(self) -> None:
        """Have it reset."""
        self._peer.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        """Have it behave."""
        self._peer.send_signal(signal.SIGUSR2)


class HalfOpenTCP(Fault):
    """A TCP peer whose network vanishes without a word: nothing is refused, nothing answered."""

    repeats = True

    def make_sink(self) -> Sink:
        """Return a sink on a server in a network of its own."""
        self._space = f"asynclog{os.getpid()}"
        third = os.getpid() % 250
        self._inside = ("ip", "netns", "exec", self._space)
        link = f"al{os.getpid()}"
        self._run("ip", "netns", "add", self._space)
        names = (link, "type", "veth", "peer", "name", "inside", "netns", self._space)
        self._run("ip", "link", "add", *names)
        self._run("ip", "addr", "add", f"10.99.{third}.1/30", "dev", link)
        self._run("ip", "link", "set", link, "up")
        self._run(*self._inside, "ip", "addr", "add", f"10.99.{third}.2/30", "dev", "inside")
        self.end()
        self._start_peer("tcp", f"10.99.{third}.2:6514", *self._inside)
        return TCPSink(f"10.99.{third}.2", 6514, connect_timeout=2)

    def begin(self) -> None:
        """Take its end of the cable out."""
        self._run(*self._inside, "ip", "link", "set", "inside", "down")

    def end(self) -> None:
        """Put it in again."""
        self._run(*self._inside, "ip", "link", "set", "inside", "up")

    def close(self) -> None:
        """Take the network away."""
        super().close()
        self._run("ip", "netns", "del", self._space)

    @staticmethod
    def _run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)


class FailingDNS(SilentTCP):
    """A host whose name cannot be looked up, which takes its time to say so."""

    def make_sink(self) -> Sink:
        """Return a sink for a name, which the system knows for now."""
        super().make_sink()
        self._look_up = socket.getaddrinfo
        socket.getaddrinfo = self._found  # type: ignore[assignment]
        return TCPSink("logs.invalid", self._port)

    def _found(self, host: object, *rest: object, **options: object) -> object:
        host = "127.0.0.1" if host == "logs.invalid" else host
        return self._look_up(host, *rest, **options)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Forget the name, and end the connection, so that it is looked up."""

        def fail(*_: object, **__: object) -> object:
            time.sleep(0.3)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

        socket.getaddrinfo = fail  # type: ignore[assignment]
        self._peer.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        """Know it again."""
        self._peer.send_signal(signal.SIGUSR2)
        socket.getaddrinfo = self._found  # type: ignore[assignment]


class FileLimit(Fault):
    """A file that may not grow any more: RLIMIT_FSIZE."""

    def make_sink(self) -> Sink:
        """Return a sink on a file; to exceed the limit is an error, no signal."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        return super().make_sink()

    def begin(self) -> None:
        """Set the limit to what there is."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.received.stat().st_size + 100, hard))

    def end(self) -> None:
        """Lift it."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


class FullDisk(Fault):
    """A file system that is full."""

    def make_sink(self) -> Sink:
        """Return a sink on a small file system."""
        self._disk = self.folder / "disk"
        self._disk.mkdir()
        options = ("-t", "tmpfs", "-o", "size=48m", "tmpfs")
        subprocess.run(["mount", *options, self._disk], check=True)
        return RollingFileSink(self._disk / "received", size="10MB")

    def begin(self) -> None:
        """Fill it."""
        with (self._disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(CHUNK))

    def end(self) -> None:
        """Free it."""
        (self._disk / "ballast").unlink()

    def files(self) -> Iterator[Path]:
        """Yield the file and its archives."""
        yield from sorted(self._disk.glob("received*"))

    def close(self) -> None:
        """Take the file system away."""
        super().close()
        subprocess.run(["umount", self._disk], check=True)


class LostDirectory(Fault):
    """A directory that disappears, and cannot be made again."""

    def make_sink(self) -> Sink:
        """Return a sink in it."""
        self._directory = self.folder / "logs"
        return FileSink(self._directory / "received")

    def begin(self) -> None:
        """Move it away, and put a file in its place; the sink may be quicker, and make it anew."""
        for number in count():
            self._directory.rename(self.folder / f"moved.{number}")
            with suppress(FileExistsError):
                self._directory.touch(exist_ok=False)
                return

    def end(self) -> None:
        """Take the file away."""
        self._directory.unlink()

    def files(self) -> Iterator[Path]:
        """Yield that in each."""
        yield from sorted(self.folder.glob("*/received"))


class MissingSyslog(Fault):
    """A syslog socket that is missing from the start."""

    def make_sink(self) -> Sink:
        """Return a sink for a socket that is not there."""
        return SyslogSink(str(self.folder / "log"))

    def end(self) -> None:
        """Start the daemon."""
        self._start_peer("syslog", str(self.folder / "log"))


FAULTS: dict[str, type[Fault]] = {
    "fifo": Fifo,
    "stdout-stopped": StoppedStdout,
    "stdout-closed": ClosedStdout,
    "tcp-silent": SilentTCP,
    "tcp-resets": ResettingTCP,
    "tcp-half-open": HalfOpenTCP,
    "dns": FailingDNS,
    "file-limit": FileLimit,
    "disk-full": FullDisk,
    "directory": LostDirectory,
    "syslog": MissingSyslog,
}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
