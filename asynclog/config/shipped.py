"""The types that asynclog brings, by the name that a file gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import filters, formatters, handlers, sinks
from .model import FilterPart, FormatterPart, HandlerPart, Part, SinkPart

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED: Mapping[type[Part], Mapping[str, type[Part]]] = {
    HandlerPart: {"blocking": handlers.Blocking},
    FormatterPart: {
        "json": formatters.JSON,
        "logfmt": formatters.Logfmt,
        "string": formatters.StringFormatter,
        "tskv": formatters.TSKV,
    },
    FilterPart: {
        "all_of": filters.AllOf,
        "any_of": filters.AnyOf,
        "deduplicated": filters.Deduplicated,
        "labelled": filters.Labelled,
        "none_of": filters.NoneOf,
        "rate_limited": filters.RateLimited,
        "sampled": filters.Sampled,
        "severity": filters.Severity,
        "where": filters.Where,
    },
    SinkPart: {
        "asynchronous": sinks.Asynchronous,
        "central": sinks.Central,
        "console": sinks.Console,
        "file": sinks.File,
        "logging": sinks.StandardLibrary,
        "null": sinks.Null,
        "rolling_file": sinks.RollingFile,
        "syslog": sinks.Syslog,
        "tcp": sinks.TCP,
        "udp": sinks.UDP,
        "unix": sinks.Unix,
    },
}
