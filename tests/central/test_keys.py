"""Tests of asynclog.central.keys."""

import pytest

from asynclog.central.keys import Keys


def test_all_keys_of_a_shard_are_in_one_slot():
    """The part in braces is all that a cluster looks at."""
    keys = Keys("shop", 3)
    names = [keys.pending, keys.claims, keys.cmeta, keys.state, keys.drops, keys.dead]
    names += [keys.ts(1), keys.ev(1), keys.claimed_ts("b"), keys.claimed_ev("b"), keys.prod("s")]

    assert {name.partition(":p")[0][:8] for name in names} == {"{shop:3}"}
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["", "a b", "a{b", "a}", "x" * 65, None, "é"])
def test_a_namespace_that_would_break_the_tag_is_refused(name):
    """One line says what is allowed."""
    with pytest.raises(ValueError, match=r"^namespace: expected .*letters"):
        Keys(name, 0)
