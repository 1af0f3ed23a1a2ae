"""What the tests of structlog have in common."""

import pytest

from .chains import WRAPPERS


@pytest.fixture(params=WRAPPERS.values(), ids=WRAPPERS)
def wrapper(request):
    """Every class of bound loggers that people use."""
    return request.param
