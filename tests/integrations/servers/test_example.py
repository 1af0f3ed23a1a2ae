"""The example of the documentation, run as its first lines say."""

import json
import urllib.error
import urllib.request

import pytest

from .serving import ROOT, serving

pytestmark = pytest.mark.slow
NOTES = ROOT / "docs/examples/notes"
COMMAND = ["uvicorn", "{app}", "--fd", "{fd}", "--no-access-log"]


def post(server, text, **headers):
    """Add a note."""
    request = urllib.request.Request(
        f"{server.url}/notes",
        data=json.dumps({"text": text}).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer), answer.headers["x-request-id"]


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory):
    """What the service has logged: (label, message) of each line, in their order."""
    place = tmp_path_factory.mktemp("notes")
    with serving(place, COMMAND, "service:app", cwd=NOTES, LOGS=str(place)) as server:
        with pytest.raises(urllib.error.HTTPError):
            server.get("/report")
        assert post(server, "milk and bread", **{"X-Request-ID": "my-first"}) == (
            {"number": 1},
            "my-first",
        )
        server.get("/report")
        server.stop()
    records = [json.loads(line) for line in (place / "notes.log").read_text().splitlines()]
    return [(record["label"], record["message"]) for record in records]


def test_the_lines_of_a_request_are_together_to_the_end_of_its_background_task(lines):
    """Under the id that the client has chosen."""
    assert [message for label, message in lines if label == "http/my-first"] == [
        "stored note 1",
        "POST /notes 201",
        "indexed note 1",
    ]


def test_what_a_thread_logs_with_logging_belongs_to_its_request(lines):
    """The second report; the first has failed."""
    reports = [label for label, message in lines if message == "report over 1 notes"]
    (label,) = reports
    assert (label, "GET /report 200") in lines


def test_a_failure_is_told_once(lines):
    """By the middleware, and not by the server again."""
    assert [message for _, message in lines if "/report 500" in message] == [
        "GET /report 500 failed"
    ]
    assert not [message for _, message in lines if "Exception in ASGI" in message]


def test_the_life_of_the_service_is_in_the_log(lines):
    """From the start, with what the server has to say of it."""
    assert ("lifespan", "store is open") in lines
    assert ("lifespan", "1 notes at the end") in lines
    assert ("uvicorn.error", "Application startup complete.") in lines
