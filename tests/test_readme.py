"""The README is one page: its pictures and links lead somewhere, and the commands that it gives are complete."""

from __future__ import annotations

import re
from pathlib import Path

from nnviz.present.words.guide_pages import FOLDER, PAGES, SUFFIX

README = Path(__file__).parents[1] / "README.md"


def text() -> str:
    return README.read_text(encoding="utf-8")


def test_the_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text())
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file()


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", text())
    for link in links:
        assert (README.parent / link).is_file(), link
    assert {f"resources/{FOLDER}/{name}{SUFFIX}" for name in PAGES} <= set(links)


def test_the_readme_is_one_page() -> None:
    assert len(text().splitlines()) < 100


def test_the_readme_has_the_commands_that_are_run() -> None:
    for marker in ("system packages", "test command"):
        assert re.search(rf"<!-- {marker} -->\s*```sh\n(.*?)```", text(), re.S)
