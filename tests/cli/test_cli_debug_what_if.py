"""What if in `nnviz debug`: edited numbers against plain Python, undo, redo and reset, and branches beside the run."""

from __future__ import annotations

import pytest
from koehn_by_hand import Koehn, mean_loss, on, right, shown


def change(name: str, old: float, new: float) -> str:
    sign = "+" if new > old else ""
    return f"  {name}: {shown(old)} → {shown(new)} ({sign}{shown(new - old)})"


def vector(values: list[float]) -> str:
    return f"[{', '.join(shown(value) for value in values)}]"


# Edits


def test_a_weight_is_edited_at_the_present_step_and_every_number_is_told_old_and_new(script):
    old, new = Koehn(), Koehn(W2=[0.3, -5.0])
    talk = script("koehn", "run-to y", "set W2[1,1] = 0.3")
    assert talk.errors == []
    assert talk.lines[3:5] == [
        "forward · output layer · Activation of y",
        f"  y = sigmoid(z) = sigmoid({shown(new.z)}) = {shown(new.y)}",
    ]
    told = talk.lines[5:]
    assert told[:4] == [
        change("W₂,₁", 5.0, 0.3),
        change("z", old.z, new.z),
        change("y", old.y, new.y),
        change("E", old.loss, new.loss),
    ]
    assert change("δ₂", old.delta_2, new.delta_2) in told
    assert f"  δ₁: {vector(old.delta_1)} → {vector(new.delta_1)}" in told
    before, after = old.updated(), new.updated()
    assert f"  b (new): {vector(before.b)} → {vector(after.b)}" in told
    assert told[-2] == f"  W₂ (new): [{vector(before.W2)}] → [{vector(after.W2)}]"
    assert told[-1] == change("b₂ (new)", before.b2, after.b2)
    assert not [line for line in told if line.startswith(("  s:", "  h:"))], "what is before it does not change"


@pytest.mark.parametrize(
    ("typed", "new"),
    [
        ("set b2 = -1.5", Koehn(b2=-1.5)),
        ("set b2 −1.5", Koehn(b2=-1.5)),
        ("set b[2] = b[2] + 2 * 0.25", Koehn(b=[-2.0, -3.5])),
        ("set x[2] = 1/4", Koehn(x=[1.0, 0.25])),
        ("set W[1,2]=1", Koehn(W=[[3.0, 1.0], [2.0, 3.0]])),
        ("set W1[2,1] = 1", Koehn(W=[[3.0, 1.0], [2.0, 3.0]])),
        ("set W [ 1, 1 ] 0.5", Koehn(W=[[0.5, 4.0], [2.0, 3.0]])),
    ],
)
def test_biases_inputs_and_weights_are_named_as_print_names_them(script, typed, new):
    talk = script("koehn", typed, "last", "p y", "p delta_2", "p delta_1", "p W_new", "p b2_new")
    assert talk.errors == []
    after = new.updated()
    assert talk.lines[-5:] == [
        f"y = {shown(new.y)}",
        f"delta_2 = {shown(new.delta_2)}",
        f"delta_1 = {vector(new.delta_1)}",
        f"W_new = [{vector(after.W[0])}, {vector(after.W[1])}]",
        f"b2_new = {shown(after.b2)}",
    ]


def test_the_target_and_the_rate_change_what_comes_behind_them(script):
    old, target, rate = Koehn(), Koehn(t=0.5), Koehn(t=0.5, rate=0.25)
    talk = script("koehn", "set t = 0.5", "set mu = 0.25", "set rate 0.25")
    assert talk.lines[:2] == ["update 0 · epoch 0 · example 2: (1, 0) → 0.5", "before the first step"]
    assert talk.lines[2:4] == [change("t", 1.0, 0.5), change("E", old.loss, target.loss)]
    assert change("μ", 1.0, 0.25) in talk.lines
    assert change("Δb₂", target.delta_2, 0.25 * target.delta_2) in talk.lines
    assert talk.lines[-2] == change("b₂ (new)", target.updated().b2, rate.updated().b2)
    assert talk.last == "no change"


