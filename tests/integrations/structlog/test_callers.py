"""Where a line was logged is found outside structlog and asynclog."""

from asynclog.formatters import PatternFormatter

from .chains import logged, one


def test_the_place_of_the_call_is_found(wrapper):
    """Outside structlog and asynclog, where a formatter prints it."""
    formatter = PatternFormatter("{file}:{function}")
    line = logged(lambda log: log.info("x"), wrapper=wrapper, formatter=formatter).lines[0]
    assert line == ("test_callers.py:test_the_place_of_the_call_is_found.<locals>.<lambda>")


def test_a_wish_for_the_stack_is_granted(wrapper):
    """It ends where the line was logged."""
    stack = one(lambda log: log.info("x", stack_info=True), wrapper=wrapper).attributes["stack"]
    assert stack.splitlines()[-2].strip().startswith(f'File "{__file__}"')
