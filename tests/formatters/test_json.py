"""Records as JSON."""

import json
import math
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters import ECS, FLAT, OTEL, JSONFormatter, Layout, Member
from asynclog.formatters.json import MAX_SHAPES
from asynclog.levels import level_name
from asynclog.protocols import Formatter
from asynclog.records import Caller, Origin
from asynclog.stacked import StackedAttributes
from asynclog.tracebacks import ExceptionInfo, capture
from tests.making import Hostile, record, records

from . import strategies

FORMATTERS = {
    "flat": JSONFormatter(),
    "strings": JSONFormatter(nonfinite="string"),
    "otel": JSONFormatter(layout="otel"),
    "ecs": JSONFormatter(layout="ecs"),
    "routed": JSONFormatter(
        {"": ["message"], "/x/0": ["a", "level"], "/rest": "*"},
        {"a": "b", "label": "\u2028"},
        {"b": "<{:>8}>", "level": "{}!"},
        {"severity": ["zero"], "timestamp": "%s\n%f"},
    ),
    "blackhole": JSONFormatter.blackhole(),
}
EVERY = pytest.mark.parametrize("formatter", FORMATTERS.values(), ids=FORMATTERS)
ORIGIN = Origin(11, "app", 57005, 12, "main", None)


def _read(line):
    """Return what a strict parser reads, with names that stand twice as a failure."""

    def members(pairs):
        read = dict(pairs)
        assert len(read) == len(pairs), f"a name stands twice in {pairs}"
        return read

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(line, object_pairs_hook=members, parse_constant=refuse)


def _line(one=None, /, *args, **options):
    return JSONFormatter(*args, **options).format(one or record(attributes={"a": 1}))


def test_a_line_is_one_flat_object():
    """What Loki, Elasticsearch, Datadog and jq take as it is."""
    assert _line(record("text", attributes={"status": 200, "uri": "/x"})) == (
        '{"timestamp":"1970-01-01T00:00:00.000000Z","level":"INFO","label":"a","message":"text",'
        '"status":200,"uri":"/x"}'
    )


def test_a_line_without_attributes_ends_with_the_message():
    """No comma is left over."""
    assert _line(record("text")).endswith('"message":"text"}')


def test_an_exception_is_a_member_of_its_own():
    """As text, the way Python prints it."""
    line = _line(record(exception=capture(ValueError("wrong")), attributes={"a": 1}))
    assert line.endswith('"exception":"ValueError: wrong","a":1}')


@pytest.mark.parametrize("name", ["timestamp", "level", "label", "message", "exception"])
def test_an_attribute_does_not_take_the_name_of_a_member(name):
    """It gets an underscore, whether the member is there or not."""
    plain, clashing = _read(_line(record())), _read(_line(record(attributes={name: "mine"})))
    assert clashing == {**plain, f"{name}_": "mine"}


def test_an_underscore_that_is_taken_makes_another():
    """Nothing is written over."""
    read = _read(_line(record(attributes={"message_": 1, "message": 2})))
    assert (read["message_"], read["message__"]) == (1, 2)


def test_a_batch_is_the_same_as_one_by_one():
    """It only costs less."""
    some = [*records(3), record(attributes={"a": 1}), record(exception=ExceptionInfo("E", "e"))]
    formatter = JSONFormatter()
    assert formatter.format_batch(some) == [formatter.format(one) for one in some]


def test_records_of_several_shapes_keep_their_places():
    """Those of each shape are formatted together."""
    kinds = [
        {},
        {"attributes": {"a": 1}},
        {"attributes": {"level": 1}},
        {"exception": ExceptionInfo("E", "e")},
    ]
    some = [record(str(i), **kinds[i % 4]) for i in range(12)]
    lines = JSONFormatter().format_batch(some)
    assert [_read(line)["message"] for line in lines] == [str(i) for i in range(12)]


@EVERY
def test_an_empty_batch_has_no_lines(formatter):
    """There is nothing to say."""
    assert formatter.format_batch([]) == []


def test_it_is_a_formatter():
    """As the handlers expect one."""
    assert isinstance(JSONFormatter(), Formatter)


def test_the_caller_is_asked_for_only_where_it_is_shown():
    """Finding it costs time at each call."""
    layout = Layout((*FLAT.members, Member("line", "line")))
    assert JSONFormatter(layout=layout).needs_caller
    assert not JSONFormatter().needs_caller


def test_a_layout_may_have_any_members():
    """Of sources, and of constants."""
    layout = Layout(
        (Member("m", "message"), Member("app", constant={"name": "x"}), Member("at", "line"))
    )
    one = record("text", caller=Caller("f.py", 3, "g"))
    assert _line(one, layout=layout) == '{"m":"text","app":{"name":"x"},"at":3}'


def test_a_layout_may_have_no_members():
    """Only the attributes are left."""
    formatter = JSONFormatter(layout=Layout(()))
    assert formatter.format_batch([record(attributes={"a": 1}), record()]) == ['{"a":1}', "{}"]
    assert formatter.format_batch([record(), record()]) == ["{}", "{}"]


