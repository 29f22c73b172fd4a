"""Breakpoints in live training: it halts at exactly the update at which continuing would have stopped."""

from __future__ import annotations

import pickle
from contextlib import suppress
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import RUNAWAY

from nnviz.debugger.conditions.breakpoints import add_breakpoint, change_breakpoint
from nnviz.debugger.conditions.continuing import run, stop_between
from nnviz.debugger.conditions.live_breakpoints import at_halt, live_breakpoints
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.breakpoint import AtCondition, AtNonFinite, AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import Session, go_to_next_batch, next_pass, start_session
from nnviz.debugger.timeline import follow_training, go_to_update, in_past
from nnviz.engine.training import NonFiniteError, Trainer
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import parse_lesson
from nnviz.process.messages import Ready, Resume, Snapshot, Start, receive_message, send_message
from nnviz.process.watcher import WatchedUpdates
from nnviz.process.worker import spawn_worker
from nnviz.process.worker_run import WorkerRun
from nnviz.tracing.steps import Kind, Quantity

CONDITIONS = (
    "loss < 0.02",
    "epoch == 7",
    "update == 33",
    "sign(b1[1]) changes",
    "prediction(2) changes",
    "abs(delta2) < 0.02 and t == 1",
    "example == 3 and epoch > 4",
    "epoch_loss < 0.124",
    "W1_new[1,1] > W1[1,1]",
    "any(z1 > 0.8)",
)


def start_of(session: Session, number: int = 1) -> Start:
    lesson = session.lesson
    return Start(
        run=number,
        architecture=session.network.architecture,
        checkpoint=session.checkpoint,
        dataset=lesson.dataset,
        settings=session.training,
        convention=session.convention,
        epochs=session.training.epochs,
        watcher=live_breakpoints(session),
    )


def trained_live(session: Session) -> tuple[Session, str]:
    """As the window would: train until something stops, and stand where it was found."""
    worker = WorkerRun(pickle.loads(pickle.dumps(start_of(session))))
    while worker.state == "running":
        worker.train(0.001)
    snapshot = worker.snapshot()
    if snapshot.halt is None:
        return session, snapshot.state
    return at_halt(session, snapshot.checkpoint, snapshot.halt), snapshot.halt.message


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(CONDITIONS),
    st.sampled_from(["krzeminski-sgd", "krzeminski-batch", "koehn"]),
    st.sampled_from(["", "training.update_after=3", "training.shuffle=true"]),
    st.integers(0, 20),
    st.integers(0, 2),
)
def test_live_training_halts_where_continuing_stops(text: str, name: str, other: str, passes: int, ignore: int) -> None:
    session = start_session(
        load(name, ["training.learning_rate=2.0", "training.epochs=60", *([other] if other else [])])
    )
    for _ in range(passes):
        session = next_pass(session)
    session = go_to_next_batch(add_breakpoint(session, AtCondition(), text, ignore=ignore))
    for _ in range(2):
        stepped, why = run(session)
        live, message = trained_live(session)
        if why.breakpoint is None:
            assert message == "finished"
            return
        assert message == why.message == text
        assert (live.checkpoint.update, live.position, live.example) == (
            stepped.checkpoint.update,
            stepped.position,
            stepped.example,
        )
        assert live.checkpoint.parameters.tobytes() == stepped.checkpoint.parameters.tobytes()
        assert live.record.updated.vector.tobytes() == stepped.record.updated.vector.tobytes()
        assert not in_past(live)
        session = stepped


def test_a_run_is_trained_from_its_checkpoint_whichever_example_is_looked_at() -> None:
    lesson = load("koehn")  # its second example is stepped first, but a trainer takes the first one
    session = add_breakpoint(start_session(lesson), AtCondition(), "update == 6")
    live, _ = trained_live(session)
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(6):
        trainer.update()
    assert live.checkpoint.parameters.tobytes() == trainer.checkpoint().parameters.tobytes()
    seen = follow_training(start_session(lesson), trainer.checkpoint())
    assert go_to_update(seen, 3).record.examples == (3,)
    for _ in range(6):
        trainer.update()
    back = go_to_update(follow_training(seen, trainer.checkpoint()), 7)
    assert back.checkpoint.parameters.tobytes() == go_to_update(live, 7).checkpoint.parameters.tobytes()
    again = follow_training(go_to_update(back, 5), go_to_update(live, 9).checkpoint)
    assert (again.run.end, again.checkpoint.update) == (9, 9)


def test_a_run_that_is_trained_from_an_earlier_pass_forgets_what_was_edited_after_it() -> None:
    session = go_to_update(start_session(load("krzeminski-sgd")), 2)
    session = apply_edit(session, Spot(Quantity(Kind.BIAS, 0, 0)), 0.5)
    session = apply_edit(go_to_update(session, 9), Spot(Quantity(Kind.BIAS, 0, 0)), -0.5)
    back = go_to_update(session, 4)
    assert [edit.update for edit in back.edited] == [2, 9]
    trainer = Trainer(back.network, back.lesson.dataset, back.training, back.convention)
    trainer.restore(back.checkpoint)
    for _ in range(6):
        trainer.update()
    assert [edit.update for edit in follow_training(back, trainer.checkpoint()).edited] == [2]


