"""Tests of asynclog.config.sinks."""

import inspect
from importlib import import_module

import pytest

from asynclog.config import Registry
from asynclog.config.loading import make_handlers, read_config
from asynclog.config.model import SinkPart

from .making import mistake, sunk

MODELS = dict(Registry(plugins=False).models(SinkPart))
WHOLE = {
    "console": {"stream": "stderr", "colour": True},
    "file": {"path": "x.log", "flush": 5, "fsync": True, "mode": "0o600", "max_open": 3},
    "rolling_file": {
        "path": "x.log",
        "size": "10MB",
        "every": "hour",
        "utc": False,
        "names": "number",
        "keep_files": 3,
        "keep_age": 5.5,
        "keep_size": "1GB",
        "compression": "gzip",
        "flush": "1MB",
        "mode": "640",
        "reopen_on_hangup": True,
    },
    "tcp": {
        "host": "h",
        "port": 1,
        "tls": True,
        "server_name": "n",
        "framing": "octet-counting",
        "connect_timeout": 1,
        "write_timeout": 2,
        "resend": 0,
    },
    "udp": {"host": "h", "port": 65535, "max_datagram": 1400, "too_long": "drop"},
    "unix": {"path": "/run/x", "kind": "datagram", "max_datagram": 128, "too_long": "drop"},
    "syslog": {
        "address": "h",
        "port": 1,
        "transport": "tcp",
        "format": "rfc3164",
        "facility": "local0",
        "identity": "i",
        "hostname": "m",
        "sd_id": "",
        "bom": True,
        "framing": "newline",
        "max_datagram": 480,
        "priorities": [7, 6],
    },
    "central": {
        "url": "rediss://u:p@h",
        "namespace": "shop",
        "shards": 4,
        "flush_interval": 1,
        "horizon": 0,
        "spool": "/var/spool/shop",
        "logger": "shop",
        "max_groups": 10,
        "max_bytes": "1MiB",
    },
    "logging": {"logger": "a.b", "by_label": True},
    "null": {},
}
"""Options with values that are none of the defaults, by type."""


def _class(model):
    module, name = model.CLASS
    return getattr(import_module(f"asynclog.{model.PACKAGE}.{module}"), name)


@pytest.mark.parametrize("name", [name for name, one in MODELS.items() if hasattr(one, "CLASS")])
def test_a_sink_s_options_are_arguments_of_its_class(name):
    """A new argument gets its option, or a reason here."""
    own = {
        "syslog": {"severity"},  # a mapping or a callable: `priorities` here
        "rolling_file": {"clock"},  # for tests
        "central": {"fingerprint", "limits"},  # a callable, and bounds of another machine; for code
    }
    arguments = set(inspect.signature(_class(MODELS[name])).parameters) - own.get(name, set())
    options = set(MODELS[name].__struct_fields__) - {"filter", "priorities"}
    assert options == arguments


@pytest.mark.parametrize("name", WHOLE)
def test_a_sink_takes_all_its_options(name):
    """And is what its type says."""
    loaded = read_config(sunk(type=name, **WHOLE[name]))
    ((sink,),) = [handler.sinks for handler in make_handlers(loaded, "root")]
    assert type(sink).__name__.lower().removesuffix("sink") == {
        "logging": "stdlib",
        "rolling_file": "rollingfile",
    }.get(name, name)


@pytest.mark.parametrize(("level", "severity"), [(0, 7), (1, 6), (2, 3), (-1, 3), (40, 3)])
def test_priorities_go_by_the_place_of_the_level(level, severity):
    """As in Blackhole: what has no place is an error."""
    (part,) = read_config(sunk(type="syslog", priorities=[7, 6])).config.loggers["root"]
    assert part.sinks[0].arguments()["severity"](level) == severity


def test_a_certificate_without_tls_is_told():
    """What the class refuses has the path of its option."""
    told = mistake(sunk(type="tcp", host="h", port=1, ca_file="/x"))
    assert told.startswith("root[0].sinks[0].ca_file: expected none with no TLS")