def test_members_are_routed_into_objects():
    """Made where the first member needs them."""
    line = _line(
        record("text", attributes={"a": 1, "b": 2}), {"": ["message"], "/x": "*", "/y": ["b"]}
    )
    assert list(_read(line)) == ["x", "message", "y"]
    assert _read(line)["y"] == {"b": 2}


def test_an_attribute_that_steps_aside_for_an_object_is_kept():
    """Both are there, under names of their own."""
    assert _read(_line(record(attributes={"x": 1, "a": 2}), {"/x": ["a"]}))["x_"] == {"a": 2}
    assert _read(_line(record(attributes={"a": 2, "x": 1}), {"/x": ["a"]}))["x_"] == 1


def test_members_are_renamed():
    """Fixed ones and attributes."""
    read = _read(_line(record(attributes={"a": 1}), mapping={"level": "severity", "a": "é\u2028"}))
    assert (read["severity"], read["é\u2028"]) == ("INFO", 1)


def test_renaming_two_to_one_keeps_both():
    """No value is written over."""
    read = _read(_line(record(attributes={"a": 1, "b": 2}), mapping={"a": "b"}))
    assert (read["b"], read["b_"]) == (1, 2)


def test_values_are_formatted_by_templates():
    """Fixed members and attributes; the result is text."""
    line = _line(record(attributes={"a": 255}), formatting={"a": "{:#x}", "level": "<{:>6}>"})
    assert (_read(line)["a"], _read(line)["level"]) == ("0xff", "<  INFO>")


def test_a_value_that_its_template_does_not_suit_is_marked():
    """A record is never lost for it, nor the value."""
    line = _line(record(attributes={"a": "text"}), formatting={"a": "{:d}"})
    assert _read(line)["a"] == "<unrenderable: str as '{:d}': text>"


def test_an_attribute_without_a_name_is_one_like_any_other():
    """Beside others, where it is treated by itself."""
    some = [record(attributes={"": 1}), record(attributes={"a": 2}), record(attributes={"": 3})]
    lines = JSONFormatter(mapping={"": "x"}).format_batch(some)
    assert [line.rpartition(",")[2] for line in lines] == ['"x":1}', '"a":2}', '"x":3}']


def test_time_and_level_are_written_as_asked():
    """By a date format, and by names."""
    read = _read(_line(mutate={"timestamp": "%Y!", "severity": {20: "I"}}))
    assert (read["timestamp"], read["level"]) == ("1970!", "I")


def test_a_line_break_is_added_where_asked_for():
    """For sinks that write none."""
    assert _line(newline=True) == _line() + "\n"
    assert _line(record(), newline=True).endswith('"}\n')


@pytest.mark.parametrize(("nonfinite", "value"), [("null", None), ("string", "NaN")])
def test_nan_is_null_or_text(nonfinite, value):
    """JSON has no word for it."""
    line = _line(record(attributes={"a": math.nan, "b": [math.nan]}), nonfinite=nonfinite)
    assert (_read(line)["a"], _read(line)["b"]) == (value, [value])


class TestHiddenAttributes:
    """Records made by hand may have a name from several sources."""

    one = record(attributes=StackedAttributes({"k": 1, "a": 2}, {"k": 3}))

    def test_the_first_is_written_where_names_are_unique(self):
        """A lookup would find the same."""
        assert _line(self.one).endswith('"k":1,"a":2}')

    def test_all_are_written_where_names_need_not_be(self):
        """As Blackhole does."""
        assert JSONFormatter.blackhole().format(self.one).endswith('"k":1,"a":2,"k":3}')

    def test_all_can_be_written_under_names_of_their_own(self):
        """In the layouts that no name stands twice in."""
        assert _line(self.one, unique=False).endswith('"k":1,"a":2,"k_":3}')

    def test_blackhole_can_be_unique_too(self):
        """By option."""
        assert JSONFormatter.blackhole(unique=True).format(self.one).endswith('"k":1,"a":2}')


class TestBlackhole:
    """The layout that Blackhole's own users know."""

    def test_label_and_exception_follow_where_there_are_any(self):
        """Blackhole has neither; nothing is lost."""
        one = record("text", label="ct/1", exception=ExceptionInfo("E", "e"), origin=ORIGIN)
        assert JSONFormatter.blackhole().format(one) == (
            '{"message":"text","lwp":12,"thread":"0xdead","process":11,"severity":20,"timestamp":0,'
            '"label":"ct/1","exception":"E: e"}'
        )

    def test_an_unknown_origin_is_null(self):
        """Its members are always there."""
        assert '"lwp":null,"thread":null,"process":null' in JSONFormatter.blackhole().format(
            record()
        )

    def test_an_option_that_it_does_not_have_is_refused(self):
        """Blackhole ignores it, and its own README misspells one."""
        with pytest.raises(PatternError, match=r"no other keys than routing, .* got 'route'"):
            JSONFormatter.blackhole(route={})


