"""Tests of asynclog.config.filters."""

import pytest

from asynclog.config import Registry
from asynclog.config.loading import make_handlers, read_config
from asynclog.config.model import FilterPart
from asynclog.records import Record

from .making import handled

WARNINGS = {"type": "severity", "threshold": "WARNING"}
DB = {"type": "labelled", "globs": ["db.*"]}
EXAMPLES = {
    "severity": ({"threshold": "WARNING"}, [False, True, False]),
    "labelled": ({"globs": ["db.*", "cache"]}, [True, False, False]),
    "where": ({"attribute": "n", "values": [1, None]}, [True, False, False]),
    "all_of": ({"filters": [DB, WARNINGS]}, [False, False, False]),
    "any_of": ({"filters": [DB, WARNINGS]}, [True, True, False]),
    "none_of": ({"filters": [DB, WARNINGS]}, [False, False, True]),
    "sampled": ({"rate": 0}, [False, False, False]),
    "rate_limited": ({"per_second": 0.1, "key": "label", "burst": 1}, [True, True, False]),
    "deduplicated": ({"window": 5}, [True, True, True]),
}
"""By type: options, and which of three records it keeps."""
RECORDS = [
    Record(5, 20, "db.pool", "a", attributes={"n": 1}),
    Record(6, 40, "web", "b", attributes={"n": 2}),
    Record(7, 20, "web", "b"),
]


@pytest.mark.parametrize("name", Registry(plugins=False).names(FilterPart))
def test_a_filter_of_each_type_keeps_what_it_should(name):
    """As the function of its name does."""
    options, kept = EXAMPLES[name]
    loaded = read_config(handled(filter={"type": name, **options}))
    (handler,) = make_handlers(loaded, "root")
    assert [handler.filter(record) for record in RECORDS] == kept
