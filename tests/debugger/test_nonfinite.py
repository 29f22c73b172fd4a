"""The first NaN or infinity: found as a walk over all steps finds it, reached, and how it grew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import conventions, problems, rules

from nnviz.debugger.commands import COMMANDS
from nnviz.debugger.conditions.continuing import run
from nnviz.debugger.diagnosis.growth import NEAR, began_to_grow, enter_failed_pass, growth, growth_on_run, run_up
from nnviz.debugger.diagnosis.nonfinite import first_nonfinite, go_to_nonfinite, is_finite_so_far, nonfinite_row
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.run import Segment, add_mark, begin_training, checkpoint_at, trainer_for
from nnviz.debugger.state.session import Session, choose_checkpoint, choose_training, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.network import make_network
from nnviz.engine.passes import run_pass
from nnviz.engine.training import NonFiniteError, Trainer
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.loader import parse_lesson
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

SCALES = (1.0, 1e60, 1e100, 1e150, 1e200, 1e307, np.inf, np.nan)


@st.composite
def broken_traces(draw: st.DrawFn) -> Trace:
    """A pass of a random network, some of whose weights are huge, infinite or no numbers."""
    problem = draw(problems(most_layers=3))
    vector = problem.network.parameters.vector.copy()
    with np.errstate(all="ignore"):
        for index in draw(st.lists(st.integers(0, len(vector) - 1), max_size=4)):
            vector[index] *= draw(st.sampled_from(SCALES))
        vector *= draw(st.sampled_from(SCALES[:4]))
    network = make_network(problem.network.architecture, vector)
    row = draw(st.integers(0, problem.x.shape[1] - 1))
    record = run_pass(network, problem.x, problem.t, draw(conventions()), draw(rules()), row=row)
    return Trace(record, chain_rule=draw(st.booleans()))


def walked(trace: Trace) -> int | None:
    """The position of the first step of grain term that is not finite, one after the other."""
    for step in trace.at(Grain.TERM):
        if not np.isfinite(value_of(trace.record, step.quantity)):
            return step.end
    return None


@settings(max_examples=300, deadline=None)
@given(broken_traces())
def test_it_is_the_one_that_a_walk_over_every_step_finds(trace: Trace):
    found = first_nonfinite(trace)
    assert (None if found is None else found.position) == walked(trace)
    if found is not None:
        assert not np.isfinite(found.value)
        own = [(operand.quantity, operand.trace) for operand in operands(trace, found.step)]
        assert [(operand.quantity, operand.trace) for operand in found.operands] == own


@pytest.mark.parametrize("name", lesson_names())
def test_no_lesson_starts_with_one(name: str):
    session = start_session(load(name))
    assert first_nonfinite(session.trace) is None
    assert nonfinite_row(session.record) is None
    assert go_to_nonfinite(session) is session


def test_a_large_network_is_not_walked(monkeypatch: pytest.MonkeyPatch):
    session = start_session(load("graph-20-50-10"))
    weights = session.checkpoint.parameters.copy()
    weights[-1] = np.inf  # the last bias of the output layer
    broken = choose_checkpoint(session, replace(session.checkpoint, parameters=weights))
    made: list[int] = []
    plain = Trace.step

    def counted(self: Trace, grain: Grain, index: int):
        made.append(index)
        return plain(self, grain, index)

    monkeypatch.setattr(Trace, "step", counted)
    found = first_nonfinite(broken.trace)
    assert found is not None
    assert (found.step.kind, found.step.quantity.layer, found.step.quantity.unit) == (Kind.BIAS_TERM, 1, 9)
    assert len(made) < 100
    assert broken.trace.end > 4000


def next_update(trainer: Trainer) -> int | None:
    """Train on; the number of the update at which the run stops."""
    try:
        trainer.update()
    except NonFiniteError as error:
        return error.checkpoint.update
    return None


def failed(name: str = "krzeminski-walkthrough") -> tuple[Session, Segment, Trainer, int]:
    """The session at the start of the pass whose update a run stops at, and the run with a mark each 500 updates."""
    lesson = load(name)
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    run = begin_training(lesson, trainer.checkpoint())
    while (update := next_update(trainer)) is None:
        if not trainer.update_count % 500:
            run = add_mark(run, trainer.checkpoint())
    before = trainer_for(run, lesson, update - 1).checkpoint()
    return enter_failed_pass(start_session(lesson), before), run.last_segment, trainer, update


def test_the_walkthrough_stops_at_the_slope_that_overflows():
    session, stretch, trainer, update = failed()
    assert (update, session.checkpoint.update) == (7853, 7852)
    assert is_finite_so_far(session)
    landed = go_to_nonfinite(session)
    step = landed.step
    assert step is not None
    assert (step.kind, step.quantity.layer, step.quantity.unit, step.grain) == (Kind.SLOPE, 0, 0, Grain.NEURON)
    assert not is_finite_so_far(landed)
    assert next(entry for entry in COMMANDS if entry.id == "nonfinite").run(session) == landed
    found = first_nonfinite(landed.trace)
    assert found is not None
    # dsigmoid(v) = v(1 - v), fed z = -5.9e204: its square is beyond 1.8e308.
    assert found.value == -np.inf
    assert [operand.quantity.kind for operand in found.operands] == [Kind.Z]
    assert found.operands[0].value == pytest.approx(-5.93242e204, rel=1e-5)
    told = growth(landed, run_up(stretch, trainer, 7852)[:-1])
    assert told is not None
    assert told.update == 7853
    assert [series.name for series in told.series[:4]] == [
        "loss",
        "largest |z|",
        "largest |weight|",
        "largest |gradient|",
    ]
    assert all(20 <= len(series.values) <= 60 for series in told.series)
    assert told.began == 7843
    # Of each epoch of 4 updates the largest |weight| is 4.0 up to update 7844, then 12, 227 and 6310.
    assert [series.began for series in told.series] == [None, 7844, 7844, 7843, 7844]


def test_what_grew_before_an_edit_of_the_data_is_of_the_data_before():
    session = go_to_update(start_session(load("krzeminski-walkthrough")), 12)
    edited = apply_edit(session, Spot(Quantity(Kind.INPUT, unit=0), session.example), 1e200)
    earlier = tuple(checkpoint_at(edited.run, edited.lesson, update) for update in range(12))
    told = growth(edited, earlier)
    assert told is not None
    (sizes,) = (series for series in told.series if series.name == "largest |z|")
    passes = [go_to_update(session, update).record for update in range(12)]
    assert list(sizes.values[:12]) == [max(np.abs(z).max() for z in record.z) for record in passes]
    assert sizes.values[12] > 1e100


def test_what_a_run_up_replays_is_the_run():
    _, stretch, trainer, _ = failed()
    found = run_up(stretch, trainer, 7852)
    updates = [checkpoint.update for checkpoint in found]
    assert updates == sorted(set(updates))
    assert updates[-NEAR - 1 :] == list(range(7852 - NEAR, 7853))
    lesson = load("krzeminski-walkthrough")
    anew = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for checkpoint in found:
        while anew.update_count < checkpoint.update:
            anew.update()
        assert anew.checkpoint().parameters.tobytes() == checkpoint.parameters.tobytes()
    of_few_marks = run_up(replace(stretch, marks=stretch.marks[::7]), trainer, 7852)
    assert [checkpoint.update for checkpoint in of_few_marks] == updates


def test_a_run_up_of_a_run_that_has_just_begun():
    lesson = load("koehn")
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    stretch = begin_training(lesson, trainer.checkpoint()).last_segment
    assert [checkpoint.update for checkpoint in run_up(stretch, trainer, 0)] == [0]
    assert [checkpoint.update for checkpoint in run_up(stretch, trainer, 3)] == [0, 1, 2, 3]


def test_another_example_of_the_batch_is_stepped_where_the_trouble_is_its_own():
    session = start_session(load("krzeminski-batch"), example=0)  # (0, 0): no weight of the first layer matters to it
    weights = session.checkpoint.parameters.copy()
    weights[0] = 1e308
    weights[3] = 1e308
    broken = choose_checkpoint(session, replace(session.checkpoint, parameters=weights))
    row = nonfinite_row(broken.record)
    landed = go_to_nonfinite(broken)
    assert row == landed.record.row
    assert landed.example == landed.record.examples[row]
    assert landed.step is not None
    assert not is_finite_so_far(landed)


def test_it_grows_from_where_it_rises():
    updates = tuple(range(10))
    assert began_to_grow(updates, [1.0] * 10) is None
    assert began_to_grow(updates, [1.0] * 6 + [999.0, 1001.0, 1e9, np.inf]) == 5
    assert began_to_grow(updates, [0.0] * 9 + [5.0]) is None  # nothing is a multiple of 0
    assert began_to_grow(updates, [1.0] * 9 + [np.nan]) == 9
    assert began_to_grow(updates[:2], [1.0, 1e9]) is None
    assert began_to_grow(updates[:3], [1.0, 1e150, np.inf]) == 0
    assert began_to_grow(updates, [1.0, 1.0, 1e9, *[1.0] * 7]) is None  # one outlier is no growth


@pytest.mark.parametrize("factor", [1.02, 1.3, 3.6, 1e20])
@pytest.mark.parametrize("quiet", [0, 1, 40, 400])
@pytest.mark.parametrize("before", ["flat", "learning", "noisy"])
def test_a_number_that_is_multiplied_grows_from_the_first_time_on(factor: float, quiet: int, before: str):
    noise = np.random.default_rng(1).uniform(0.5, 1.5, quiet + 1)
    usual = {"flat": np.ones(quiet + 1), "learning": np.geomspace(1.0, 0.1, quiet + 1), "noisy": noise}[before]
    with np.errstate(over="ignore"):
        rise = usual[-1] * factor ** np.arange(1, int(np.log(1e300) / np.log(factor)))
    values = [*usual, *rise]
    found = began_to_grow(tuple(range(1, len(values) + 1)), values)
    assert found is not None
    slack = {"flat": 0, "learning": 1, "noisy": 2 + int(1.5 / np.log(factor))}[before]  # until it is out of the noise
    assert abs(found - (quiet + 1)) <= slack


DIVERGES = """format = 1
title = "a rate that is too large"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "linear"
W = [[0]]
b = [0]
RECURRENT
[data]
inputs = [[1], [2], [3], [10]]
targets = [[3], [5], [7], [21]]
[training]
learning_rate = 0.1
reduce = "mean"
update_after = "batch"
epochs = 100000
"""
PAST = "recurrent = true\nW_h = [[0.1]]\nb_h = [0]"
SEQUENCES = ("inputs = [[[1], [2]], [[3], [10]]]", "targets = [[[3], [5]], [[7], [21]]]")


def diverging(recurrent: bool, *overrides: str) -> Session:
    text = DIVERGES.replace("RECURRENT", PAST if recurrent else "")
    if recurrent:
        text = text.replace("inputs = [[1], [2], [3], [10]]", SEQUENCES[0]).replace(
            "targets = [[3], [5], [7], [21]]", SEQUENCES[1]
        )
    return start_session(parse_lesson(text, "mine.toml", overrides))


RUNS = [
    (False, ()),
    (False, ("training.learning_rate=0.07",)),  # by some hundredths per update
    (False, ('training.update_after="example"', "training.learning_rate=0.15")),
    (False, ("training.update_after=2", "training.learning_rate=0.4")),
    (False, ("training.update_after=3", "training.shuffle=true")),
    (False, ('training.optimizer="momentum"', "training.learning_rate=0.2")),
    (False, ('training.optimizer="nesterov"', 'training.update_after="example"')),
    (False, ('training.optimizer="adamw"', "training.learning_rate=300", "training.weight_decay=0.02")),
    (True, ()),
    (True, ('training.update_after="example"',)),
]


@pytest.mark.parametrize(("recurrent", "overrides"), RUNS, ids=str)
def test_a_run_that_diverges_at_once_grows_from_its_first_epoch(recurrent: bool, overrides: tuple[str, ...]):
    stopped, why = run(diverging(recurrent, *overrides))
    assert why.is_failure
    told = growth_on_run(stopped)
    assert told is not None
    assert told.update == stopped.checkpoint.update + 1
    assert told.began is not None
    assert told.began <= 1 + -(-4 // stopped.training.batch_size(4))


@pytest.mark.parametrize(
    ("recurrent", "overrides"), [each for each in RUNS if "training.shuffle=true" not in each[1]], ids=str
)
def test_a_run_whose_rate_is_raised_grows_from_where_it_was_lowest(recurrent: bool, overrides: tuple[str, ...]):
    start = diverging(recurrent, *overrides)
    quiet = replace(start.training, rates=replace(start.training.rates, learning_rate=0.001))
    learned = go_to_update(choose_training(start, quiet), 1500)
    changed = choose_training(learned, start.training)
    # Of every pass from there on: the loss and the largest gradient of an epoch, up to a thousand times the first.
    trainer = Trainer(changed.network, changed.lesson.dataset, changed.training, changed.convention)
    trainer.restore(changed.checkpoint)
    cycle = max(-(-4 // changed.training.batch_size(4)), 2)
    losses, gradients = [], []
    while not losses or losses[-1] < 1e3 * losses[0]:
        record = trainer.record_update()
        losses.append(float(record.loss.sum()))
        gradients.append(float(np.abs(record.gradients.vector).max()))
    curves = [[max(v[max(0, i - cycle + 1) : i + 1]) for i in range(len(v))] for v in (losses, gradients)]
    stopped, why = run(changed)
    assert why.is_failure
    told = growth_on_run(stopped)
    assert told is not None
    assert told.began is not None
    after = told.began - 1501
    assert after >= min(int(np.argmin(curve)) for curve in curves) - 2 * cycle
    assert any(curve[after] <= 10.0 * min(curve) for curve in curves)  # it is not far above the lowest yet


def test_the_beginning_is_found_after_many_updates_that_are_not_finite():
    stopped, _ = run(diverging(False))
    later = go_to_update(stopped, 4000)
    told = growth_on_run(later)
    assert told is not None
    assert (told.update, told.began) == (4001, 1)
