"""The README is one page: its pictures and links lead somewhere, and the commands that it gives are complete.

`python tests/test_readme.py` makes the picture and the page of the README again, by the commands in it.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from nnviz.cli import main
from nnviz.present.words.guide_pages import FOLDER, PAGES, SUFFIX

README = Path(__file__).parents[1] / "README.md"
FILES = Path(__file__).parent / "readme"


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
        assert commands(marker)


# The files beside the README are what its commands make now; outlines of glyphs may change with their package.


def commands(marker: str) -> list[str]:
    """Return the lines of the README's commands that follow a marker."""
    found = re.search(rf"<!-- {marker} -->\s*```sh\n(.*?)```", text(), re.S)
    assert found is not None
    return found[1].splitlines()


def make_file(name: str, folder: Path) -> Path:
    """Run the command of the README that makes a file."""
    command = next(line for line in commands("files") if line.endswith(f"-o {name}"))
    assert main([*shlex.split(command)[1:-1], str(folder / name)]) == 0
    return folder / name


def test_the_networks_of_ones_own_are_trained_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in commands("own"):
        alone = ["--jobs", "1"] if "--sweep" in command else []  # no processes of its own
        assert main([*shlex.split(command)[1:], *alone]) == 0
    assert (tmp_path / "my.toml").is_file()


def test_the_poster_is_the_scene_as_it_is_now(tmp_path: Path) -> None:
    made, kept = (
        [each.text for each in ElementTree.parse(path).iter() if each.text and each.text.strip()]
        for path in (make_file("one-minute.svg", tmp_path), FILES / "one-minute.svg")
    )
    assert made == kept
    assert (FILES / "one-minute.svg").stat().st_size < 40_000


@pytest.mark.parametrize("part", ["title", "texts", "values", "rows", "lines", "numbers"])
def test_the_page_is_the_lesson_as_it_is_now(part: str, page_made_now: dict[str, Any]) -> None:
    assert page_made_now[part] == data_of(FILES / "koehn.html")[part]


@pytest.fixture(scope="module")
def page_made_now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return data_of(make_file("koehn.html", tmp_path_factory.mktemp("page")))


def data_of(path: Path) -> dict[str, Any]:
    page = path.read_text(encoding="utf-8")
    assert len(page) < 150_000
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


if __name__ == "__main__":
    for file in ("one-minute.svg", "koehn.html"):
        make_file(file, FILES)
