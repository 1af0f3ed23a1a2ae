"""Paths with attributes in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.records import Record
from asynclog.sinks.placeholders import PathTemplate, safe_name


def record(label="", **attributes):
    """Return a record with *attributes*."""
    return Record(0, 20, label, "m", attributes=attributes or None)


def test_attributes_are_filled_in():
    """In any part of the path, several in one name too."""
    template = PathTemplate("/logs/{tenant}/{user}-{port}.log")
    assert template.path_of(record(tenant="acme", user="ann", port=80)) == "/logs/acme/ann-80.log"


def test_the_label_can_be_filled_in():
    """Unless an attribute has its name."""
    template = PathTemplate("{label}.log")
    own = Record(0, 20, "ct-1", "m", attributes={"label": "own"})
    assert [template.path_of(one) for one in (record("ct-1"), own)] == ["ct-1.log", "own.log"]


def test_a_missing_attribute_has_a_name_of_its_own():
    """The record is not lost."""
    assert PathTemplate("{tenant}.log").path_of(record()) == "_missing.log"


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("/var/log/{a}/x.log", "/var/log"),
        ("logs/x-{a}.log", "logs"),
        ("{a}.log", "."),
        ("/{a}", "/"),
    ],
)
def test_the_root_is_above_the_first_placeholder(text, root):
    """Below it, no link is followed."""
    assert PathTemplate(text).root == Path(root)


def test_without_placeholders_it_is_a_plain_path():
    """Doubled braces are single ones."""
    template = PathTemplate("a{{b}}/x.log")
    assert (template.names, template.plain()) == ([], "a{b}/x.log")


@pytest.mark.parametrize("text", ["{}.log", "{a!r}", "{a:>10}", "{a.b[0]}", "{a b}", "{a", "a}"])
def test_anything_but_a_name_is_refused(text):
    """No access to what an attribute holds, and no format."""
    with pytest.raises(ValueError, match=rf"^path: .* got {re.escape(repr(text))}"):
        PathTemplate(text)


@pytest.mark.parametrize("value", ["acme", "a.b-C_9", "x" * 64, 17])
def test_harmless_values_stay_as_they_are(value):
    """They can be found by name."""
    assert safe_name(value) == str(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "../../etc/cron.d/x",
        "/etc/passwd",
        "a/b",
        "a\0b",
        "~",
        ".hidden",
        "é",
        "x" * 300,
        "\ud800",
    ],
)
def test_other_values_become_a_name_that_leads_nowhere(value):
    """With a digest, so that different values keep different files."""
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}-[0-9a-f]{16}", safe_name(value))


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_different_values_have_different_names(one, other):
    """And every name is one, short and harmless."""
    assert (safe_name(one) == safe_name(other)) == (one == other)
    assert Path(safe_name(one)).name == safe_name(one)
    assert len(safe_name(one)) <= 81


class Hostile:
    """A value whose text cannot be had."""

    def __str__(self):
        raise RuntimeError


def test_a_value_that_raises_loses_no_record():
    """Its error names the file."""
    assert safe_name(Hostile()) == "RuntimeError"
