"""Tests of asynclog.config.hints: wrong configurations that people really write."""

import json

import pytest
from click.testing import CliRunner

from asynclog.cli.app import app

from .making import HANDLER, handled, mistake, sunk

WRITTEN = {
    "a misspelt option": (
        handled(formatter={"type": "string", "pattren": "{message}"}),
        'root[0].formatter.pattren: a formatter of type "string" has no option "pattren"',
        'did you mean "pattern"?',
    ),
    "a misspelt type": (sunk(type="consol"), "root[0].sinks[0].type: ", 'did you mean "console"?'),
    "a class of the standard library": (
        sunk(type="logging.handlers.RotatingFileHandler"),
        "root[0].sinks[0].type: ",
        'here the sink is called "rolling_file"',
    ),
    "an option of the standard library": (
        sunk(type="file", filename="app.log"),
        "root[0].sinks[0].filename: ",
        'here it is called "path"',
    ),
    "a file for dictConfig": (
        {"version": 1, "handlers": {}, "root": {"handlers": []}},
        "this is a configuration of the standard library (logging.config.dictConfig)",
        '{"root": [{"formatter": ',
    ),
    "a format of the standard library": (
        handled(formatter={"type": "string", "pattern": "%(asctime)s %(message)s"}),
        "root[0].formatter.pattern: this is a format of the standard library",
        "write {message} for %(message)s",
    ),
    "a port in quotes": (
        sunk(type="tcp", host="logs", port="5140"),
        'root[0].sinks[0].port: expected a whole number from 1 to 65535, got "5140"',
        "write it without quotes",
    ),
    "a level that is none": (handled(level="verbose"), "root[0].level: ", 'called "DEBUG"'),
    "a misspelt level": (handled(level="WARNNING"), "root[0].level: ", 'mean "WARNING"?'),
    "one handler, not a list": (
        {"root": HANDLER},
        "root: expected a list of handlers",
        "write [ ] around it (in TOML, a table of a list is headed by [[ ]])",
    ),
    "one sink, not a list": (
        handled(sinks={"type": "console"}),
        "root[0].sinks: expected a list of sinks",
        "write [ ] around it",
    ),
    "a type alone": (
        handled(formatter="json"),
        "root[0].formatter: expected a formatter",
        'write {"type": "json"}',
    ),
    "a pattern alone": (
        handled(formatter="%(asctime)s %(message)s"),
        "root[0].formatter: expected a formatter",
        'write {"type": "string", "pattern": ...}',
    ),
    "a span with its unit": (
        sunk(type="rolling_file", path="x", keep_age="7 days"),
        'root[0].sinks[0].keep_age: expected a number above 0, got "7 days"',
        "write it in seconds: 604800",
    ),
    "another period with its unit": (
        sunk(type="rolling_file", path="x", every="10 min"),
        'root[0].sinks[0].every: expected one of "day", "hour" or a number above 0',
        "write it in seconds: 600",
    ),
    "an option of a central sink": (
        sunk(type="central", url="redis://u:hunter2@h", flush_intervall=2),
        'root[0].sinks[0].flush_intervall: a sink of type "central" has no option',
        'did you mean "flush_interval"?',
    ),
    "another server for a central sink": (
        sunk(type="central", url="kafka://u:hunter2@h"),
        "root[0].sinks[0].url: expected one of redis://, rediss://",
        "sqlite://, postgresql:// at its beginning, got kafka://...",
    ),
    "no database for a central sink": (
        sunk(type="central", url="postgresql://u:hunter2@h"),
        "root[0].sinks[0].url: expected the name of a database behind the host",
        "",
    ),
    "a type under another name": (
        sunk(**{"class": "file", "path": "x"}),
        "root[0].sinks[0]: each sink must have a type",
        'write "type" for "class"',
    ),
    "a unit in other letters": (
        sunk(type="rolling_file", path="x", size="10mb"),
        "root[0].sinks[0].size: ",
        'did you mean "10MB"?',
    ),
    "a period of the standard library": (
        sunk(type="rolling_file", path="x", every="midnight"),
        "root[0].sinks[0].every: ",
        'here it is called "day"',
    ),
    "a misspelt table of settings": (
        {"asynclgo": {"max_lines": 1}} | handled(),
        "asynclgo: ",
        'did you mean "asynclog"?',
    ),
    "a variable that is not set": (
        sunk(type="file", path="${NOT_SET_ANYWHERE}/x"),
        "root[0].sinks[0].path: the environment has no variable NOT_SET_ANYWHERE",
        "write ${NOT_SET_ANYWHERE:-default}",
    ),
    "a truth in quotes": (
        sunk(type="tcp", host="logs", port=1, tls="true"),
        "root[0].sinks[0].tls: expected true or false",
        "write it without quotes",
    ),
    "a misspelt policy": (
        handled(overflow="drop_oldst"),
        "root[0].overflow: ",
        'did you mean "drop_oldest"?',
    ),
    "a type as a key": (
        sunk(file={"path": "x"}),
        "root[0].sinks[0]: each sink must have a type",
        'write {"type": "file", ...}',
    ),
    "no globs": (
        handled(filter={"type": "labelled", "globs": []}),
        "root[0].filter.globs: expected a list of texts, got an empty list",
        "",
    ),
    "a number for settings": (
        {"asynclog": 5} | handled(),
        "asynclog: expected an object, got 5",
        "",
    ),
    "permissions as a number": (
        sunk(type="file", path="x", mode=640),
        "root[0].sinks[0].mode: expected text",
        "such as '0640'",
    ),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_the_message_says_where_and_how_to_mend_it(written):
    """In one line."""
    source, where, remedy = WRITTEN[written]
    told = mistake(source)
    assert told.startswith(where)
    assert remedy in told
    assert "\n" not in told


@pytest.mark.parametrize("written", WRITTEN)
def test_check_says_it_on_the_command_line(written, tmp_path):
    """File, path, value, what is allowed and the remedy, in one line."""
    source, where, remedy = WRITTEN[written]
    path = tmp_path / "logging.json"
    path.write_text(json.dumps(source))
    done = CliRunner().invoke(app, ["check", str(path)])
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"{path}: {where}")
    assert remedy in told
    assert "hunter2" not in told
    assert (done.exit_code, done.stdout) == (1, "")
