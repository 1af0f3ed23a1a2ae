"""Options as users and files give them."""

from types import MappingProxyType

import pytest

from asynclog.errors import PatternError
from asynclog.formatters import options


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (options.expect_bool, True),
        (options.expect_bool, False),
        (options.expect_text, "text"),
        (options.expect_mapping, MappingProxyType({"a": 1})),
        (options.expect_strings, {"a": "b"}),
    ],
)
def test_a_good_value_is_given_back(check, value):
    """There is nothing to say about it."""
    assert check("option", value) == value


@pytest.mark.parametrize("names", [["a", "b"], ("a", "b")])
def test_names_are_any_sequence_of_strings(names):
    """JSON has lists, Python tuples as well."""
    assert options.expect_names("option", names) == ("a", "b")


@pytest.mark.parametrize("check", [options.expect_mapping, options.expect_strings])
def test_no_mapping_is_an_empty_one(check):
    """The option was not given."""
    assert check("option", None) == {}


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (options.expect_bool, "yes", "option: expected true or false, got 'yes'"),
        (options.expect_bool, 1, "option: expected true or false, got 1"),
        (options.expect_text, 5, "option: expected a string, got 5"),
        (options.expect_mapping, ["a"], r"option: expected an object \(a mapping\), got \['a'\]"),
        (options.expect_mapping, {1: 2}, "option: key: expected a string, got 1"),
        (options.expect_strings, {"a": 1}, "option.a: expected a string, got 1"),
        (options.expect_names, "abc", "option: expected a list of strings, got 'abc'"),
        (options.expect_names, b"abc", "option: expected a list of strings"),
        (options.expect_names, None, "option: expected a list of strings, got None"),
        (options.expect_names, ["a", 1], r"option\[1\]: expected a string, got 1"),
    ],
)
def test_a_bad_value_is_refused_by_name(check, value, message):
    """The message names the option, what is allowed, and the value."""
    with pytest.raises(PatternError, match=message):
        check("option", value)


def test_a_key_that_is_not_known_is_refused():
    """A misspelt option would be ignored without a word."""
    with pytest.raises(PatternError, match="json: expected no other keys than a, b, got 'route'"):
        options.expect_known("json", {"a": 1, "route": 2}, ("a", "b"))


def test_known_keys_are_no_error():
    """All of them need not be there."""
    options.expect_known("json", {"a": 1}, ("a", "b"))


def test_a_huge_value_is_cut_in_the_message():
    """The error is one line that people can read."""
    with pytest.raises(PatternError) as caught:
        options.expect_text("option", ["x" * 10_000])
    assert len(str(caught.value)) < 1000
