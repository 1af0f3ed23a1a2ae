"""The original system of central events: what was counted by second and group comes out so."""

import pytest

from tests.conformance import adapter

SECOND_US = 1_000_000


def _record(message, second, severity=40):
    return {
        "timestamp_us": 1_700_000_000 * SECOND_US + second * SECOND_US + 250_000,
        "severity": severity,
        "message": message,
        "attributes": [],
        "process": {"pid": 1, "name": "p"},
        "thread": {"id": 1, "lwp": 1, "name": "t"},
    }


@pytest.mark.parametrize("burst", [1, 1000])
def test_a_burst_is_one_row_with_its_count(server, tmp_path, burst):
    """For each second and group."""
    events = [_record("db down", 0)] * burst + [_record("disk full", 0)] + [_record("db down", 2)]

    rows = adapter.central_roundtrip(server.url, f"sqlite:///{tmp_path}/events.db", events)

    down, full = (adapter.fingerprint(_record(text, 0)) for text in ("db down", "disk full"))
    first = 1_700_000_000
    assert sorted(rows) == sorted([(first, down, burst), (first, full, 1), (first + 2, down, 1)])