def test_training_goes_on_from_the_edited_numbers(script):
    new = on(Koehn(b2=0.5).updated(), 2)
    talk = script("koehn", "set b2 = 0.5", "update", "run-to y", "p y")
    assert talk.last == f"y = {shown(new.y)}"


def test_a_time_step_of_an_input_is_edited(script):
    talk = script("krzeminski-rnn", "set x[1] @ 2 = 0.5", "p x[1] @ 1", "p x[1] @ 2")
    assert "  x⟨2⟩: 0.000000 → 0.500000 (+0.500000)" in talk.lines
    assert talk.lines[-2:] == ["x[1] @ 1 = 0.000000", "x[1] @ 2 = 0.500000"]


def test_what_cannot_be_edited_is_one_line(script):
    assert script(
        "koehn", "set h[1] = 3", "set delta_2 3", "set W2 = 3", "set W2[1,3] = 3", "set W9[1,1] = 3", "set b2 =",
        "set b2 = = 3", "set b2 = y", "set b2 = W", "set b2 = 1 < 2", "set b2 = 1/0", "set b2 = nan", "set rate 1e9",
        "set t @ 2 = 3", "set [1] = 3", "set loss binary_cross_entropy", "set t = 2",
    ).errors == [
        "set: h[1] is computed in the pass; set takes a weight, bias, input, target or the learning rate",
        "set: delta_2 is computed in the pass; set takes a weight, bias, input, target or the learning rate",
        "set: W2 has the shape (1, 2); name one of its numbers, as in W2[1,1]",
        "set: column 1: index 3 is out of range: W2 has 1 to 2",
        "set: column 1: unknown name 'W9'; did you mean 'W'?",
        "set: the number is missing, as in: set b2 = -1.5",
        "set: column 1: expected a value, found '='; to compare, write ==",
        "set: y is not known yet",
        "set: W is not a single number",
        "set: 1 < 2 is not a single number",
        "set: The number must be finite",
        "set: column 1: unknown name 'nan'",
        "set: The learning rate must be above 0 and at most 1000",
        "set: column 1: there is no time step 2: the pass has 1 time step",
        "set: '[1]' is not one of delta, weights, slope, step, update, through_time, loss, reduce, schedule, "
        "update_after, layers, optimizer, rate, learning_rate",
        "set: Binary cross entropy needs targets from 0 to 1",
    ]  # fmt: skip


# Undo, redo, reset


def test_changes_of_all_sorts_are_undone_and_done_again_at_the_step_where_one_is(script):
    new = Koehn(b2=0.5)
    talk = script(
        "koehn", "set b2 = 0.5", "set loss squared", "set rate 0.5", "run-to y", "undo", "undo", "undo", "undo", "redo"
    )
    assert [line for line in talk.lines if line.startswith(("undone", "redone"))] == [
        *("undone: rate = 0.5", "undone: squared", "undone: b₂,₁ = 0.5", "redone: b₂,₁ = 0.5"),
    ]
    assert talk.errors == ["undo: nothing to undo"]
    again = talk.lines[talk.lines.index("redone: b₂,₁ = 0.5") :]
    assert again[2] == f"  y = sigmoid(z) = sigmoid({shown(new.z)}) = {shown(new.y)}", "the steps are not undone"
    assert again[3:6] == [
        change("b₂", -2.0, 0.5),
        change("z", Koehn().z, new.z),
        change("y", Koehn().y, new.y),
    ]
    assert script("koehn", "redo", "undo x").errors == ["redo: nothing to redo", "undo: takes no argument, not 'x'"]


def test_reset_brings_the_lesson_back_and_can_be_undone(script):
    talk = script("koehn", "set b2 = 0.5", "set loss squared", "reset", "reset", "p b2", "undo", "p b2")
    assert talk.errors == ["reset: nothing differs from the lesson"]
    assert [line for line in talk.lines if line.startswith("b2 = ")] == ["b2 = −2.000000", "b2 = 0.500000"]


def test_what_was_changed_is_told_again(script):
    talk = script("koehn", "info changes", "set t = 0.5", "step", "info changes", "update", "info changes")
    assert talk.lines[0] == talk.last == "no changes at this pass"
    assert "t: 1.000000 → 0.500000 (−0.500000)" in talk.lines


