"""Tests of asynclog.config.loading, and of all that it puts together."""

import os
from pathlib import Path

import pytest

from asynclog.config import Registry, load_config, loading
from asynclog.config.loading import read_config
from asynclog.errors import AsynclogError, ConfigError
from asynclog.sinks import MemorySink

from .making import HANDLER, handled, mistake, mistakes, sunk


async def test_a_mapping_becomes_a_logger(capfd):
    """Lines of Blackhole's console sink go to standard output."""
    async with load_config({"root": [HANDLER]}) as builder:
        await builder.sender_with_label("a").info("hello")
    assert capfd.readouterr() == ("hello\n", "")


async def test_both_languages_say_the_same(tmp_path, capfd):
    """A file is read by its suffix; a mark at its beginning does not matter."""
    (tmp_path / "a.json").write_bytes(
        b'\xef\xbb\xbf{"own": [{"formatter": {"type": "string", "pattern": "<{message}>"},'
        b' "sinks": [{"type": "console"}]}]}'
    )
    (tmp_path / "a.toml").write_text(
        "[[own]]\nformatter = {type = 'string', pattern = '<{message}>'}\n"
        "sinks = [{type = 'console'}]\n"
    )
    for name in ("a.json", "a.toml"):
        async with load_config(str(tmp_path / name), logger="own") as builder:
            await builder.sender_with_label("a").info(name)
    assert capfd.readouterr().out == "<a.json>\n<a.toml>\n"


def test_all_mistakes_are_told_at_once(tmp_path):
    """Of reading and of making, of all loggers; each in a line that begins with the file."""
    path = tmp_path / "bad.json"
    path.write_text(
        '{"a": [{"formatter": {"type": "string", "pattern": "{"}, "levle": 5}],'
        ' "b": [{"sinks": [{"type": "file", "path": "/"}, {"type": "tcp", "host": ""}]}]}'
    )
    with pytest.raises(ConfigError) as error:
        load_config(path, logger="a")
    assert sorted(line.split(": ")[1] for line in str(error.value).splitlines()) == [
        "a[0].formatter.pattern",
        "a[0].levle",
        "b[0].formatter",
        "b[0].sinks[0].path",
        "b[0].sinks[1].port",
    ]
    assert all(line.startswith(f"{path}: ") for line in str(error.value).splitlines())


def test_all_mistakes_of_making_are_told_at_once():
    """Though a handler with a bad formatter cannot be made anyway."""
    told = mistakes(
        handled(
            formatter={"type": "string", "pattern": "{"},
            sinks=[{"type": "file", "path": ""}, {"type": "udp", "host": "", "port": 1}],
        )
    )
    assert [one.partition(":")[0] for one in told] == [
        "root[0].formatter.pattern",
        "root[0].sinks[0].path",
        "root[0].sinks[1].host",
    ]


def test_the_error_is_one_of_asynclog_s_and_a_bad_value():
    """So that both ways to catch it work; it survives being copied."""
    with pytest.raises(ConfigError) as error:
        load_config({"root": 5})
    assert isinstance(error.value, AsynclogError)
    assert isinstance(error.value, ValueError)
    assert str(type(error.value)(*error.value.args)) == str(error.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"root": []}, "root: expected a list of handlers, got an empty list"),
        ({}, "root: the configuration has no such logger; it has none: write"),
        ({"rot": [HANDLER]}, 'root: the configuration has no such logger; did you mean "rot"?'),
        ([], "expected a path or a mapping, got an empty list"),
        ("/none/x.toml", "cannot be read: No such file or directory"),
        ("x.yaml", 'expected a file called *.json or *.toml, got "x.yaml"; YAML is not read'),
        ({"asynclog": 5} | handled(), "asynclog: expected an object, got 5"),
        ({5: []} | handled(), "expected text for each key, got 5"),
        ({"$schema": "x"} | sunk(type="nul"), "root[0].sinks[0].type: expected one of"),
        (sunk(type=5), "root[0].sinks[0].type: expected one of"),
        (
            {"asynclog": {"close_timeout": float("inf")}} | handled(),
            "asynclog.close_timeout: expected a finite",
        ),
        ({"asynclog": {"levels": {"": 5}}} | handled(), "asynclog.levels['']: expected text, such"),
        (handled(x="a\u202eb\n"), 'root[0].x: a handler has no option "x", only'),
    ],
)
def test_what_is_no_configuration_is_told(source, told):
    """In one line."""
    assert mistake(source).startswith(told)


