"""The conventions as controls: what is on, what is the lesson's own, what cannot be chosen and why."""

from __future__ import annotations

import pytest

from nnviz.debugger.choices import choose, choose_frozen
from nnviz.debugger.state.session import Session, choose_notation, start_session
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.listing.listing import listing
from nnviz.present.words.convention_choices import Control, convention_controls, count_differences, frozen_marks
from nnviz.tracing.audit import audit
from nnviz.tracing.steps import Grain, Kind, Quantity


def control(session: Session, name: str) -> Control:
    return next(each for each in convention_controls(session) if each.id == name)


def word(session: Session, name: str) -> str:
    chosen = control(session, name)
    return chosen.choices[chosen.current].word


@pytest.mark.parametrize("name", lesson_names())
def test_a_lesson_opens_on_its_own_choices(name: str) -> None:
    session = start_session(load(name))
    for each in convention_controls(session):
        assert each.choices[each.current].own, each.id
        assert sum(choice.own for choice in each.choices) == 1, each.id
    assert count_differences(session) == 0
    assert all(mark.on == mark.own for mark in frozen_marks(session))


@pytest.mark.parametrize("name", lesson_names())
def test_every_choice_that_is_offered_can_be_made(name: str) -> None:
    session = start_session(load(name))
    for each in convention_controls(session):
        for index, choice in enumerate(each.choices):
            assert choice.tip.endswith(".")
            if not choice.obstacle:
                assert control(choose(session, each.id, choice.value), each.id).current == index


@pytest.mark.parametrize("name", [name for name in lesson_names() if name != "graph-20-50-10"])
def test_every_choice_is_told_rightly(name: str) -> None:
    session = start_session(load(name))
    for each in convention_controls(session):
        for choice in each.choices:
            if choice.obstacle:
                continue
            told = choose(session, each.id, choice.value)
            trace = told.trace
            spread = range(0, trace.length(Grain.TERM), max(1, trace.length(Grain.TERM) // 40))
            assert list(audit(trace, (trace.step(Grain.TERM, index) for index in spread))) == [], (
                each.id,
                choice.value,
            )
            voice = voice_of(told)
            for step in trace.at(Grain.LAYER):
                assert formula(trace, step, voice).texts()[-1], (each.id, choice.value, step.quantity)
            assert listing(told).lines


def test_no_value_of_the_engine_is_forgotten() -> None:
    session = start_session(load("koehn"))
    for name, values in {**CHOICES, "loss": tuple(LOSSES)}.items():
        assert [choice.value for choice in control(session, name).choices] == list(values)


def test_what_differs_is_counted() -> None:
    session = choose(start_session(load("koehn")), "loss", "squared")
    assert count_differences(session) == 1
    assert word(session, "loss") == "squared"
    session = choose_frozen(choose(session, "update_after", 3), "b1", True)
    assert count_differences(session) == 3
    assert (word(session, "update_after"), control(session, "update_after").choices[2].value) == ("k", 3)


def test_what_cannot_be_chosen_says_why() -> None:
    koehn = start_session(load("koehn"))
    assert "ends in sigmoid" in control(koehn, "loss").choices[3].obstacle
    assert all("recurrent" in choice.obstacle for choice in control(koehn, "through_time").choices)
    assert all("document's own names" in choice.obstacle for choice in control(koehn, "layers").choices)
    standard = choose_notation(koehn, load_notation("standard"))
    assert not any(choice.obstacle for choice in control(standard, "layers").choices)


def test_parameters_are_named_as_the_document_does() -> None:
    marks = frozen_marks(start_session(load("koehn")))
    assert [mark.word for mark in marks] == ["all weights", "all biases", "W", "b", "W₂", "b₂"]
    stuck = {mark.name: (mark.on, mark.own) for mark in frozen_marks(start_session(load("softmax-as-printed")))}
    assert stuck["W2"] == (True, True)
    assert stuck["W1"] == stuck["weights"] == (False, False)


def test_a_notation_of_its_own_may_number_from_nought(tmp_path) -> None:
    text = load_text().replace('notation = "koehn"', "")
    path = tmp_path / "own.toml"
    path.write_text(f'{text}\n[notation]\ntitle = "Ours"\nfirst_layer = 0\n', encoding="utf-8")
    session = start_session(load(str(path)))
    assert word(session, "layers") == "the first hidden"


def load_text() -> str:
    from nnviz.resources import read_text

    return read_text("lessons", "koehn.toml")


def test_layers_told_from_the_input_or_from_the_first_hidden() -> None:
    session = start_session(load("from-scratch"))
    z, a, weight, delta = (Quantity(kind, 0, 0) for kind in (Kind.Z, Kind.A, Kind.WEIGHT, Kind.DELTA))
    own, other = voice_of(session), voice_of(choose(session, "layers", 1))
    assert [own.tex(q) for q in (z, a, delta)] == ["z^{(2)}_{1}", "a^{(2)}_{1}", r"\delta^{(2)}_{1}"]
    assert [other.tex(q) for q in (z, a, delta)] == ["z^{(1)}_{1}", "a^{(1)}_{1}", r"\delta^{(1)}_{1}"]
    assert own.text(weight) == other.text(weight), "it leaves layer 1 of the one count and enters that of the other"
    shifted = {name for name in notation_names() if load_notation(name).renumbers}
    assert shifted == {"from-scratch", "krzeminski", "standard"}
