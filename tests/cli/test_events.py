"""Tests of asynclog.cli.events."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time

import msgspec
import pytest
from click.testing import CliRunner

from asynclog.central.event import with_sources
from asynclog.central.stores import Delivery, Drop, open_store
from asynclog.cli.app import app
from asynclog.tracebacks import capture
from tests.central.stores.deliveries import delivery, event, row


@pytest.fixture(name="url")
def _url(tmp_path):
    """A store with two groups: a hundred of one, an hour ago, and one of another with a traceback."""
    url = f"sqlite:///{tmp_path}/events.db"
    asyncio.run(_fill(url))
    return url


async def _fill(url):
    now = int(time.time())
    store = open_store(url)
    for number in range(10):
        one = event("1-aaa", now - 3600 + number, message=f"lost {number}", template="lost {}")
        await store.deliver(delivery(one, repeats=10))
    try:
        int("no\nnumber")
    except ValueError as error:
        info = with_sources(capture(error))
    bad = msgspec.structs.replace(
        event("1-bbb", now, message="bad\x1b[31m", level=50),
        exception=info,
        attributes={"size": 7},
    )
    await store.deliver(
        Delivery([row(bad)], {"1-bbb": bad}, [Drop("test:0", 0, "dropped_server:20", "", 5)])
    )
    await store.aclose()


def run(*arguments):
    """Return what the command does."""
    return CliRunner().invoke(app, ["events", *map(str, arguments)])


def test_groups_are_listed(url):
    """The one that was seen last comes first; what was dropped is told on stderr."""
    done = run(url)
    _, first, second = done.stdout.splitlines()

    assert done.exit_code == 0
    assert "CRITICAL  1-bbb" in first
    assert first.endswith("bad\\x1b[31m")
    assert second.split()[2:5] == ["100", "ERROR", "1-aaa"]
    assert done.stderr == "5 events dropped_server:20\n"


def test_groups_by_count(url):
    """The most frequent first, as JSON."""
    first, _ = map(json.loads, run(url, "--by", "count", "--json").stdout.splitlines())

    assert (first["group"], first["total"], first["level_name"]) == ("1-aaa", 100, "ERROR")
    assert sum(first["counts"]) == 100


@pytest.mark.parametrize(
    "chosen",
    [["--since", "30m"], ["--level", "critical"], ["--grep", "BAD"], ["--limit", "1"]],
)
def test_groups_are_chosen(url, chosen):
    """By time, level, text and number; `list` may be said or not."""
    plain, said = run(url, *chosen, "--json"), run(url, "list", *chosen, "--json")

    assert [json.loads(line)["group"] for line in plain.stdout.splitlines()] == ["1-bbb"]
    assert plain.stdout == said.stdout


def test_one_group_is_shown(url):
    """With its events, their attributes and the traceback, each on lines of its own."""
    output = run(url, "show", "1-b").stdout

    assert "group:      1-bbb" in output
    assert "    size = 7\n" in output
    assert "    Traceback (most recent call last):\n" in output
    assert "    ValueError: invalid literal for int() with base 10: 'no\\nnumber'\n" in output


def test_one_group_as_json(url):
    """One object for each event."""
    found = [json.loads(line) for line in run(url, "show", "1-a", "--json").stdout.splitlines()]

    assert [one["message"] for one in found] == ["lost 9", "lost 8", "lost 7", "lost 0"]


def test_the_latest_are_shown_in_order(url):
    """With how often each came."""
    lines = run(url, "tail", "-n", 2).stdout.splitlines()

    assert lines[0].endswith("ERROR    [db]: lost 9 (x10)")
    assert "CRITICAL [db]: bad" in lines[1]


def test_following_shows_what_comes(url):
    """As `tail -f` does."""
    command = [sys.executable, "-m", "asynclog", "events", url, "tail", "-f", "-n", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        asyncio.run(_add(url))
        following = json.loads(process.stdout.readline())
        process.kill()

    assert following["message"] == "new"


async def _add(url):
    store = open_store(url)
    await store.deliver(delivery(event("1-new", int(time.time()), message="new"), batch="new"))
    await store.aclose()


def test_a_store_is_made_smaller(url, tmp_path):
    """What was done is told."""
    done = run(url, "prune", "--older-than", "30d", "--roll-up", "30m")

    assert done.stdout.splitlines()[0] == "removed: 0 rows with 0 events"
    with sqlite3.connect(tmp_path / "events.db") as connection:
        ((seconds,),) = connection.execute("select sum(repeats) from events")
        ((minutes,),) = connection.execute("select sum(repeats) from minutes")
    connection.close()
    assert seconds + minutes == 101
    assert minutes > 0


@pytest.mark.parametrize(
    "arguments",
    [["--grep", "nothing"], ["tail", "--grep", "nothing"], ["show", "2"]],
)
def test_nothing_found_is_status_1(url, arguments):
    """As with grep."""
    done = run(url, *arguments)

    assert (done.exit_code, done.stdout) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "soon"], "expected a time such as 90s"),
        (["--level", "loud"], "expected a whole number or one of TRACE"),
        (["--limit", "0"], "expected a whole number from 1 up"),
        (["show", "1"], "expected the beginning of one group, got '1': 1-aaa, 1-bbb"),
        (["prune"], "expected --older-than, --roll-up, or both"),
        (["nothing"], "No such command"),
    ],
)
def test_wrong_use_is_status_2(url, arguments, told):
    """And says what is allowed."""
    done = run(url, *arguments)

    assert done.exit_code == 2
    assert told in done.stderr.replace("\n", " ")


def test_a_password_is_not_shown():
    """Whatever is wrong with the URL."""
    for url in ("mysql://me:secret@db/x", "postgresql://me:secret@127.0.0.1:1/x"):
        done = run(url)
        assert (done.exit_code, "secret" in done.stderr) == (2, False)


def test_a_missing_file_is_told_in_one_line(tmp_path):
    """And not made."""
    process = subprocess.run(
        [sys.executable, "-m", "asynclog", "events", f"sqlite:///{tmp_path}/x.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = f"asynclog events STORE list: {tmp_path}/x.db: there is no such file\n"
    assert (process.returncode, process.stderr) == (2, told)
