"""What a choice changed: every figure by hand on Koehn's network, and what only changes the telling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from vocabulary import RECURRENT, at

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import last
from nnviz.debugger.state.session import Session, choose_training, restore_lesson_conventions, start_session
from nnviz.engine.optimizers import Rates
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.core.changes import ValueChange, changes, differ, number_change, step_change, what_changed
from nnviz.present.core.printed import matches
from nnviz.present.graph.graph_details import graph_details
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.hover_details import unit_details
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import captions_of, card
from nnviz.tracing.steps import Grain, Kind, Quantity


def chosen(control: str, value: object, lesson: str = "koehn") -> Session:
    return choose(last(start_session(load(lesson))), control, value)


def change_of(session: Session, kind: Kind, layer: int | None) -> ValueChange:
    return next(change for change in changes(session) if (change.quantity.kind, change.quantity.layer) == (kind, layer))


def test_without_the_half_the_error_and_all_behind_it_double() -> None:
    session = chosen("loss", "squared")
    error = change_of(session, Kind.LOSS, None)
    # 1/2 (1 - 0.7425526)^2 = 0.0331396, and without the half 0.0662792
    assert (error.old, error.new) == (pytest.approx(0.03313958, abs=1e-8), pytest.approx(0.06627916, abs=1e-8))
    assert error.text == "E: 0.033140 → 0.066279 (+0.033140)"
    delta = change_of(session, Kind.DELTA, 0)
    # delta_1 = (0.04838203, -0.0258367) as Koehn counts it: doubled, the first moves by as much
    assert (delta.changed, delta.items, delta.largest) == (2, 2, pytest.approx(0.04838203, abs=1e-8))
    assert delta.text == "δ₁: 2 of 2 changed, at most by 0.048382"
    weights = change_of(session, Kind.DW, 0)
    assert (weights.changed, weights.items) == (2, 4), "x_2 is 0: its weights get no gradient either way"
    assert not [change for change in changes(session) if change.quantity.kind in (Kind.Z, Kind.A, Kind.SLOPE)]


def test_the_slope_fed_z() -> None:
    session = chosen("slope", "product_of_z")
    slope = change_of(session, Kind.SLOPE, 1)
    # y (1 - y) = 0.7425526 * 0.2574474; z (1 - z) = 1.0592783 * -0.0592783
    assert slope.old == pytest.approx(0.19116824, abs=1e-8)
    assert slope.new == pytest.approx(-0.06279220, abs=1e-8)
    told = what_changed(session)
    assert told is not None
    assert told.sentences == ()
    assert [change.position for change in told.changes] == sorted(change.position for change in told.changes)


def test_the_new_weights_carry_the_error_back() -> None:
    session = chosen("update", "sequential")
    carried = change_of(session, Kind.DE_DA, 0)
    # (5 + 0.0359796) 0.0492158 and (-5 + 0.0058667) 0.0492158 against 5 and -5 times 0.0492158
    assert carried.largest == pytest.approx(0.03597961 * 0.04921577, abs=1e-9)
    told = what_changed(session)
    assert told is not None
    assert told.sentences == ("The order of the steps changes.",)
    assert change_of(session, Kind.DE_DA, 0).position == session.trace.find(Quantity(Kind.DE_DA, 0, 0))


@pytest.mark.parametrize(
    ("lesson", "control", "value", "words"),
    [
        ("koehn", "delta", "gradient", "δ has the opposite sign; no computed value changes."),
        ("koehn", "weights", "inputs_first", "Matrices are transposed; no computed value changes."),
        ("from-scratch", "layers", 1, "Layers are renumbered; no computed value changes."),
    ],
)
def test_what_only_changes_the_telling_says_so(lesson: str, control: str, value: object, words: str) -> None:
    told = what_changed(chosen(control, value, lesson))
    assert told is not None
    assert told.sentences == (words,)
    assert told.changes == ()
    assert all(row.change == "" for row in value_rows(chosen(control, value, lesson)))


def test_a_choice_that_changes_no_number() -> None:
    told = what_changed(chosen("reduce", "mean"))
    assert told is not None
    assert told.sentences == ("No number of this pass changes.",), "one example is its own mean"
    batch = chosen("reduce", "mean", "krzeminski-batch")
    gradient = change_of(batch, Kind.DB, 1)
    assert gradient.old is not None
    assert gradient.new == pytest.approx(gradient.old / 4)


def test_nothing_is_compared_before_a_choice_and_after_the_next_pass() -> None:
    session = start_session(load("koehn"))
    assert what_changed(session) is None
    assert changes(session) == ()


def test_a_rate_shows_in_the_changes_that_koehn_tells() -> None:
    session = last(start_session(load("koehn")))
    slower = choose_training(session, replace(session.training, rates=Rates(0.5)))
    assert change_of(slower, Kind.DB, 1).new == pytest.approx(0.04921577 / 2, abs=1e-8)
    adam = choose_training(session, replace(session.training, optimizer="adam"))
    kinds = {change.quantity.kind for change in changes(adam)}
    assert kinds == {Kind.W_NEW, Kind.B_NEW}, "a gradient told in place of a change is no other number"


def test_the_card_says_old_and_new() -> None:
    session = at(chosen("loss", "squared"), Quantity(Kind.DELTA, 1, 0))
    assert card(session).change == "0.049216 → 0.098432 (+0.049216)"
    assert card(session).change_parts == ("0.049216 → 0.098432", "by +0.049216")
    assert card(at(session, Quantity(Kind.A, 1, 0))).change == ""
    layer = replace(session, grain=Grain.LAYER, position=session.trace.find(Quantity(Kind.DELTA, 0)) or 0)
    assert card(layer).change == "2 of 2 changed, at most by 0.048382"
    assert card(layer).change_parts == ("2 of 2 changed", "at most by 0.048382")
    whole = replace(layer, grain=Grain.PASS, position=layer.trace.end)
    assert card(whole).change == "7 of 9 changed, at most by 0.049216", "all but the two weights of x_2"


def assert_comparable(session: Session) -> None:
    """Steps of every grain can be told beside the pass before."""
    for grain in Grain:
        steps = session.trace.at(grain)
        for index in range(0, len(steps), max(1, len(steps) // 60)):
            step_change(session, steps[index])


@pytest.mark.parametrize("name", lesson_names())
@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_every_step_of_another_optimizer_can_be_compared(name: str, optimizer: str) -> None:
    session = start_session(load(name))
    assert_comparable(choose_training(session, replace(session.training, optimizer=optimizer)))


@pytest.mark.parametrize("name", lesson_names())
@pytest.mark.parametrize("control", ["loss", "update_after", "slope"])
def test_every_step_of_every_lesson_can_be_compared(name: str, control: str) -> None:
    value = {"loss": "squared", "update_after": 2, "slope": "derivative_of_a"}[control]
    session = start_session(load(name))
    if control == "loss" and not session.lesson.dataset.has_targets:
        return
    session = choose(session, control, value)
    assert_comparable(session)
    assert (what_changed(last(session)) is None) == (session.compared is None)


def test_the_values_mark_what_changed_and_is_known() -> None:
    session = chosen("loss", "squared")
    rows = {row.name: row for row in value_rows(session)}
    assert rows["error"].change == "▲ 0.0331"
    assert rows["error"].before == "0.033139581276559204" or rows["error"].before.startswith("0.0331395")
    assert rows["delta_1"].change == "± 0.0484"
    assert rows["y"].change == rows["y"].before == ""
    early = replace(session, position=session.trace.find(Quantity(Kind.A, 1, 0)) or 0)
    assert all(row.change == "" for row in value_rows(early)), "what is not known yet is not told"


def test_the_canvas_marks_what_changed_and_is_known() -> None:
    session = chosen("loss", "squared")
    drawn = picture(session)
    assert [mark.moved for mark in drawn.units] == [(), (), ("delta",), ("delta",), ("delta",)]
    assert drawn.error.moved
    labels = {(label.unit, label.source): label.moved for label in drawn.edges[0].labels}
    assert labels[0, 0] == ("weight", "gradient")
    assert labels[0, 1] == (), "x_2 is 0"
    assert all(bias.moved for mark in drawn.units for bias in mark.biases)
    assert not picture(start_session(load("koehn"))).error.moved
    rows = dict(unit_details(session, 1, 0))
    assert rows["δ₂ before"].startswith("0.0492157")
    assert "y before" not in rows


def test_captions_and_printed_figures_belong_to_the_lesson_as_it_is() -> None:
    session = at(start_session(load("koehn")), Quantity(Kind.DW, 1, 0, 0))
    assert session.step is not None
    assert matches(session, session.step)
    assert captions_of(session)
    for control, value in (("loss", "squared"), ("slope", "product_of_z"), ("step", "uphill"), ("update_after", 2)):
        other = choose(session, control, value)
        assert other.step is not None
        assert matches(other, other.step) == (), control
        assert not captions_of(other), control
        assert card(other).chips == ()
        again = restore_lesson_conventions(other)
        assert again.step is not None
        assert matches(again, again.step) == matches(session, session.step)
        assert captions_of(again) == captions_of(session)


def test_a_figure_told_with_the_other_sign_is_still_the_printed_one() -> None:
    session = choose(at(start_session(load("koehn")), Quantity(Kind.DW, 1, 0, 0)), "delta", "gradient")
    shown = card(session)
    assert shown.chips[0].text.startswith("printed 0.03597961 ✓ in the document's convention")
    assert shown.formula is not None
    assert shown.formula.texts()[-1] == "−0.035980"
    assert not captions_of(session), "the captions speak of Koehn's sign"


def test_the_card_does_not_call_the_learners_choice_the_documents() -> None:
    uphill = at(chosen("step", "uphill", "from-scratch"), Quantity(Kind.W_NEW, 0, 0, 0))
    assert "As you have chosen" in card(uphill).text
    assert "As printed" not in card(uphill).text
    descent = at(chosen("delta", "descent", "from-scratch"), Quantity(Kind.DELTA, 1, 0))
    assert "as you have chosen" in card(descent).text
    assert "the document" not in card(descent).text
    frozen = at(choose(start_session(load("from-scratch")), "frozen", ("W1",)), Quantity(Kind.W_NEW, 0, 0, 0))
    assert "frozen: it stays the same" in card(frozen).text
    climbed = at(chosen("delta", "gradient", "softmax"), Quantity(Kind.DELTA, 1, 0))
    assert "the gradient of the loss, −J" in card(climbed).text


def test_what_differs() -> None:
    old, new = np.array([1.0, 0.1 + 0.2, np.nan, np.inf, 0.0]), np.array([1.0 + 1e-9, 0.3, np.nan, np.inf, 1e-300])
    assert differ(old, new).tolist() == [True, False, False, False, True]
    assert number_change(1.0, float("nan")) == "1.000000 → nan (nan)"


def test_the_graph_marks_what_changed_and_is_known() -> None:
    def moved(session: Session) -> dict[tuple[Kind, int | None], tuple[bool, ...]]:
        return {
            (box.quantity.kind, box.quantity.layer): tuple(
                any(figure.moved for row in rows for figure in row) for rows in (box.values, box.derivative)
            )
            for box in graph_picture(session).boxes
        }

    session = chosen("loss", "squared")
    marks = moved(session)
    assert marks[Kind.Z, 1] == (False, True)
    assert marks[Kind.A, 1] == (False, True)
    assert marks[Kind.WEIGHT, 0] == (True, True), "the new weights, and their gradient"
    assert marks[Kind.LOSS, None][0]
    early = at(session, Quantity(Kind.DELTA, 1, 0))
    assert moved(early)[Kind.WEIGHT, 0] == (False, False), "what is not known yet is not told"
    assert not any(any(pair) for pair in moved(start_session(load("koehn"))).values())
    rows = dict(graph_details(session, Quantity(Kind.Z, 1)))
    assert any("before 0.0492157" in text for text in rows.values())


def test_the_cut_through_time_changes_the_earlier_deltas(tmp_path: Path) -> None:
    path = tmp_path / "recurrent.toml"
    path.write_text(RECURRENT, encoding="utf-8")
    session = last(start_session(load(str(path))))
    cut = choose(session, "through_time", "one_step")
    times = {change.quantity.time for change in changes(cut) if change.quantity.kind is Kind.DELTA}
    assert times == {0, 1}, "of three time steps, the last is the same"
    kinds = {change.quantity.kind for change in changes(cut)}
    assert {Kind.DE_DA, Kind.DW, Kind.DW_H, Kind.W_H_NEW} <= kinds
    names = [change.name for change in changes(cut)]
    assert len(set(names)) == len(names)
    for told in (cut, choose(cut, "through_time", "full")):
        for grain in Grain:
            for step in told.trace.at(grain):
                step_change(told, step)
        picture(told)
        graph_picture(told)
        value_rows(told)
    drawn = unrolled_picture(cut)
    deltas = [mark for mark in drawn.units if "delta" in mark.moved]
    assert {mark.time for mark in deltas} == {0, 1}
    assert [caption.moved for caption in drawn.captions if caption.role == "bias"] == [True, False]
    later = next(step for step in session.trace.at(Grain.TERM) if step.kind is Kind.DE_DA_LATER_TERM)
    assert step_change(choose(cut, "through_time", "full"), later).text == "", "there was no such share before"
