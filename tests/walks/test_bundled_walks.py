"""Every bundled walk is true, as long as it says, and has what a lecturer needs."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from nnviz.walks.caption import CaptionNumber, read_caption
from nnviz.walks.moments import Moment, duration, scene_starts
from nnviz.walks.playing import play
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import load_walk
from nnviz.walks.walk_names import walk_names
from nnviz.walks.walk_verdicts import walk_verdicts

NAMES = ("from-scratch-walk", "graph-walk", "koehn-walk", "krzeminski-walk", "one-minute", "softmax-walk")
LESSONS = {name: name.removesuffix("-walk") for name in NAMES} | {"krzeminski-walk": "krzeminski-sgd"}
LESSONS["one-minute"] = "koehn"
# Numbers in a caption that are no values: places of the document, and digits of names and formulas.
_WRITTEN = re.compile(
    r"\{[^}]*\}|\$[^$]*\$|[A-Za-z₀-₉_]+[\d_]+\w*|graph-20-50-10|5\.36|layer \d|[01−1]+ or \d|−1 and 1"
)


@cache
def moments(name: str) -> tuple[Moment, ...]:
    return tuple(play(load_walk(name)))


def scenes_with(walk: Walk, key: str) -> int:
    return sum(bool(getattr(scene, key)) for scene in walk.scenes)


def test_the_bundled_walks_are_these() -> None:
    assert walk_names() == NAMES
    assert {name: load_walk(name).lesson for name in NAMES} == LESSONS


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_walk_checks(name: str) -> None:
    verdicts = list(walk_verdicts(load_walk(name)))
    assert [verdict.text for verdict in verdicts if verdict.failed] == []
    assert len(verdicts) > (5 if name == "one-minute" else 15)


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_walk_is_as_long_as_it_says(name: str) -> None:
    low, high = (50, 75) if name == "one-minute" else (235, 315)
    assert low <= duration(moments(name)) <= high
    longest = max(Counter(moment.scene for moment in moments(name) if moment.training is None).values())
    assert longest <= 12  # steps in one scene


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_walk_asks_trains_and_has_notes(name: str) -> None:
    walk = load_walk(name)
    assert all(scene.title and (scene.say or scene.do) for scene in walk.scenes)
    assert len({scene.title for scene in walk.scenes}) == len(walk.scenes)
    assert scenes_with(walk, "ask") >= 1
    assert scenes_with(walk, "seconds") >= 1
    assert scenes_with(walk, "expect") >= 4
    assert scenes_with(walk, "notes") >= (1 if name == "one-minute" else 8)
    assert len(scene_starts(moments(name))) == len(walk.scenes)


@pytest.mark.parametrize("name", NAMES)
def test_the_captions_of_a_bundled_walk_are_short_and_on_one_line(name: str) -> None:
    for moment in moments(name):
        assert len(moment.caption) <= 220
        assert "nan" not in moment.caption
        assert moment.caption == " ".join(moment.caption.split(" "))


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_in_captions_come_from_the_session(name: str) -> None:
    for scene in load_walk(name).scenes:
        written = "".join("" if isinstance(piece, CaptionNumber) else piece for piece in read_caption(scene.say or "-"))
        left = _WRITTEN.sub("", written)
        assert not re.findall(r"\d{2,}|\d\.\d", left), left
