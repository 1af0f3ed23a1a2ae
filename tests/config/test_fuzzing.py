"""No document gives anything but a logger that runs, or a `ConfigError`."""

import asyncio
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.config.documents import parse_json, parse_toml

from .fuzzing import KEYS, TYPES, VALUES, document, fuzz, try_out

SCALARS = st.sampled_from(VALUES + TYPES) | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), ANYTHING, max_size=3))
def test_any_mapping_gives_a_logger_or_a_config_error(source):
    """However wrong."""
    asyncio.run(try_out(source))


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_nearly_a_configuration_gives_one_or_the_other(random):
    """Right types with wrong values, and the other way round."""
    asyncio.run(try_out({"root": document(Random(random.random()))}))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:1ae \n', max_size=60).map(str.encode))
@pytest.mark.parametrize("parse", [parse_json, parse_toml])
def test_any_bytes_are_a_document_or_a_value_error(parse, data):
    """Of either language."""
    with suppress(ValueError):
        parse(data)


def test_a_run_of_the_script_finds_both():
    """Loggers, and mistakes, among sources of each kind."""
    loggers = asyncio.run(fuzz(150, 1))
    assert loggers.keys() == {"mapping", "JSON", "TOML"}
    assert all(0 < made < 150 for made in loggers.values())


def test_a_mapping_within_itself_is_no_configuration():
    """It is nested too deeply."""
    source = {}
    source["root"] = [source]
    assert asyncio.run(try_out(source)) is False
