"""Messages of the older syslog."""

from __future__ import annotations

import time

import pytest

from asynclog.records import Batch, Record
from asynclog.sinks.priorities import Priorities
from asynclog.sinks.rfc3164 import RFC3164

TIME = 1_646_558_144_681_220_999


def sent(line="text", level=20, **options):
    """Return the message for one record, in a place where local time is UTC."""
    settings = {
        "hostname": "host",
        "identity": "app",
        "process_id": 4013,
        "local_time": time.gmtime,
        **options,
    }
    return RFC3164(Priorities(), **settings).format(Record(TIME, level, "a", line), line)


def test_a_message_has_time_host_and_tag():
    """The day is padded with a space."""
    assert sent() == "<14>Mar  6 09:15:44 host app[4013]: text"


def test_the_host_can_be_left_out():
    """As the local daemon expects it."""
    assert sent(hostname=None) == "<14>Mar  6 09:15:44 app[4013]: text"


@pytest.mark.parametrize(("identity", "tag"), [("a b:c", "a_b_c"), ("x" * 40, "x" * 32)])
def test_the_tag_is_a_word(identity, tag):
    """What would end it is replaced."""
    assert f" {tag}[4013]: " in sent(identity=identity)


def test_the_host_is_a_word():
    """No space moves the fields."""
    assert " a_b app[" in sent(hostname="a b")


def test_a_line_break_cannot_begin_a_message():
    """Text is no way to forge one."""
    assert sent("a\n<34>b").endswith(": a\\n<34>b")


def test_the_time_is_local():
    """Seconds since the epoch are handed to the zone of this machine."""
    assert "Jan  2 00:00:00" in sent(local_time=lambda second: time.gmtime(86400))


def test_a_batch_is_a_message_for_each_line():
    """The seconds go on."""
    format_ = RFC3164(
        Priorities(), hostname=None, identity="i", process_id=1, local_time=time.gmtime
    )
    records = [Record(TIME, 20, "", "a"), Record(TIME + 10**9, 50, "", "b")]
    assert format_.format_batch(Batch(records, ["a", "b"])) == [
        "<14>Mar  6 09:15:44 i[1]: a",
        "<10>Mar  6 09:15:45 i[1]: b",
    ]