def test_of_a_large_matrix_the_one_changed_number_is_named_and_many_are_counted(script):
    talk = script("graph-20-50-10", "p W1[3,4]", "set W1[3,4] = 2", "p W1[3,4]")
    before = talk.lines[0].removeprefix("W1[3,4] = ")
    assert talk.lines[3].startswith(f"  W₁,₃,₄: {before} → 2.000000 (")
    assert talk.lines[4].startswith("  f₁,₄: "), "the one sum that it enters"
    assert any(line.startswith("  W₁ (new): 1000 of 1000 changed, at most by ") for line in talk.lines)
    assert talk.last == "W1[3,4] = 2.000000"


# Branches


def test_an_edit_in_the_past_opens_a_branch_and_leaves_the_main_line(script):
    talk = script("koehn", "update 5", "p/full W", "update 3", "set b2 = 0.5", "p b2", "branch switch Main", "present")
    assert "branch 2: b₂,₁ = 0.5; Main is unchanged" in talk.lines
    assert "b2 = 0.500000" in talk.lines
    again = script(
        "koehn", "update 5", "p/full W", "update 3", "set b2 = 0.5", "branch switch 1", "present", "p/full W"
    )
    place = again.lines.index("branch 1: Main")
    assert again.lines[place + 1].endswith(" · the latest is update 5")
    assert again.lines[-2:] == again.lines[2:4], "to the last bit"


def test_a_branch_is_trained_by_itself(script):
    main = on(on(Koehn().updated(), 2).updated(), 3)
    # Three updates, one back, and there b2 = 1: what follows is of that.
    edited = Koehn(main.W, main.b, main.W2, 1.0, main.x, main.t)
    here = on(edited.updated(), 0)
    talk = script("koehn", "update 3", "update 2", "set b2 = 1", "update", "last", "p y", "branch", "branch switch 1")
    assert f"y = {shown(here.y)}" in talk.lines
    assert [line.split(" · ")[0] for line in talk.lines[-4:-2]] == [
        *("* 2  b₂,₁ = 1  update 3", "branch 1: Main"),
    ]
    assert talk.errors == []


def test_an_edit_at_the_present_or_of_a_convention_opens_no_branch(script):
    talk = script("koehn", "update 5", "set b2 = 0.5", "update 3", "set loss squared", "set rate 0.5", "branch")
    assert talk.last.startswith("* 1  Main  update 3 ")


def test_branches_are_compared_in_their_losses_and_number_by_number(script):
    one, other = Koehn(), Koehn(b2=0.5)
    talk = script("koehn", "branch open Other bias", "set b2 = 0.5", "branch compare Main", "branch")
    place = talk.lines.index("Main → Other bias")
    assert talk.lines[place + 1 : place + 7] == [
        change("mean loss", mean_loss(one), mean_loss(other)),
        f"  correct: {right(one)} → {right(other)}",
        change("b₂", -2.0, 0.5),
        change("z", one.z, other.z),
        change("y", one.y, other.y),
        change("E", one.loss, other.loss),
    ]
    assert [line.split("  ")[0] for line in talk.lines[-2:]] == ["", "* 2"]
    assert f"mean loss {mean_loss(other):.5f} · {right(other)} correct" in talk.last
    talk = script("koehn", "branch open", "example 3", "branch compare 1", "info changes")
    assert talk.lines[-3:-1] == [
        f"  correct: {right(one)} → {right(one)}",
        "  This branch is at another example, so its numbers are not compared.",
    ]
    talk = script("koehn", "branch open", "branch compare Main")
    assert talk.last == "  No number of this pass changes."


