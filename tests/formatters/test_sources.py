"""What a JSON member can show of a record."""

import pytest

from asynclog.formatters.sources import (
    LEVEL_SOURCES,
    SOURCES,
    constant,
    of_level,
    otel_severity,
    otel_severity_name,
    source,
    written_time,
)
from asynclog.records import Caller, Origin, Record
from asynclog.tracebacks import ExceptionInfo

FULL = Record(
    time_ns=1_447_959_750_836_222_999,
    level=30,
    label="ct/1",
    message="three 3",
    template="three {}",
    exception=ExceptionInfo("ValueError", "wrong"),
    origin=Origin(11, "app", 57005, 12, "worker", "task-1"),
    caller=Caller("app.py", 5, "main"),
)
BARE = Record(0, 20, "", "text")


def _shown(name, record):
    """Return what the source *name* shows of *record*."""
    one = source(name)
    (value,) = one.read([record])
    return value if value is None or one.convert is None else one.convert(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time", "2015-11-19T19:02:30.836222Z"),
        ("time_us", 1_447_959_750_836_222),
        ("time_ns", "1447959750836222999"),
        ("level", 30),
        ("level_name", "WARNING"),
        ("level_name_lower", "warning"),
        ("otel_severity", 13),
        ("otel_severity_name", "WARN"),
        ("label", "ct/1"),
        ("label_if_any", "ct/1"),
        ("message", "three 3"),
        ("template", "three {}"),
        ("process_id", 11),
        ("process_name", "app"),
        ("thread_id", 57005),
        ("thread_hex", "0xdead"),
        ("native_id", 12),
        ("thread_name", "worker"),
        ("task_name", "task-1"),
        ("file", "app.py"),
        ("line", 5),
        ("function", "main"),
        ("exception", "ValueError: wrong"),
        ("exception_tree", {"type": "ValueError", "message": "wrong"}),
        ("exception_type", "ValueError"),
        ("exception_message", "wrong"),
    ],
)
def test_a_source_shows_its_part(name, value):
    """Of a record that has everything."""
    assert _shown(name, FULL) == value


def test_all_sources_are_tested():
    """The list above is complete."""
    (mark,) = test_a_source_shows_its_part.pytestmark
    assert {name for name, _ in mark.args[1]} == set(SOURCES)


@pytest.mark.parametrize("name", [n for n in SOURCES if SOURCES[n]().is_optional])
def test_an_optional_source_shows_nothing_where_there_is_nothing(name):
    """The member is left out then."""
    assert _shown(name, BARE) is None


@pytest.mark.parametrize(
    "name", ["process_id", "process_name", "thread_id", "thread_hex", "native_id", "thread_name"]
)
def test_an_unknown_origin_is_null(name):
    """Records made by hand may have none."""
    assert _shown(name, BARE) is None
    assert not source(name).is_optional


@pytest.mark.parametrize("name", SOURCES)
def test_only_sources_of_the_caller_need_it(name):
    """Finding it costs time at each call."""
    assert source(name).needs_caller is (name in ("file", "line", "function"))


@pytest.mark.parametrize("name", [n for n in SOURCES if SOURCES[n]().texts])
def test_ready_texts_say_the_same_as_the_values(name):
    """They are JSON already."""
    one = source(name)
    assert one.texts([FULL]) == [f'"{value}"' for value in one.read([FULL])]


def test_a_source_that_does_not_exist_is_refused():
    """With the names of those that do."""
    with pytest.raises(ValueError, match="source 'nope': expected one of time, time_us"):
        source("nope")


def test_a_constant_is_the_same_for_all():
    """Such as the version of a schema."""
    one = constant({"version": "8.11"})
    assert list(map(one.convert, one.read([FULL, BARE]))) == [{"version": "8.11"}] * 2


def test_conversions_are_done_one_after_the_other():
    """First the source's own, then the one added."""
    one = of_level(lambda level: level + 1).then(str)
    assert one.convert(20) == "21"


def test_a_source_without_a_conversion_takes_one():
    """And does not write its ready text any more."""
    one = source("time").then(len)
    assert (one.convert("2015"), one.texts) == (4, None)


def test_a_time_is_written_by_anything_that_takes_nanoseconds():
    """A date format, for one."""
    assert written_time(lambda times: [f"<{time}>" for time in times]).read([BARE]) == ["<0>"]


@pytest.mark.parametrize(
    ("level", "number"),
    [
        (5, 1),
        (10, 5),
        (20, 9),
        (30, 13),
        (40, 17),
        (50, 21),
        (0, 1),
        (-7, 1),
        (25, 11),
        (59, 24),
        (1000, 24),
    ],
)
def test_levels_have_the_numbers_of_opentelemetry(level, number):
    """Those between two names are between their numbers."""
    assert otel_severity(level) == number


@pytest.mark.parametrize(("level", "name"), [(50, "FATAL"), (30, "WARN"), (20, "INFO"), (25, "25")])
def test_levels_have_the_names_of_opentelemetry(level, name):
    """Where they differ from Python's."""
    assert otel_severity_name(level) == name


def test_every_source_of_a_level_is_among_the_sources():
    """The option `mutate` finds them by this."""
    assert LEVEL_SOURCES.keys() <= SOURCES.keys()
