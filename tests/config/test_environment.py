"""Tests of asynclog.config.environment."""

import pytest

from asynclog.config import load_config
from asynclog.config.environment import expand
from asynclog.config.loading import read_config
from asynclog.errors import ConfigError

from .making import handled, mistake, mistakes, sunk

SECRET = "hunter2 and more"


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${A}", "one"),
        ("<${A}-${A}>", "<one-one>"),
        ("${NONE:-two}", "two"),
        ("${EMPTY:-two}", "two"),
        ("${A:-two}", "one"),
        ("${EMPTY}", ""),
        ("$${A} $A {A}", "${A} $A {A}"),
    ],
)
def test_references_are_replaced(text, expanded):
    """By the variable, or else by the default."""
    assert expand(text, {"A": "one", "EMPTY": ""}) == expanded


def test_what_comes_from_the_environment_is_not_expanded_again():
    """A value is data."""
    assert expand("${A}", {"A": "${B}", "B": "x"}) == "${B}"


def test_numbers_and_truth_may_come_from_the_environment():
    """There all is text."""
    source = sunk(type="tcp", host="h", port="${PORT}", tls="${TLS}")
    sink = read_config(source, environment={"PORT": "514", "TLS": "true"})[1].loggers["root"][0]
    assert (sink.sinks[0].port, sink.sinks[0].tls) == (514, True)


@pytest.mark.parametrize(
    "source",
    [
        sunk(type="tcp", host="${S}", port=1),
        sunk(type="tcp", host="h", port="${S}"),
        sunk(type="${S}"),
        sunk(type="file", path="x", flush="${S}"),
        sunk(type="tcp", host="h", port=1, tls=True, ca_file="/none/${S}"),
        handled(formatter={"type": "string", "pattern": "{${S}"}),
        handled(level="${S}"),
        handled(redact={"patterns": ["(${S}"]}),
        {"asynclog": {"overflow": "${S}"}} | handled(),
    ],
)
def test_no_error_shows_a_value_of_the_environment(source):
    """Only the text of the file."""
    told = "\n".join(mistakes(source, environment={"S": SECRET}))
    assert "hunter" not in told


@pytest.mark.parametrize("secret", ["${hunter2}", "{hunter2:%z}", "x{y}hunter2", "(hunter2"])
@pytest.mark.parametrize("text", ["${S}", "pre-${S}", "/x/${S}/y", "{a}${S}"])
@pytest.mark.parametrize(
    "make",
    [
        lambda text: handled(formatter={"type": "json", "formatting": {"k": text}}),
        lambda text: handled(formatter={"type": "string", "pattern": text}),
        lambda text: handled(redact={"patterns": [text]}),
        lambda text: sunk(type="file", path=text),
        lambda text: sunk(type="udp", host=text, port=1),
    ],
)
def test_no_error_shows_a_part_of_a_value_either(make, text, secret):
    """However the text was taken apart before the mistake was found."""
    error = ConfigError("", ())  # some of these can be used
    try:
        load_config(make(text), environment={"S": secret})
    except ConfigError as caught:
        error = caught
    assert "hunter" not in str(error)


def test_no_error_shows_what_a_file_calls_a_password():
    """Nor a password in a URL."""
    told = mistakes({"asynclog": {"password": "hunter2", "level": "redis://u:hunter2@h"}})
    assert "hunter2" not in "\n".join(told)


def test_no_repr_shows_a_value():
    """Models show the names of their options."""
    loaded = read_config(sunk(type="tcp", host="${S}", port=1), environment={"S": "hunter2"})
    assert "hunter2" not in repr(loaded.config)
    assert "hunter2" not in repr(loaded.config.loggers["root"][0].sinks[0])


def test_the_environment_names_the_file(tmp_path):
    """Where the program names none."""
    path = tmp_path / "logging.toml"
    path.write_text("[[root]]\nformatter = {type = 'json'}\nsinks = [{type = 'console'}]\n")
    logger = load_config(environment={"ASYNCLOG_CONFIG": str(path)})
    assert repr(logger) == "BufferedLogger(max_lines=100, max_age=5, new)"


def test_without_a_name_there_is_no_file():
    """And the message says what to set."""
    assert "set ASYNCLOG_CONFIG" in mistake(None, environment={})


def test_the_environment_s_level_goes_first():
    """Before that of the file."""
    source = {"asynclog": {"level": "ERROR"}} | handled()
    logger = load_config(source, environment={"ASYNCLOG_LEVEL": "debug"})
    assert logger.sender_with_label("a")._threshold.threshold == 10


def test_the_environment_s_level_must_be_one():
    """The mistake has the variable's name."""
    told = mistake(handled(), environment={"ASYNCLOG_LEVEL": "loud"})
    assert told.startswith("ASYNCLOG_LEVEL: expected a whole number or one of TRACE")