@pytest.mark.timeout(5)
def test_a_file_s_name_cannot_break_or_disguise_a_message(tmp_path):
    """It is one line, whatever the file is called."""
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "a\n\x1b[31mb.toml")
    shown = f"{tmp_path}/a\\n\\x1b[31mb.toml"
    assert str(error.value) == f"{shown}: cannot be read: No such file or directory"


def test_handlers_that_cannot_be_used_together_are_a_mistake_of_their_logger():
    """As of a type that makes one and the same sink twice."""
    shared, registry = MemorySink(), Registry(plugins=False)
    registry.add_sink("shared", lambda: shared)
    handler = HANDLER | {"sinks": [{"type": "shared"}]}
    told = mistake({"root": [handler, handler]}, registry=registry)
    assert told.startswith("root: expected ")


def test_a_file_may_name_its_schema():
    """For editors; it is no logger."""
    source = {"$schema": "https://example.org/asynclog.json"} | handled()
    assert list(read_config(source).config.loggers) == ["root"]


def test_a_pipe_is_no_configuration(tmp_path):
    """Nobody waits until somebody writes to it."""
    os.mkfifo(tmp_path / "logging.toml")
    assert mistake(tmp_path / "logging.toml") == "expected a file, got a pipe or a device"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told_what_to_do(tmp_path, encoding):
    """Some editors save so, with a mark at the beginning."""
    path = tmp_path / "logging.json"
    path.write_bytes("\ufeff{}".encode(encoding))
    assert mistake(path) == "expected UTF-8, got UTF-16: save the file in that encoding"


def test_marks_and_line_ends_of_other_systems_are_taken(tmp_path):
    """In both languages."""
    texts = {
        "a.json": '{"root":\r\n[{"formatter": {"type": "json"}}]}',
        "a.toml": "[[root]]\r\nformatter.type = 'json'\r\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert len(read_config(tmp_path / name).config.loggers["root"]) == 1


def test_a_huge_file_is_no_configuration(tmp_path, monkeypatch):
    """It is not even parsed."""
    monkeypatch.setattr(loading, "MAX_BYTES", 10)
    path = tmp_path / "a.json"
    path.write_text('{"root": []}')
    assert mistake(path) == "larger than 10 bytes"


def test_too_many_values_are_no_configuration():
    """Nothing else is told, so it does not take long."""
    told = mistake({"root": [5] * 100_000, "other": 5})
    assert told == "the configuration is too large: expected at most 100,000 values"


def test_so_many_mistakes_are_not_told():
    """A file with more than fifty is no configuration at all."""
    assert len(mistakes({"root": [{"x": 1}] * 100})) == 50


async def test_settings_reach_the_logger():
    """Those that can be seen from outside."""
    settings = {"max_lines": 3, "max_age": 0.5, "flush_level": "ERROR", "overflow": "drop_oldest"}
    logger = load_config({"asynclog": settings | {"capacity": 7}, "root": [HANDLER]})
    limits = logger._engine.collector.limits
    assert (limits.max_lines, limits.max_age, limits.flush_level) == (3, 0.5, 40)
    assert limits.overflow.name == "DROP_OLDEST"


def test_a_key_that_stands_twice_is_a_mistake(tmp_path):
    """Told with the others, and without what it says."""
    path = tmp_path / "a.json"
    path.write_text(
        '{"root": [{"level": "lod", "formatter": {"type": "json"},'
        ' "sinks": [{"type": "null", "type": "console"}]}]}'
    )
    doubled, other = mistakes(path)
    assert doubled == "root[0].sinks[0].type: this key stands more than once: keep one of them"
    assert other.startswith("root[0].level: expected")


def test_a_path_in_a_mapping_is_text(tmp_path):
    """Of bytes, too."""

    class Raw(os.PathLike):
        def __fspath__(self):
            return b"/logs/app.log"

    for path in (Path("/logs/app.log"), Raw()):
        ((part,),) = [
            one.sinks for one in read_config(sunk(type="file", path=path)).config.loggers["root"]
        ]
        assert part.path == "/logs/app.log"


def test_a_value_that_cannot_be_shown_is_a_mistake_all_the_same():
    """A mapping may hold anything."""

    class Mute:
        def __str__(self):
            raise ValueError("no text")

    assert mistake(sunk(type="tcp", host="h", port=Mute())).endswith("got <Mute>")


def test_a_level_that_is_a_float_is_a_mistake():
    """It has no checks to fail."""
    assert mistake(handled(level=1.5)).startswith("root[0].level: expected")
