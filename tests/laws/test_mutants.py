"""The laws can be broken: every faulty variant of asynclog is found out."""

from __future__ import annotations

import gc

import pytest

from .machine import examine
from .mutants import MUTANTS

EXAMPLES = 500
"""Programs to try at most; most mutants are found out by the first few."""


@pytest.mark.filterwarnings("ignore")  # what is broken leaves things behind
@pytest.mark.parametrize(("applied", "family"), MUTANTS.values(), ids=MUTANTS)
def test_the_laws_find_a_mutant_out(applied, family):
    """One of the first programs breaks a law."""
    with applied(), pytest.raises((AssertionError, BaseExceptionGroup)):
        examine(family, examples=EXAMPLES, shrink=False)
    gc.collect()  # now, while warnings of it are ignored
