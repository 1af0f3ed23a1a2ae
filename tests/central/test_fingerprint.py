"""Tests of asynclog.central.fingerprint."""

import importlib.util
import re
from itertools import combinations

import pytest

from asynclog.central.fingerprint import (
    DEFAULT,
    MAX_NAME,
    Fingerprint,
    Rule,
    fingerprint,
    storable,
)
from asynclog.central.normaliser import normalise
from asynclog.filters import labelled
from asynclog.tracebacks import capture
from tests.making import Hostile, record

SHOP = """
import json

class Order:
    def __init__(self, number): self.number = number
    def pay(self): return self.price() / 0
    def ship(self): raise KeyError(f"order {self.number} at {hex(id(self))}")
    def price(self): return self.number
    def load(self): return json.loads("{")
    def chain(self):
        try: self.ship()
        except KeyError as error: raise RuntimeError(f"order {self.number}") from error
    def chained(self):
        try: self.ship()
        except KeyError: raise RuntimeError(f"order {self.number}")
    def deep(self, depth):
        if depth: return self.deep(depth - 1)
        raise RecursionError(str(depth))
    def group(self):
        faults = []
        for one in (self.pay, self.ship):
            try: one()
            except Exception as error: faults.append(error)
        raise ExceptionGroup(f"{self.number} orders", faults)
    def lonely(self):
        try: self.pay()
        except Exception as error: raise ExceptionGroup("orders", [error])

def pay(number): Order(number).pay()
def pay_twice(number): pay(number)
def ship(number): Order(number).ship()
def load(number): Order(number).load()
def chain(number): Order(number).chain()
def chained(number): Order(number).chained()
def deep(number): Order(number).deep(3 + number)
def group(number): Order(number).group()
def lonely(number): Order(number).lonely()
"""
FAULTS = ["pay", "pay_twice", "ship", "load", "chain", "chained", "deep", "group", "lonely"]


def _shop(directory, moved=0):
    """Return the module as it is when installed in *directory*, with *moved* lines before it."""
    path = directory / "shop.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n" * moved + SHOP)
    spec = importlib.util.spec_from_file_location("shop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _fault(module, name, number):
    try:
        getattr(module, name)(number)
    except Exception as error:
        return record(
            f"failed for {number}", 40, template="failed for {}", exception=capture(error)
        )


def test_one_fault_with_other_values_places_and_lines_is_one_group(tmp_path):
    """Ids, addresses, line numbers, paths of installation and the depth of a recursion differ."""
    one, other = _shop(tmp_path / "a"), _shop(tmp_path / "b", moved=7)

    for name in FAULTS:
        assert fingerprint(_fault(one, name, 1)) == fingerprint(_fault(other, name, 2)), name


def test_unlike_faults_are_different_groups(tmp_path):
    """Of all pairs of the corpus."""
    shop = _shop(tmp_path)
    groups = {name: fingerprint(_fault(shop, name, 1)) for name in FAULTS}

    assert all(groups[a] != groups[b] for a, b in combinations(FAULTS, 2)), groups


def test_a_recursion_so_deep_that_frames_are_left_out_is_one_group(tmp_path):
    """Whatever its depth."""
    shop = _shop(tmp_path)

    assert fingerprint(_fault(shop, "deep", 100)) == fingerprint(_fault(shop, "deep", 200))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (record(level=30), record(level=40)),
        (record(label="a"), record(label="b")),
        (record("x"), record("y")),
        (record("x 1", template="x {}"), record("x 1", template="x  {}")),
    ],
    ids=["level", "label", "message", "template"],
)
def test_what_tells_lines_apart(one, other):
    """Level, label, and template or message."""
    assert fingerprint(one) != fingerprint(other)


def test_values_do_not_tell_lines_apart():
    """Neither those in the text nor attributes nor the time."""
    one = record("user 1", template="user {}", attributes={"a": 1})
    other = record("user 2", template="user {}", attributes={"a": 2})

    assert fingerprint(one) == fingerprint(other)


def test_the_logger_counts_instead_of_the_label():
    """So that a thousand virtual machines have one group each fault."""
    by_logger = Fingerprint(logger="shop")

    assert by_logger(record(label="vm/1")) == by_logger(record(label="vm/2"))


def test_messages_can_be_normalised():
    """Those without a template only."""
    normalised = Fingerprint(normalise=normalise)

    assert normalised(record("user 1")) == normalised(record("user 2"))
    one, other = record("u 1", template="u 1"), record("u 2", template="u 2")
    assert normalised(one) != normalised(other)


def test_a_call_says_its_group_itself():
    """Whatever else there is to the line."""
    one = record("x", 30, attributes={"fingerprint": "db-down"})
    other = record("y", 40, attributes={"fingerprint": "db-down"})

    assert fingerprint(one) == fingerprint(other) != fingerprint(record("x", 30))


def test_a_call_divides_its_group():
    """`{default}` stands for what it would be."""
    groups = {
        fingerprint(record(text, attributes={"fingerprint": [DEFAULT, tenant]}))
        for text in "xy"
        for tenant in "ab"
    }

    assert len(groups) == 4


def test_the_first_rule_that_matches_wins():
    """Rules go before the default, and a call's own word before rules."""
    ruled = Fingerprint(Rule(labelled("db*"), "one"), Rule(labelled("*"), "two"))

    assert ruled(record("x", label="db1")) == ruled(record("y", label="db2"))
    assert ruled(record("x", label="db1")) != ruled(record("x", label="web"))
    own = record("x", label="db1", attributes={"fingerprint": "three"})
    assert ruled(own) == fingerprint(own)


ODD = {
    "none": None,
    "number": 7,
    "hostile": Hostile(),
    "surrogate": "\udc80",
    "parts": ["a", Hostile()],
    "long": "x" * 10**6,
}


@pytest.mark.parametrize("name", ODD)
def test_any_value_is_a_fingerprint(name):
    """It is short, and of plain characters."""
    made = fingerprint(record(attributes={"fingerprint": ODD[name]}))

    assert re.fullmatch(r"x-[0-9a-z]{12}", made)


def test_a_message_that_utf8_cannot_hold_has_one():
    """And a long one, which is not remembered."""
    assert re.fullmatch(r"1-[0-9a-z]{12}", fingerprint(record("\udc80" * 1000)))


def test_fingerprints_stay_as_they_are():
    """Else groups in a store would fall apart: a change of these is a new version."""
    assert fingerprint(record("text", 40, label="db")) == "1-qd0t8hhj07ca"


@pytest.mark.parametrize(
    "make", [storable, lambda name: fingerprint(record(attributes={"fingerprint": name}))]
)
def test_all_of_a_long_name_tells_groups_apart(make):
    """Wherever it differs."""
    assert make("x" * 100_000 + "a") != make("x" * 100_000 + "b")


@pytest.mark.parametrize("name", ["db-down", "Datenbank nicht da", "x" * MAX_NAME])
def test_a_name_that_can_be_stored_stays(name):
    """It is what one looks for."""
    assert storable(name) == name


@pytest.mark.parametrize("name", ["", "~over", "a\nb", "a\0", "\udc80", 7, "x" * (MAX_NAME + 1)])
def test_a_name_that_cannot_be_stored_gets_a_fingerprint(name):
    """So that it is one in every place where groups are kept."""
    assert re.fullmatch(r"x-[0-9a-z]{12}", storable(name))
