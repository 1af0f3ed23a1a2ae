"""The fixture `asynclog_capture` of pytest.

It stands outside the package so that pytest, which loads it with every run, does not import
asynclog before a test asks for it: that would take time, and hide the import from coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asynclog.integrations.pytest import Capture


@pytest.fixture
def asynclog_capture() -> Iterator[Capture]:
    """See all that asynclog logs during a test: `asynclog.integrations.pytest.Capture`."""
    from asynclog.integrations.pytest import capturing  # noqa: PLC0415 - see above

    with capturing() as capture:
        yield capture
