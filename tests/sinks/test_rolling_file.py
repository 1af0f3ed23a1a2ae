"""The sink of a rolling file."""

from __future__ import annotations

import asyncio
import gzip
import signal
from datetime import UTC, datetime, timedelta

import pytest

from asynclog.records import Batch, Record
from asynclog.sinks import RollingFileSink
from asynclog.sinks.naming import TimestampNaming
from asynclog.sinks.rolling_file import parse_naming
from asynclog.testing import ManualClock, check_sink


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


@pytest.fixture
def path(tmp_path):
    """Return where the log is to be."""
    return tmp_path / "app.log"


async def test_it_keeps_the_promises_of_a_sink(path):
    """And has written every line once, over several files."""
    await check_sink(RollingFileSink(path, size=30, names="number"))
    files = [path.with_name(f"app.log.{number}") for number in (1, 2, 3)] + [path]
    assert "".join(file.read_text() for file in files) == "".join(f"check {i}\n" for i in range(10))


async def test_archives_are_named_compressed_and_removed(path):
    """By the time at which they were begun, in UTC."""
    clock = ManualClock(int(datetime(2022, 3, 6, 9, 15, 44, tzinfo=UTC).timestamp()) * 10**9)
    sink = RollingFileSink(path, size=4, keep_files=2, compression="gzip", clock=clock)
    for line in ("aaa", "bbb", "ccc", "ddd"):
        await sink.write(batch_of(line))
        clock.advance(1)
    await sink.aclose()
    naming = parse_naming("timestamp", path, UTC)
    archives = sorted(filter(None, (naming.parse(file.name) for file in path.parent.iterdir())))
    texts = [gzip.decompress((path.parent / one.name).read_bytes()) for one in archives]
    stamps = [one.name.split(".")[1] for one in archives]
    assert (stamps, texts) == (["20220306-091545", "20220306-091546"], [b"bbb\n", b"ccc\n"])
    assert path.read_text() == "ddd\n"


async def test_a_record_of_several_lines_is_not_cut(path):
    """It is in one file, whole."""
    sink = RollingFileSink(path, size=10, names="number")
    await sink.write(batch_of("a", "trace:\n  back", "b"))
    await sink.aclose()
    texts = [path.with_name(name).read_text() for name in ("app.log.1", "app.log.2", "app.log")]
    assert texts == ["a\n", "trace:\n  back\n", "b\n"]


@pytest.mark.virtual
async def test_an_idle_file_is_rolled_in_time(path):
    """Without a line being written."""
    loop = asyncio.get_running_loop()
    sink = RollingFileSink(path, every=timedelta(hours=1), names="number", clock=loop)
    loop.threads_at_work = 1
    await sink.open()
    await sink.write(batch_of("a"))
    loop.threads_at_work = 0
    await asyncio.sleep(3601)
    loop.threads_at_work = 1
    await sink.aclose()
    assert (path.with_name("app.log.1").read_text(), path.read_text()) == ("a\n", "")


@pytest.mark.virtual
async def test_trouble_with_an_idle_file_is_told(path, monkeypatch, capsys):
    """There is no caller to whom it could be raised."""
    loop = asyncio.get_running_loop()
    sink = RollingFileSink(path, every="hour", clock=loop)
    path.touch()
    monkeypatch.setattr("asynclog.sinks.opening.Place.open", _refuse)
    await sink.open()
    await asyncio.sleep(3601)
    loop.threads_at_work = 1
    await sink.aclose()
    assert f"RollingFileSink({str(path)!r}): no" in capsys.readouterr().err


def _refuse(*_):
    raise PermissionError("no")


async def test_without_a_period_no_timer_is_set(path):
    """Nothing will be due."""
    sink = RollingFileSink(path, size=1)
    await sink.open()
    assert sink._timer is None
    await sink.aclose()


async def test_a_hangup_opens_the_file_anew(path):
    """And does not end the process."""
    sink = RollingFileSink(path, every="day", reopen_on_hangup=True)
    await sink.open()
    await sink.write(batch_of("a"))
    signal.raise_signal(signal.SIGHUP)
    await sink.write(batch_of("b"))
    await sink.aclose()
    assert path.read_text() == "a\nb\n"


async def test_a_link_is_resolved(path, tmp_path):
    """It is not the link that is put away."""
    (tmp_path / "data").mkdir()
    path.symlink_to("data/real.log")
    sink = RollingFileSink(path, size=2, names="number")
    await sink.write(batch_of("a", "b"))
    await sink.aclose()
    assert path.is_symlink()
    assert {file.name: file.read_text() for file in (tmp_path / "data").iterdir()} == {
        "real.log.1": "a\n",
        "real.log": "b\n",
    }


def test_names_are_made_of_the_file_s_own(path):
    """Suffix last, so that it opens with the same programs."""
    assert parse_naming("number", path, UTC).next_name(0, ()) == "app.log.1"
    name = parse_naming("timestamp", path, UTC).next_name(0, ())
    assert name.startswith("app.19700101-000000.")
    assert name.endswith(".log")


def test_local_names_carry_their_offset(path):
    """As `utc=False` has them."""
    naming = RollingFileSink(path, every="day", utc=False)._archives._naming
    assert isinstance(naming, TimestampNaming)
    assert naming.next_name(0, ()).split(".")[1][15] in "+-"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("size", 0),
        ("size", "10 MB"),
        ("every", "week"),
        ("every", -1),
        ("names", "date"),
        ("keep_files", -1),
        ("keep_age", 0),
        ("keep_size", "x"),
        ("compression", "zip"),
        ("flush", -1),
        ("mode", "0644"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(path, option, value):
    """With its value, when the sink is made."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        RollingFileSink(path, **{"size": "1MB", option: value})


def test_without_size_and_period_it_is_refused(path):
    """It would never roll, and nobody who asks for it wants that."""
    with pytest.raises(ValueError, match=r"^size, every: expected at least one, .* got None;"):
        RollingFileSink(path, keep_files=5)


def test_placeholders_are_refused(tmp_path):
    """Rather than be taken for a name with braces."""
    with pytest.raises(ValueError, match="expected no placeholders"):
        RollingFileSink(tmp_path / "{tenant}.log")
    assert RollingFileSink(tmp_path / "{{x}}.log", size=1).path.name == "{x}.log"


def test_a_directory_is_refused(tmp_path):
    """When the sink is made, not at the first line."""
    with pytest.raises(ValueError, match="got the directory"):
        RollingFileSink(tmp_path)


def test_repr_names_the_file(path):
    """For messages about the sink."""
    assert repr(RollingFileSink(path, size=1)) == f"RollingFileSink({str(path)!r})"
