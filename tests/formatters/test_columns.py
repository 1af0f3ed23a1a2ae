"""The fixed members of a JSON document."""

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.columns import MAX_TEXTS, Column, sources_of
from asynclog.formatters.encoding import Encoding
from asynclog.formatters.layouts import BLACKHOLE, ECS, FLAT, OTEL, Layout, Member
from asynclog.formatters.sources import of_level, source
from asynclog.records import Origin, Record
from tests.making import record, records


def _texts(name, *some):
    return Column(source(name), Encoding()).texts(some)


def _shown(layout, mutate, level=20, time_ns=0):
    """Return what the members of *layout* show of a record, by name."""
    one = Record(time_ns, level, "a", "text")
    sources = sources_of(layout, mutate)
    texts = [Column(each, Encoding()).texts([one]) for each in sources]
    names = [member.name for member in layout.members]
    one_each = [text[0] if isinstance(text, list) else text for text in texts]
    return {name: text for name, text in zip(names, one_each, strict=True) if text}


def test_a_column_has_a_text_for_each_record():
    """Encoded all at once."""
    assert _texts("message", *records(3)) == ['"0"', '"1"', '"2"']


def test_a_column_of_few_values_is_the_same():
    """Each value is encoded once."""
    assert _texts("label", record(label="a"), record(label="b"), record(label="a")) == [
        '"a"',
        '"b"',
        '"a"',
    ]


def test_a_column_of_one_value_is_one_text():
    """As in a batch of one label."""
    assert _texts("label", *records(3, label="a")) == '"a"'


def test_a_column_that_must_be_there_has_nulls():
    """Where the record has nothing to show."""
    assert _texts("process_id", record()) == "null"


def test_an_optional_column_without_any_value_is_none():
    """The member is left out."""
    assert _texts("template", record(), record()) is None


def test_an_optional_column_has_gaps():
    """The member is left out of some documents only."""
    assert _texts("template", record(), record(template="t")) == [None, '"t"']


def test_gaps_may_lie_between_values_that_are_the_same():
    """A task's name, say, beside lines of no task."""
    origins = [Origin(1, "p", 2, 3, "t", name) for name in (None, "task", "task")]
    assert _texts("task_name", *(record(origin=one) for one in origins)) == [
        None,
        '"task"',
        '"task"',
    ]


def test_an_optional_column_may_have_no_gaps():
    """Then it is like any other."""
    assert _texts("template", record(template="t"), record(template="u")) == ['"t"', '"u"']


def test_a_ready_text_is_taken_as_it_is():
    """It is JSON already."""
    assert _texts("time_ns", record()) == ['"0"']


def test_a_value_is_converted_before_it_is_encoded():
    """Also one of which there are few."""
    column = Column(of_level(lambda level: [level]), Encoding())
    assert column.texts([record(level=5)]) == "[5]"


def test_a_conversion_is_not_asked_about_none():
    """There is nothing to convert."""
    column = Column(source("message").then(str.upper), Encoding())
    assert column.texts([record(None), record("a")]) == ["null", '"A"']


def test_texts_are_not_remembered_without_end():
    """Labels may be made of request ids."""
    column = Column(source("label"), Encoding())
    for number in range(MAX_TEXTS + 10):
        column.texts([record(label=str(number)), record(label="x")])
    assert len(column._remembered) <= MAX_TEXTS


def test_the_sources_are_those_of_the_layout():
    """In its order."""
    assert list(_shown(FLAT, None)) == ["timestamp", "level", "label", "message"]


def test_a_constant_member_is_constant():
    """It needs no source."""
    assert _shown(ECS, None)["ecs.version"] == '"8.11.0"'


def test_a_time_is_written_by_the_format_given():
    """In whichever member shows the time."""
    assert _shown(FLAT, {"timestamp": "%Y!"})["timestamp"] == '"1970!"'
    assert _shown(BLACKHOLE, {"timestamp": "%f"}, time_ns=7000)["timestamp"] == '"000007"'
    assert _shown(ECS, {"timestamp": ""})["@timestamp"] == '""'


@pytest.mark.parametrize(
    "names",
    [
        ["D", "I", "W"],
        ("D", "I", "W"),
        {0: "D", 1: "I", 2: "W"},
        {"2": "W"},
        lambda level: "DIW"[level],
    ],
    ids=["list", "tuple", "mapping", "text", "function"],
)
def test_a_level_has_the_name_given(names):
    """By position, by number, or by a function."""
    assert _shown(BLACKHOLE, {"severity": names}, level=2)["severity"] == '"W"'


def test_a_level_may_be_named_by_its_own_name():
    """As a file would."""
    assert _shown(FLAT, {"severity": {"info": "i"}})["level"] == '"i"'


@pytest.mark.parametrize(
    ("layout", "member", "text"),
    [(BLACKHOLE, "severity", "-1"), (FLAT, "level", '"-1"'), (OTEL, "SeverityText", '"-1"')],
)
def test_a_level_without_a_name_is_shown_as_usual(layout, member, text):
    """Also one below zero, which is no position from the end."""
    assert _shown(layout, {"severity": ["D", "I"]}, level=-1)[member] == text


def test_only_the_first_member_that_shows_the_level_changes():
    """OpenTelemetry's number stays a number."""
    assert _shown(OTEL, {"severity": {20: "I"}})["SeverityNumber"] == "9"


def test_a_layout_without_the_member_ignores_the_change():
    """There is nothing to change."""
    layout = Layout((Member("m", "message"),))
    assert _shown(layout, {"timestamp": "%Y", "severity": ["a"]}) == {"m": '"text"'}


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        (["a"], "mutate: expected an object"),
        (
            {"message": "x"},
            "mutate: expected no other keys than timestamp, severity, got 'message'",
        ),
        ({"timestamp": 5}, "mutate.timestamp: expected a string, got 5"),
        ({"timestamp": "%4f"}, "mutate.timestamp: %4f is not a fraction"),
        ({"severity": "D"}, "mutate.severity: expected a list of strings, got 'D'"),
        ({"severity": ["D", 1]}, r"mutate.severity\[1\]: expected a string, got 1"),
        ({"severity": {"20": 1}}, "mutate.severity.20: expected a string, got 1"),
        ({"severity": {"loud": "L"}}, "mutate.severity: key: expected level: expected a whole"),
        ({"severity": None}, "mutate.severity: expected a list of strings, got None"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(mutate, message):
    """When the formatter is built."""
    with pytest.raises(PatternError, match=message):
        sources_of(FLAT, mutate)


def test_a_layout_with_a_source_that_does_not_exist_is_refused():
    """With the member's name."""
    with pytest.raises(PatternError, match=r"layout: member 'm'.*expected one of time"):
        sources_of(Layout((Member("m", "nope"),)), None)
