"""Tests of asynclog.cli.check, asynclog.cli.sample and asynclog.cli.schema."""

import json

import pytest
from click.testing import CliRunner

from asynclog.cli.app import app
from asynclog.cli.sample import parse_record

CONFIG = """
[asynclog]
level = "INFO"
levels = { "db.*" = "DEBUG" }

[[root]]
filter = { type = "labelled", globs = ["db.*", "web"] }
formatter = { type = "string", pattern = "{severity} {message}" }

  [[root.sinks]]
  type = "console"
  filter = { type = "severity", threshold = "WARNING" }

  [[root.sinks]]
  type = "asynchronous"
  sink = { type = "file", path = "${LOGS}/app.log" }

[[root]]
level = "ERROR"
formatter = { type = "json" }

[[audit]]
formatter = { type = "tskv" }
sinks = [{ type = "null" }]
"""

BARE = "[[root]]\nformatter = {type = 'json'}\n"


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The path of a configuration that can be used."""
    monkeypatch.setenv("LOGS", "/var/secret")
    monkeypatch.delenv("ASYNCLOG_LEVEL", raising=False)
    path = tmp_path / "logging.toml"
    path.write_text(CONFIG)
    return str(path)


def run(*arguments):
    """Return what the command does."""
    return CliRunner().invoke(app, arguments)


def test_the_way_is_shown_as_a_tree(config):
    """With the options that were set, as they stand in the file."""
    done = run("check", config, "--logger", "root")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        'root level="INFO" levels={db.*: "DEBUG"}',
        "├── handler blocking",
        '│   ├── filter labelled globs=["db.*", "web"]',
        '│   ├── formatter string pattern="{severity} {message}"',
        "│   ├── sink console",
        '│   │   └── filter severity threshold="WARNING"',
        "│   └── sink asynchronous",
        '│       └── sink file path="${LOGS}/app.log"',
        '└── handler blocking level="ERROR"',
        "    ├── formatter json",
        "    └── no sinks: lines are formatted and thrown away",
    ]


def test_all_loggers_are_shown_unless_one_is_named(config):
    """One tree each."""
    assert "\naudit level=" in run("check", config).stdout


@pytest.mark.parametrize(
    ("record", "console", "file"),
    [
        (
            {"level": "INFO", "label": "web", "message": "hello"},
            'stopped by filter severity threshold="WARNING"',
            "INFO hello",
        ),
        ({"level": "ERROR", "label": "web", "message": "lost"}, "ERROR lost", "ERROR lost"),
        ({"level": "ERROR", "label": "x"}, "stopped by filter labelled", "stopped by filter"),
    ],
)
def test_what_becomes_of_a_record_is_shown_at_each_sink(config, record, console, file):
    """Its line, or what stops it."""
    lines = run("check", config, "--record", json.dumps(record)).stdout.splitlines()
    assert console in lines[6]
    assert file in lines[9]


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_what_becomes_of_a_record_is_coloured_where_that_is_wanted(
    config, no_colour, coloured, monkeypatch
):
    """On terminals only, as all other tests here show, and not with NO_COLOR."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "NO_COLOR": no_colour}.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[31m" in run("check", config, "--record", "{}").stdout) is coloured


def test_a_level_of_the_label_stops_a_record_early(config):
    """Before any handler."""
    done = run("check", config, "--logger", "root", "--record", '{"level": 5, "label": "db.x"}')
    assert done.stdout.splitlines()[1:] == ['└── stopped: labels such as "db.x" have level DEBUG']


def test_a_filter_of_the_logger_stops_a_record(tmp_path):
    """Before any handler, too."""
    path = tmp_path / "a.toml"
    path.write_text("[asynclog]\nfilter = {type = 'labelled', globs = ['db']}\n" + BARE)
    assert run("check", str(path), "--record", "{}").stdout.splitlines() == [
        "root",
        '├── filter labelled globs=["db"]',
        '└── stopped by filter labelled globs=["db"]',
    ]


