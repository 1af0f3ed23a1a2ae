"""The timed scripts of Proxmox's BufferedLogger, on virtual time.

Text and order must be as the original's; times follow asynclog's rules, which a small model below
states anew: a label's lines go out when there are `max_lines` of them, when the oldest is
`max_age` old, on flush and on close.  Where text or order differs from what the original printed,
it is a fault of the original, and stands in DIFFERENCES.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from .adapter import buffered

VECTORS = json.loads((Path(__file__).parent / "vectors" / "proxmox.json").read_text())["vectors"]

DIFFERENCES = {
    ("unbuffered_zero_zero", "v7"): "the original spins for ever where both limits are zero",
    ("zero_lines_nonzero_time", "v7"): "the original prints each line twice at a zero limit",
}
"""Why the lines of a label differ from the original's, by name and implementation."""


def _id(vector):
    return f"{vector['name']}-{vector['impl']}"


def _expected(max_lines, max_ms, script):
    """Return `[ms, level, line]` by asynclog's rules, in order of time."""
    waiting, oldest, out, closed = defaultdict(list), {}, [], False

    def send(label, now):
        oldest.pop(label, None)
        out.extend([now, level, f"[{label}]: {text}"] for level, text in waiting.pop(label, ()))

    def age(now):
        for label, since in sorted(oldest.items(), key=lambda item: item[1]):
            if since + max_ms <= now:
                send(label, since + max_ms)

    for now, operation, label, *line in [*script, [10**9, "end", ""]]:
        age(now)
        if operation == "log" and not closed:
            waiting[label].append(line)
            oldest.setdefault(label, now)
            if len(waiting[label]) >= max_lines or max_ms == 0:
                send(label, now)
        elif operation == "flush" and not closed:
            send(label, now)
        elif operation in ("close", "drop"):
            for each in list(oldest):
                send(each, now)
            closed = True
    return out


def _by_label(emitted):
    lines = defaultdict(list)
    for _, level, line in emitted:
        lines[line.partition("]")[0]].append((level, line))
    return lines


@pytest.mark.parametrize("vector", VECTORS, ids=_id)
def test_times(vector):
    """Each line comes out at the moment that asynclog's rules say."""
    emitted = buffered(vector["max_lines"], vector["max_ms"], vector["script"])

    assert _expected(vector["max_lines"], vector["max_ms"], vector["script"]) == emitted


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if (v["name"], v["impl"]) not in DIFFERENCES], ids=_id
)
def test_text_and_order(vector):
    """Each label's lines are those of the original, in its order."""
    emitted = buffered(vector["max_lines"], vector["max_ms"], vector["script"])

    assert _by_label(vector["emitted"]) == _by_label(emitted)


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if (v["name"], v["impl"]) in DIFFERENCES], ids=_id
)
def test_differences_are_real(vector):
    """What is listed as a difference is one, and asynclog prints each line once."""
    emitted = buffered(vector["max_lines"], vector["max_ms"], vector["script"])
    sent = [f"[{label}]: {rest[1]}" for _, op, label, *rest in vector["script"] if op == "log"]

    assert _by_label(vector["emitted"]) != _by_label(emitted)
    assert sorted(sent) == sorted(line for _, _, line in emitted)


@pytest.mark.parametrize("vector", VECTORS, ids=_id)
def test_groups_are_bounded(vector):
    """No more than `max_lines` lines of a label come out at once while the label is buffered."""
    emitted = buffered(vector["max_lines"], vector["max_ms"], vector["script"])
    groups = defaultdict(int)
    for moment, _, line in emitted:
        groups[moment, line.partition("]")[0]] += 1

    assert max(groups.values()) <= max(1, vector["max_lines"])
