"""Branches: what is done in one leaves the others as they are, to the last bit."""

from __future__ import annotations

import pytest

from nnviz.debugger.branches import (
    MAIN,
    MOST_BRANCHES,
    change_branch,
    close_branch,
    compare_obstacle,
    compare_with,
    is_in_past,
    one_branch,
    open_branch,
    redo_in_branch,
    rename_branch,
    replace_session,
    switch_branch,
    undo_in_branch,
)
from nnviz.debugger.commands import step
from nnviz.debugger.edits import apply_edit, value_at
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
    branches = replace_session(one_branch(main), past)
    assert is_in_past(branches)
    branches = replace_session(open_branch(branches, "w = 5"), apply_edit(past, W, 5.0))
    assert [branch.name for branch in branches.all] == [MAIN, "w = 5"]
    assert not is_in_past(branches), "what lay ahead of the edit is not the branch's"
    for _ in range(10):
        branches = replace_session(branches, next_pass(branches.here.session))
    back = switch_branch(branches, 0)
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
    branches = open_branch(one_branch(walked(0)), "  a   name ")
    assert branches.here.name == "a name"
    branches = open_branch(branches, "a name")
    assert branches.here.name == "a name (2)"
    assert open_branch(branches).here.name == "Branch 4"
    assert rename_branch(branches, 2, "").here.name == "a name (2)"
    assert rename_branch(branches, 2, MAIN).here.name == "Main (2)"
    assert len(rename_branch(branches, 2, "x" * 99).here.name) == 40


def test_closing_follows_the_branch_before_and_never_the_last():
    branches = open_branch(open_branch(one_branch(walked(0)), "a"), "b")
    assert close_branch(branches, 2).here.name == "a"
    assert close_branch(branches, 0).here.name == "b"
    assert close_branch(switch_branch(branches, 0), 0).here.name == "a"
    assert close_branch(switch_branch(branches, 0), 2).here.name == MAIN
    one = one_branch(walked(0))
    assert close_branch(one, 0) is one


def test_there_is_a_key_for_every_branch():
    branches = one_branch(walked(0))
    for _ in range(MOST_BRANCHES - 1):
        branches = open_branch(branches)
    with pytest.raises(ValueError, match="close one first"):
        open_branch(branches)
    with pytest.raises(IndexError):
        switch_branch(branches, MOST_BRANCHES)


def test_two_branches_are_compared_number_by_number():
    session = step(step(start_session(load("koehn"))))
    other = apply_edit(session, W, 5.0)
    compared = compare_with(session, other)
    assert compared.record is session.record
    told = what_changed(compared)
    assert told is not None
    assert told.changes
    assert what_changed(compare_with(session, session)).changes == ()
    assert compare_with(session, choose_example(other, 0)) is session, "of another example nothing can be compared"
    assert compare_obstacle(session, other) == ""
    assert compare_obstacle(session, choose_example(other, 0)) == "This branch is at another example"


def test_a_change_in_the_past_branches_off_and_each_branch_undoes_its_own():
    branches = replace_session(one_branch(walked()), previous_pass(walked()))
    main = branches.here.session
    branches = change_branch(branches, lambda session: apply_edit(session, W, 5.0), "w = 5", branches_off=True)
    assert [branch.name for branch in branches.all] == [MAIN, "w = 5"]
    assert value_at(branches.here.session, W) == 5.0
    assert value_at(undo_in_branch(branches).here.session, W) == value_at(main, W)
    assert value_at(redo_in_branch(undo_in_branch(branches)).here.session, W) == 5.0
    assert switch_branch(branches, 0).here.history.done == ()
    there = change_branch(branches, lambda session: apply_edit(session, W, 6.0), "w = 6", branches_off=True)
    assert len(there.all) == 2, "the branch is at its present"
    assert change_branch(branches, lambda session: session, "nothing") is branches


def test_predicting_and_its_score_go_along_from_branch_to_branch():
    branches = open_branch(one_branch(predict.start(walked(0))), "a")
    branches = replace_session(branches, predict.reveal(branches.here.session))
    score = branches.here.session.predicting.score
    assert score
    for there in (switch_branch(branches, 0), close_branch(branches, 1), switch_branch(switch_branch(branches, 0), 1)):
        assert there.here.session.predicting.score == score
    off = replace_session(branches, predict.stop(branches.here.session))
    assert switch_branch(off, 0).here.session.predicting is None
