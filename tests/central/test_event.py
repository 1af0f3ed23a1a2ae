"""Tests of asynclog.central.event."""

import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.central.event import MAX_PAYLOAD, decode, encode, from_record, time_of
from asynclog.errors import EventError
from asynclog.formatters.exceptions import render_exception
from asynclog.records import Record
from asynclog.tracebacks import capture
from tests.making import Hostile, HostileError, record


def _failed():
    try:
        try:
            {}["key"]
        except KeyError as error:
            raise ValueError("no such key") from error
    except ValueError as error:
        return capture(error)


def _sent(one, **options):
    return decode(encode(from_record(one, "g", **options)), group="g")


def test_an_event_is_the_same_after_the_way():
    """All that a record holds and that counts for its group."""
    one = Record(7, 40, "db", "no 3", None, {"user": "u", "n": 3}, "no {}", _failed())

    event = _sent(one, logger="shop")

    assert event == from_record(one, "g", logger="shop")
    assert (event.time_ns, event.level, event.label, event.logger) == (7, 40, "db", "shop")
    assert (event.message, event.template, event.repeats) == ("no 3", "no {}", 1)
    assert event.attributes == {"user": "u", "n": 3}


def test_the_number_of_repeats_comes_from_where_it_is_counted():
    """The payload is that of the first."""
    assert decode(encode(from_record(record(), "g")), repeats=9).repeats == 9


def test_an_empty_end_is_left_out():
    """A server holds many payloads."""
    assert msgspec.msgpack.decode(encode(from_record(Record(7, 40, "", "m"), "g"))) == [7, 40, "m"]


def test_a_log_record_prints_the_same_text_and_traceback():
    """As `logging` itself would have printed it."""
    one = Record(1_700_000_000_123_456_789, 40, "db", "50% of {}", None, None, None, _failed())

    made = _sent(one).to_log_record()

    text = logging.Formatter("%(levelname)s %(name)s %(message)s").format(made)
    assert text == f"ERROR db 50% of {{}}\n{render_exception(one.exception)}"
    assert (made.created, int(made.msecs)) == (1_700_000_000.1234567, 123)


def test_attributes_are_found_on_the_log_record():
    """One that would hide what a record has anyway gets an underscore."""
    made = _sent(record(attributes={"user": "u", "name": "n"})).to_log_record()

    assert (made.user, made.name_, made.name) == ("u", "n", "a")


def test_source_travels_with_the_event():
    """Where it is printed, the file may be another one."""
    event = _sent(record(exception=_failed()))

    assert event.exception.frames[-1].source == 'raise ValueError("no such key") from error'
    assert event.exception.cause.frames[-1].source == '{}["key"]'


def test_the_attribute_that_names_the_group_does_not_travel():
    """It is in the fingerprint."""
    assert _sent(record(attributes={"fingerprint": "x"})).attributes is None


ODD = {
    "large": 10**40,
    "surrogate": "\udc80",
    "hostile": Hostile(),
    "object": object(),
    "key": {1: "\udc80"},
    "inside": [10**40],
    "nan": float("nan"),
    "set": {1, 2},
    "bytes": b"\xff",
}


@pytest.mark.parametrize("name", ODD)
def test_any_attribute_can_be_sent(name):
    """As itself, or as text."""
    assert "odd" in _sent(record(attributes={"odd": ODD[name]})).attributes


@pytest.mark.parametrize("field", ["message", "template", "label"])
def test_text_that_utf8_cannot_hold_is_escaped(field):
    """A lone surrogate, from a file's name perhaps."""
    one = record()
    setattr(one, field, "a\udc80")

    assert getattr(_sent(one), field) == "a\\udc80"


def test_an_exception_without_a_text_can_be_sent():
    """And one whose text UTF-8 cannot hold."""
    assert _sent(record(exception=capture(HostileError()))).exception
    assert _sent(record(exception=capture(ValueError("\udc80")))).exception.message == "\\udc80"


def test_numbers_out_of_range_are_bounded():
    """The level and the time are the caller's."""
    one = Record(10**30, -(10**30), "a", "m")

    assert (_sent(one).time_ns, _sent(one).level) == (2**63 - 1, -(2**63))


def test_what_is_too_large_is_cut():
    """A payload never grows beyond what is accepted."""
    one = record("x" * 10**6, template="y" * 10**6, attributes={"a": ["z" * 10**5] * 100})

    payload = encode(from_record(one, "g"))

    assert len(payload) <= MAX_PAYLOAD
    assert decode(payload).attributes == {"a": "<too large>"}


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x80",
        b"\x91" * 100_000,
        b"x" * (MAX_PAYLOAD + 1),
        msgspec.msgpack.encode([1, 20]),
        msgspec.msgpack.encode(["1", 20, "m", "a"]),
        msgspec.msgpack.encode([1, 20, "m", "a", None, "", 5]),
        msgspec.msgpack.encode([2**64 - 1, 20, "m", "a"]),
        msgspec.msgpack.encode([1, 2**64 - 1, "m", "a"]),
    ],
    ids=range(10),
)
def test_what_is_no_event_is_one_error(payload):
    """Whoever wrote it."""
    with pytest.raises(EventError):
        decode(payload)


@given(st.binary(max_size=200))
def test_bytes_from_anywhere_do_no_harm(payload):
    """They are an event, which is next to impossible, or an error."""
    with pytest.raises(EventError, match="no event"):
        decode(payload)


def test_events_of_a_later_version_can_be_read():
    """Elements at the end that nobody knows are passed over."""
    event = from_record(record(exception=_failed()), "g")
    fields = msgspec.msgpack.decode(encode(event))

    assert decode(msgspec.msgpack.encode([*fields, "new"])).exception == event.exception


@given(st.integers(-(2**63), 2**63 - 1))
def test_the_time_is_known_without_decoding(time_ns):
    """Payloads are put in order by it."""
    assert time_of(encode(from_record(Record(time_ns, 20, "a", "m"), "g"))) == time_ns


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x91\xa0", b"\xc1"])
def test_a_payload_without_a_time_is_an_error(payload):
    """The same as for the whole event."""
    with pytest.raises(EventError):
        time_of(payload)
