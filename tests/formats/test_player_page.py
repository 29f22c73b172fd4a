"""The page of a pass or a walk: its data, its size, that it loads nothing, and its player in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from formats.chromium import Page, browser, chromium_path

from nnviz.debugger.commands import last
from nnviz.debugger.state.session import start_session
from nnviz.formats.player.page import SCRIPTS, page_html, pass_page
from nnviz.formats.player.page_frames import in_few_steps
from nnviz.formats.player.page_tables import changes
from nnviz.lessons.catalog import load
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.words.card import card
from nnviz.resources import read_text, resource_path
from nnviz.walks.walk_file import load_walk
from nnviz.walks.walk_page import walk_content

needs_browser = pytest.mark.skipif(chromium_path() is None, reason="needs chromium")
SHOWN = ("koehn", "softmax", "krzeminski-rnn", "krzeminski-walkthrough", "krzeminski-batch", "graph")
SIZES = {"koehn": 250, "krzeminski-rnn": 900, "softmax": 1500}  # kilobytes


@lru_cache(maxsize=8)
def page_of(lesson: str) -> str:
    return pass_page(start_session(load(lesson)))


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def expanded(frames: list[list[list[int]]]) -> Iterator[list[int]]:
    """The sequences that changes lead to."""
    shown: list[int] = []
    for changed in frames:
        for start, removed, *inserted in changed:
            shown[start : start + removed] = inserted
        yield list(shown)


# What the file is


@pytest.mark.parametrize(("lesson", "most"), SIZES.items())
def test_a_page_is_small(lesson: str, most: int) -> None:
    assert len(page_of(lesson).encode()) <= 1000 * most


@pytest.mark.parametrize("lesson", ["koehn", "softmax", "krzeminski-rnn"])
def test_a_page_loads_nothing(lesson: str) -> None:
    page = page_of(lesson)
    assert "default-src 'none'" in page
    outside = set(re.findall(r"https?://[^\s\"'<>]*", page)) - {"http://www.w3.org/2000/svg"}
    assert not outside
    assert not re.search(r"\b(src|href)\s*=\s*[\"'](?!#)", page)
    assert "@import" not in page
    assert "url(" not in page
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import)\s*\(", page)


def test_a_long_pass_is_shown_by_layers() -> None:
    session = start_session(load("graph-20-50-10"))
    shown = in_few_steps(session)
    assert (session.trace.length(session.grain), shown.trace.length(shown.grain)) == (3431, 20)
    koehn = start_session(load("koehn"))
    assert in_few_steps(koehn) is koehn


def test_nothing_in_the_data_ends_the_script() -> None:
    page = page_of("koehn")
    assert page.count("</script>") == 2
    assert page.count("<!--") == 0


def test_the_player_is_in_files_of_at_most_300_lines() -> None:
    assert sorted(path.name for path in resource_path("player").glob("*.js")) == sorted(SCRIPTS)
    lines = [read_text("player", name).count("\n") for name in SCRIPTS]
    assert max(lines) <= 300
    assert sum(lines) <= 1200


def test_the_same_pass_gives_the_same_page() -> None:
    assert pass_page(start_session(load("koehn"))) == page_of("koehn")


# What is in it


@pytest.mark.parametrize("lesson", SHOWN)
def test_every_frame_has_the_card_of_its_step(lesson: str) -> None:
    session = start_session(load(lesson))
    data = data_of(page_of(lesson))
    assert len(data["frames"]) == session.trace.length(session.grain) + 1
    end = data["frames"][-1]
    assert data["texts"][end[0]] == card(last(session)).where
    for canvas in data["canvases"].values():
        assert all(0 <= place < len(data["shapes"]) for shown in expanded(canvas["frames"]) for place in shown)
    numbers = len(data["numbers"])
    for entry in data["numbers"]:
        assert all(isinstance(part, str) or 1 <= part <= numbers for part in entry[5])


def test_changes_lead_to_the_sequences() -> None:
    sequences = [[1, 2, 3], [1, 5, 3], [], [7, 8, 9, 1], [0, 7, 9, 1, 1]]
    assert list(expanded(changes(sequences))) == sequences


def test_a_number_leads_to_those_that_it_was_computed_from() -> None:
    data = data_of(page_of("koehn"))
    numbers = {entry[1]: entry for entry in data["numbers"]}
    symbols = [data["numbers"][place - 1][1] for place in numbers["h₁"][5]]
    assert symbols == ["s₁"]
    assert {data["numbers"][place - 1][1] for place in numbers["s₁"][5]} == {"W₁₁", "x₁", "W₁₂", "x₂", "b₁"}


def test_a_walk_has_its_scenes_and_not_its_notes() -> None:
    walk = load_walk("one-minute")
    page = page_html(walk_content(walk))
    data = data_of(page)
    assert data["scenes"] == [scene.title for scene in walk.scenes]
    assert len({frame[12] for frame in data["frames"]}) == len(walk.scenes)
    notes = [scene.notes.strip() for scene in walk.scenes if scene.notes]
    assert not any(note in page for note in notes)


# In a browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as made:
        made.size(1280, 900)
        yield made


@pytest.fixture(scope="module")
def koehn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "koehn.html"
    path.write_text(page_of("koehn"), encoding="utf-8")
    return path


@needs_browser
def test_keys_go_through_the_pass(page: Page, koehn: Path) -> None:
    page.open(koehn)
    assert page.text("#where") == "35 steps ahead"
    page.press("ArrowRight")
    assert page.text("#where") == "Step 1 of 35 · forward · hidden layer, neuron 1"
    assert page.text("#title") == "Weighted sum into h₁"
    page.press("End")
    assert page.text("#place") == "Step 35 of 35"
    page.press("ArrowLeft")
    assert page.text("#place") == "Step 34 of 35"
    page.run("new Promise((done) => setTimeout(done))")  # the address follows the step
    assert page.run("location.hash") == "#step=34"
    page.press("Home")
    assert page.text("#place") == "35 steps"


@needs_browser
def test_a_step_leaves_what_it_does_not_change(page: Page, koehn: Path) -> None:
    page.open(koehn)
    page.press("ArrowRight")
    page.run("kept = [...document.querySelectorAll('.picture > g:first-child > *')]; 0")
    page.press("ArrowRight")
    shown = "document.querySelectorAll('.picture > g:first-child > *')"
    stays = page.run(f"[...{shown}].filter((one) => kept.includes(one)).length")
    assert page.run("kept.length") * 0.6 < stays < page.run(f"{shown}.length")
    page.press("End")
    page.press("Home")
    page.press("ArrowRight")
    assert page.run(f"[...{shown}].every((one, place) => one === kept[place])")


@needs_browser
def test_the_address_names_a_step(page: Page, koehn: Path) -> None:
    page.open(koehn, "#step=12")
    assert page.text("#where").startswith("Step 12 of 35")
    assert "printed 0.03597961 ✓" in page.text("#chips")
    assert page.text("#listing [aria-current]").startswith("delta_W2 = ")
    assert page.text("#rows tr[aria-current] td:last-child") == f"[[0.035980, {UNKNOWN}]]"
    page.run("location.hash = '#step=3'; 0")
    page.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.text("#place") == "Step 3 of 35"


@needs_browser
def test_values_are_text_and_formulas_have_their_speech(page: Page, koehn: Path) -> None:
    page.open(koehn, "#step=2")
    canvas = page.run("[...document.querySelectorAll('#canvas text')].map((each) => each.textContent)")
    assert "0.7311" in canvas or "s 1.0000" in canvas
    speech = page.run("[...document.querySelectorAll('#formula svg')].map((each) => each.getAttribute('aria-label'))")
    assert all(speech)
    assert "equals" in page.text("#said")


@needs_browser
def test_a_click_on_a_number_shows_what_it_was_computed_from(page: Page, koehn: Path) -> None:
    page.open(koehn, "#step=35")
    place = page.run(
        "Number([...document.querySelectorAll('#canvas text.number')].find((each) => each.textContent === '0.7426')"
        ".dataset.number)"
    )
    page.click(f"#canvas [data-number='{place}']")
    assert "Activation of y" in page.text("#why")
    assert "z = 1.059278" in page.text("#why .parts")
    assert page.run("document.querySelectorAll('#canvas .rings .part').length") >= 1
    page.click("#why .parts button")
    assert "Weighted sum into y" in page.text("#why")
    assert "h₁ = 0.731059" in page.text("#why .parts")
    page.press("Escape")
    assert page.run("document.querySelector('#why').hidden")


@needs_browser
def test_a_number_that_is_not_known_is_not_shown(page: Page, koehn: Path) -> None:
    page.open(koehn)
    page.press("/")
    page.send("Input.insertText", text="delta")
    page.press("Escape")
    place = page.run(
        "Number([...document.querySelectorAll('#canvas text.number')].find((each) => each.textContent.endsWith('—'))"
        ".dataset.number)"
    )
    page.click(f"#canvas text[data-number='{place}']")
    assert "Not known yet" in page.text("#why")
    assert page.text("#why .value").endswith(UNKNOWN)


@needs_browser
def test_search_finds_a_name_and_a_number(page: Page, koehn: Path) -> None:
    page.open(koehn)
    for words, title in (("0.7426", "Activation of y"), ("h2", "Activation of h₂")):
        page.press("/")
        page.send("Input.insertText", text=words)
        assert title in page.text("#found")
        page.press("Enter")
        assert title in page.text("#why")
        page.press("Escape")


@needs_browser
def test_canvases_themes_and_longer_steps(page: Page, koehn: Path) -> None:
    page.open(koehn)
    page.press("g")
    assert page.run("document.querySelector('[data-canvas=graph]').getAttribute('aria-pressed')") == "true"
    light = page.run("getComputedStyle(document.body).color")
    page.press("l")
    assert page.run("getComputedStyle(document.body).color") != light
    page.press("l")
    page.press("ArrowUp")
    page.press("ArrowRight")
    assert page.text("#place") == "Step 2 of 35"
    page.press("ArrowUp")
    page.press("ArrowRight")
    assert page.text("#place") == "Step 6 of 35"
    page.press("ArrowDown")
    page.press("ArrowDown")


@needs_browser
def test_a_click_on_the_timeline_goes_there(page: Page, koehn: Path) -> None:
    page.open(koehn)
    page.click("#timeline")
    assert page.text("#place") == "Step 18 of 35"


@needs_browser
def test_a_narrow_screen_has_a_layout_of_its_own(page: Page, koehn: Path) -> None:
    page.open(koehn)
    wide = page.run("document.querySelector('#canvas svg').getAttribute('viewBox')")
    page.size(400, 860)
    page.open(koehn)
    assert page.run("document.querySelector('#canvas svg').getAttribute('viewBox')") != wide
    assert page.run("document.documentElement.scrollWidth") <= 400
    page.size(1280, 900)


@needs_browser
def test_a_walk_asks_and_answers_on_a_key(page: Page, tmp_path: Path) -> None:
    content = walk_content(load_walk("koehn-walk"))
    path = tmp_path / "walk.html"
    path.write_text(page_html(content), encoding="utf-8")
    asked = next(index for index, frame in enumerate(content.frames) if frame.question)
    page.open(path, f"#step={asked}")
    assert page.text("#place").startswith("Scene 4 of 21")
    assert page.run("document.querySelector('#formula').textContent + document.querySelector('#rows').textContent")
    assert "−2.000000" not in page.text("main")
    page.press("ArrowRight")
    assert "−2.000000" in page.text("main")
    page.press("End")
    assert page.run("document.querySelector('[data-canvas=plots]').getAttribute('aria-pressed')") == "true"


@needs_browser
def test_no_request_is_made_and_no_error_reported(page: Page, koehn: Path) -> None:
    page.open(koehn, "#step=5")
    page.press("g")
    page.press("End")
    assert all(url.startswith(("file:", "data:", "about:")) for url in page.requests)
    assert not page.errors
