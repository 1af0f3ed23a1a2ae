"""Servers of several processes: parents that log nothing, children that come and go."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from asynclog.integrations.asgi import log_config

from .serving import (
    GUNICORN,
    GUNICORN_ALONE,
    HERE,
    HYPERCORN,
    HYPERCORN_ALONE,
    UVICORN,
    access_lines,
    of_requests,
    serving,
)

pytestmark = pytest.mark.slow
WORKERS = pytest.mark.parametrize(
    "command",
    [
        [*UVICORN, "--workers", "2"],
        [*HYPERCORN, "-w", "2"],
        [*GUNICORN, "-w", "2"],
        [*GUNICORN, "-w", "2", "--preload"],
    ],
    ids=["uvicorn", "hypercorn", "gunicorn", "gunicorn preload"],
)


def check(server, printed, answers):
    """Check that each request was logged once, and each line of the server written once."""
    records = server.log()
    assert len(access_lines(records)) == answers == server.tally()
    assert len(of_requests(records)) == 3 * answers
    written = [record["message"] for record in records if not record["label"].startswith("http/")]
    starts = re.findall(r"Started server process \[\d+\]", "\n".join([printed, *written]))
    assert set(Counter(starts).values()) <= {1}


@WORKERS
def test_workers_have_a_logger_each(tmp_path, command):
    """All end in time, and none writes what another has written."""
    with serving(tmp_path, command) as server:
        server.wait_for(lambda: len(server.workers()) == 2)
        for _ in range(20):
            server.get()
        printed = server.stop()
        check(server, printed, 20)
    assert server.process.returncode == 0


@pytest.mark.parametrize(
    "command",
    [[*UVICORN, "--workers", "2"], [*GUNICORN, "-w", "2"]],
    ids=["uvicorn", "gunicorn"],
)
def test_the_parent_tells_at_once_where_it_listens(tmp_path, command):
    """It has no logger, and its lines do not wait for one."""
    with serving(tmp_path, command) as server:
        server.wait_for(lambda: len(server.workers()) == 2)
        printed = server.stop()
    assert re.search("Listening at|[Rr]unning on", printed), printed


def test_a_service_that_is_reloaded_goes_on_in_the_same_log(tmp_path):
    """The old process writes all it has, the new one goes on."""
    source = tmp_path / "source"
    source.mkdir()
    copy = Path(shutil.copy(HERE / "services.py", source))
    command = [*UVICORN, "--reload", "--reload-delay", "0.05"]
    with serving(tmp_path, command, cwd=source) as server:
        server.get()
        copy.write_text(copy.read_text() + "# changed\n")
        server.wait_for(lambda: len(server.workers()) == 2)
        server.get()
        printed = server.stop()
        check(server, printed, 2)


@pytest.mark.parametrize(
    ("command", "option"),
    [(GUNICORN_ALONE, "--config={}"), (HYPERCORN_ALONE, "--config=file:{}")],
    ids=["gunicorn", "hypercorn"],
)
def test_a_server_may_be_configured_by_a_file_of_its_own(tmp_path, command, option):
    """Written in Python, with one line for asynclog."""
    file = tmp_path / "configuration.py"
    file.write_text(
        f"from {log_config.__module__} import log_config\nlogconfig_dict = log_config()"
    )
    with serving(tmp_path, [*command, option.format(file)]) as server:
        server.wait_for(server.answers)
        server.stop()
        told = {record["label"] for record in server.log()}
    assert any(label.startswith(("gunicorn", "hypercorn", "uvicorn")) for label in told), told


def test_lines_of_the_server_are_in_the_log(tmp_path):
    """From the opening of the logger on; a traceback that a request has told is not among them."""
    with serving(tmp_path, UVICORN) as server:
        server.get()
        with pytest.raises(OSError):
            server.get("/boom")
        printed = server.stop()
        records = server.log()
    assert "Started server process" in printed
    assert "Traceback" not in printed
    own = [record["message"] for record in records if record["label"] == "uvicorn.error"]
    assert own[0] == "Application startup complete."
    assert own[-1].startswith("Finished server process")
    assert "Exception in ASGI application\n" not in own
