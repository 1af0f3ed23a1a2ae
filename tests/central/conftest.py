"""A server for all tests of this directory, empty at the beginning of each."""

import tempfile

import pytest

from asynclog.central.connection import connect
from asynclog.central.scripts import Scripts

from .databases import Postgres
from .servers import Server


@pytest.fixture(scope="session", name="running_server")
def _running_server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(name="server")
def _server(running_server):
    running_server.client.flushall()
    return running_server


@pytest.fixture(name="connection")
async def _connection(server):
    connection = connect(server.url)
    yield connection
    await connection.aclose()


@pytest.fixture(name="scripts")
def _scripts(connection):
    return Scripts(connection)


@pytest.fixture(scope="session", name="running_postgres")
def _running_postgres():
    # Not in pytest's directory: the path of a socket has no more than about 100 characters.
    with tempfile.TemporaryDirectory(prefix="pg") as directory:
        postgres = Postgres(directory)
        yield postgres
        postgres.stop()


@pytest.fixture(name="postgres")
def _postgres(running_postgres):
    """A server of databases, and an empty database in it."""
    running_postgres.renew()
    return running_postgres


@pytest.fixture(name="sqlite_url")
def _sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/events.db"


@pytest.fixture(name="store_url", params=["sqlite", "postgresql"])
def _store_url(request):
    """The URL of an empty store, of each kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgres").url
