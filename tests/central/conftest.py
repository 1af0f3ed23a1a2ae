"""A server for all tests of this directory, empty at the beginning of each."""

import pytest

from asynclog.central.connection import connect
from asynclog.central.scripts import Scripts

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
