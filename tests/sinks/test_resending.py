"""What is sent again."""

from __future__ import annotations

from asynclog.sinks import resending
from asynclog.sinks.resending import Recent


def chunks(doubtful):
    """Return the bytes only."""
    return [chunk for chunk, _ in doubtful]


def test_what_was_taken_of_late_is_doubtful():
    """In order; what was taken long before counts as read."""
    recent = Recent(5)
    recent.add([b"a"], 0)
    recent.add([b"b", b"c"], 3)
    assert chunks(recent.doubtful(6)) == [b"b", b"c"]


def test_it_is_doubtful_once():
    """Whoever takes it sends it."""
    recent = Recent(5)
    recent.add([b"a"], 0)
    recent.doubtful(0)
    assert (recent.doubtful(0), len(recent)) == ([], 0)


def test_only_so_many_bytes_are_remembered():
    """The latest."""
    recent = Recent(5, max_bytes=4)
    recent.add([b"aa", b"bb", b"cc"], 0)
    assert (len(recent), chunks(recent.doubtful(0))) == (4, [b"bb", b"cc"])


def test_it_counts_how_often_bytes_were_sent_again():
    """And gives up in the end: a server that always breaks must not stop all others' lines."""
    recent, times = Recent(5), 0
    pending = [(b"a", 0)]
    while pending:
        recent.add([b"a"], 0, pending[0][1])
        pending = recent.doubtful(0)
        times += 1
    assert times == resending.MAX_RESENDS + 1


def test_without_time_nothing_is_remembered():
    """Then no line comes twice."""
    recent = Recent(0)
    recent.add([b"a"], 0)
    assert recent.doubtful(0) == []


def test_time_passes_also_while_nothing_is_added():
    """Memory is given back."""
    recent = Recent(5)
    recent.add([b"a"], 0)
    recent.expire(6)
    assert len(recent) == 0
