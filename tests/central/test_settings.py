"""Tests of asynclog.central.settings."""

from datetime import timedelta

import pytest

from asynclog.central.reports import Limits
from asynclog.central.settings import Settings, parse_milliseconds, parse_settings


def test_arguments_become_settings():
    """In plain numbers, with the usual limits where there are none."""
    found = parse_settings(timedelta(seconds=1), 0, 5, "1KiB", None)

    assert found == Settings(1.0, 0.0, 5, 1024, Limits())


@pytest.mark.parametrize(("value", "found"), [(2, 2000), (timedelta(seconds=1), 1000), (1e-9, 1)])
def test_seconds_become_milliseconds(value, found):
    """One at least, for 0 means something else."""
    assert parse_milliseconds(value, "lease") == found


def test_no_time_at_all_is_allowed_where_it_makes_sense():
    """Not elsewhere."""
    assert parse_milliseconds(0, "grace", least=0) == 0
    with pytest.raises(ValueError, match="lease: expected"):
        parse_milliseconds(0, "lease")
