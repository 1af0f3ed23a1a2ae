"""The layouts that asynclog has."""

import pytest

from asynclog.formatters.columns import sources_of
from asynclog.formatters.layouts import LAYOUTS
from asynclog.formatters.routing import Routes


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_can_be_used(layout):
    """Its sources exist, and its pointers can be read."""
    assert len(sources_of(layout, None)) == len(layout.members)
    assert Routes(layout).reserved()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_has_the_time_the_level_and_the_message(layout):
    """Without them a line says little."""
    sources = {member.source.partition("_")[0] for member in layout.members}
    assert {"time", "message", "label", "exception"} <= sources


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_two_members_have_the_same_name(layout):
    """The options know them by it."""
    names = [member.name for member in layout.members]
    assert len(set(names)) == len(names)


def test_only_blackhole_writes_names_twice():
    """Its users rely on what it prints; all others shall be read by any parser."""
    loose = {name for name, layout in LAYOUTS.items() if not layout.is_protected}
    assert loose == {name for name, layout in LAYOUTS.items() if not layout.unique} == {"blackhole"}
