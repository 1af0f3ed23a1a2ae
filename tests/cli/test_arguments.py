"""Tests of asynclog.cli.arguments."""

from pathlib import Path

import click
import pytest

from asynclog.cli.arguments import directory, seconds, whole_number


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("12", 12), (100, 100)])
def test_a_whole_number(value, number):
    """From the command line, or the number that is the default."""
    assert whole_number(0)(value) == number


@pytest.mark.parametrize("value", ["ten", "", "1.5", "0", "-1", "inf"])
def test_what_is_no_whole_number_is_told_with_what_is_allowed(value):
    """And as it was given."""
    with pytest.raises(click.BadParameter) as caught:
        whole_number(1)(value)
    assert caught.value.message == f"expected a whole number from 1 up, got {value!r}"


@pytest.mark.parametrize(("value", "number"), [("0", 0.0), ("0.2", 0.2), (5.0, 5.0), ("1e3", 1e3)])
def test_seconds(value, number):
    """From the command line, or the number that is the default."""
    assert seconds(value) == number


@pytest.mark.parametrize("value", ["soon", "", "nan", "inf", "-inf", "-0.1"])
def test_what_is_no_span_of_time_is_told_with_what_is_allowed(value):
    """And as it was given."""
    with pytest.raises(click.BadParameter) as caught:
        seconds(value)
    assert caught.value.message == f"expected seconds from 0 up, got {value!r}"


def test_a_directory_must_exist(tmp_path):
    """A file will not do."""
    (tmp_path / "file").touch()
    assert directory(str(tmp_path)) == Path(tmp_path)
    with pytest.raises(click.BadParameter, match="expected a directory, got "):
        directory(str(tmp_path / "file"))
