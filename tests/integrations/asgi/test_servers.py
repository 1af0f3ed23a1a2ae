"""What servers log themselves, with the lines of the service."""

import json
import logging
import logging.config

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.integrations.asgi import current_sender, log_config, request_label
from asynclog.integrations.asgi.servers import ServerHandler
from asynclog.integrations.asgi.told import mark_told
from asynclog.testing import MemorySink

from .client import Service, hello

NAMES = ["", *log_config()["loggers"]]


@pytest.fixture(autouse=True)
def _restored():
    """Leave `logging` as it was."""
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, level, propagate in before:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def test_the_configuration_is_made_of_plain_values():
    """It may be written as JSON, and is handed to worker processes."""
    assert json.loads(json.dumps(log_config())) == log_config()


async def test_lines_of_servers_go_to_the_logger():
    """Under their own names, and each once."""
    logging.config.dictConfig(log_config())
    sink = MemorySink()
    async with BufferedLogger(10, 1.0, handlers=Handler(sink)):
        for name in ("uvicorn.error", "gunicorn.error", "hypercorn.error", "shop"):
            logging.getLogger(name).info("hello")
            logging.getLogger(name).debug("not wanted")
    labels = [record.label for record in sink.records]
    assert labels == ["uvicorn.error", "gunicorn.error", "hypercorn.error", "shop"]


async def test_access_lines_of_servers_are_off(capsys):
    """Uvicorn does not even make them where there is no handler."""
    logging.config.dictConfig(log_config())
    sink = MemorySink()
    async with BufferedLogger(10, 1.0, handlers=Handler(sink)):
        logging.getLogger("uvicorn.access").critical("GET /")
    assert (sink.lines, capsys.readouterr().err) == ([], "")
    assert not logging.getLogger("uvicorn.access").hasHandlers()


async def test_lines_of_libraries_belong_to_the_request():
    """They have its label; elsewhere they have the name of their logger."""

    async def app(scope, receive, send):
        record = logging.makeLogRecord({"name": "httpx"})
        assert request_label(record) == current_sender().label == "http/1"
        await hello(scope, receive, send)

    async with Service(app) as service:
        await service.request()
    assert request_label(logging.makeLogRecord({"name": "httpx"})) == "httpx"


async def test_an_error_that_a_request_has_told_is_not_told_again():
    """Servers log with a traceback what the middleware has passed on to them."""
    logging.config.dictConfig(log_config())
    sink = MemorySink()
    told, other = ValueError("told"), ValueError("other")
    mark_told(told)
    async with BufferedLogger(10, 1.0, handlers=Handler(sink)):
        for error in (told, other):
            logging.getLogger("uvicorn.error").error("Exception", exc_info=error)
    assert [record.exception.message for record in sink.records] == ["other"]


async def test_what_the_middleware_logs_counts_as_told():
    """Its line holds the traceback."""
    error = ValueError("boom")

    async def app(scope, receive, send):
        raise error

    async with Service(app) as service:
        with pytest.raises(ValueError, match="boom"):
            await service.request()
    handler = ServerHandler()
    sink = MemorySink()
    async with BufferedLogger(10, 1.0, handlers=Handler(sink)):
        for one in (error, ValueError("other")):
            fields = {"name": "a", "levelno": 40, "msg": "b", "exc_info": (ValueError, one, None)}
            handler.emit(logging.makeLogRecord(fields))
    assert [record.exception.message for record in sink.records] == ["other"]


def test_before_there_is_a_logger_lines_go_to_stderr(capsys, monkeypatch):
    """At once, as in a parent process that never has one."""
    monkeypatch.setattr("asynclog.current.entry", lambda: None)
    logging.config.dictConfig(log_config())
    logging.getLogger("gunicorn.error").info("Listening at %s", "here")
    assert capsys.readouterr().err.endswith(" INFO     [gunicorn.error]: Listening at here\n")
