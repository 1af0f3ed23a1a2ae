"""The configurations that the documentation shows."""

import re
from pathlib import Path

import pytest

from asynclog.config import load_config

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(toml|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown_by(page):
    """Return language and text of the configurations on *page*."""
    blocks = BLOCK.findall(page.read_text())
    return [(language, text) for language, text in blocks if "[[root]]" in text or '"root"' in text]


@pytest.mark.parametrize(("language", "text"), [one for page in PAGES for one in shown_by(page)])
def test_what_a_page_shows_can_be_used(language, text, tmp_path):
    """As it stands."""
    path = tmp_path / f"logging.{language}"
    path.write_text(text)
    assert load_config(path)


def test_the_readme_shows_one():
    """Among the first things that people see."""
    assert len(shown_by(ROOT / "README.md")) == 1


def test_the_tutorial_s_file_can_be_used():
    """It stands beside its page."""
    assert load_config(ROOT / "docs" / "tutorial" / "shop.toml")
