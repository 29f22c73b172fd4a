"""Choosing conventions: the pass is computed anew as if the lesson's file had said so, at the same step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from vocabulary import RECURRENT, assert_same_pass, at

from nnviz.debugger.choices import (
    choose,
    choose_frozen,
    freeze,
    frozen_names,
    loss_obstacle,
    number_obstacle,
    parameter_names,
    time_obstacle,
)
from nnviz.debugger.commands import into, step
from nnviz.debugger.state.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_example,
    choose_loss,
    choose_notation,
    choose_training,
    next_pass,
    previous_pass,
    restore_lesson_conventions,
    start_session,
)
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Layer
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation
from nnviz.tracing.steps import Grain, Kind, Quantity

OTHER = [
    *({field: value} for field, values in CHOICES.items() for value in values),
    {"frozen": ("b1",)},
    {"frozen": ("weights",)},
    {"slope": "derivative_of_a", "update": "sequential", "step": "uphill", "frozen": ("W2", "biases")},
]


def from_scratch(session: Session, convention: Convention, loss: str) -> PassRecord:
    """The pass that an engine makes which never knew another convention."""
    lesson, record = session.lesson, session.record
    network = lesson.network.with_vector(session.checkpoint.parameters)
    network = replace(network, architecture=replace(network.architecture, loss=loss))
    rows = list(record.examples)
    return run_pass(
        network,
        lesson.dataset.inputs[:, rows],
        lesson.dataset.targets[:, rows],
        convention,
        session.training.rule(),
        examples=rows,
        row=record.row,
        memory=session.checkpoint.memory,
        count=session.checkpoint.update + 1,
    )


@pytest.mark.parametrize("name", ["koehn", "graph", "from-scratch", "softmax-deep"])
@pytest.mark.parametrize("changes", OTHER, ids=str)
def test_a_chosen_convention_gives_the_pass_of_that_convention(name: str, changes: dict[str, object]) -> None:
    session = start_session(load(name))
    convention = replace(session.convention, **changes)
    chosen = choose_convention(session, convention)
    assert chosen.convention == convention
    assert chosen.record.convention == convention
    assert chosen.lesson.convention == load(name).convention, "the file's own is left alone"
    assert_same_pass(chosen.record, from_scratch(session, convention, session.loss))


@pytest.mark.parametrize("loss", ["half_squared", "squared", "mean_squared", "binary_cross_entropy"])
def test_a_chosen_loss_gives_the_pass_of_that_loss(loss: str) -> None:
    session = start_session(load("from-scratch"))
    chosen = choose_loss(session, loss)
    assert chosen.loss == chosen.record.architecture.loss == loss
    assert chosen.network.architecture.loss == loss
    assert chosen.network.parameters is session.lesson.network.parameters
    assert_same_pass(chosen.record, from_scratch(session, session.convention, loss))


@pytest.mark.parametrize("name", lesson_names())
def test_every_choice_leaves_the_learner_at_the_same_step(name: str) -> None:
    session = start_session(load(name))
    depth = session.record.architecture.depth
    unit = min(1, session.record.architecture.sizes[1] - 1)
    for quantity in (
        Quantity(Kind.A, 0, unit),
        Quantity(Kind.LOSS),
        Quantity(Kind.DELTA, 0, unit),
        Quantity(Kind.DW, depth - 1, 0, 1),
        Quantity(Kind.W_NEW, 0, unit, 0),
    ):
        here = at(session, quantity)
        for changes in OTHER:
            moved = choose_convention(here, replace(here.convention, **changes))
            assert moved.step is not None
            assert moved.step.quantity == quantity, changes
        if session.lesson.dataset.has_targets:
            assert choose_loss(here, "squared").step.quantity == quantity  # type: ignore[union-attr]


def test_a_place_among_terms_is_kept() -> None:
    session = into(at(start_session(load("koehn")), Quantity(Kind.Z, 0, 1)))
    term = session.step
    assert term is not None
    moved = choose_convention(session, replace(session.convention, update="sequential"))
    assert moved.grain is Grain.TERM
    assert moved.step is not None
    assert moved.step.quantity == term.quantity


def test_the_same_choice_again_changes_nothing() -> None:
    session = start_session(load("koehn"))
    assert choose_convention(session, session.convention) is session
    assert choose_loss(session, session.loss) is session
    assert choose_training(session, session.training) is session
    assert restore_lesson_conventions(session) is session


def test_passes_to_come_and_passes_gone_keep_how_they_were_counted() -> None:
    session = start_session(load("krzeminski-sgd"))
    convention = replace(session.convention, slope="derivative_of_a", frozen=("b2",))
    chosen = choose_loss(choose_convention(session, convention), "squared")
    trainer = Trainer(chosen.network, session.lesson.dataset, session.training, convention)
    walked = chosen
    for _ in range(9):
        record = trainer.record_update()
        assert_same_pass(walked.record, record)
        walked = next_pass(walked)
    assert (walked.convention, walked.loss) == (convention, "squared")
    other = restore_lesson_conventions(walked)
    back = previous_pass(next_pass(other))
    assert (back.convention, back.loss) == (session.lesson.convention, "half_squared")
    back = previous_pass(back)
    assert (back.convention, back.loss) == (convention, "squared"), "that pass was made so"


def test_going_back_keeps_how_things_are_told() -> None:
    session = next_pass(start_session(load("koehn")))
    told = choose_convention(session, replace(session.convention, delta="gradient"))
    assert previous_pass(told).convention.delta == "gradient"


def test_a_notation_brings_its_sign_and_orientation() -> None:
    koehn = start_session(load("koehn"))
    assert (koehn.convention.delta, koehn.convention.weights) == ("descent", "units_first")
    standard = choose_notation(koehn, load_notation("standard"))
    assert (standard.convention.delta, standard.convention.weights) == ("gradient", "inputs_first")
    assert choose_notation(standard, koehn.lesson.notation).convention == koehn.convention
    chosen = choose_convention(standard, replace(standard.convention, delta="descent", slope="product_of_z"))
    again = choose_notation(chosen, koehn.lesson.notation)
    assert again.convention == replace(koehn.convention, slope="product_of_z")


def test_what_a_pass_is_compared_with_goes_with_it() -> None:
    session = start_session(load("koehn"))
    assert session.compared is None
    chosen = choose_loss(step(session), "squared")
    assert chosen.compared is not None
    assert chosen.compared.record is session.record
    assert step(chosen).compared is chosen.compared
    assert choose_notation(chosen, load_notation("standard")).compared is chosen.compared
    assert choose_notation(chosen, load_notation("koehn-chain-rule")).compared is chosen.compared
    assert next_pass(chosen).compared is None
    assert choose_example(chosen, 0).compared is None
    assert choose_checkpoint(chosen, next_pass(chosen).checkpoint).compared is None
    again = choose_convention(chosen, replace(chosen.convention, step="uphill"))
    assert again.compared is not None
    assert again.compared.record is chosen.record, "compared with the last pass, not the first"


def test_as_in_the_lesson() -> None:
    session = step(start_session(load("from-scratch")))
    changed = choose(session, "loss", "squared")
    for control, value in (("delta", "descent"), ("layers", 1), ("update_after", 3), ("reduce", "mean")):
        changed = choose(changed, control, value)
    changed = choose_frozen(changed, "biases", True)
    assert not changed.follows_lesson
    back = restore_lesson_conventions(changed)
    assert back.follows_lesson
    for name in ("convention", "loss", "notation", "training", "position"):
        assert getattr(back, name) == getattr(session, name), name
    assert_same_pass(back.record, session.record)
    assert back.compared is not None


def test_a_faster_rate_is_not_a_convention_of_the_lesson() -> None:
    session = start_session(load("koehn"))
    rates = replace(session.training.rates, learning_rate=0.25)
    faster = choose_training(session, replace(session.training, rates=rates))
    assert restore_lesson_conventions(choose(faster, "step", "uphill")).training.rates == rates


def test_layer_numbers_are_a_matter_of_writing() -> None:
    session = start_session(load("from-scratch"))
    other = choose(session, "layers", 1)
    assert other.trace is session.trace
    assert other.notation.first_layer == 1
    assert other.follows_lesson
    with pytest.raises(ValueError, match="document's own names"):
        choose(start_session(load("koehn")), "layers", 2)


@pytest.mark.parametrize("name", lesson_names())
def test_a_loss_is_refused_where_it_makes_no_sense(name: str) -> None:
    session = start_session(load(name))
    output = session.record.architecture.layers[-1].activation
    if not session.lesson.dataset.has_targets:
        assert all("needs" in loss_obstacle(session.lesson, name) for name, row in LOSSES.items() if row.has_targets)
        return
    for loss in ("half_squared", "squared", "mean_squared"):
        assert loss_obstacle(session.lesson, loss) == ""
    assert (loss_obstacle(session.lesson, "cross_entropy") == "") == (output == "softmax")
    refused = loss_obstacle(session.lesson, "binary_cross_entropy")
    assert (refused == "") == (output in ("sigmoid", "softmax"))
    if refused:
        assert f"ends in {output}" in refused
        with pytest.raises(ValueError, match="this network ends in"):
            choose(session, "loss", "binary_cross_entropy")


def test_a_loss_is_refused_for_targets_out_of_its_range() -> None:
    lesson = load("koehn", ["data.targets=[[0], [1], [2], [0]]", "printed=[]"])
    assert loss_obstacle(lesson, "binary_cross_entropy") == (
        "Binary cross entropy needs targets from 0 to 1; this lesson has 2."
    )


def test_other_obstacles() -> None:
    koehn = load("koehn")
    assert "recurrent" in time_obstacle(koehn.network.architecture)

    layers = (Layer(3, "sigmoid", recurrent=True), Layer(1, "sigmoid"))
    recurrent = replace(koehn.network.architecture, layers=layers)
    assert time_obstacle(recurrent) == ""
    assert number_obstacle(koehn.notation)
    assert not number_obstacle(load_notation("standard"))


def test_freezing_one_by_one_and_all_at_once() -> None:
    lesson = load("koehn")
    convention = lesson.convention
    assert tuple(parameter_names(lesson.network.architecture)) == ("W1", "b1", "W2", "b2")
    one = freeze(lesson, convention, "W1", True)
    assert one.frozen == ("W1",)
    both = freeze(lesson, one, "W2", True)
    assert both.frozen == ("weights",), "all of them have one name"
    all_but = freeze(lesson, both, "W1", False)
    assert all_but.frozen == ("W2",), "a name for all is taken apart"
    assert freeze(lesson, all_but, "biases", True).frozen == ("W2", "biases")
    assert frozen_names(both, lesson.network.architecture) == {"W1", "W2"}
    assert freeze(lesson, all_but, "weights", False) == convention


def test_what_stays_in_the_lesson_is_named_as_there() -> None:
    lesson = load("koehn", ['convention.frozen=["W2", "W1"]', "printed=[]"])
    moved = freeze(lesson, lesson.convention, "W1", False)
    assert freeze(lesson, moved, "W1", True) == lesson.convention


def test_what_is_frozen_stays() -> None:
    session = start_session(load("koehn"))
    frozen = choose_frozen(session, "W2", True)
    assert np.array_equal(frozen.record.updated.W[1], frozen.record.parameters.W[1])
    assert not np.array_equal(frozen.record.updated.b[1], frozen.record.parameters.b[1])
    assert_same_pass(choose_frozen(frozen, "W2", False).record, session.record)


@pytest.fixture
def recurrent(tmp_path: Path) -> Session:
    path = tmp_path / "recurrent.toml"
    path.write_text(RECURRENT, encoding="utf-8")
    return start_session(load(str(path)))


def test_the_cut_through_time(recurrent: Session) -> None:
    here = at(recurrent, Quantity(Kind.DELTA, 0, 1, time=0))
    cut = choose(here, "through_time", "one_step")
    assert cut.step is not None
    assert cut.step.quantity == Quantity(Kind.DELTA, 0, 1, time=0)
    assert_same_pass(cut.record, from_scratch(recurrent, cut.convention, cut.loss))
    last_time = recurrent.record.time_steps - 1
    assert np.array_equal(cut.record.delta[0][last_time], recurrent.record.delta[0][last_time])
    assert not np.array_equal(cut.record.delta[0][0], recurrent.record.delta[0][0])
    assert_same_pass(restore_lesson_conventions(cut).record, recurrent.record)


def test_what_a_recurrent_layer_has_can_be_frozen(recurrent: Session) -> None:
    architecture = recurrent.record.architecture
    assert tuple(parameter_names(architecture)) == ("W1", "b1", "W_h1", "b_h1", "W2", "b2")
    one = choose_frozen(recurrent, "W_h1", True)
    assert one.convention.frozen == ("W_h1",)
    assert np.array_equal(one.record.updated.part("W_h", 0), one.record.parameters.part("W_h", 0))
    everything = choose_frozen(one, "weights", True)
    assert everything.convention.frozen == ("weights",)
    assert choose_frozen(everything, "W2", False).convention.frozen == ("W1", "W_h1")


def test_a_recurrent_run_goes_on_under_the_cut(recurrent: Session) -> None:
    walked = choose(recurrent, "through_time", "one_step")
    trainer = Trainer(walked.network, walked.lesson.dataset, walked.training, walked.convention)
    for _ in range(5):
        assert_same_pass(walked.record, trainer.record_update())
        walked = next_pass(walked)
