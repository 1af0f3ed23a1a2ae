"""The adapter itself: whatever is asked of it, it answers, or fails as asynclog fails."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.errors import ConfigError, PatternError

from . import adapter

TEXT = st.text(max_size=8)
NAMES = st.sampled_from(["a", "b", "k", "message", "severity", "timestamp", ""]) | TEXT
WHOLE = st.integers(-(2**63), 2**64 - 1)
VALUES = (
    st.none()
    | st.booleans()
    | WHOLE
    | st.floats(allow_nan=False)
    | TEXT
    | st.builds(lambda value: {"$double": value}, st.floats(allow_nan=False))
    | st.builds(lambda value: {"$uint": value}, st.integers(0, 2**64 - 1))
    | st.builds(lambda value: {"$display": value}, TEXT)
    | st.builds(lambda value: {"$special": value}, st.sampled_from(["nan", "inf", "-inf"]))
)
PACKS = st.lists(st.lists(st.tuples(NAMES, VALUES).map(list), max_size=3), max_size=3)
RECORDS = st.fixed_dictionaries(
    {
        "message": TEXT,
        "severity": st.integers(-(2**31), 2**31 - 1),
        "timestamp_us": st.integers(-(2**62), 2**62),
        "process": st.just({"pid": 12345, "name": "app"}),
        "thread": st.just({"id": 57005, "lwp": 12346, "name": None}),
        "attributes": st.lists(st.tuples(NAMES, VALUES).map(list), max_size=3),
    },
    optional={"packs": PACKS},
)
SPECS = st.text("0123456789<>^=*+-# ,_.bcdeEfFgGnosxX%l{}", max_size=6)
DATES = st.lists(st.sampled_from([*"aAbBcCdDeEFgGHIjmMnpSsTuUVwWxXyYzZfQ%3 é{}", "%", "E"])).map(
    "".join
)
PATTERNS = st.lists(
    st.sampled_from(["{message}", "{severity}", "{a}", "{...}", "{{", "}}", "{", "}", "x"])
    | st.builds("{{{}:{}}}".format, NAMES, SPECS)
    | st.builds("{{timestamp:{{{}}}{}}}".format, DATES, st.sampled_from(["", "s", "l", ">9s"]))
    | st.builds("{{a:{{{}:default}}{}}}".format, TEXT, SPECS)
    | st.builds("{{...:{{{}:p}}{{{}:s}}{}s}}".format, TEXT, TEXT, SPECS),
    max_size=4,
).map("".join)
POINTERS = st.text("/abk01~#-%", max_size=5)
JUNK = VALUES | st.lists(NAMES, max_size=2) | st.dictionaries(NAMES, NAMES, max_size=2)
JSON_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "routing": st.dictionaries(POINTERS, st.lists(NAMES, max_size=2) | TEXT, max_size=3) | JUNK,
        "mapping": st.dictionaries(NAMES, NAMES, max_size=2) | JUNK,
        "formatting": st.dictionaries(NAMES, SPECS.map("{{:{}}}".format), max_size=2) | JUNK,
        "mutate": st.fixed_dictionaries({}, optional={"timestamp": DATES, "severity": JUNK}) | JUNK,
        "newline": st.booleans() | JUNK,
        "unique": st.booleans() | JUNK,
        "other": JUNK,
    },
)
TSKV_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "create": st.dictionaries(NAMES, TEXT, max_size=2) | JUNK,
        "rename": st.dictionaries(NAMES, TEXT, max_size=2) | JUNK,
        "remove": st.lists(NAMES, max_size=2) | JUNK,
        "mutate": st.dictionaries(NAMES, st.fixed_dictionaries({"strftime": DATES})) | JUNK,
        "other": JUNK,
    },
)


@given(PATTERNS, RECORDS, st.none() | st.lists(TEXT, max_size=2))
def test_any_pattern_has_a_line_or_is_refused(pattern, record, sevmap):
    """Whatever is in the record."""
    with suppress(PatternError):
        assert isinstance(adapter.pattern(pattern, record, sevmap), str)


@given(JSON_OPTIONS, RECORDS)
def test_any_json_options_have_a_document_or_are_refused(options, record):
    """Whatever is in the record."""
    with suppress(PatternError):
        assert adapter.json(options, record).startswith("{")


@given(TSKV_OPTIONS, RECORDS)
def test_any_tskv_options_have_a_line_or_are_refused(options, record):
    """Whatever is in the record."""
    with suppress(PatternError):
        assert adapter.tskv(options, record).startswith("tskv")


@given(
    DATES,
    st.fixed_dictionaries(
        {},
        optional={
            "year": st.integers(0, 8000),
            "mon": st.integers(0, 11),
            "mday": st.integers(0, 31),
            "hour": st.integers(0, 23),
            "min": st.integers(0, 59),
            "sec": st.integers(0, 60),
            "wday": st.integers(0, 6),
            "yday": st.integers(0, 365),
            "isdst": st.integers(-1, 3),
        },
    ),
    st.integers(0, 999_999),
)
def test_any_date_format_has_a_text(pattern, tm, usec):
    """Every broken-down time has one, save that a fraction has 3, 6 or 9 digits."""
    with suppress(ValueError):
        assert isinstance(adapter.strftime(pattern, tm, usec), str)


@given(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
            "time_us": st.integers(-(2**50), 2**55),
            "tid": st.integers(0, 2**31),
            "file": TEXT,
            "line": st.integers(0, 2**31),
            "message": TEXT,
            "tz": st.none() | st.sampled_from(["UTC", "Asia/Tokyo"]) | st.integers(-50_000, 50_000),
        },
        optional={"func": TEXT, "errno": st.integers(-1, 2**31)},
    )
)
@settings(max_examples=30)
def test_any_event_of_muduo_has_one_line(vector):
    """In any zone."""
    assert adapter.muduo_line(vector).count("\n") == 1


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_number_is_a_size(number):
    """In both systems of units."""
    assert adapter.format_si(number)
    assert adapter.format_iec(number)


@given(TEXT | st.from_regex(r"[0-9]{1,25}[kKMGTiB]{0,3}", fullmatch=True))
def test_any_text_is_a_size_or_refused(text):
    """With the error of a setting."""
    with suppress(ValueError):
        assert 0 <= adapter.parse_size(text) < 2**64


@given(
    st.sampled_from(["bytes", "count", "automatic"]),
    st.none() | st.integers(0, 2**64 - 1),
    st.lists(st.integers(0, 2**40)),
)
def test_any_policy_answers_each_write(policy, threshold, writes):
    """With one of two words."""
    threshold = 0 if policy == "bytes" and threshold is None else threshold
    assert {"flush", "idle"}.issuperset(adapter.flush_policy(policy, threshold, writes))


@given(TEXT, st.integers(0, 2**33) | st.datetimes().map(str), TEXT, st.integers(1, 2**22))
def test_any_file_has_a_name(basename, time, host, pid):
    """Which ends as the others do."""
    assert adapter.log_file_name(basename, time, host, pid).endswith(".log")


@settings(max_examples=20, deadline=None)
@given(
    st.fixed_dictionaries(
        {"appends": st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 99)), max_size=8)},
        optional={"roll_size": st.integers(1, 200), "start": st.just("2012-06-02T23:59:55Z")},
    )
)
def test_any_appends_are_in_the_files(vector):
    """None is lost, and none stands twice."""
    vector = {**vector, "appends": sorted(vector["appends"])}
    assert sum(adapter.roll(vector)) == sum(size for _, size in vector["appends"])


@settings(max_examples=15, deadline=None)
@given(
    st.fixed_dictionaries({"type": st.just("string"), "pattern": PATTERNS}) | JUNK,
    st.lists(
        st.tuples(st.integers(-9, 99), TEXT)
        | st.tuples(
            st.integers(-9, 99), TEXT, st.fixed_dictionaries({}, optional={"packs": PACKS})
        ),
        max_size=3,
    ),
)
def test_any_configuration_runs_or_is_refused(formatter, calls):
    """Whatever is logged."""
    config = {"root": [{"formatter": formatter, "sinks": [{"type": "console"}]}]}
    with suppress(ConfigError):
        assert isinstance(adapter.run_config(config, "root", calls), str)


@pytest.mark.parametrize("records", [{"attributes": []}, {"packs": []}, {}])
def test_a_record_needs_no_attributes(records):
    """In either of their forms."""
    record = {
        "message": "m",
        "severity": 0,
        "timestamp_us": 0,
        "process": {"pid": 1, "name": "p"},
        "thread": {"id": 1, "lwp": 1},
    }
    assert adapter.pattern("{message}{...}", {**record, **records}) == "m"
