"""Lessons made from values, and their text: what is written opens as the same lesson, bit for bit."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import Problem, problems

from nnviz.debugger.state.session import start_session
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.network import Architecture, Layer
from nnviz.engine.passes import run_pass
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson, parse_lesson
from nnviz.lessons.making.building import with_training
from nnviz.lessons.making.from_values import LayerWish, lesson_of_layers, make_lesson
from nnviz.lessons.making.lesson_text import lesson_text
from nnviz.lessons.making.quick import QuickWish, quick_lesson
from nnviz.lessons.making.toml_writing import toml_file
from nnviz.lessons.notation import STANDARD, load_notation, notation_names, notation_table, parse_notation
from nnviz.lessons.reseed import reseed
from nnviz.sessions.save import read_session, write_session
from nnviz.sessions.session_fields import Saved
from nnviz.tables.data import select
from nnviz.tables.table import parse_table

XOR = make_dataset([[0, 0], [1, 0], [0, 1], [1, 1]], [[0], [1], [1], [0]])


def assert_same(one: Lesson, other: Lesson) -> None:
    assert one.network.architecture == other.network.architecture
    assert one.network.parameters.vector.tobytes() == other.network.parameters.vector.tobytes()
    same = ("title", "source", "notation", "example", "convention", "training", "printed", "errata", "captions")
    for name in (*same, "summary", "topics"):
        assert getattr(one, name) == getattr(other, name), name
    for mine, its in ((one.dataset, other.dataset), (one.held_out, other.held_out)):
        assert (mine is None) == (its is None)
        if mine is not None and its is not None:
            assert mine.inputs.tobytes() == its.inputs.tobytes()
            assert mine.targets.tobytes() == its.targets.tobytes()


def made_of(problem: Problem, held_out: Dataset | None, training: dict[str, object]) -> Lesson:
    architecture = problem.network.architecture
    masks = [
        {"mask": architecture.mask(index).tolist()} if layer.missing else {}
        for index, layer in enumerate(architecture.layers)
    ]
    layers = [
        LayerWish(
            units=layer.units,
            activation=layer.activation,
            keys={"recurrent": layer.recurrent, "bias": layer.bias, **dict(layer.constants), **masks[index]},
        )
        for index, layer in enumerate(architecture.layers)
    ]
    return lesson_of_layers(
        architecture.inputs,
        layers,
        Dataset(problem.x, problem.t),
        loss=architecture.loss,
        parameters=problem.network.parameters.vector,
        training={**training, "negative_slope": architecture.leaky_slope},
        held_out=held_out,
        title="made",
    )


@settings(max_examples=40)
@given(
    problem=problems(),
    holds_out=st.booleans(),
    optimizer=st.sampled_from(("sgd", "adam", "momentum")),
    batch=st.sampled_from(("example", "batch", 3)),
)
def test_a_lesson_of_values_is_written_and_read_as_the_same(
    problem: Problem, holds_out: bool, optimizer: str, batch: str | int
) -> None:
    architecture = problem.network.architecture
    assume(not architecture.seed_gradient and not architecture.input_gradients and np.isfinite(problem.t).all())
    held_out = Dataset(problem.x, problem.t) if holds_out else None
    training: dict[str, object] = {"optimizer": optimizer, "update_after": batch, "learning_rate": 0.125, "seed": 7}
    lesson = made_of(problem, held_out, training)
    assert lesson.network.architecture == architecture
    again = parse_lesson(lesson_text(lesson), "network.toml")
    assert_same(lesson, again)


@pytest.mark.parametrize("name", lesson_names())
def test_a_bundled_lesson_is_written_and_read_as_the_same(name: str) -> None:
    lesson = load(name)
    assert_same(lesson, parse_lesson(lesson_text(lesson), lesson.path))


def test_weights_that_the_seed_draws_are_not_written_and_others_are() -> None:
    lesson = make_lesson((2, 3, 1), XOR)
    assert "W" not in tomllib.loads(lesson_text(lesson))["network"]["layers"][0]
    trained = replace(lesson, network=lesson.network.with_vector(lesson.network.parameters.vector + 0.5))
    tables = tomllib.loads(lesson_text(trained))["network"]
    assert "init" not in tables
    assert_same(trained, parse_lesson(lesson_text(trained), "network.toml"))


@pytest.mark.parametrize(
    ("targets", "outputs", "expected"),
    [
        ([[0], [1], [1]], 1, ("sigmoid", "binary_cross_entropy")),
        ([[1, 0], [0, 1], [1, 0]], 2, ("softmax", "cross_entropy")),
        ([[0.5], [1], [2]], 1, ("linear", "half_squared")),
        ([[1, 1], [0, 1], [1, 0]], 2, ("linear", "half_squared")),
    ],
)
def test_output_and_loss_suit_the_targets(targets: list[list[float]], outputs: int, expected: tuple[str, str]) -> None:
    lesson = make_lesson((2, 4, outputs), make_dataset([[0, 0], [1, 0], [0, 1]], targets))
    layers = lesson.network.architecture.layers
    assert [layer.activation for layer in layers] == ["tanh", expected[0]]
    assert lesson.network.architecture.loss == expected[1]
    drawn = np.random.RandomState(1).standard_normal((2, 4)) / np.sqrt(2.0)  # xavier, seed 1
    np.testing.assert_array_equal(lesson.network.W[0], drawn)
    assert not lesson.network.b[0].any()
    training = lesson.training
    assert (training.optimizer, training.rates.learning_rate, training.update_after) == ("adam", 0.03, 10)


def test_a_lesson_of_a_table_has_its_report_and_its_part_held_out() -> None:
    table = parse_table("a,b,kind\n" + "".join(f"{i},{i * i},{'xyz'[i % 3]}\n" for i in range(12)))
    data = select(table, held_out=0.25, seed=1, scale="standard")
    lesson = make_lesson((2, 5, 3), data, activations=("relu",), name="table")
    assert (lesson.report, lesson.name) == (data.report, "table")
    assert lesson.held_out is not None
    assert (len(lesson.dataset), len(lesson.held_out)) == (9, 3)
    assert_same(lesson, parse_lesson(lesson_text(lesson), "table.toml"))


@pytest.mark.parametrize(
    ("sizes", "more", "message"),
    [
        ((3, 1), {}, "data.inputs: 2 numbers for each example, but the network has 3 inputs"),
        ((2, 2), {"loss": "half_squared"}, "data.targets: 1 number for each example, but the network has 2 outputs"),
        ((2,), {}, "network: a network has at least two sizes, such as 2-1"),
        ((2, 1), {"activations": ("tanhh",)}, "'tanhh' is not one of sigmoid, tanh"),
        ((2, 3, 1), {"activations": ("relu",) * 4}, "4 activations for 2 layers; give 1, 1 or 2"),
        ((2, 1), {"training": {"rate": 1.0}}, "training.rate: unknown key"),
        ((2, 1), {"example": 4}, "data.example: 4 is not in the range 0 to 3"),
        ((2, 1), {"init": {"scheme": "kaiming"}}, "network.init.scheme: 'kaiming' is not one of uniform"),
        ((2, 9_999_999, 1), {}, "the network would have 39999997 parameters"),
        ((2, 1), {"parameters": np.full(3, np.nan)}, "network: a parameter is NaN or infinite"),
    ],
)
def test_values_that_make_no_lesson_are_refused(sizes: tuple[int, ...], more: dict[str, object], message: str) -> None:
    with pytest.raises(LessonError, match=r".") as caught:
        make_lesson(sizes, XOR, **more)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_examples_that_are_not_numbers_or_do_not_fit_the_loss_are_refused() -> None:
    with pytest.raises(LessonError, match=r"data\.inputs: a number is NaN or infinite"):
        make_lesson((1, 1), make_dataset([[np.inf]], [[0.5]]))
    with pytest.raises(LessonError, match=r"data\.targets: 2\.0 is out of range; binary_cross_entropy needs targets"):
        make_lesson((1, 1), make_dataset([[1.0]], [[2.0]]), loss="binary_cross_entropy")


def test_a_made_lesson_is_drawn_again_from_another_seed() -> None:
    lesson = make_lesson((2, 3, 1), XOR)
    other = reseed(lesson, 5)
    assert_same(other, make_lesson((2, 3, 1), XOR, init={"scheme": "xavier", "seed": 5, "bias": "zero"}))
    given = replace(lesson, initializer=None)
    assert reseed(given, 5) is given


def test_a_preset_is_written_by_its_name_until_its_examples_change() -> None:
    text = (
        'format = 1\ntitle = "s"\n[network]\ninputs = 2\ninit = { seed = 2 }\n[[network.layers]]\nunits = 1\n'
        '[data]\ngenerator = "spiral"\npoints = 20\nnoise = 0.1\nheld_out = 0.2\nseed = 4\nexample = 3\n'
    )
    lesson = parse_lesson(text, "s.toml")
    assert lesson.report == "preset spiral, 20 examples; 2 inputs, 2 classes; 4 held out"
    assert tomllib.loads(lesson_text(lesson))["data"] == tomllib.loads(text)["data"]
    assert_same(lesson, parse_lesson(lesson_text(lesson), "s.toml"))
    moved = replace(lesson, dataset=make_dataset(lesson.dataset.inputs[0] + 1.0, lesson.dataset.targets[0]))
    again = parse_lesson(lesson_text(moved), "s.toml")
    assert_same(moved, again)
    assert "generator" not in tomllib.loads(lesson_text(moved))["data"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            'generator = "spiral"\nshared_generator = true',
            'data.shared_generator: only used with generator = "clusters"',
        ),
        (
            'generator = "clusters"\ncenters = [[0, 0]]\nper_class = 3\nnoise = 1.0',
            "data.noise: only used with a generator without centers",
        ),
        ('generator = "sine"', "data.generator: sine has 1 input, but the network has 2"),
        ('generator = "iris"\npoints = 5', "data.generator: iris has 4 inputs, but the network has 2"),
        ('generator = "xor"\ncenters = [[0, 0]]', 'data.centers: only used with generator = "clusters"'),
        ('generator = "xor"\nscale = "standard"', "data.scale: only used with a data file"),
        ("inputs = [[0, 0]]\ntargets = [[1]]\nnoise = 1.0", "data.noise: only used with a generator"),
        ("inputs = [[0, 0]]\ntargets = [[1]]\nheld_out_inputs = [[1, 1]]", "data.held_out_targets: missing; give as"),
        ('generator = "xor"\nheld_out_inputs = [[1, 1]]', "data.held_out_inputs: only used with inputs and targets"),
        ('generator = "xor"\nexample = 4', "data.example: 4 is not in the range 0 to 3"),
        (
            "inputs = [[0, 0]]\ntargets = [[1]]\nheld_out_inputs = [[1]]\nheld_out_targets = [[1]]",
            "data.held_out_inputs[1]: 1 number, but the network has 2 inputs",
        ),
    ],
)
def test_keys_of_data_that_do_not_fit_are_faults(data: str, message: str) -> None:
    head = 'format = 1\ntitle = "s"\n[network]\ninputs = 2\ninit = {}\n[[network.layers]]\nunits = 1\n'
    text = f"{head}[data]\n{data}\n"
    with pytest.raises(LessonError, match=r".") as caught:
        parse_lesson(text, "s.toml")
    assert message in str(caught.value)


def test_a_made_lesson_in_a_saved_session_opens_again(tmp_path: Path) -> None:
    from nnviz.debugger.state.session import start_session
    from nnviz.sessions.save import read_session, write_session
    from nnviz.sessions.session_fields import Saved

    lesson = make_lesson((2, 3, 1), XOR, title="made", held_out=XOR)
    write_session(tmp_path / "s.nnviz", Saved(start_session(lesson)))
    saved = read_session(tmp_path / "s.nnviz")
    assert_same(lesson, saved.session.lesson)
    assert saved.notes == ()


def test_a_made_lesson_is_stepped_as_its_file_is(tmp_path: Path) -> None:
    lesson = make_lesson((2, 3, 1), XOR)
    (tmp_path / "network.toml").write_text(lesson_text(lesson), encoding="utf-8")
    again = load_lesson(tmp_path / "network.toml")
    one, other = (
        run_pass(each.network, each.dataset.inputs, each.dataset.targets, each.convention, each.training.rule())
        for each in (lesson, again)
    )
    assert one.gradients.vector.tobytes() == other.gradients.vector.tobytes()
    assert lesson.network.architecture == Architecture(
        2, (Layer(3, "tanh"), Layer(1, "sigmoid")), "binary_cross_entropy"
    )


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(min_size=1), VALUES | st.dictionaries(st.text(min_size=1), VALUES), max_size=4))
def test_any_tables_are_written_and_read_as_the_same(tables: dict[str, object]) -> None:
    assert tomllib.loads(toml_file(tables)) == tables


def test_a_number_that_toml_cannot_hold_for_a_lesson_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN or infinite"):
        toml_file({"W": [[1.0, float("nan")]]})


@pytest.mark.parametrize("name", ["mazur", "two-step-rnn", "nine-lines", "eleven-lines"])
def test_a_notation_of_a_lessons_own_stays_through_changes_and_in_the_file(name, tmp_path):
    lesson = load(name)
    for rate in (0.25, 0.125):  # a lesson that was changed once has no text any more
        lesson = with_training("learning_rate", rate)(lesson)
    assert replace(lesson.notation, name=name) == load(name).notation
    session = start_session(lesson)
    path = tmp_path / "own.nnviz"
    write_session(path, Saved(session))
    assert replace(read_session(path).session.notation, name=name) == load(name).notation


@pytest.mark.parametrize("name", sorted({*notation_names()} - {STANDARD}))
def test_the_table_of_a_notation_is_read_as_the_notation(name):
    assert parse_notation(notation_table(load_notation(name)), name) == load_notation(name)


def test_a_network_without_end_is_refused_before_its_examples_are_drawn():
    with pytest.raises(LessonError, match="at most 10000000 are allowed"):
        quick_lesson(QuickWish(sizes=(99_999_999, 99_999_999, 1)))
