"""Which archives are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks.naming import ArchiveName
from asynclog.sinks.retention import Archive, Retention, parse_retention

SECOND = 10**9


def archives(*sizes, age=0):
    """Return archives of these sizes, oldest first; the n-th from the end is n * *age* old."""
    last = len(sizes)
    return [
        Archive(
            ArchiveName((number, 0), f"a.{number}", f"a.{number}"),
            size,
            (100 - age * (last - number)) * SECOND,
        )
        for number, size in enumerate(sizes, 1)
    ]


def removed(retention, found):
    """Return the numbers of what is not kept at second 100."""
    return [archive.name.order[0] for archive in retention.surplus(found, 100 * SECOND)]


def test_the_newest_are_kept_by_count():
    """In whatever order the directory lists them."""
    assert removed(Retention(files=2), archives(1, 1, 1, 1)[::-1]) == [1, 2]


def test_no_archive_at_all_may_be_wanted():
    """Then only the current file is left."""
    assert removed(Retention(files=0), archives(1, 1)) == [1, 2]


def test_the_newest_are_kept_by_size():
    """As long as their sum stays within it; older ones do not slip in because they are small."""
    assert removed(Retention(size=100), archives(1, 60, 50, 40)) == [1, 2]


def test_the_young_are_kept():
    """Counted from their last line."""
    assert removed(Retention(age=10), archives(1, 1, 1, 1, age=5)) == [1]


def test_each_limit_holds_on_its_own():
    """The strictest decides."""
    assert removed(Retention(files=3, age=10, size=100), archives(1, 60, 60, 1, age=1)) == [1, 2]


def test_without_limits_everything_is_kept():
    """For ever."""
    assert Retention().unlimited
    assert removed(Retention(), archives(10**15, 1)) == []


@given(st.lists(st.integers(0, 50)), st.integers(0, 9), st.integers(0, 200))
def test_what_is_kept_obeys_every_limit(sizes, files, size):
    """And is the newest part."""
    found = archives(*sizes)
    kept = [
        archive
        for archive in found
        if archive not in Retention(files=files, size=size).surplus(found, 0)
    ]
    assert len(kept) <= files
    assert sum(archive.size for archive in kept) <= size
    assert found[len(found) - len(kept) :] == kept


def test_settings_name_a_retention():
    """Numbers, spans and sizes."""
    assert parse_retention(3, timedelta(days=1), "1kB") == Retention(3, 86400.0, 1000)
    assert parse_retention(None, None, None).unlimited


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ((-1, None, None), "keep_files"),
        ((None, 0, None), "keep_age"),
        ((None, None, "x"), "keep_size"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings, named):
    """With its value."""
    with pytest.raises(ValueError, match=f"^{named}: expected"):
        parse_retention(*settings)


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ([50, 60, 70], [50, 60]),
        ([10**6, 60, 70], [60, 10**6]),  # put back from far in the future
        ([10**6, 10**6 + 1, 70], [10**6, 10**6 + 1]),
        ([90, 130, 95], [90, 95]),  # put back by less than a minute
    ],
)
def test_what_was_written_before_the_clock_was_put_back_is_older(begun, expected):
    """Whatever its name says; a small step changes nothing."""
    found = [Archive(ArchiveName((at, 0), f"a.{at}", f"a.{at}", at), 1, 0) for at in begun]
    assert sorted(removed(Retention(files=1), found)) == sorted(expected)
