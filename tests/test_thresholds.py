"""Tests of asynclog.thresholds, and of levels by label in a logger."""

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.sinks import MemorySink
from asynclog.thresholds import Thresholds


@pytest.mark.parametrize(
    ("label", "level"),
    [("db.pool", 10), ("db.pool.wait", 40), ("web", 20), ("DB.pool", 20), ("db", 20)],
)
def test_the_longest_glob_that_matches_decides(label, level):
    """And where none does, the common level."""
    thresholds = Thresholds(20, {"db.*": "DEBUG", "db.pool.*": "ERROR"})
    assert thresholds.level_of(label) == level


def test_of_globs_of_one_length_the_last_decides():
    """As one who sets it expects."""
    thresholds = Thresholds(20, {"?b": 30, "a*": 40})
    assert thresholds.level_of("ab") == 40
    thresholds.set_level(30, "?b")
    assert thresholds.level_of("ab") == 30


def test_a_threshold_in_use_changes():
    """Each sender of a label looks at the same one."""
    thresholds = Thresholds(20)
    one = thresholds.of("db.pool")
    thresholds.set_level("DEBUG", "db.*")
    assert (one.threshold, thresholds.of("db.pool") is one) == (10, True)


def test_a_level_can_be_taken_back():
    """Of a glob, and of all."""
    thresholds = Thresholds(20, {"db.*": 10})
    thresholds.set_level("ERROR")
    thresholds.set_level(None, "db.*")
    assert thresholds.level_of("db.pool") == 40
    thresholds.set_level(None)
    assert thresholds.level_of("db.pool") == 20


def test_what_no_handler_takes_is_not_even_made():
    """Whatever the level of the label."""
    thresholds = Thresholds(20, {"db.*": 10})
    one = thresholds.of("db.pool")
    thresholds.set_floor(30)
    assert one.threshold == 30
    thresholds.set_floor(0)
    assert one.threshold == 10


@pytest.mark.parametrize(("level", "labels"), [("loud", "db.*"), (10, ""), (10, 5), ("loud", None)])
def test_a_bad_level_or_glob_is_told(level, labels):
    """With its value."""
    with pytest.raises(ValueError, match="expected"):
        Thresholds(20).set_level(level, labels)


def test_a_label_that_nobody_uses_is_forgotten():
    """Labels may be without number."""
    thresholds = Thresholds(20)
    for number in range(100):
        thresholds.of(f"request {number}")
    assert len(thresholds._known) == 0


async def test_a_logger_s_labels_have_levels_that_change_while_it_runs():
    """Bound senders follow, too."""
    sink = MemorySink()
    async with BufferedLogger(
        0, 0, handlers=Handler(sink), level="INFO", levels={"db.*": "DEBUG"}
    ) as logger:
        web, pool = (logger.sender_with_label(label) for label in ("web", "db.pool"))
        await web.debug("no")
        await pool.bind(a=1).debug("one")
        logger.set_level("ERROR", "db.*")
        await pool.info("no")
        logger.set_level("DEBUG")
        await web.debug("two")
    assert [record.message for record in sink.records] == ["one", "two"]
