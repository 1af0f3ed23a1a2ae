"""Tests of asynclog.config.reload."""

import asyncio
import os
import signal

import pytest

from asynclog.config import Registry, reloading
from asynclog.config import reload as module
from asynclog.config.loading import make_logger, read_config
from asynclog.config.reload import Follower
from asynclog.errors import ConfigError
from asynclog.sinks import MemorySink

HANDLER = """
[[root]]
formatter = {{ type = "string", pattern = "{message}" }}
sinks = [{{ type = "file", path = "{path}" }}]
"""
SOON = 0.01


def written(directory, name, before=""):
    """Write a configuration whose lines go to the file *name* beside it; return its path."""
    text = HANDLER.replace("{{", "{").replace("}}", "}").replace("{path}", str(directory / name))
    new = directory / "new.toml"
    new.write_text(before + text)
    new.replace(directory / "logging.toml")
    return directory / "logging.toml"


async def until(condition):
    """Return when *condition* holds; the test's own time limit is the other end."""
    while not condition():  # noqa: ASYNC110 - what is waited for is a file
        await asyncio.sleep(SOON)


def lines(path):
    """Return the lines in *path*, none where there is no file."""
    return path.read_text().splitlines() if path.exists() else []


async def test_a_changed_file_swaps_handlers_without_losing_a_line(tmp_path):
    """Every line is in one of the two files, in order."""
    path = written(tmp_path, "one.log")
    async with reloading(path, every=SOON) as builder:
        sender = builder.sender_with_label("a")
        number = 0
        while not (tmp_path / "two.log").exists():
            await sender.info(str(number := number + 1))
            await sender.flush()
            if number == 3:
                written(tmp_path, "two.log")
    both = lines(tmp_path / "one.log") + lines(tmp_path / "two.log")
    assert both == [str(one) for one in range(1, number + 1)]


async def test_a_hangup_has_the_file_read(tmp_path):
    """Long before it is looked at again."""
    path = written(tmp_path, "one.log")
    async with reloading(path, every=3600) as builder:
        written(tmp_path, "two.log")
        os.kill(os.getpid(), signal.SIGHUP)
        sender = builder.sender_with_label("a")
        while not (tmp_path / "two.log").exists():
            await sender.info("x")
            await sender.flush()
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


@pytest.mark.parametrize(
    ("text", "told_of"),
    [
        ('[[root]]\nsinks = [{ type = "fil", path = "x" }]\n', "root[0].sinks[0].type"),
        ('[asynclog.levels]\n"" = "DEBUG"\n', "asynclog.levels['']"),
    ],
)
async def test_a_broken_file_changes_nothing_and_is_told(text, told_of, tmp_path, capsys):
    """The handlers of before go on."""
    path = written(tmp_path, "one.log")
    async with reloading(path, every=SOON, on_hangup=False) as builder:
        path.write_text(text)
        told = []
        await until(lambda: told.append(capsys.readouterr().err) or told[-1])
        await builder.sender_with_label("a").info("still here")
    assert f"not reloaded: {path}: {told_of}: expected" in told[-1]
    assert lines(tmp_path / "one.log") == ["still here"]


async def test_levels_follow_the_file(tmp_path):
    """Those that it no longer names are taken back; those that the program set stay."""
    path = written(tmp_path, "one.log", '[asynclog]\nlevel = "INFO"\nlevels = {"db.*" = "DEBUG"}\n')
    async with reloading(path, every=SOON, environment={}) as builder:
        builder.set_level("ERROR", "own.*")
        pool, own = (builder.sender_with_label(one) for one in ("db.pool", "own.x"))
        web = builder.sender_with_label("web")
        assert [one._threshold.threshold for one in (pool, own, web)] == [10, 40, 20]
        written(tmp_path, "one.log", '[asynclog]\nlevel = "WARNING"\nlevels = {"web" = 5}\n')
        await until(lambda: web._threshold.threshold == 5)
        assert [one._threshold.threshold for one in (pool, own, web)] == [30, 40, 5]


async def test_a_file_that_is_gone_changes_nothing(tmp_path):
    """It may be about to be replaced."""
    path = written(tmp_path, "one.log")
    async with reloading(path, every=SOON) as builder:
        path.unlink()
        await asyncio.sleep(5 * SOON)
        await builder.sender_with_label("a").info("x")
    assert lines(tmp_path / "one.log") == ["x"]


async def test_a_file_that_is_being_written_is_left_alone(tmp_path, monkeypatch):
    """It is read, once, when two looks find the same."""
    looks, read_at = [], []

    def growing(_):
        looks.append(None)
        return 1, min(len(looks), 5), 1

    async def reload(_):
        read_at.append(len(looks))

    monkeypatch.setattr(module, "_stamp", growing)
    monkeypatch.setattr(Follower, "reload", reload)
    async with reloading(written(tmp_path, "one.log"), every=SOON, on_hangup=False):
        await until(lambda: len(looks) > 7)
    assert read_at == [6]


async def test_a_file_that_is_bad_at_first_opens_no_logger(tmp_path):
    """Nothing is there to fall back to."""
    path = tmp_path / "logging.json"
    path.write_text("{}")
    with pytest.raises(ConfigError, match="no such logger"):
        async with reloading(path):
            pytest.fail("a logger was opened")


async def test_under_load_no_line_is_lost_however_often_the_file_changes(tmp_path):
    """The account is exact, and every line is in one of the files, once."""
    path = written(tmp_path, "0.log")
    count = 0

    async def log(builder, name):
        nonlocal count
        sender = builder.sender_with_label(name)
        for number in range(2_000):
            await sender.info(f"{name} {number}")
            count += 1
            await asyncio.sleep(0)

    async with reloading(path, every=3600) as builder, asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(log(builder, name))
        for turn in range(1, 10):
            written(tmp_path, f"{turn}.log", "" if turn % 3 else "[[root")  # some are broken
            os.kill(os.getpid(), signal.SIGHUP)
            reached = count
            await until(lambda reached=reached: count >= min(reached + 300, 6_000))
    account = builder.statistics()
    found = [line for file in tmp_path.glob("*.log") for line in lines(file)]
    assert sorted(found) == sorted(f"{name} {number}" for name in "abc" for number in range(2_000))
    assert (account.accepted, account.emitted, account.dropped) == (6_000, 6_000, 0)


async def test_handlers_that_cannot_be_used_together_change_nothing(tmp_path, capsys):
    """A type that makes the same sink each time; the file is followed all the same."""
    shared, registry = MemorySink(), Registry(plugins=False)
    registry.add_sink("shared", lambda: shared)
    path = tmp_path / "logging.json"
    handler = '{"formatter": {"type": "json"}, "sinks": [{"type": "shared"}]}'
    path.write_text(f'{{"root": [{handler}]}}')
    async with reloading(path, every=SOON, registry=registry, on_hangup=False) as builder:
        path.write_text(f'{{"root": [{handler}, {handler}]}}')
        told = []
        await until(lambda: told.append(capsys.readouterr().err) or told[-1])
        await builder.sender_with_label("a").info("x")
    assert "not reloaded: handlers: expected each sink once" in told[-1]
    assert [record.message for record in shared.records] == ["x"]


async def test_a_file_that_changes_while_the_logger_closes_is_left_alone(tmp_path):
    """There is nothing to reload into."""
    path = written(tmp_path, "one.log")
    loaded = read_config(path)
    builder = await make_logger(loaded, "root").open()
    follower = Follower(builder, loaded, path, logger="root", registry=None, variables={})
    await builder.aclose()
    assert not await follower.reload()
