"""A loss that is the output itself, gradients of the inputs, missing targets, and the derivative left out."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from vocabulary import trainer_of

from nnviz.debugger.choices import choose, loss_obstacle
from nnviz.debugger.conditions.expressions import known_at, read_condition, read_expression
from nnviz.debugger.conditions.names import scope_of
from nnviz.debugger.conditions.observer import Observer
from nnviz.debugger.edits import edit_obstacle, spot_of
from nnviz.debugger.finder.go_to_found import go_to_found
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.data_measures import MEASURES
from nnviz.engine.training import train_epochs
from nnviz.formats import trace_json
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.present.core.examples import example_text
from nnviz.present.finding.finder_text import report
from nnviz.tracing.steps import Grain, Kind, Quantity

MICROGRAD = "micrograd-neuron"
# One hidden unit h_t = h_{t-1} + x_t and the output y_t = 2 h_t, over three time steps.
COUNTER = (
    'network.layers=[{units=1,activation="linear",recurrent=true,W=[[1]],b=[0],W_h=[[1]],b_h=[0]},'
    '{units=1,activation="linear",W=[[2]],b=[0]}]',
    "data.inputs=[[[1], [2], [3]]]",
    "network.input_gradients=true",
    "printed=[]",
)


def arrays(session: Session) -> dict[str, object]:
    stream = io.StringIO()
    trace_json.write(session, stream)
    found: dict[str, object] = json.loads(stream.getvalue())["arrays"]
    return found


def test_the_neuron_of_micrograd_by_hand() -> None:
    # n = -3 * 2 + 1 * 0 + 6.8813735870195432 = 0.8813735870195432, o = tanh n = 1/sqrt(2), do/dn = 1 - o^2 = 1/2
    session = start_session(load(MICROGRAD))
    record = session.record
    assert record.z[0].item() == pytest.approx(0.8813735870195432, abs=1e-15)
    assert record.a[0].item() == record.loss.item() == pytest.approx(1 / math.sqrt(2), abs=1e-15)
    assert (record.dE_da[0].item(), record.delta[0].item()) == (1.0, pytest.approx(0.5, abs=1e-15))
    assert record.gradients.vector.tolist() == pytest.approx([1.0, 0.0, 0.5], abs=1e-15)
    assert record.dE_dx[0, 0].tolist() == pytest.approx([-1.5, 0.5], abs=1e-15)
    kinds = [step.kind for step in session.trace.at(Grain.LAYER)]
    assert kinds[kinds.index(Kind.DB) + 1] is Kind.DE_DX
    assert (arrays(session)["t"], len(arrays(session)["dE_dx"])) == ([], 2)  # type: ignore[arg-type]


def test_without_targets_nothing_names_or_edits_one_and_no_other_loss_is_chosen() -> None:
    lesson = load(MICROGRAD)
    session = start_session(lesson)
    assert "t" not in scope_of(session).entries
    assert "dE_dx" in scope_of(session).entries
    assert example_text(lesson, 0) == "(2, 0)"
    assert loss_obstacle(lesson, "half_squared") == "Half squared needs targets; this lesson has none."
    spot = spot_of(session, Quantity(Kind.TARGET, None, 0))
    assert spot is not None
    assert edit_obstacle(session, spot, 1.0) == "This loss has no targets"
    measured = {name: measure(lesson.network, lesson.dataset) for name, measure in MEASURES.items()}
    assert measured["accuracy"] is None
    assert measured["mean_loss"] == pytest.approx(1 / math.sqrt(2))
    assert math.isnan(measured["rmse"] or 0.0)


def test_a_seed_gradient_weighs_the_outputs() -> None:
    # y = (x1 + 1, 2 x2), seeds (3, -1): E = 3 y1 - y2, dE/db = (3, -1), dE/dx = (3, -2)
    session = start_session(
        load(
            MICROGRAD,
            (
                'network.layers=[{units=2,activation="linear",W=[[1, 0], [0, 2]],b=[1, 0]}]',
                "network.seed_gradient=[3, -1]",
                "printed=[]",
            ),
        )
    )
    record = session.record
    assert (record.loss.item(), record.gradients.b[0].tolist()) == (9.0, [3.0, -1.0])
    assert record.dE_dx[0, 0].tolist() == [3.0, -2.0]


@pytest.mark.parametrize(
    ("targets", "more", "reached"),
    [
        ("[[[], [], [9]]]", (), [1, 1, 1]),
        ("[[9]]", ('data.targets_at="last"',), [1, 1, 1]),
        ("[[[4], [], [9]]]", ('data.targets_at="last"',), [1, 1, 1]),
        ("[[[], [], [9]]]", ('convention.through_time="one_step"',), [0, 0, 1]),
        ("[[[], [3], []]]", (), [1, 1, 0]),
    ],
)
def test_a_time_step_without_a_target_has_no_loss(targets: str, more: tuple[str, ...], reached: list[int]) -> None:
    # h = 1, 3, 6 and y = 2, 6, 12; dE/dy = y - t = 3 where there is a target; dE/dx = 2 * 3 there and before it
    session = start_session(load("two-step-rnn", (*COUNTER, f"data.targets={targets}", *more)))
    record = session.record
    assert record.loss.item() == 4.5
    assert [3.0 * (at == np.argmax(record.delta[1] != 0)) for at in range(3)] == record.delta[1].ravel().tolist()
    assert record.dE_dx.ravel().tolist() == [6.0 * each for each in reached]
    steps = {(step.kind, step.quantity.layer, step.quantity.time) for step in session.trace.at(Grain.LAYER)}
    assert sum(kind is Kind.ERROR for kind, _, _ in steps) == 1
    hidden = {time for kind, layer, time in steps if (kind, layer) == (Kind.DELTA, 0)}
    assert [time in hidden for time in range(3)] == [bool(each) for each in reached]
    t = arrays(session)["t"]
    assert isinstance(t, list)
    assert [bool(each) for each in t] == (record.delta[1] != 0).ravel().tolist()


def test_the_mean_loss_counts_the_steps_that_have_a_target() -> None:
    lesson = load("two-step-rnn", (*COUNTER, "data.targets=[[[], [], [9]]]", "training.learning_rate=1e-9"))
    assert list(train_epochs(trainer_of(lesson), 1)) == [4.5]


def test_a_left_out_derivative_is_taken_as_one() -> None:
    # The perceptron rule: y = step(-0.25) = 0, t = 1, so w grows by the rate times x.
    session = start_session(
        load(
            "nine-lines",
            (
                'network.layers=[{units=1,activation="step",W=[[0.25], [-0.5], [0.0]],b=[0.0]}]',
                "data.inputs=[[1, 1, 0]]",
                "data.targets=[[1]]",
                'convention.slope="left_out"',
                "training.learning_rate=0.5",
                "printed=[]",
            ),
        )
    )
    record = session.record
    assert (record.a[0].item(), record.slope[0].item(), record.delta[0].item()) == (0.0, 1.0, -1.0)
    assert record.updated.W[0].ravel().tolist() == [0.75, 0.0, 0.0]


def test_the_finder_names_the_left_out_derivative() -> None:
    session = start_session(load("koehn"))
    wrong = choose(session, "slope", "left_out").record
    found = find(session, f"{wrong.delta[1].item():.7f}, {wrong.delta[0][0, 0, 0]:.7f}")
    assert "the derivative of the activation" in report(session, found).text()
    assert "left out" in report(session, found).verdict


def test_a_condition_may_be_about_the_gradient_of_an_input() -> None:
    session = start_session(load("koehn", ('convention.delta="gradient"',)))
    expression = read_expression("dE_dx[1]", session)
    end = known_at(expression, session.trace)
    assert end == session.trace.find(Quantity(Kind.DELTA, 0))
    sequential = choose(session, "update", "sequential")
    assert known_at(expression, sequential.trace) == sequential.trace.find(Quantity(Kind.W_NEW, 0))
    # While a run trains, the value is that of each pass, as it is afterwards.
    trainer = trainer_of(session.lesson)
    watched = [read_condition(f"dE_dx[1] {sign} 0", session) for sign in "<>"]
    observer = Observer(trainer, watched, 0)
    for update in range(6):
        observer.begin()
        observer.end(trainer.update())
        record = start_session(session.lesson, example=update % 4, update=update).record
        gradient = record.dE_dx[0, 0, 0]
        assert observer.now == [gradient < 0, gradient > 0]


def test_a_gradient_of_an_input_is_found_in_any_lesson() -> None:
    session = start_session(load("koehn"))
    wanted = session.record.dE_dx[0, 0, 1].item()
    (answer,) = find(session, f"{wanted:.9f}").answers
    assert answer.found[0].quantity == Quantity(Kind.DE_DX, None, 1)
    there = go_to_found(session, answer.found[0])
    assert there.step is not None
    assert there.step.kind is Kind.DELTA


@pytest.mark.parametrize(
    ("settings", "field", "message"),
    [
        (("network.seed_gradient=[1, 2]",), "network.seed_gradient", "2 numbers, but the network has 1 output"),
        (('network.loss="squared"',), "data.targets", "missing; give one row for each row of inputs"),
        (
            ('network.loss="squared"', "network.seed_gradient=[1]", "data.targets=[[1]]"),
            "network.seed_gradient",
            "only used with loss = 'output', not 'squared'",
        ),
        (('data.targets_at="last"',), "data.targets_at", "only used if a layer is recurrent"),
        (
            ('printed=[{quantity="dE_dx",layer=1,unit=1,value="0.4"}]',),
            "printed[1].layer",
            "dE_dx belongs to the inputs and has no layer; leave it out",
        ),
        (('printed=[{quantity="dE_dx",unit=3,value="0.4"}]',), "printed[1].unit", "3 is not in the range 1 to 2"),
        (('printed=[{quantity="dE_dx",value="0.4"}]',), "printed[1].unit", "missing; dE_dx needs a unit from 1 to 2"),
    ],
)
def test_what_does_not_fit_is_refused(settings: tuple[str, ...], field: str, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        load(MICROGRAD, settings)
    assert f"{field}: {message}" in str(caught.value)


def test_every_example_needs_a_target() -> None:
    with pytest.raises(LessonError, match=r"data.targets\[1\]: no time step has a target; give one"):
        load("two-step-rnn", (*COUNTER, "data.targets=[[[], [], []]]"))
