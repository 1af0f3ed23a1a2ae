"""structlog's processors inside a formatter."""

import pytest
import structlog

from asynclog.integrations.structlog import StructlogFormatter
from asynclog.tracebacks import capture

from ...making import record


def test_a_formatter_runs_processors():
    """The last makes the text."""
    formatter = StructlogFormatter(structlog.processors.KeyValueRenderer(sort_keys=True))
    assert formatter.format(record(attributes={"n": 1})) == (
        "event='text' level='info' logger='a' n=1 timestamp='1970-01-01T00:00:00.000000Z'"
    )


def test_a_formatter_gives_processors_the_traceback():
    """As `format_exc_info` would."""
    formatter = StructlogFormatter(lambda _, __, event: event["exception"])
    assert formatter.format(record(exception=capture(ValueError("no")))) == "ValueError: no"


def test_a_formatter_takes_bytes():
    """Of a fast encoder."""
    assert StructlogFormatter(lambda *_: b"bytes").format_batch([record()] * 2) == ["bytes"] * 2


@pytest.mark.parametrize("outcome", [structlog.DropEvent, ValueError])
def test_a_line_that_a_formatters_processor_does_not_render_is_written_all_the_same(outcome):
    """The account says that it is."""

    def refuse(*_):
        raise outcome

    assert "[a]: text" in StructlogFormatter(refuse).format(record())


def test_a_formatters_processor_that_returns_no_text_is_no_renderer():
    """The line is written in the default form."""
    assert "text" in StructlogFormatter(lambda _, __, event: event).format(record())


@pytest.mark.parametrize("processors", [(), ("json",)])
def test_a_formatter_needs_processors(processors):
    """Callables, and at least one."""
    with pytest.raises(ValueError, match="processors: expected at least one callable"):
        StructlogFormatter(*processors)
