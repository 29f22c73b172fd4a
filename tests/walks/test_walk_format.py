"""The format of walk files: what is read, every fault with its line, and writing a walk as it was read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.lessons.faults import LessonError
from nnviz.walks.walk import LAYOUTS, Scene, Walk, WalkStage
from nnviz.walks.walk_file import load_lesson_of, load_walk, parse_walk
from nnviz.walks.walk_keys import WALK_KEYS
from nnviz.walks.walk_names import find_walk, is_walk, walk_names, walk_summaries
from nnviz.walks.walk_text import save_walk, write_walk

HEAD = 'format = 1\ntitle = "A"\nlesson = "koehn"\n'
WHOLE = """
format = 1
title = "XOR by hand"
lesson = "koehn"
[stage]
theme = "light"
layout = "graph"
grain = "layer"
pace = 2
[[scene]]
title = "The forward pass"
do = ["first", "run-to h[1]"]
say = "The sum is {s[1]:.2f}, and $\\\\delta$ follows."
notes = "Ask who expects more."
layout = "network"
point = ["W[1,1]", "x[1]"]
zoom = "h[1]"
hold = 4.0
seconds = 12
expect = ["loss < 0.1"]
ask = "delta_2"
audio = "one.ogg"
"""


def faults(text: str) -> list[str]:
    """The faults of a walk's text, as lines without the name of the file."""
    with pytest.raises(LessonError) as caught:
        parse_walk(text, "my.walk.toml")
    return [line.removeprefix("my.walk.toml:").strip() for line in str(caught.value).splitlines()]


def test_every_key_is_read() -> None:
    walk = parse_walk(WHOLE)
    assert walk.stage == WalkStage(theme="light", layout="graph", grain="layer", pace=2.0)
    (scene,) = walk.scenes
    assert scene == Scene(
        title="The forward pass",
        do=("first", "run-to h[1]"),
        say="The sum is {s[1]:.2f}, and $\\delta$ follows.",
        notes="Ask who expects more.",
        layout="network",
        point=("W[1,1]", "x[1]"),
        zoom="h[1]",
        hold=4.0,
        seconds=12.0,
        expect=("loss < 0.1",),
        ask="delta_2",
        audio="one.ogg",
    )
    assert {key.name for key in WALK_KEYS["[[scene]]"]} == set(Scene.__dataclass_fields__)
    assert {key.name for key in WALK_KEYS["[stage]"]} == set(WalkStage.__dataclass_fields__)


def test_what_is_left_out_has_its_default() -> None:
    walk = parse_walk(f'{HEAD}[[scene]]\nsay = "Hello"\n')
    assert walk.stage == WalkStage()
    assert walk.scenes == (Scene(say="Hello"),)
    assert walk.layout_of(walk.scenes[0]) == "network"
    assert {key.default for key in WALK_KEYS["[stage]"]} == {"dark", "network", "neuron", "1.2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("format = 2\n", "1: format: 2 is not a format that this version reads; write format = 1"),
        ('title = ""\n', "1: title: empty; write a few words, or leave the key out"),
        ("title = 3\n", "1: title: 3 is not a text"),
        ('titel = "A"\n', "1: titel: unknown key; known keys are format, title, lesson, stage, scene; did you mean"),
        ('pace = 2\n[[scene]]\nsay = "a"', "; pace belongs to [stage]"),
        ('[stage]\nlayout = "netwrk"\n', "2: stage.layout: 'netwrk' is not one of network, graph, code"),
        ('[stage]\ntheme = "drak"\n', "; did you mean 'dark'?"),
        ("[stage]\npace = 0\n", "2: stage.pace: 0 is not a number of seconds above 0 and at most 3600"),
        ("stage = 1\n", "1: stage: 1 is not a table; write [stage]"),
        ("scene = 1\n", "1: scene: 1 is not a list of scenes; write [[scene]]"),
        ("[[scene]]\n", "1: scene[1]: empty; a scene has one or more of title, do, say"),
        (
            '[[scene]]\nsay = "a"\n[[scene]]\ndo = "step"\n',
            "4: scene[2].do: 'step' is not a list of texts",
        ),
        ('[[scene]]\ndo = ["step", 3]\n', "2: scene[1].do[2]: 3 is not a text"),
        ('[[scene]]\ndo = ["a\\nb"]\n', "2: scene[1].do[1]: must be on one line"),
        ("[[scene]]\nhold = -1\n", "2: scene[1].hold: -1 is not a number of seconds at least 0 and at most 3600"),
        ("[[scene]]\nhold = true\n", "2: scene[1].hold: true is not a number"),
        ("[[scene]]\nseconds = inf\n", "2: scene[1].seconds: inf is not a number of seconds above 0"),
        ('[[scene]]\nsay = "{y"\n', "2: scene[1].say: the closing brace of {expression:format} is missing"),
        ('[[scene]]\nsay = "{y:.3x}"\n', "2: scene[1].say: '.3x' is not a format; a format is .3f, .2e"),
        ('[[scene]]\nsay = "{1 +}"\n', "2: scene[1].say: {1 +}: column 4: a value is missing at the end"),
        ('[[scene]]\nsay = "$x"\n', "2: scene[1].say: the closing $ of a formula is missing"),
        ('[[scene]]\nlayot = "code"\n', "; did you mean 'layout'?"),
        ("[[scene]\n", "1: "),
    ],
)
def test_a_fault_has_its_line_and_says_what_is_allowed(text: str, expected: str) -> None:
    assert any(expected in line for line in faults(text)), faults(text)


