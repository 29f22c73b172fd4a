"""Formulas that are wrong in a document: struck through, with the correct one beside them, in card and text formats."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from nnviz.debugger.choices import choose
from nnviz.debugger.state.session import Session, choose_notation, choose_training, start_session
from nnviz.formats import trace_csv, trace_json, trace_latex, trace_markdown, trace_table
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import Erratum
from nnviz.lessons.notation import load_notation
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.network.picture import picture
from nnviz.present.text.plain_text import linear
from nnviz.present.words.card import card
from nnviz.present.words.erratum_formula import AS_CHOSEN, AS_PRINTED, WrongFormula, wrong_formula
from nnviz.present.words.printed_places import go_to_place, place_of_erratum
from nnviz.tracing.steps import Grain, Kind, Quantity, Step

# Errata about words, code or order, which no formula can show.
NO_FORMULA = {
    "from-scratch": ("class Relu",),
    "from-scratch-as-printed": ("class Relu",),
    "graph": ("after the first listing",),
    "graph-20-50-10": ("after the first listing",),
    "krzeminski-rnn": ("the sequences",),
    "mazur": ("The Backwards Pass, its last figures",),
    "softmax": ("Training, and the gradient steps",),
    "softmax-as-printed": ("Training, and the gradient steps",),
    "softmax-deep": ("Training, and the gradient steps",),
}
EVERY = [(name, erratum) for name in lesson_names() for erratum in load(name).errata]


def at(session: Session, erratum: Erratum) -> Session:
    place = place_of_erratum(erratum)
    assert place is not None
    return go_to_place(session, place)


def told(session: Session) -> WrongFormula | None:
    step = session.step
    assert step is not None
    return wrong_formula(session, step, formula(session.trace, step, voice_of(session)))


def at_kind(session: Session, kind: Kind, layer: int) -> Session:
    position = session.trace.find(Quantity(kind, layer, 0))
    assert position is not None
    return replace(session, position=position)


@pytest.mark.parametrize("grain", [Grain.NEURON, Grain.LAYER])
@pytest.mark.parametrize(("name", "erratum"), EVERY, ids=[f"{name}: {erratum.where}" for name, erratum in EVERY])
def test_every_erratum_of_a_formula_is_told_by_the_formula(name, erratum, grain):
    lesson = load(name)
    example = lesson.example if erratum.example is None else erratum.example
    wrong = told(at(start_session(lesson, grain=grain, example=example), erratum))
    if erratum.where in NO_FORMULA.get(name, ()):
        assert wrong is None
        return
    assert wrong is not None
    assert wrong.tag == AS_PRINTED
    shown = card(at(start_session(lesson, grain=grain, example=example), erratum)).formula
    rows = "".join(shown.symbol_rows)
    assert r"\cancel{" in rows
    assert r"{\scriptstyle\text{as printed}}" in rows
    assert linear(" ".join(wrong.correct)) != linear(" ".join(wrong.wrong))


def test_koehns_derivative_has_a_minus_where_the_page_has_none():
    session = at_kind(start_session(load("koehn")), Kind.DE_DA, 1)
    wrong = told(session)
    assert wrong.text == "as printed, wrong: ∂E/∂y = t − y"
    shown = card(session).formula
    assert shown.texts()[:3] == ("−∂E/∂y", "−∂E/∂y = t − y", "1 − 0.742553")
    [row] = shown.symbol_rows
    assert row.endswith(r"\qquad \cancel{\frac{\partial E}{\partial y}} = t - y\quad{\scriptstyle\text{as printed}}")


def test_where_the_lesson_computes_as_printed_the_correct_formula_comes_first():
    lesson = load("krzeminski-walkthrough")
    wrong = told(at(start_session(lesson), lesson.errata[0]))
    assert wrong.is_used
    assert wrong.text == "as printed, wrong: dsigmoid(act2) = act2(1 − act2) · correct: dsigmoid(lay2) = lay2(1 − lay2)"
    assert [linear(row) for row in wrong.rows] == [
        "dsigmoid(lay2) = lay2(1 − lay2) correct",
        "dsigmoid(act2) = act2(1 − act2) as printed",
    ]
    for kind in (Kind.W_NEW, Kind.B_NEW):  # the biases climb, too
        assert " + η " in linear(told(at_kind(start_session(lesson), kind, 1)).correct[0])


def test_a_mistake_that_the_user_chooses_is_struck_as_chosen():
    session = choose(start_session(load("koehn")), "step", "uphill")
    wrong = told(at_kind(session, Kind.W_NEW, 1))
    assert wrong.tag == AS_CHOSEN
    assert wrong.text == "as chosen, wrong: W₂,₁ ← W₂,₁ − ΔW₂,₁ · correct: W₂,₁ ← W₂,₁ + ΔW₂,₁"
    mended = choose(start_session(load("krzeminski-walkthrough")), "step", "downhill")
    assert told(at_kind(mended, Kind.W_NEW, 1)) is None


def test_the_formula_of_an_erratum_is_shown_in_the_documents_own_symbols_only():
    session = choose_notation(start_session(load("koehn")), load_notation("standard"))
    assert told(at_kind(session, Kind.Z, 1)) is None


def test_a_derivative_of_the_opposite_sign_is_named_with_a_minus_wherever_it_is_written():
    session = choose_notation(start_session(load("koehn")), load_notation("koehn-chain-rule"))
    voice = voice_of(session)
    steps = {step.quantity: step for step in session.trace.at(Grain.NEURON)}

    def line(kind: Kind, layer: int) -> str:
        step = next(step for quantity, step in steps.items() if (quantity.kind, quantity.layer) == (kind, layer))
        return formula(session.trace, step, voice).texts()[1]

    assert line(Kind.DELTA, 1) == "−∂E/∂z = −∂E/∂y ∂y/∂z"
    assert line(Kind.DE_DA, 0) == "−∂E/∂h₁ = W₂,₁ (−∂E/∂z)"
    assert line(Kind.DW, 1) == "−∂E/∂W₂,₁ = −∂E/∂z h₁"
    assert line(Kind.W_NEW, 1) == "W₂,₁ ← W₂,₁ + μ (−∂E/∂W₂,₁)"
    whole = formula(session.trace, session.trace.step(Grain.LAYER, _group(session, Kind.DE_DA, 0)), voice)
    assert whole.texts()[1] == "−∂E/∂h = W₂ᵀ (−∂E/∂z)"


def _group(session: Session, kind: Kind, layer: int) -> int:
    return next(at for at, group in enumerate(session.trace.groups) if (group.kind, group.layer) == (kind, layer))


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "rmsprop", "adamw", "nesterov"])
def test_under_another_optimizer_a_gradient_is_not_called_a_change(optimizer):
    session = start_session(load("koehn"))
    session = choose_training(session, replace(session.training, optimizer=optimizer))
    there = at_kind(session, Kind.DW, 1)
    shown = card(there)
    assert shown.title == "Negative weight gradient on h₁ → y"
    assert shown.formula.texts()[1] == "−∂E/∂W₂,₁ = δ₂ h₁"
    [label] = [label for label in picture(there).edges[1].labels if label.gradient]
    assert label.gradient.startswith("−∂E/∂W₂ ")
    assert "Δ" not in card(at_kind(session, Kind.DB, 1)).formula.texts()[1]


def test_a_frozen_matrix_is_not_written_as_updated():
    session = start_session(load("softmax-as-printed"), grain=Grain.LAYER)
    step: Step = session.trace.step(Grain.LAYER, _group(session, Kind.W_NEW, 1))
    assert formula(session.trace, step, voice_of(session)).texts()[1] == "V ← V (frozen)"


def written(form, name: str) -> str:
    stream = io.StringIO()
    form.write(start_session(load(name)), stream)
    return stream.getvalue()


def test_the_text_formats_say_it_too():
    assert "✗ as printed, wrong: ∂E/∂y = t − y" in written(trace_table, "koehn")
    assert "✗ as printed, wrong: ∂E/∂y = t − y" in written(trace_markdown, "koehn")
    latex = written(trace_latex, "koehn")
    assert r"\text{as printed, wrong:}\quad \frac{\partial E}{\partial y} = t - y" in latex
    assert r"\cancel" not in latex
    latex = written(trace_latex, "krzeminski-walkthrough")
    assert r"\text{correct:}\quad \mathrm{d}\operatorname{sigmoid}(\mathrm{lay2})" in latex


def test_the_formats_for_programs_keep_their_symbols():
    for form in (trace_json, trace_csv):
        text = written(form, "koehn")
        assert "∂E/∂y" in text
        assert "-∂E/∂y" not in text
        assert "−∂E/∂y" not in text
