"""Every option of the code is one of the configuration, too; see also test_sinks.py."""

import inspect

import pytest

from asynclog import BufferedLogger, Handler, filters, formatters
from asynclog.config import Registry
from asynclog.config.handlers import Blocking
from asynclog.config.model import Config, FilterPart, FormatterPart, Redaction, Settings
from asynclog.config.registry import FAMILIES
from asynclog.redaction import redact

REGISTRY = Registry(plugins=False)
FORMATTERS, FILTERS = (dict(REGISTRY.models(family)) for family in (FormatterPart, FilterPart))
PAIRS = {
    "logger": (BufferedLogger, Settings),
    "handler": (Handler, Blocking),
    "redaction": (redact, Redaction),
    "string": (formatters.PatternFormatter, FORMATTERS["string"]),
    "json": (formatters.JSONFormatter, FORMATTERS["json"]),
    "tskv": (formatters.TSKVFormatter, FORMATTERS["tskv"]),
    "logfmt": (formatters.LogfmtFormatter, FORMATTERS["logfmt"]),
    "severity": (filters.at_least, FILTERS["severity"]),
    **{
        name: (getattr(filters, name), FILTERS[name])
        for name in ("labelled", "where", "sampled", "rate_limited", "deduplicated")
    },
    **{name: (getattr(filters, name), FILTERS[name]) for name in ("all_of", "any_of", "none_of")},
}
"""What makes the running object, and the model of it."""
CODE_ONLY = {
    "logger": {"handlers", "clock"},  # stand beside the table; for tests
    "redaction": {"formatter"},  # the one of the handler
    "sampled": {"random"},  # for tests
}
FILE_ONLY = {
    "logger": {"redact"},
    "handler": {"redact"},
    "string": {"preset"},
}
RENAMED = {
    "string": {"severity": "sevmap"},  # Blackhole's word
    "severity": {"level": "threshold"},  # as above
    "where": {"wanted": "values"},
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_argument_is_an_option(name):
    """A new argument gets its option, or a reason above."""
    code, model = PAIRS[name]
    renamed = RENAMED.get(name, {})
    arguments = set(inspect.signature(code).parameters) - CODE_ONLY.get(name, set())
    options = set(model.__struct_fields__) - FILE_ONLY.get(name, set())
    assert {renamed.get(one, one) for one in arguments} == options


@pytest.mark.parametrize("family", FAMILIES)
def test_every_type_is_compared(family):
    """A new type gets its row above, or one in test_sinks.py."""
    names = set(dict(REGISTRY.models(family)))
    elsewhere = {"handler": names, "sink": names}  # one handler; sinks have their own test
    assert names - elsewhere.get(family.FAMILY, set()) <= set(PAIRS)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_model_is_frozen(family):
    """What was read does not change."""
    models = [Config, Settings, Redaction, *(model for _, model in REGISTRY.models(family))]
    assert all(model.__struct_config__.frozen for model in models)
