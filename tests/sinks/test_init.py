"""What the package of sinks offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from asynclog import sinks


@pytest.mark.parametrize("name", sinks.__all__)
def test_every_sink_can_be_had(name):
    """By its name."""
    assert getattr(sinks, name).__name__ == name


def test_an_unknown_name_is_an_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'FaxSink'"):
        sinks.FaxSink  # noqa: B018 - the look-up is what is tested


def test_files_need_no_library_of_the_network():
    """Most programs write files, and start sooner so."""
    code = "import sys, asynclog.sinks; print('anyio' in sys.modules, 'ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "False"
