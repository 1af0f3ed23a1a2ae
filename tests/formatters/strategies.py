"""Records of every kind, for properties that must hold for all of them."""

from __future__ import annotations

import math
from datetime import UTC
from decimal import Decimal

from hypothesis import strategies as st

from asynclog.records import Caller, Origin, Record
from asynclog.tracebacks import ExceptionInfo, Frame
from tests.making import Hostile

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
"""Text that UTF-8 can encode."""
UNSAFE = st.text(
    st.sampled_from("\x00\a\b\t\n\v\f\r\x1b\x7f\x85\u2028\u2029\u202e\ufeff\\=\"'{}[] aé😀\ud800"),
    max_size=20,
)
"""Text that tries to break its line."""

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False)
)
"""Values that JSON gives back as they were."""
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8
)
"""Those, in lists and objects."""
ODD = st.one_of(
    UNSAFE,
    st.binary(max_size=8),
    st.decimals(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.timedeltas(),
    st.uuids(),
    st.complex_numbers(),
    st.sampled_from([math.nan, math.inf, -math.inf, 10**5000, Decimal("sNaN"), ..., object]),
    st.builds(Hostile),
    st.builds(ValueError, UNSAFE),
    st.frozensets(st.integers(), max_size=3),
    st.dictionaries(st.none() | st.booleans() | st.integers() | UNSAFE, SCALARS, max_size=3),
)
"""Values that JSON has no type for, or that fail."""
NAMES = (
    TEXT
    | UNSAFE
    | st.sampled_from(
        ["timestamp", "level", "label", "message", "exception", "message_", "severity", "a", "b"]
    )
)
"""Names of attributes, among them those of the fixed members."""

EXCEPTIONS = st.builds(
    ExceptionInfo,
    type=TEXT,
    message=UNSAFE,
    frames=st.lists(st.builds(Frame, UNSAFE, st.integers(0, 9), UNSAFE, UNSAFE), max_size=2).map(
        tuple
    ),
    notes=st.lists(UNSAFE, max_size=2).map(tuple),
)
ORIGINS = st.builds(
    Origin,
    st.integers(1, 9),
    UNSAFE,
    st.integers(1, 9),
    st.integers(1, 9),
    UNSAFE,
    st.none() | UNSAFE,
)


def records(values=PLAIN | ODD, names=NAMES, text=TEXT | UNSAFE):
    """Return a strategy of records with attributes of *values*."""
    return st.builds(
        Record,
        time_ns=st.integers(-(10**18), 10**20),
        level=st.sampled_from([5, 10, 20, 30, 40, 50, 0, -1, 25]),
        label=text,
        message=text,
        attributes=st.none() | st.dictionaries(names, values, max_size=5),
        exception=st.none() | EXCEPTIONS,
        origin=st.none() | ORIGINS,
        caller=st.none() | st.builds(Caller, UNSAFE, st.integers(1, 9), UNSAFE),
    )
