"""Tests of asynclog.cli.gather, with a real server."""

import signal
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from asynclog.central.connection import connect
from asynclog.central.scripts import Scripts
from asynclog.central.tally import GathererStatistics
from asynclog.cli.app import app
from asynclog.cli.gather import summary
from tests.central.producing import fill
from tests.central.servers import Server, wait_until

COMMAND = [sys.executable, "-m", "asynclog", "gather"]
QUICK = ["--horizon", "0", "--grace", "0"]


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(name="produced")
async def _produced(server):
    """The number of events in the server."""
    server.client.flushall()
    connection = connect(server.url)
    count = await fill(Scripts(connection), 3, {"a": 5, "b": 1})
    await connection.aclose()
    return count


def events_in(path):
    """Return the events in a store."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return connection.execute("select sum(repeats) from events").fetchone()[0] or 0
    except sqlite3.OperationalError:  # the tables are not there yet
        return 0
    finally:
        connection.close()


def test_everything_is_gathered_once(server, produced, tmp_path):
    """Then it ends, and tells what it did."""
    store = f"sqlite:///{tmp_path}/events.db"
    command = [*COMMAND, server.url, store, "--once", *QUICK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "18 events, 6 rows, 3 batches\n"
    assert events_in(tmp_path / "events.db") == produced


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(server, produced, tmp_path, ending):
    """What was gathered is in the store."""
    path = tmp_path / "events.db"
    command = [*COMMAND, server.url, f"sqlite:///{path}", *QUICK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: events_in(path) == produced)
        process.send_signal(ending)
        output, _ = process.communicate()

    assert (process.returncode, output) == (0, "18 events, 6 rows, 3 batches\n")


def test_batches_that_were_put_aside_are_requeued(server, produced, tmp_path):
    """On demand."""
    arguments = [server.url, f"sqlite:///{tmp_path}/events.db", "--once", "--requeue", *QUICK]
    done = CliRunner().invoke(app, ["gather", *arguments])

    assert done.stdout.splitlines()[0] == "requeued: 0 batches"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["http://me:secret@x", "sqlite:///x.db"], "url: expected one of redis://"),
        (["redis://x", "mysql://me:secret@x"], "store: expected sqlite:///PATH"),
        (["redis://x", "sqlite:///x.db", "--lease", "0"], "lease: expected a span above zero"),
        (["redis://x", "sqlite:///x.db", "--shards", "0"], "a whole number from 1 up"),
        (["redis://x"], "Missing argument 'STORE'"),
    ],
)
def test_wrong_use_is_told(arguments, told):
    """In one line, without a password."""
    done = CliRunner().invoke(app, ["gather", *arguments])

    assert done.exit_code == 2
    assert told in done.stderr
    assert "secret" not in done.stderr


def test_a_wrong_password_ends_it(server, tmp_path):
    """It will not become right."""
    url = server.url.replace("://", "://me:secret@")
    done = CliRunner().invoke(app, ["gather", url, f"sqlite:///{tmp_path}/x.db"])

    assert done.exit_code == 2
    assert "secret" not in done.stderr


def test_what_should_not_be_is_told_only_where_it_is():
    """In few words."""
    account = GathererStatistics(events=1_200, rows=7, batches=2, dead=3)

    assert summary(account) == "1,200 events, 7 rows, 2 batches, 3 unreadable"
