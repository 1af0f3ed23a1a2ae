"""Starts servers as processes, puts them under load, and reads what they have logged."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from asynclog.integrations.asgi import log_config

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SECONDS = 30
"""How long a server may take to start, and to end."""

UVICORN = ["uvicorn", "{app}", "--fd", "{fd}", "--log-config", "{log_config}"]
HYPERCORN_ALONE = ["hypercorn", "{app}", "--bind", "fd://{fd}"]
HYPERCORN = [*HYPERCORN_ALONE, "--log-config", "json:{log_config}"]
GUNICORN_ALONE = ["gunicorn", "{app}", "--bind", "fd://{fd}", "-k", "uvicorn_worker.UvicornWorker"]
GUNICORN = [*GUNICORN_ALONE, "--log-config-json", "{log_config}"]


class Server(NamedTuple):
    """A server that runs."""

    process: subprocess.Popen
    port: int
    place: Path

    @property
    def url(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path="/", **headers):
        """Return the body of an answer."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.read()

    def answers(self):
        """Whether a request is answered; servers reset some while their workers start."""
        with suppress(ConnectionError):
            return self.get() is not None
        return False

    def stop(self):
        """End it as service managers do, and wait; return what it has printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=SECONDS)[0]

    def kill(self):
        """End it, and all its workers, right now."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def log(self):
        """Return the records in their order, from all files that the log was rolled into."""
        files = sorted(
            [*self.place.glob("log"), *self.place.glob("log.*")],
            key=lambda file: file.stat().st_mtime_ns,
        )
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def wait_for(self, condition):
        """Wait until *condition* is true."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline, condition
            time.sleep(0.02)

    def workers(self):
        """Return the ids of the processes that serve."""
        return [int(file.suffix[1:]) for file in self.place.glob("worker.*")]

    def tally(self, worker="*"):
        """Return how many requests have reached the application, or that of one worker."""
        return sum(file.stat().st_size for file in self.place.glob(f"tally.{worker}"))

    @contextmanager
    def only(self, worker):
        """Halt all other workers until the block ends, so that this one gets what comes."""
        others = [other for other in self.workers() if other != worker]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        yield
        for other in others:
            os.kill(other, signal.SIGCONT)


@contextmanager
def serving(place, command, app="services:starlette", cwd=HERE, **environment):
    """Run a server until the block ends; it answers from the first moment on.

    It inherits a socket that listens already, so there is nothing to wait for, and no port that
    another process could take meanwhile.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    fd, port = listener.fileno(), listener.getsockname()[1]
    config = place / "logging.json"
    config.write_text(json.dumps(log_config()))
    parts = [part.format(app=app, fd=fd, log_config=config) for part in command]
    with subprocess.Popen(
        [sys.executable, "-m", *parts],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PLACE": str(place),
            "HOME": str(place),
            **environment,
        },
        pass_fds=[fd],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        listener.close()
        server = Server(process, port, place)
        try:
            yield server
        finally:
            server.kill()


def wrk():
    """Return the path of wrk; where everything has to be checked, it must be there."""
    found = shutil.which("wrk")
    if found is None and "CI" in os.environ:
        pytest.fail("wrk is not installed: apt-get install wrk")
    if found is None:
        pytest.skip("wrk is not installed")
    return found


CONNECTIONS = 32


def start_load(server, seconds=2):
    """Begin to load *server*, when it is up, with as many requests as it can take."""
    server.wait_for(server.answers)
    command = [wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", server.url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def start_load_of_each_worker(server):
    """Begin to load each worker over connections of its own, however the kernel would spread them."""
    clients = []
    for worker in server.workers():
        with server.only(worker):
            clients.append(start_load(server))
            server.wait_for(lambda worker=worker: server.tally(worker) > CONNECTIONS)
    return clients


def answers_of(client):
    """Wait for the end of a load, and return how many answers the client has counted."""
    printed = client.communicate(timeout=SECONDS)[0]
    assert "Non-2xx" not in printed, printed
    return int(re.search(r"(\d+) requests in", printed)[1])


def load(server):
    """Load *server*, and return how many answers the client has counted."""
    return answers_of(start_load(server, seconds=1))


def of_requests(records):
    """Return the records of requests only."""
    return [record for record in records if record["label"].startswith("http/")]


def by_process(records):
    """Return the records of each process; the first line of a request names it."""
    process = {record["label"]: record["process"] for record in records if "process" in record}
    processes = defaultdict(list)
    for record in records:
        processes[process[record["label"]]].append(record)
    return list(processes.values())


def access_lines(records):
    """Return those that tell how a request went."""
    return [record for record in records if "duration" in record]


def scattered(records):
    """Return the labels whose lines are not all together."""
    runs = [label for label, _ in groupby(record["label"] for record in records)]
    return sorted(label for label, times in Counter(runs).items() if times > 1)
