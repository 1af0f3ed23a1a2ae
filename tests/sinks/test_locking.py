"""The lock of an open file."""

from __future__ import annotations

import fcntl
import os

import pytest

from asynclog.sinks.locking import is_named, let_go, try_lock


@pytest.fixture
def pair(tmp_path):
    """Return two descriptors of one file, opened apart."""
    path = tmp_path / "file"
    both = [os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(2)]
    yield both
    for one in both:
        os.close(one)


def test_one_at_a_time_has_it(pair):
    """Until it is let go of."""
    first, second = pair
    assert [try_lock(one, otherwise=True) for one in pair] == [True, False]
    let_go(first)
    assert try_lock(second, otherwise=False)


@pytest.mark.parametrize("otherwise", [True, False])
def test_where_there_are_no_locks_the_caller_decides(pair, monkeypatch, otherwise):
    """As on some file systems of the network."""

    def refuse(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert try_lock(pair[0], otherwise=otherwise) is otherwise
    let_go(pair[0])


def test_a_file_is_known_again_by_what_it_is(pair, tmp_path):
    """Not by its name."""
    path = tmp_path / "file"
    assert is_named(pair[0], path)
    path.rename(tmp_path / "other")
    assert not is_named(pair[0], path)
    path.touch()
    assert not is_named(pair[0], path)