class TestOpenTelemetry:
    """The names of the log data model."""

    def test_a_line_has_its_names(self):
        """Attributes lie in an object of their own, the trace beside it."""
        one = record(
            "text",
            level=50,
            origin=ORIGIN,
            attributes={"http.route": "/x", "trace_id": "ab", "span_id": "cd"},
        )
        assert _read(JSONFormatter(layout=OTEL).format(one)) == {
            "Timestamp": "0",
            "SeverityText": "FATAL",
            "SeverityNumber": 21,
            "Body": "text",
            "Attributes": {
                "asynclog.label": "a",
                "thread.id": 12,
                "thread.name": "main",
                "http.route": "/x",
            },
            "TraceId": "ab",
            "SpanId": "cd",
        }

    def test_an_exception_has_the_names_of_the_conventions(self):
        """Type, message and stack trace."""
        attributes = _read(_line(record(exception=ExceptionInfo("E", "e")), layout="otel"))[
            "Attributes"
        ]
        names = ("exception.type", "exception.message", "exception.stacktrace")
        assert [attributes[name] for name in names] == ["E", "e", "E: e"]


class TestElastic:
    """The names of the Elastic Common Schema."""

    def test_a_line_has_its_names(self):
        """The first ones in the order that its libraries keep."""
        one = record("text", origin=ORIGIN, attributes={"trace_id": "ab", "http.version": "2"})
        assert JSONFormatter(layout=ECS).format(one) == (
            '{"@timestamp":"1970-01-01T00:00:00.000000Z","log.level":"info","message":"text",'
            '"ecs.version":"8.11.0","log.logger":"a","process.pid":11,"process.thread.id":12,'
            '"process.thread.name":"main","trace.id":"ab","http.version":"2"}'
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"newline": 1}, "newline: expected true or false, got 1"),
        ({"unique": "yes"}, "unique: expected true or false, got 'yes'"),
        ({"nonfinite": "zero"}, "nonfinite: expected 'null' or 'string', got 'zero'"),
        ({"layout": "nope"}, "layout: expected a Layout or one of flat, blackhole, otel, ecs"),
        ({"layout": None}, "layout: expected a Layout"),
        ({"formatting": ["a"]}, "formatting: expected an object"),
        ({"formatting": {"a": 1}}, "formatting.a: expected a string, got 1"),
        ({"formatting": {"a": "{"}}, "formatting.a: single '{'"),
        ({"mapping": {"a": 1}}, "mapping.a: expected a string, got 1"),
        ({"routing": {"a": []}}, "JSON pointer 'a'"),
        ({"mutate": {"message": "x"}}, "mutate: expected no other keys"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(options, message):
    """When the formatter is built, with its name, its value, and what is allowed."""
    with pytest.raises(PatternError) as caught:
        JSONFormatter(**options)
    assert message in str(caught.value)


def test_options_may_be_any_mapping():
    """A configuration may be frozen."""
    options = MappingProxyType({"a": "b"})
    assert '"b":1' in _line(mapping=options)


def test_shapes_are_not_remembered_without_end():
    """A user may choose the names of attributes."""
    formatter = JSONFormatter(mapping={f"a{i}": "x" for i in range(MAX_SHAPES + 10)})
    for number in range(MAX_SHAPES + 10):
        formatter.format(record(attributes={f"a{number}": 1}))
    assert len(formatter._shapes) <= MAX_SHAPES


def test_a_value_that_fails_does_not_cost_the_others():
    """Neither of its own record nor of its neighbours."""
    some = [record("one", attributes={"a": Hostile(), "b": 1}), record("two", attributes={"b": 2})]
    first, second = map(_read, JSONFormatter().format_batch(some))
    assert (first["a"], first["b"], second["b"]) == ("<unrenderable: Hostile>", 1, 2)


@EVERY
@settings(max_examples=40)
@given(some=st.lists(strategies.records(), max_size=4))
def test_any_records_become_lines_of_strict_json(formatter, some):
    """One line each, of valid UTF-8, whatever is in them."""
    lines = formatter.format_batch(some)
    assert len(lines) == len(some)
    for line in lines:
        line.encode("utf-8")
        assert line.splitlines() == [line]
        assert isinstance(json.loads(line, parse_constant=date), dict)


@EVERY
@settings(max_examples=40)
@given(some=st.lists(strategies.records(), max_size=4))
def test_any_batch_is_the_same_as_one_by_one(formatter, some):
    """Records of one batch do not depend on one another."""
    assert formatter.format_batch(some) == [formatter.format(one) for one in some]


@given(one=strategies.records(strategies.PLAIN, strategies.TEXT, strategies.TEXT))
def test_what_was_logged_reads_back(one):
    """Message, label, level and attributes, with their types."""
    read = _read(JSONFormatter().format(one))
    assert (read["message"], read["label"]) == (one.message, one.label)
    assert read["level"] == level_name(one.level)
    for name, value in (one.attributes or {}).items():
        assert value in [read[key] for key in read if key.rstrip("_") == name.rstrip("_")]


@given(one=strategies.records(names=strategies.NAMES))
def test_no_name_stands_twice(one):
    """In any layout that protects its names."""
    for name in ("flat", "strings", "otel", "ecs", "routed"):
        _read(FORMATTERS[name].format(one))
