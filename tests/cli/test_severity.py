"""Tests of asynclog.cli.severity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog import levels
from asynclog.cli.severity import recognise

TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL = (
    levels.Level[name] for name in ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("ERROR", ERROR),
        ("ERROR: no such table", ERROR),
        ("2026-11-21 10:15:44,681 WARNING root: low on space", WARNING),
        ("20261121 09:15:44.681220Z  4013 WARN  Hello - test.py:75", WARNING),
        ("INFO:     Started server process [4013]", INFO),
        ("npm ERR! code ENOENT", ERROR),
        ("2026-11-21 10:15:44 FATAL, giving up", CRITICAL),
        ("10:15:44 \x1b[1;31mERROR\x1b[0m in colour", ERROR),
    ],
)
def test_a_word_in_capitals_that_stands_alone(line, level):
    """Wherever it stands near the start of the line."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("[warn] 4 workers busy", WARNING),
        ("2026/11/21 10:15:44 [error] 31#31: *1 open() failed", ERROR),
        ("nginx: [emerg] bind() failed", CRITICAL),
        ("10:15:44 | DEBUG    | app:main:3 - hello", DEBUG),
        ("(Info) ready", INFO),
        ("<trace> enter", TRACE),
        ("[ notice ] reloaded", INFO),
    ],
)
def test_a_word_in_brackets(line, level):
    """In capitals or not."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("level=info msg=ready", INFO),
        ('time="2026-11-21T10:15:44Z" level="warning" msg="slow"', WARNING),
        ("ts=10:15 severity=CRITICAL up=0", CRITICAL),
        ("lvl=dbg x=1", DEBUG),
    ],
)
def test_a_pair_of_key_and_value(line, level):
    """With quotes or without."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("error: pathspec 'x' did not match", ERROR),
        ("main.c:3:5: warning: unused variable 'x'", WARNING),
        ("error[E0308]: mismatched types", ERROR),
        ("panic: runtime error: index out of range", CRITICAL),
        ("Warning: the file is old", WARNING),
    ],
)
def test_a_word_followed_by_a_colon(line, level):
    """As compilers and shells write it, at the start or behind the place."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"error","msg":"INFO"}', ERROR),
        ('{"msg": "ok", "level" : "Info"}', INFO),
        ('  {"severity":"WARNING"}', WARNING),
        ('{"log.level":"debug"}', DEBUG),
        ('{"levelname": "CRITICAL"}', CRITICAL),
        ('{"level":30,"time":1}', INFO),
        ('{"level":60}', CRITICAL),
    ],
)
def test_a_member_of_a_json_object(line, level):
    """By name, or by number from 10 for trace to 60 for fatal."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("<3>disk failed", ERROR),
        ("<0>", CRITICAL),
        ("<30>Nov 21 10:15:44 host app: INFO is not the level", INFO),
        ("<191>last", DEBUG),
    ],
)
def test_a_priority_of_syslog(line, level):
    """The facility does not matter."""
    assert recognise(line) is level


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ready",
        "no errors found",
        "an error occurred",
        "/usr/share/doc/ERROR/info",
        "ERROR_CODES are listed here",
        "<192>not a priority",
        '{"message":"error"}',
        '{"text":"\\"level\\":\\"error\\""}',
        '{"level":0}',
        '{"level":99}',
        "sealevel=warn",
        "x" * 300 + " ERROR",
    ],
)
def test_nothing_is_recognised_where_nothing_is_said(line):
    """A word inside a sentence, a path or another word is none."""
    assert recognise(line) is None


def test_the_first_of_several_counts():
    """What follows belongs to the message."""
    assert recognise("INFO request answered with [error] level=fatal") is INFO


@given(st.text())
def test_any_text_is_accepted(line):
    """Whatever a program writes, the answer is a level or none."""
    assert recognise(line) in {None, *levels.Level}


@given(st.sampled_from(sorted(levels.Level.__members__)), st.text(alphabet="abc 123", max_size=20))
def test_every_name_of_a_level_is_known(name, text):
    """asynclog understands its own words."""
    assert recognise(f"{name} {text}") is levels.Level[name]
