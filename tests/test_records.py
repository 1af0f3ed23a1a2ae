"""One record for each line."""

from __future__ import annotations

import gc

import pytest

from asynclog.records import Batch, Caller, Origin, Record

from .making import batch_of, record

ORIGIN = Origin(1, "p", 2, 3, "main", None)


@pytest.mark.parametrize(
    ("value", "field"),
    [(ORIGIN, "task_name"), (Caller("a.py", 1, "f"), "line"), (batch_of("x"), "lines")],
    ids=["origin", "caller", "batch"],
)
def test_what_is_shared_cannot_be_changed(value, field):
    """Several records, and several sinks, hold the same one."""
    with pytest.raises(AttributeError, match="immutable"):
        setattr(value, field, None)


def test_a_record_needs_time_level_label_and_message_only():
    """All else may be absent."""
    bare = Record(1, 20, "a", "text")
    assert (bare.template, bare.attributes, bare.exception, bare.origin, bare.caller) == (None,) * 5


def test_records_do_not_burden_the_garbage_collector():
    """A backlog of many thousands would be walked again and again."""
    assert not gc.is_tracked(record(attributes={"a": [1]}))


def test_a_batch_is_as_long_as_its_records():
    """Lines stand beside them."""
    assert len(batch_of("x", "y")) == 2
    assert len(Batch([], [])) == 0
