"""muduo's lines and sizes."""

from __future__ import annotations

import pytest

from . import adapter
from .corpus import departures, vectors

MUDUO = vectors("muduo")
FIXED = departures("muduo_fixed")


@pytest.mark.parametrize("vector", MUDUO["log_line"], ids=lambda v: v["expected"].strip())
def test_a_line_is_printed_as_muduo_prints_it(vector):
    """To the letter, line break included."""
    assert adapter.muduo_line(vector) == vector["expected"]


def _wanted(vector):
    return FIXED.get(str(vector["n"]), {}).get("prints", vector["expected"])


@pytest.mark.parametrize("vector", MUDUO["formatSI"], ids=lambda v: str(v["n"]))
def test_a_size_in_powers_of_1000(vector):
    """As muduo's formatSI has it, but never longer than five characters."""
    assert adapter.format_si(vector["n"]) == _wanted(vector)


@pytest.mark.parametrize("vector", MUDUO["formatIEC"], ids=lambda v: str(v["n"]))
def test_a_size_in_powers_of_1024(vector):
    """As muduo's formatIEC has it."""
    assert adapter.format_iec(vector["n"]) == _wanted(vector)


@pytest.mark.parametrize("vector", MUDUO["source_basename"], ids=lambda v: v["path"])
def test_only_the_name_of_the_source_file_is_printed(vector):
    """Without its directories."""
    shape = MUDUO["log_line"][0]

    line = adapter.muduo_line({**shape, "file": vector["path"]})

    assert line.endswith(f" - {vector['expected']}:{shape['line']}\n")


@pytest.mark.parametrize("vector", MUDUO["timestamp"], ids=lambda v: v["string"])
def test_a_moment_is_printed_as_muduo_prints_it(vector):
    """As seconds with a fraction, and as a date."""
    moment = {
        "message": "",
        "severity": 0,
        "timestamp_us": vector["us"],
        "process": {"pid": 1, "name": ""},
        "thread": {"id": 1, "lwp": 1},
    }
    dates = ("%s.%f", "%Y%m%d %H:%M:%S.%f")

    printed = [adapter.pattern(f"{{timestamp:{{{date}}}}}", moment) for date in dates]

    assert printed == [vector["string"], vector["formatted"]]
