"""The gradient check in words: verdicts on the lessons, the reasons where they fail, and what is asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.gradcheck import Difference, check_gradients
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.loader import parse_lesson
from nnviz.present.core.voice import voice_of
from nnviz.present.words.gradient_check_text import (
    AGREES,
    CORNER,
    DIFFERS,
    NOT_FINITE,
    GradientVerdict,
    badness,
    chosen_parameter,
    difference_text,
    error_text,
    number_text,
    parameter_quantity,
    parameter_text,
    selection_of,
    state_of,
    verdict,
)
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of


def differences(session: Session) -> tuple[Difference, ...]:
    return check_gradients(session.record, range(session.record.architecture.parameter_count))


def judged(session: Session) -> GradientVerdict:
    return verdict(voice_of(session), differences(session))


def slips_of(name: str) -> bool:
    return not load(name).convention.is_exact


@pytest.mark.parametrize("name", lesson_names())
def test_the_check_agrees_but_for_the_lessons_with_a_slip_in_their_gradients(name: str) -> None:
    assert judged(start_session(load(name))).state == (DIFFERS if slips_of(name) else AGREES)


def test_koehn_agrees_and_says_whose_signs_these_are() -> None:
    told = judged(start_session(load("koehn")))
    assert told.headline == "All 9 gradients match the numerical gradients of E."
    assert told.lines[0].startswith("Largest relative error ")
    assert told.remarks == (
        "The signs here are those of the gradients; the document writes their negatives, times the learning rate.",
    )


def test_a_line_tells_both_numbers_their_error_and_the_verdict() -> None:
    session = start_session(load("koehn"))
    index = next(
        i for i in range(9) if parameter_quantity(session.record.architecture, i) == Quantity(Kind.DW, 1, 0, 0)
    )
    line = difference_text(voice_of(session), differences(session)[index])
    assert line.startswith("∂E/∂W₂,₁: gradient −0.035980 · central difference −0.035980 · relative error ")
    assert line.endswith(("×10⁻¹³ · agrees", "×10⁻¹² · agrees"))


def test_numbers_are_as_wide_as_each_other() -> None:
    numbers = [number_text(value) for value in (-0.0359796, 1.580843, 29.2426441, -485.7175, 123456.789, 3.5e-9)]
    assert numbers == ["−0.035980", "1.580843", "29.24264", "−485.7175", "123456.8", "3.50000×10⁻⁹"]


def test_from_scratch_as_printed_fails_by_its_slope() -> None:
    told = judged(start_session(load("from-scratch-as-printed")))
    assert told.headline == "12 of 17 gradients do not match the numerical gradients of J."
    assert told.lines[0].startswith("Worst at w⁽²⁾₁₁: gradient −0.019440, central difference −0.006383.")
    assert told.lines[1] == "Why: the derivative is evaluated at the activation instead of the weighted sum."


def test_the_walkthrough_fails_by_two_of_its_slips_and_the_third_is_not_seen() -> None:
    told = judged(start_session(load("krzeminski-walkthrough")))
    assert told.headline == "7 of 13 gradients do not match the numerical gradients of E."
    whys = [line for line in told.lines if line.startswith("Why: ")]
    assert whys[0].endswith("is given the weighted sum. This alone makes 7 of 13 wrong.")
    assert whys[1].endswith("back-propagated through it. This alone makes 3 of 13 wrong.")
    assert "The step uphill follows the gradient computation, so this check does not cover it." in told.remarks


def test_a_batch_has_the_gradient_of_its_update() -> None:
    told = judged(start_session(load("krzeminski-batch")))
    assert "The gradients are summed over the 4 examples of the batch." in told.remarks
    lesson = load("krzeminski-batch")
    mean = replace(lesson, training=replace(lesson.training, reduce="mean"))
    assert "The gradients are averaged over the 4 examples of the batch." in judged(start_session(mean)).remarks


def test_a_frozen_parameter_is_checked_all_the_same() -> None:
    told = judged(start_session(load("softmax-as-printed")))
    assert told.state == AGREES
    assert told.headline == "All 21 gradients match the numerical gradients of −J."
    assert "Frozen parameters have gradients too: W2." in told.remarks


CORNERED = """format = 1
title = "a corner"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "relu"
W = [[1]]
b = [0]
[[network.layers]]
units = 1
activation = "linear"
W = [[1]]
b = [0]
[data]
inputs = [[0]]
targets = [[1]]
"""


def test_a_corner_of_relu_is_told_as_one() -> None:
    session = start_session(parse_lesson(CORNERED, "corner.toml"))
    found = differences(session)
    assert [state_of(difference) for difference in found] == [AGREES, CORNER, AGREES, AGREES]
    assert error_text(found[1]) == "—"
    told = judged(session)
    assert told.state == AGREES
    assert (
        told.lines[-1]
        == "One parameter is at a corner (such as relu at 0), where the slope jumps; the gradient is correct."
    )


RECURRENT = """format = 1
title = "an echo"
[network]
inputs = 1
[[network.layers]]
units = 2
recurrent = true
W = [[0.3, -0.2]]
b = [0.1, 0.2]
W_h = [[0.5, -0.4], [0.3, 0.6]]
b_h = [-0.1, 0.2]
[[network.layers]]
units = 1
W = [[0.7], [-0.8]]
b = [0.2]
[data]
inputs = [[[0], [1], [1]]]
targets = [[[1], [1], [0]]]
[convention]
through_time = "{through_time}"
"""


def test_an_error_cut_after_one_time_step_is_told_as_the_reason() -> None:
    full = start_session(parse_lesson(RECURRENT.format(through_time="full"), "echo.toml"))
    assert judged(full).headline.startswith("All 13 gradients match the numerical gradients of ")
    cut = start_session(parse_lesson(RECURRENT.format(through_time="one_step"), "echo.toml"))
    told = judged(cut)
    assert told.state == DIFFERS
    assert "Why: the error is back-propagated through one time step only." in told.lines


def test_what_is_not_finite_is_the_worst_and_is_told_so() -> None:
    bad = Difference(3, float("nan"), 0.5, False)
    good = Difference(0, 0.5, 0.5, False)
    assert state_of(bad) == NOT_FINITE
    assert max((good, bad), key=badness) is bad
    told = verdict(voice_of(start_session(load("koehn"))), (good, bad))
    assert (told.state, told.headline) == (NOT_FINITE, "1 of 2 gradients compared are NaN or infinite.")


@pytest.mark.parametrize("recurrent", [False, True], ids=["from-scratch", "recurrent"])
def test_the_parameters_of_the_flat_vector_by_their_gradients(recurrent: bool) -> None:
    text = RECURRENT.format(through_time="full")
    session = start_session(parse_lesson(text, "echo.toml") if recurrent else load("from-scratch"))
    count = session.record.architecture.parameter_count
    for index, gradient in enumerate(session.record.gradients.vector):
        quantity = parameter_quantity(session.record.architecture, index)
        assert value_of(session.record, quantity) == gradient
        chosen = replace(session, selection=selection_of(quantity))
        assert chosen_parameter(chosen) == index
        there = go_to(session, session.trace.find(quantity) or 0)
        assert chosen_parameter(there) == index
    names = [parameter_text(voice_of(session), index) for index in range(count)]
    assert len(set(names)) == count
    with pytest.raises(IndexError):
        parameter_quantity(session.record.architecture, count)


def test_where_neither_step_nor_selection_names_a_parameter_none_is_asked_about() -> None:
    session = start_session(load("koehn"))
    assert chosen_parameter(session) is None
    assert chosen_parameter(go_to(session, 1)) is None
    assert chosen_parameter(replace(session, selection=Quantity(Kind.INPUT, None, 1))) is None
    whole = replace(go_to(replace(session, grain=Grain.LAYER), session.trace.end), grain=Grain.LAYER)
    assert chosen_parameter(whole) is None


def test_a_difference_within_the_rounding_of_the_loss_is_no_disagreement() -> None:
    session = start_session(load("graph-20-50-10"))
    assert all(difference.agrees for difference in differences(session))
    off = [replace(difference, gradient=difference.gradient * (1 + 1e-4)) for difference in differences(session)]
    visible = [difference for difference in off if abs(difference.gradient) > 1e-3]
    assert len(visible) > 1000
    assert not any(difference.agrees for difference in visible)
    assert np.isfinite([difference.rounding for difference in off]).all()
