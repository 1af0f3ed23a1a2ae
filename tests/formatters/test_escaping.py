"""Text that stays on its line."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.escaping import escape

EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\nb", r"a\r\nb"),
        ("a\tb", r"a\tb"),
        ("\x00", r"\x00"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\x9b31m", r"\x9b31m"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\u202eevil", r"\u202eevil"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("\ufeffx\u200b", r"\ufeffx\u200b"),
        ("\udc80", r"\udc80"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_unsafe_characters_are_shown(text, visible):
    """What could break or disguise a line is shown as an escape."""
    assert escape(text) == visible


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "",
        "a\xa0b",
        "soft\xadhyphen",
        "\U0001f469\u200d\U0001f4bb",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "e\u0301",
        r"C:\new\table",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\ue0b0",
    ],
)
def test_harmless_text_is_kept(text):
    """No-break spaces, joiners, emoji and backslashes are left alone."""
    assert escape(text) == text


def test_nothing_of_unicode_slips_through():
    """No control character, line break or surrogate is left, of all there are."""
    escaped = escape(EVERYTHING)

    kinds = {unicodedata.category(character) for character in escaped}
    assert len(escaped.splitlines()) == 1
    assert kinds.isdisjoint({"Cc", "Zl", "Zp", "Cs"})


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"])))
def test_visible_text_is_never_changed(text):
    """Text without controls and format characters comes back as it is."""
    assert escape(text) == text


def test_a_lying_subclass_is_not_believed():
    """A subclass of str that calls itself printable is escaped all the same."""

    class Liar(str):
        __slots__ = ()

        def isprintable(self):
            return True

        def replace(self, *_):
            return self

    assert escape(Liar("a\nb")) == r"a\nb"


def test_a_subclass_comes_back_as_plain_text():
    """The result is an exact str, so that formatting it calls no foreign method."""

    class Loud(str):
        __slots__ = ()

        def __format__(self, spec):
            return "loud"

    assert f"{escape(Loud('quiet'))}" == "quiet"


def test_the_result_is_encodable():
    """Whatever comes in, UTF-8 takes what comes out."""
    assert escape("\ud800x\udfff").encode() == rb"\ud800x\udfff"
