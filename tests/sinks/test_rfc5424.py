"""Messages of RFC 5424."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.records import Batch, Record
from asynclog.sinks.priorities import Priorities
from asynclog.sinks.rfc5424 import RFC5424, parameter_name, word

TIME = 1_646_558_144_681_220_999
TEXT = st.text(st.characters(exclude_categories=()))
MESSAGE = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) "
    r"([!-~]{1,32}) (-|(?:\[[^\] =\"]{1,32}(?: [^\] =\"]{1,32}=\"(?:[^\"\\\]]|\\[\"\\\]]|\\(?=[^\"\\\]]))*\")*\])) (.*)",
    re.DOTALL,
)
"""The grammar of section 6."""


def sent(line="text", level=20, label="", options=None, **attributes):
    """Return the message for one record."""
    settings = {"hostname": "host", "identity": "app", "process_id": 4013, **(options or {})}
    record = Record(TIME, level, label, line, attributes=attributes or None)
    return RFC5424(Priorities(), **settings).format(record, line)


def test_a_message_has_all_fields():
    """Time in UTC with microseconds, cut and not rounded."""
    assert sent() == "<14>1 2022-03-06T09:15:44.681220Z host app 4013 - - text"


def test_label_and_attributes_are_structured_data():
    """In their order, with their values as text."""
    message = sent(label="ct/100", size=17, ok=True, none=None, share=0.5)
    assert (
        '[attributes@32473 label="ct/100" size="17" ok="True" none="None" share="0.5"] text'
        in message
    )


def test_what_would_end_a_value_is_escaped():
    """Section 6.3.3, and control characters in rsyslog's manner."""
    assert r'a="\"\\\]#012#000"] text' in sent(a='"\\]\n\0')


@pytest.mark.parametrize(
    ("name", "sent_as"),
    [("user id", "user_id"), ('a="]', "a___"), ("é" * 40, "_" * 32), ("", "_"), (7, "7")],
)
def test_a_name_is_made_to_fit(name, sent_as):
    """Nothing in it ends the element."""
    assert parameter_name(name) == sent_as


def test_structured_data_can_be_left_out():
    """For receivers that cannot read it."""
    assert " - - text" in sent(label="a", options={"sd_id": None}, x=1)


def test_a_line_break_cannot_begin_a_message():
    """Text is no way to forge one, whatever the transport."""
    assert sent("a\n<34>1 forged").endswith("a\\n<34>1 forged")


def test_the_byte_order_mark_is_an_option():
    """The RFC wants it for UTF-8."""
    assert sent(options={"bom": True}).endswith("- \ufefftext")


@pytest.mark.parametrize(
    ("text", "field"), [("my app", "my_app"), ("", "-"), ("x" * 300, "x" * 48), ("é", "_")]
)
def test_header_fields_are_printable_words(text, field):
    """Of bounded length."""
    assert word(text, 48) == field


class Hostile:
    """A value whose text cannot be had."""

    def __str__(self):
        raise RuntimeError


def test_a_value_that_raises_loses_no_line():
    """Its place says why."""
    assert 'a="<unprintable: RuntimeError>"' in sent(a=Hostile())


def test_a_huge_value_is_cut():
    """Its true length is told."""
    message = sent(a="x" * 100_000)
    assert 'xx...[100,000 characters]"' in message.replace("\\", "")
    assert len(message) < 5000


def test_of_many_attributes_the_first_are_sent():
    """A message stays of bounded size."""
    assert sent(**{f"a{i}": i for i in range(1000)}).count("=") == 64


@pytest.mark.parametrize("sd_id", ["", "a b", 'a"', "a]", "x" * 33, "é"])
def test_a_bad_name_of_the_data_is_refused(sd_id):
    """When the format is made."""
    with pytest.raises(ValueError, match="sd_id: expected"):
        sent(options={"sd_id": sd_id})


@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=4), TEXT)
def test_every_message_obeys_the_grammar(line, label, attributes, name):
    """Whatever the text of its parts."""
    format_ = RFC5424(Priorities(), hostname=name, identity=name, process_id=1)
    message = format_.format(Record(TIME, 20, label, line, attributes=attributes), line)
    assert MESSAGE.fullmatch(message)
    assert "\n" not in message


def test_a_batch_is_a_message_for_each_line():
    """The time within a second differs."""
    records = [Record(TIME, 20, "", "a"), Record(TIME + 10**9, 50, "", "b")]
    format_ = RFC5424(Priorities(), hostname="h", identity="i", process_id=1)
    first, second = format_.format_batch(Batch(records, ["a", "b"]))
    assert (first[:26], second[:26]) == ("<14>1 2022-03-06T09:15:44.", "<10>1 2022-03-06T09:15:45.")