def test_a_condition_at_a_place_halts_and_a_bare_place_does_not() -> None:
    session = start_session(load("koehn", ["training.epochs=5"]))
    unit = add_breakpoint(session, AtUnit(1, 0, Kind.DELTA), "loss < 0.05")
    live, message = trained_live(unit)
    stepped, _ = run(unit)
    assert message == "delta of neuron 1 of layer 2 if loss < 0.05"
    assert (live.checkpoint.update, live.position) == (stepped.checkpoint.update, stepped.position)
    assert live_breakpoints(add_breakpoint(session, AtUnit(1, 0))) is None
    assert live_breakpoints(change_breakpoint(unit, 1, enabled=False)) is None
    early = add_breakpoint(session, AtUnit(1, 0, Kind.Z), "loss < 0.05")
    assert live_breakpoints(early) is None  # the loss is not known at z


def test_numbers_that_are_not_finite_halt_before_they_spread() -> None:
    lesson = load("koehn", ["training.learning_rate=1e160", 'network.layers[2].activation="linear"'])
    session = add_breakpoint(start_session(lesson), AtNonFinite())
    stepped, _ = run(session)
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    watched = WatchedUpdates(trainer, live_breakpoints(session))
    with suppress(NonFiniteError):
        while watched.halt is None:
            watched.update()
    assert trainer.update_count - 1 == stepped.checkpoint.update


def test_a_number_of_another_example_halts_at_that_example() -> None:
    """Of a batch with x = 0 and 4 and a frozen bias only the second example's error overflows: it is stepped there."""
    text = RUNAWAY.replace("inputs = [[3], [4]]", "inputs = [[0], [4]]")
    session = add_breakpoint(
        start_session(parse_lesson(text, "runaway.toml", ['convention.frozen=["b1"]']), example=0), AtNonFinite()
    )
    live, message = trained_live(session)
    stepped, why = run(session)
    assert (message, why.message) == ("first NaN or infinity",) * 2
    assert why.is_failure
    for there in (live, stepped):
        assert (there.checkpoint.update, there.example, there.record.row) == (14, 1, 1)
        assert there.step is not None
        assert there.step.kind is Kind.ERROR
        assert np.isfinite(there.record.error[0, 0]).all()
    plain = replace(session, breakpoints=())
    gone, why = run(plain)
    assert (gone.checkpoint.update, gone.example, gone.position) == (14, 1, stepped.position)
    assert (why.breakpoint, why.is_failure) == (None, True)
    assert why.message == "update 15 (epoch 15): the loss is not finite"
    before = replace(plain, breakpoints=session.breakpoints)
    at_start = go_to_update(before, 14)
    assert at_start.example == 0
    crossed, stop = stop_between(at_start, replace(at_start, position=at_start.trace.end))
    assert stop is not None
    assert (crossed.example, crossed.position) == (1, stepped.position)
    back, stop = run(go_to_update(before, 20), forward=False)
    assert (stop.breakpoint, back.checkpoint.update, back.example, back.position) == (1, 14, 1, stepped.position)


def test_a_watched_run_trains_the_same_bits() -> None:
    session = add_breakpoint(start_session(load("krzeminski-sgd")), AtCondition(), "loss < -1 or prediction(1) > 9")
    lesson = session.lesson
    plain, other = (Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention) for _ in range(2))
    watched = WatchedUpdates(other, live_breakpoints(session))
    for _ in range(200):
        assert plain.update() == watched.update()
    assert plain.checkpoint().parameters.tobytes() == other.checkpoint().parameters.tobytes()


def test_the_training_process_halts_and_goes_on() -> None:
    lesson = load("krzeminski-sgd", ["training.learning_rate=2.0"])
    session = add_breakpoint(start_session(lesson), AtCondition(), "update == 500")
    session = add_breakpoint(session, AtCondition(), "epoch == 300")
    process, connection = spawn_worker()
    try:
        assert isinstance(receive_message(connection), Ready)
        send_message(connection, replace(start_of(session), run=1))
        halted = receive_message(connection)
        assert isinstance(halted, Snapshot)
        assert (halted.state, halted.halt.number, halted.checkpoint.update) == ("paused", 1, 500)
        send_message(connection, Resume(run=1, number=2))
        halted = receive_message(connection)
        assert (halted.state, halted.halt.message, halted.checkpoint.epoch) == ("paused", "epoch == 300", 300)
        there = at_halt(session, halted.checkpoint, halted.halt)
        assert (there.checkpoint.update, there.position) == (1200, 0)
    finally:
        connection.close()
        process.join(10)
