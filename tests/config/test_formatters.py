"""Tests of asynclog.config.formatters."""

import pytest

from asynclog.config.loading import make_handlers, read_config

from ..making import record
from .making import handled

OPTIONS = {
    "string": ({"preset": "proxmox"}, "[a]: m"),
    "json": ({"layout": "blackhole", "mutate": {"severity": {"INFO": "I"}}}, '"severity":"I"'),
    "tskv": (
        {
            "create": {"tskv_format": "app"},
            "rename": {"message": "text"},
            "remove": ["severity"],
            "mutate": {"timestamp": {"strftime": "%Y", "gmtime": True}},
        },
        "tskv_format=app",
    ),
    "logfmt": ({}, "msg=m"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_formatter_takes_its_options(name):
    """And formats as they say."""
    options, part = OPTIONS[name]
    (handler,) = make_handlers(read_config(handled(formatter={"type": name, **options})), "root")
    assert part in handler.formatter.format(record("m"))
