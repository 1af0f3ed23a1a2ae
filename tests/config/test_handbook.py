"""Tests of asynclog.config.handbook."""

from pathlib import Path

import pytest

from asynclog.config import Registry
from asynclog.config.handbook import handbook_of
from asynclog.config.registry import FAMILIES, noun_of

PAGE = handbook_of(Registry(plugins=False))


def test_the_page_in_the_documentation_is_current():
    """Else: `asynclog schema --markdown > docs/reference/configuration.md`."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
    assert page.read_text() == PAGE


@pytest.mark.parametrize("family", FAMILIES, ids=noun_of)
def test_every_type_has_a_section(family):
    """With its options."""
    for name in Registry(plugins=False).names(family):
        assert f"### {noun_of(family).capitalize()} `{name}`\n" in PAGE


def test_an_option_has_a_line():
    """Its values, its default, and what it does."""
    assert (
        "| `factor` | a whole number from 2 to 20 | `10` |"
        " The queue has room for two to the power of this many lines. |\n"
    ) in PAGE
