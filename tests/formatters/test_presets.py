"""Ready-made layouts."""

from __future__ import annotations

import time

import pytest

from asynclog.formatters import DEFAULT, MUDUO, MUDUO_LOCAL, PROXMOX, SYSLOG, PatternFormatter
from asynclog.records import Caller, Origin
from tests.making import record

ORIGIN = Origin(4013, "app", 1, 77, "main", None)
CALLER = Caller("/srv/test.py", 75, "Client.fetch")


def _line(preset, level=20, attributes=None):
    one = record("Hello", level, "ct/1", origin=ORIGIN, caller=CALLER, attributes=attributes)
    one.time_ns = 1_646_558_144_681_220_000
    return PatternFormatter(preset).format(one)


def test_the_default_has_time_level_label_and_message():
    """In columns."""
    assert _line(DEFAULT) == "2022-03-06 09:15:44.681220 INFO     [ct/1]: Hello"


def test_the_default_shows_attributes_behind_the_message():
    """Where there are any."""
    assert _line(DEFAULT, attributes={"a": 1, "b": "x"}).endswith("Hello a=1 b=x")


def test_proxmox_has_label_and_message():
    """No more."""
    assert _line(PROXMOX) == "[ct/1]: Hello"


def test_syslog_has_the_time_of_the_day(monkeypatch):
    """As syslog's files show it, without a host."""
    assert _line(SYSLOG).endswith("44 app[4013]: [ct/1] Hello")


@pytest.mark.parametrize(
    ("level", "attributes", "rest"),
    [
        (30, None, "WARN  Hello"),
        (50, None, "FATAL Hello"),
        (10, None, "DEBUG Client.fetch Hello"),
        (40, {"errno": 2}, "ERROR No such file or directory (errno=2) Hello"),
        (40, {"errno": 0}, "ERROR Hello"),
        (40, {"errno": "x"}, "ERROR Hello"),
        (40, {"errno": 10**30}, "ERROR Hello"),
    ],
)
def test_muduo_shows_functions_and_errors(level, attributes, rest):
    """The function below INFO, the error where there is one."""
    line = _line(MUDUO, level, attributes)

    assert line == f"20220306 09:15:44.681220Z    77 {rest} - test.py:75"


def test_muduo_has_a_form_for_local_time(monkeypatch):
    """The same, with the local zone's time, and no Z."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "<+08>-8")
        time.tzset()
        line = _line(MUDUO_LOCAL, 30, None)
    time.tzset()

    assert line == "20220306 17:15:44.681220    77 WARN  Hello - test.py:75"


def test_muduo_needs_the_caller():
    """For file, line and function."""
    assert PatternFormatter(MUDUO).needs_caller


def test_muduo_goes_without_a_caller():
    """Where the record has none."""
    assert PatternFormatter(MUDUO).format(record(level=10)).endswith("DEBUG text - -:-")


def test_names_of_severities_can_be_replaced():
    """In a preset too."""
    line = PatternFormatter(MUDUO, severity={20: "info"}).format(record())

    assert " info  text" in line
