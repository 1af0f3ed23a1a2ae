"""What a gatherer may do with the batches that it holds."""

import pytest

from asynclog.central.leases import Leases
from asynclog.central.scripts import Meta


def meta(second=5, claimed_ms=1000, size=10):
    """Return what the server says of a batch."""
    return Meta(second, 1, 0, 2, size, claimed_ms, "me")


@pytest.fixture(name="leases")
def _leases():
    return Leases(lease_ms=30_000, horizon_ms=2_000)


def names(held):
    """Return the names of batches."""
    return [one.batch for one in held]


def test_a_batch_is_due_when_its_claim_is_as_old_as_the_horizon(leases):
    """By the server's clock."""
    leases.take("a", meta(), 0)

    assert names(leases.due(2_999, 100)) == []
    assert names(leases.due(3_000, 100)) == ["a"]
    assert leases.wait_ms(2_400) == 600


def test_the_oldest_second_comes_first(leases):
    """As long as there is room for the payloads."""
    for name, second in (("a", 7), ("b", 5), ("c", 6)):
        leases.take(name, meta(second, size=40), 0)

    assert names(leases.due(3_000, 100)) == ["b", "c"]


def test_a_batch_larger_than_the_room_goes_alone(leases):
    """It will never be smaller."""
    for name in "ab":
        leases.take(name, meta(size=1000), 0)

    assert names(leases.due(3_000, 100)) == ["a"]


def test_what_is_stored_is_not_delivered_again(leases):
    """It waits to be acknowledged."""
    leases.take("a", meta(), 0)
    leases.stored("a", 3)

    assert leases.due(9_000, 100) == []
    assert leases.wait_ms(9_000) is None
    assert [(one.batch, one.stored) for one in leases.unacknowledged()] == [("a", 3)]


def test_a_lease_is_renewed_after_a_third_of_its_time(leases):
    """So that two renewals may fail."""
    leases.take("a", meta(), 0)
    assert leases.fading(9_999) == []
    assert leases.fading(10_000) == ["a"]

    leases.renewed("a", 10_000)
    assert leases.fading(19_999) == []


def test_a_lost_lease_is_forgotten(leases):
    """Whatever is said of it later."""
    leases.take("a", meta(), 0)
    leases.drop("a")
    leases.renewed("a", 1)
    leases.stored("a", 1)

    assert len(leases) == 0


def test_only_a_ripe_claim_is_delivered(leases):
    """A younger one may be undone by a crash of the server."""
    assert not leases.ripe(1_999)
    assert leases.ripe(2_000)