def test_branches_are_named_followed_and_closed(script):
    talk = script(
        "koehn", "branch open", "branch name Larger  bias", "branch name 1 The lesson", "branch open Larger bias",
        "branch switch The", "branch close", "branch close 2", "branch close", "branch name x",
    )  # fmt: skip
    known = f"update 0 · epoch 0 · example 2 · mean loss {mean_loss(Koehn()):.5f} · {right(Koehn())} correct"
    assert talk.lines[:2] == [f"  1  Main      {known}", f"* 2  Branch 2  {known}"]
    names = [line.split("  update")[0].rstrip() for line in talk.lines if "mean loss" in line]
    assert names[2:] == [
        *("  1  Main", "* 2  Larger bias"),
        *("  1  The lesson", "* 2  Larger bias"),
        *("  1  The lesson", "  2  Larger bias", "* 3  Larger bias (2)"),
        *("* 1  Larger bias", "  2  Larger bias (2)"),
        "* 1  Larger bias",
        "* 1  x",
    ]
    assert talk.errors == ["branch: this is the only branch"]


def test_branches_that_are_not_there_are_one_line_each(script):
    talk = script(
        "koehn", "branch fly", "branch switch", "branch switch 2", "branch switch x", "branch compare 1", "branch name",
        "branch list 3", *["branch open"] * 9, "update 2", "update 1", "set b2 = 1",
    )  # fmt: skip
    assert talk.errors == [
        "branch: 'fly' is not one of list, open, name, switch, compare, close",
        "branch: a branch is missing: Main",
        "branch: 2 is not in the range 1 to 1",
        "branch: 'x' is not one of Main",
        "branch: this is the current branch; compare it with another",
        "branch: the name is missing",
        "branch: takes no argument, not '3'",
        "branch: No more than 9 branches can be open: close one first",
        "set: No more than 9 branches can be open: close one first",
    ]


def test_each_branch_undoes_its_own_changes(script):
    talk = script("koehn", "set b2 = 1", "branch open", "set b2 = 2", "branch switch 1", "undo", "p b2",
                  "branch switch 2", "p b2", "undo", "p b2")  # fmt: skip
    assert [line for line in talk.lines if line.startswith("b2 = ")] == [
        *("b2 = −2.000000", "b2 = 2.000000", "b2 = 1.000000"),
    ]


def test_a_number_is_set_as_people_write_it(script):
    for text in ("0,332", "0·332", "0.332f", "33.2%", "3.32×10^-1", "332/1000"):
        talk = script("koehn", f"set b2 = {text}", "print b2")
        assert talk.errors == []
        assert talk.lines[-1] == "b2 = 0.332000"
    talk = script("koehn", "set b2 = 1,234", "print b2", "set rate 0,5", "print rate")
    assert "1,234 is read as 1.234; write 1234 for thousands" in talk.lines
    assert "b2 = 1.234000" in talk.lines
    assert talk.lines[-1].endswith("0.500000")


def test_a_number_that_is_none_is_refused_with_the_reason(script):
    digits = "9" * 400
    assert script(
        "koehn", "set b2 = 5_1", "set b2 = 1.2.3", f"set b2 = 1/{digits}", f"example {digits * 13}"
    ).errors == [
        f"set: {UNDERSCORE}",
        "set: “1.2.3” is not a number: its points and commas are not those of one number; write it as in 1234.5",
        f"set: “1/{digits[:28]}…” is beyond the range of floating-point numbers, 5e-324 to 1.8e308",
        f"example: {digits[:20]}… is not in the range 1 to 4",
    ]


UNDERSCORE = "“5_1” is not a number: an underscore is no part of a number; write the digits without it"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("set rate = 5_1", f"set: {UNDERSCORE}"),
        ("set W2[1,1] = ∞", "set: “∞” is not a finite number; write one, such as 0.5 or 1e-3"),
        ("set update_after = 1,5", "set: “1,5” is not a whole number; write one from 1 to 1000000000"),
        ("update 5_1", f"update: {UNDERSCORE}"),
        ("update 1.000", "update: “1.000” may be 1000 or 1; write 1000 without marks"),
        ("example 0,5", "example: “0,5” is not a whole number; write one from 1 to 4"),
    ],
)
def test_a_number_in_a_command_is_refused_with_the_reason(script, line, error):
    assert script("koehn", line).errors == [error]


def test_whole_numbers_in_a_command_may_be_parted(script):
    done = script("koehn", "update 1 000")
    assert done.errors == []
    assert done.lines[0].startswith("update 1000 ")
