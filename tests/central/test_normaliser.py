"""Tests of asynclog.central.normaliser."""

import time

import pytest

from asynclog.central.normaliser import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user 17 of 20", "user <number> of <number>"),
        ("took 3.2 ms, then 10s", "took <duration>, then <duration>"),
        ("at 0x7fff12ab", "at <address>"),
        ("id 7e077ba1-0000-4111-8222-333344445555", "id <uuid>"),
        ("on 2026-01-02", "on <date>"),
        ("at 2026-01-02T03:04:05.123Z", "at <date>"),
        ("at 03:04:05,123", "at <time>"),
        ("from 10.0.0.1:8080", "from <ip>"),
        ("mail a.b@c.example", "mail <email>"),
        ("get https://h/x?y=1", "get <url>"),
        ("no key 'a b' and \"c\"", "no key <quoted> and <quoted>"),
        ("commit 7e077ba16dd4", "commit <hash>"),
        ("disk-3 and vm100", "disk-<number> and vm<number>"),
        ("it isn't there, don't", "it isn't there, don't"),
        ("deadbeef cafe", "deadbeef cafe"),
        ("1,234.5 and -7 and 1e9", "<number> and <number> and <number>"),
    ],
)
def test_what_changes_is_replaced_by_its_kind(text, expected):
    """And nothing else."""
    assert normalise(text) == expected


def test_the_end_of_a_long_text_does_not_count():
    """It would take time, and tell nothing."""
    assert normalise("a" * 5000 + "1") == normalise("a" * 5000 + "2 x")


@pytest.mark.parametrize("unit", ["0", "1.", "a@", "ab:", "-", "'", "a.b@", "0a", "1:", "http://"])
def test_no_text_takes_long(unit):
    """In proportion to its length, at worst: far below what a hostile pattern could cost."""
    start = time.process_time()
    normalise(unit * 5000)
    assert time.process_time() - start < 0.5
