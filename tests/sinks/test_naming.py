"""What archives are called."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks.naming import NumberNaming, TimestampNaming, log_file_name

TIME = 1_646_558_144
BERLIN = ZoneInfo("Europe/Berlin")


def stamped(zone=UTC, host="host"):
    """Return the naming of `app.log` in process 7."""
    return TimestampNaming("app", ".log", host, 7, zone)


def test_a_name_holds_time_host_and_process():
    """In the manner of muduo."""
    assert log_file_name("base", TIME * 10**9, "host", 4013) == "base.20220306-091544.host.4013.log"


def test_a_local_time_carries_its_offset():
    """The hour that comes twice in autumn has two names."""
    before, after = 1_667_089_800, 1_667_093_400
    names = [log_file_name("b", t * 10**9, "h", 1, zone=BERLIN) for t in (before, after)]
    assert names == ["b.20221030-023000+0200.h.1.log", "b.20221030-023000+0100.h.1.log"]


def test_the_zone_of_this_machine_can_be_used():
    """It carries its offset too."""
    name = log_file_name("b", TIME * 10**9, "h", 1, zone=None)
    assert TimestampNaming("b", ".log", "h", 1).parse(name).order == (TIME, 0)


def test_a_host_cannot_lead_elsewhere():
    """A slash in it is no directory."""
    assert log_file_name("b", 0, "../h:1", 1) == "b.19700101-000000..._h_1.1.log"


def test_names_of_one_second_are_numbered():
    """Whether the one before is compressed, or being compressed."""
    first = "app.20220306-091544.host.7.log"
    naming, taken = stamped(), {first + ".gz", "app.20220306-091544.host.7.1.log.zst.tmp"}
    assert naming.next_name(TIME * 10**9, ()) == first
    assert naming.next_name(TIME * 10**9, taken) == "app.20220306-091544.host.7.2.log"


@pytest.mark.parametrize(
    "name",
    [
        "app.log",
        "app.log-secret",
        "app.20220306-091544.host.7.log.bak",
        "app.20220306-091544.host.7.log.gz.tmp",
        "app.20220306-091544.other.7.log",
        "app.20221306-091544.host.7.log",
        "app.20220306-091544.host.x.log",
        "xapp.20220306-091544.host.7.log",
        "app.20220306-091544.host.7.log\n",
        "app.20220306-091544+9999.host.7.log",
        "app.notes.log",
    ],
)
def test_a_foreign_name_is_not_an_archive(name):
    """Retention never touches it."""
    assert stamped().parse(name) is None


def test_an_archive_of_another_process_is_known():
    """After a restart its age still counts."""
    found = stamped().parse("app.20220306-091544.host.99.3.log.gz")
    assert (found.order, found.plain, found.compressed) == (
        (TIME, 3),
        "app.20220306-091544.host.99.3.log",
        True,
    )


@given(st.integers(0, 4_000_000_000), st.integers(0, 3), st.sampled_from(["", ".gz", ".zst"]))
def test_every_name_is_known_again(second, times, suffix):
    """With the time that went into it, in any zone."""
    for zone in (UTC, BERLIN, ZoneInfo("Asia/Kathmandu"), None):
        naming, taken = stamped(zone, "a.b-c"), set()
        for _ in range(times + 1):
            name = naming.next_name(second * 10**9, taken)
            taken.add(name + suffix)
        assert naming.parse(name + suffix)[:3] == ((second, times), name + suffix, name)


def test_numbers_grow():
    """The highest one is followed, compressed or not; gaps are not filled."""
    naming = NumberNaming("app.log")
    assert naming.next_name(0, ["app.log"]) == "app.log.1"
    assert (
        naming.next_name(0, ["app.log", "app.log.9.gz", "app.log.3", "other.log.77"])
        == "app.log.10"
    )
    assert naming.next_name(0, ["app.log.4", "app.log.12.gz.tmp"]) == "app.log.13"


@pytest.mark.parametrize(
    "name", ["app.log", "app.log.0", "app.log.01", "app.log.1.bz2", "app.log.x", "app.log.1.gz.tmp"]
)
def test_a_foreign_number_is_not_an_archive(name):
    """Retention never touches it."""
    assert NumberNaming("app.log").parse(name) is None


def test_archives_sort_by_age():
    """By number, not by text."""
    naming = NumberNaming("a")
    names = [naming.parse(name) for name in ("a.10", "a.9.gz", "a.2")]
    assert [found.name for found in sorted(names)] == ["a.2", "a.9.gz", "a.10"]


@pytest.mark.parametrize("date", ["20220306", "20220306.gz", "2022030609", "20220306091544"])
def test_a_date_is_no_number(date):
    """It is another program's: neither removed, nor does the numbering go on from there."""
    naming = NumberNaming("app.log")
    assert naming.parse(f"app.log.{date}") is None
    assert naming.next_name(0, {"app.log.7", f"app.log.{date}"}) == "app.log.8"


def test_a_number_that_looks_like_a_date_is_left_out():
    """Its archive would not be known again."""
    assert NumberNaming("app.log").next_name(0, {"app.log.20220300"}) == "app.log.20220332"