def test_the_environment_s_level_stops_a_record(config, monkeypatch):
    """As it will in a program that loads the file."""
    monkeypatch.setenv("ASYNCLOG_LEVEL", "critical")
    done = run("check", config, "--logger", "audit", "--record", '{"level": "ERROR"}')
    assert 'stopped: labels such as "sample" have level CRITICAL' in done.stdout


def test_a_level_of_the_environment_that_is_none_is_a_mistake(config, monkeypatch):
    """It has the variable's name."""
    monkeypatch.setenv("ASYNCLOG_LEVEL", "loud")
    done = run("check", config)
    assert done.exit_code == 1
    assert f"{config}: ASYNCLOG_LEVEL: expected a whole number or one of TRACE" in done.stderr


def test_a_filter_of_the_logger_that_cannot_be_made_is_a_mistake(tmp_path):
    """It is made, too, though no record is given."""
    path = tmp_path / "a.toml"
    keep = "{type = 'none_of', filters = [{type = 'sampled', rate = 0.1}]}"
    path.write_text(f"[asynclog]\nfilter = {keep}\n{BARE}")
    done = run("check", str(path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{path}: asynclog.filter")


def test_the_environment_names_the_file(config, monkeypatch):
    """Where the command line does not."""
    monkeypatch.setenv("ASYNCLOG_CONFIG", config)
    assert run("check").exit_code == 0


def test_every_mistake_is_one_line_on_stderr(tmp_path):
    """The status says that there are some."""
    path = tmp_path / "bad.json"
    path.write_text(
        '{"root": [{"level": "lod", "formatter": {"type": "json"}, "sinks": [{"type": "consol"}]}]}'
    )
    done = run("check", str(path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert [line.partition(": expected")[0] for line in done.stderr.splitlines()] == [
        f"{path}: root[0].sinks[0].type",
        f"{path}: root[0].level",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["/no/such.toml"], 1, "/no/such.toml: cannot be read: No such file or directory"),
        ([], 2, "name a file, or set ASYNCLOG_CONFIG"),
        (["x.toml", "--record", "[]"], 2, 'expected an object such as {"level": "ERROR"'),
        (["x.toml", "--record", '{"level": "loud"}'], 2, "expected a whole number or one of"),
        (["x.toml", "--record", '{"label": 5}'], 2, "label: expected text, got 5"),
        (["x.toml", "--record", '{"attributes": 5}'], 2, "attributes: expected an object, got 5"),
    ],
)
def test_mistakes_of_the_user_are_told(arguments, status, told, monkeypatch):
    """Without a traceback."""
    monkeypatch.delenv("ASYNCLOG_CONFIG", raising=False)
    done = run("check", *arguments)
    assert (done.exit_code, told in done.stderr) == (status, True)


def test_an_unknown_logger_is_told(config):
    """With those that there are."""
    done = run("check", config, "--logger", "rot")
    assert done.exit_code == 1
    assert 'rot: the configuration has no such logger; did you mean "root"?' in done.stderr


@pytest.mark.parametrize("text", ["", "[asynclog]\nlevel = 'INFO'\n"])
def test_a_configuration_without_loggers_is_a_mistake(tmp_path, text):
    """As it is for a program that loads it."""
    path = tmp_path / "logging.toml"
    path.write_text(text)
    done = run("check", str(path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "root: the configuration has no such logger; it has none: write" in done.stderr


def test_what_is_no_field_of_a_record_is_an_attribute():
    """On its own, or in `attributes`."""
    record = parse_record('{"message": "m", "size": 7, "attributes": {"a": [1]}}')
    assert (record.message, record.attributes) == ("m", {"a": [1], "size": 7})


def test_the_schema_is_printed():
    """As JSON."""
    done = run("schema")
    assert json.loads(done.stdout)["title"] == "A configuration of asynclog"
