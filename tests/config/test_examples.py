"""The configurations that the documentation shows."""

import re
from pathlib import Path

import pytest

from asynclog.config import load_config

ROOT = Path(__file__).parents[2]
TOML = re.compile(r"^```toml\n(\[asynclog\].*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [text for page in PAGES for text in TOML.findall(page.read_text())]


@pytest.mark.parametrize("text", SHOWN)
def test_what_a_page_shows_can_be_used(text, tmp_path):
    """As it stands."""
    path = tmp_path / "logging.toml"
    path.write_text(text)
    assert load_config(path)


def test_the_readme_shows_one():
    """Among the first things that people see."""
    assert len(TOML.findall((ROOT / "README.md").read_text())) == 1


def test_the_tutorial_s_file_can_be_used():
    """It stands beside its page."""
    assert load_config(ROOT / "docs" / "tutorial" / "shop.toml")
