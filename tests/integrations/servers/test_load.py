"""Under load by wrk, each request has its lines together, and one that tells how it went."""

from collections import Counter

import pytest

from .serving import (
    CONNECTIONS,
    GUNICORN,
    HYPERCORN,
    SECONDS,
    UVICORN,
    access_lines,
    answers_of,
    by_process,
    load,
    of_requests,
    scattered,
    serving,
    start_load,
    start_load_of_each_worker,
)

pytestmark = pytest.mark.slow


def check(server, answers, workers=1):
    """Check that what was logged is what has happened, with one load for each worker."""
    records = of_requests(server.log())
    assert [scattered(own) for own in by_process(records)] == [[]] * workers
    assert set(Counter(record["label"] for record in records).values()) == {3}
    told = access_lines(records)
    assert len(told) == server.tally() == len({record["label"] for record in told})
    assert answers < len(told) <= answers + workers * (1 + CONNECTIONS)


@pytest.mark.parametrize("app", ["services:starlette", "services:api"])
def test_uvicorn(tmp_path, app):
    """Serving Starlette, and FastAPI with its threads."""
    with serving(tmp_path, UVICORN, app) as server:
        answers = load(server)
        server.stop()
        check(server, answers)


def test_hypercorn(tmp_path):
    """Which tells of requests, and of their ends, in its own way."""
    with serving(tmp_path, HYPERCORN) as server:
        answers = load(server)
        server.stop()
        check(server, answers)


def test_gunicorn_with_two_workers_on_one_rolling_file(tmp_path):
    """Each with a logger and a load of its own; the file is rolled many times meanwhile."""
    with serving(tmp_path, [*GUNICORN, "-w", "2"], ROLL="20kB") as server:
        server.wait_for(lambda: len(server.workers()) == 2)
        answers = sum(answers_of(client) for client in start_load_of_each_worker(server))
        server.stop()
        assert len(list(tmp_path.glob("log.*"))) > 2
        check(server, answers, workers=2)


@pytest.mark.parametrize(
    "command",
    [UVICORN, HYPERCORN, [*GUNICORN, "-w", "2"]],
    ids=["uvicorn", "hypercorn", "gunicorn"],
)
def test_sigterm_in_the_middle_of_load_loses_no_line(tmp_path, command):
    """What has reached the application is in the file when the process has ended."""
    with serving(tmp_path, command) as server:
        with start_load(server) as client:
            server.wait_for(lambda: server.tally() > 100)
            server.stop()
            client.communicate(timeout=SECONDS)
        records = of_requests(server.log())
    assert [label for own in by_process(records) for label in scattered(own)] == []
    assert len(access_lines(records)) == server.tally()
    assert sum(record["message"] == "begin" for record in records) == server.tally()
    assert client.returncode == 0
