"""Branches: what is done in one leaves the others as they are, to the last bit."""

from __future__ import annotations

import pytest

from nnviz.debugger.branches import (
    MAIN,
    MOST_BRANCHES,
    changed_in,
    closed,
    compare_obstacle,
    compared_with,
    is_in_past,
    one_branch,
    opened,
    redone_in,
    renamed,
    stepped,
    switched,
    undone_in,
)
from nnviz.debugger.commands import step
from nnviz.debugger.edits import apply_edit, held_value
from nnviz.debugger.quiz import predict
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import choose_example, next_pass, previous_pass, start_session
from nnviz.debugger.timeline import to_present
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load
from nnviz.present.core.changes import what_changed
from nnviz.tracing.steps import Kind, Quantity

W = Spot(Quantity(Kind.WEIGHT, 0, 1, 0))


def walked(passes=5):
    session = start_session(load("koehn"))
    for _ in range(passes):
        session = next_pass(session)
    return session


def test_a_branch_from_the_past_leaves_the_main_line_intact():
    main = walked()
    past = previous_pass(previous_pass(main))
    branches = stepped(one_branch(main), past)
    assert is_in_past(branches)
    branches = stepped(opened(branches, "w = 5"), apply_edit(past, W, 5.0))
    assert [branch.name for branch in branches.all] == [MAIN, "w = 5"]
    assert not is_in_past(branches), "what lay ahead of the edit is not the branch's"
    for _ in range(10):
        branches = stepped(branches, next_pass(branches.here.session))
    back = switched(branches, 0)
    assert back.here.session is past
    present = to_present(back.here.session)
    assert present.checkpoint.parameters.tobytes() == main.checkpoint.parameters.tobytes()
    assert present.checkpoint.update == main.checkpoint.update


def test_a_branch_goes_on_as_a_trainer_from_the_edited_weights_would():
    past = previous_pass(walked())
    edited = apply_edit(past, W, 5.0)
    lesson = load("koehn")
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    trainer.restore(edited.checkpoint)
    session = edited
    for _ in range(7):
        session = next_pass(session)
        trainer.update()
        assert session.checkpoint.parameters.tobytes() == trainer.checkpoint().parameters.tobytes()
    back = session
    for _ in range(7):
        back = previous_pass(back)
    assert back.checkpoint.parameters.tobytes() == edited.checkpoint.parameters.tobytes()
    assert back.edits == edited.edits
    assert previous_pass(back).edits == ()


def test_names_are_told_apart_and_kept_short():
    branches = opened(one_branch(walked(0)), "  a   name ")
    assert branches.here.name == "a name"
    branches = opened(branches, "a name")
    assert branches.here.name == "a name (2)"
    assert opened(branches).here.name == "Branch 4"
    assert renamed(branches, 2, "").here.name == "a name (2)"
    assert renamed(branches, 2, MAIN).here.name == "Main (2)"
    assert len(renamed(branches, 2, "x" * 99).here.name) == 40


def test_closing_follows_the_branch_before_and_never_the_last():
    branches = opened(opened(one_branch(walked(0)), "a"), "b")
    assert closed(branches, 2).here.name == "a"
    assert closed(branches, 0).here.name == "b"
    assert closed(switched(branches, 0), 0).here.name == "a"
    assert closed(switched(branches, 0), 2).here.name == MAIN
    one = one_branch(walked(0))
    assert closed(one, 0) is one


def test_there_is_a_key_for_every_branch():
    branches = one_branch(walked(0))
    for _ in range(MOST_BRANCHES - 1):
        branches = opened(branches)
    with pytest.raises(ValueError, match="close one first"):
        opened(branches)
    with pytest.raises(IndexError):
        switched(branches, MOST_BRANCHES)


def test_two_branches_are_compared_number_by_number():
    session = step(step(start_session(load("koehn"))))
    other = apply_edit(session, W, 5.0)
    compared = compared_with(session, other)
    assert compared.record is session.record
    told = what_changed(compared)
    assert told is not None
    assert told.changes
    assert what_changed(compared_with(session, session)).changes == ()
    assert compared_with(session, choose_example(other, 0)) is session, "of another example nothing can be compared"
    assert compare_obstacle(session, other) == ""
    assert compare_obstacle(session, choose_example(other, 0)) == "This branch is at another example"


def test_a_change_in_the_past_branches_off_and_each_branch_undoes_its_own():
    branches = stepped(one_branch(walked()), previous_pass(walked()))
    main = branches.here.session
    branches = changed_in(branches, lambda session: apply_edit(session, W, 5.0), "w = 5", branches_off=True)
    assert [branch.name for branch in branches.all] == [MAIN, "w = 5"]
    assert held_value(branches.here.session, W) == 5.0
    assert held_value(undone_in(branches).here.session, W) == held_value(main, W)
    assert held_value(redone_in(undone_in(branches)).here.session, W) == 5.0
    assert switched(branches, 0).here.history.done == ()
    there = changed_in(branches, lambda session: apply_edit(session, W, 6.0), "w = 6", branches_off=True)
    assert len(there.all) == 2, "the branch is at its present"
    assert changed_in(branches, lambda session: session, "nothing") is branches


def test_predicting_and_its_score_go_along_from_branch_to_branch():
    branches = opened(one_branch(predict.start(walked(0))), "a")
    branches = stepped(branches, predict.reveal(branches.here.session))
    score = branches.here.session.predicting.score
    assert score
    for there in (switched(branches, 0), closed(branches, 1), switched(switched(branches, 0), 1)):
        assert there.here.session.predicting.score == score
    off = stepped(branches, predict.stop(branches.here.session))
    assert switched(off, 0).here.session.predicting is None