def test_all_faults_are_reported_at_once_in_the_order_of_the_file() -> None:
    found = faults('format = 1\n[stage]\ngrain = "x"\n[[scene]]\nhold = "a"\nzoom = 1\n')
    assert [line.partition(": ")[0] for line in found] == ["title", "lesson", "3", "5", "6"]
    assert "title: missing; what the walk shows, in a few words" in found[0]
    assert "lesson: missing; a bundled lesson by name, or a lesson file beside the walk" in found[1]


def test_an_entry_of_a_list_has_its_own_line() -> None:
    text = f"""{HEAD}[[scene]]
do = [ # a [comment]
  "step", "st]ep",
  'a', 3,
]
[[scene]]
expect = [
    "y",
    "",
]
"""
    walk = parse_walk(text.replace(", 3", "").replace('    "",\n', ""))
    lines = {path[1:]: line for path, line in walk.lines.items() if len(path) == 4}
    assert lines == {(0, "do", 0): 6, (0, "do", 1): 6, (0, "do", 2): 7, (1, "expect", 0): 11}
    assert faults(text)[-1] == "12: scene[2].expect[2]: empty; write a few words, or leave the key out"


def test_a_walk_without_scenes_is_refused() -> None:
    assert faults(HEAD) == ["scene: missing; at least one [[scene]] is needed"]


def test_a_lesson_is_a_name_or_a_file_beside_the_walk(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    file = tmp_path / "walks" / "my.walk.toml"

    def load(lesson: str) -> str:
        file.write_text(f'format = 1\ntitle = "A"\nlesson = "{lesson}"\n[[scene]]\nsay = "a"\n', encoding="utf-8")
        return load_lesson_of(load_walk(file)).name

    assert load("koehn") == "koehn"
    own = (Path(load_lesson_of(parse_walk(WHOLE)).path)).read_text(encoding="utf-8")
    (tmp_path / "walks" / "mine.toml").write_text(own, encoding="utf-8")
    assert load("mine.toml") == "mine"
    (tmp_path / "elsewhere.toml").write_text(own, encoding="utf-8")
    for lesson, words in (
        ("../elsewhere.toml", "outside the walk's folder"),
        (str(tmp_path / "elsewhere.toml"), "outside the walk's folder"),
        ("koehm", "did you mean 'koehn'?"),
        ("a" * 5000, "is neither a bundled lesson nor a file"),
    ):
        with pytest.raises(LessonError, match=r"my\.walk\.toml:3: lesson: ") as caught:
            load(lesson)
        assert words in str(caught.value)


def test_a_walk_is_found_by_its_name_or_file(tmp_path: Path) -> None:
    assert find_walk("koehn-walk").name == "koehn-walk.walk.toml"
    assert load_walk("koehn-walk").name == "koehn-walk"
    assert is_walk("one-minute")
    assert is_walk("any.walk.toml")
    assert is_walk("ANY.WALK.TOML")
    assert not is_walk("koehn")
    with pytest.raises(LessonError, match="did you mean 'koehn-walk'"):
        find_walk("koehn-wakl")
    with pytest.raises(LessonError, match="this is a folder; name a walk file"):
        load_walk(tmp_path)


def test_the_summaries_are_those_of_the_walks() -> None:
    for summary in walk_summaries():
        walk = load_walk(summary.name)
        assert (summary.title, summary.lesson, summary.scenes) == (walk.title, walk.lesson, len(walk.scenes))


# Writing

LINES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip()) and text.isprintable()
)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
CAPTIONS = st.sampled_from(
    ["Plain.", "{y:.3f} and $\\frac{1}{2}$", '"Quoted" \\$ {{}}', "Two\nlines", "It's 'so' \\\\ {y}"]
)
SECONDS = st.floats(0.01, 3600)
LISTS = st.lists(LINES, max_size=6).map(tuple)
SCENES = st.builds(
    Scene,
    title=LINES,
    do=LISTS,
    say=CAPTIONS,
    notes=TEXTS,
    layout=st.sampled_from(["", *LAYOUTS]),
    point=LISTS,
    zoom=st.sampled_from(["", "h[1]"]),
    hold=st.none() | SECONDS,
    seconds=st.none() | SECONDS,
    expect=LISTS,
    ask=st.sampled_from(["", "y"]),
    audio=st.sampled_from(["", "a.ogg"]),
)
STAGES = st.builds(WalkStage, theme=st.sampled_from(["dark", "light"]), layout=st.sampled_from(LAYOUTS), pace=SECONDS)
WALKS = st.builds(
    Walk, title=LINES, lesson=LINES, stage=STAGES, scenes=st.lists(SCENES, min_size=1, max_size=4).map(tuple)
)


@given(WALKS)
def test_a_written_walk_is_read_as_the_same_walk(walk: Walk) -> None:
    assert parse_walk(write_walk(walk)) == walk


@pytest.mark.parametrize("name", walk_names())
def test_a_bundled_walk_is_written_as_the_same_walk(name: str, tmp_path: Path) -> None:
    walk = load_walk(name)
    file = tmp_path / f"{name}.walk.toml"
    save_walk(file, walk)
    assert load_walk(file) == walk
    assert max(map(len, write_walk(walk).splitlines())) < 400


def test_what_has_its_default_is_not_written() -> None:
    walk = Walk(title="A", lesson="koehn", scenes=(Scene(say="Hello"),))
    assert write_walk(walk) == 'format = 1\ntitle = "A"\nlesson = "koehn"\n\n[[scene]]\nsay = "Hello"\n'
