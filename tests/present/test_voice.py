"""The voice writes each document's own symbols, signs and orientation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.document_form import form_of
from nnviz.debugger.state.session import choose_convention, choose_notation, next_pass, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.present.core.voice import ANY_I, ANY_K, Voice, raised, shape_text, voice_of, with_indices
from nnviz.tracing.steps import Kind, Quantity

X1, H2, Y = Quantity(Kind.INPUT, None, 0), Quantity(Kind.A, 0, 1), Quantity(Kind.A, 1, 0)


def voice(lesson: str, notation: str | None = None, *overrides: str) -> Voice:
    chosen = load_notation(notation) if notation else None
    return voice_of(start_session(load(lesson, overrides), notation=chosen))


def test_a_session_has_one_voice_made_of_its_one_form() -> None:
    session = start_session(load("koehn"))
    own = voice_of(session)
    assert voice_of(session) is own
    assert own.form is session.form is session.form
    assert own.record is session.record
    assert session.form == form_of(session.notation, session.convention, session.record.rule)
    assert (own.notation, own.sign, own.units_first) == (session.notation, session.form.sign, session.form.units_first)


def test_what_a_session_keeps_is_neither_compared_nor_taken_along() -> None:
    session = start_session(load("koehn"))
    fresh, known = replace(session), voice_of(session)
    assert fresh == session
    assert voice_of(fresh) is not known
    later = next_pass(go_to(session, session.trace.end))
    assert voice_of(later).record is later.record


def test_another_convention_or_notation_has_another_voice() -> None:
    session = start_session(load("koehn"))
    assert (voice_of(session).sign, voice_of(session).units_first) == (-1.0, True)
    chosen = choose_convention(session, replace(session.convention, delta="gradient", weights="inputs_first"))
    assert (voice_of(chosen).sign, voice_of(chosen).units_first) == (1.0, False)
    assert not voice_of(chosen).own_sign
    written = choose_notation(session, load_notation("krzeminski"))
    assert voice_of(written).notation.name == "krzeminski"
    assert voice_of(written).own_sign
    assert written.form.sign == 1.0


def test_a_voice_of_another_pass_has_the_factors_of_its_rule() -> None:
    plain, adam = start_session(load("koehn")), start_session(load("koehn", ['training.optimizer="adam"']))
    own = voice_of(plain)
    assert own.gradients_as_changes
    assert own.factor(Quantity(Kind.DW, 0, 0, 0)) == -plain.record.rule.rates.learning_rate
    other = own.of(adam.record)
    assert not other.gradients_as_changes
    assert other.factor(Quantity(Kind.DW, 0, 0, 0)) == -1.0
    assert own.of(plain.record) == own
    assert own.form.with_rule(plain.record.rule) is own.form


def test_koehn_counts_his_weights_by_unit_first() -> None:
    koehn = voice("koehn")
    assert koehn.tex(Quantity(Kind.WEIGHT, 0, 0, 0)) == "W_{11}"
    assert koehn.tex(Quantity(Kind.WEIGHT, 0, 0, 1)) == "W_{12}"
    assert koehn.tex(Quantity(Kind.WEIGHT, 1, 0, 0)) == "W_{2,1}"
    assert koehn.tex(Quantity(Kind.BIAS, 0, 1)) == "b_{2}"
    assert koehn.tex(Quantity(Kind.BIAS, 1, 0)) == "b_{2,1}", "beside b_2, the bias of h_2"
    assert koehn.tex(Quantity(Kind.DELTA, 0, 1)) == r"\delta_{1,2}"
    assert koehn.tex(Quantity(Kind.DELTA, 1, 0)) == r"\delta_2"
    assert koehn.tex(Quantity(Kind.DW, 1, 0, 1)) == r"\Delta W_{2,2}"
    assert [koehn.text(q) for q in (X1, H2, Y)] == ["x₁", "h₂", "y"]
    assert koehn.text(Quantity(Kind.SLOPE, 0, 1)) == "sigmoid′(s₂)"


def test_krzeminski_counts_by_source_first() -> None:
    document = voice("krzeminski-sgd")
    assert document.text(Quantity(Kind.Z, 0, 0), scripts=False) == "act1_1"
    assert document.tex(Quantity(Kind.WEIGHT, 0, 2, 1)) == r"\mathrm{w1}_{23}"
    assert document.tex(Quantity(Kind.DELTA, 1, 0)) == r"\delta_{l2}"
    assert document.tex(Quantity(Kind.DELTA, 0, 2)) == r"\delta_{l1,3}"
    assert document.text(Quantity(Kind.SLOPE, 1, 0)) == "dsigmoid(lay2)"
    assert document.code(Quantity(Kind.DW, 0)) == "corr_w1"
    assert document.code(Quantity(Kind.DE_DA, 0)) == ""


def test_from_scratch_counts_layers_from_the_input() -> None:
    document = voice("from-scratch")
    assert document.tex(Quantity(Kind.Z, 0, 0)) == "z^{(2)}_{1}"
    assert document.tex(Quantity(Kind.WEIGHT, 0, 2, 1)) == "w^{(1)}_{23}"
    assert document.tex(Quantity(Kind.DELTA, 1, 0)) == r"\delta^{(L)}_{1}"
    assert document.tex(Quantity(Kind.TARGET, None, 1)) == r"\hat{y}_{2}"
    assert document.code(Quantity(Kind.W_NEW, 1)) == "w_2"


def test_more_than_nine_units_keep_their_indices_apart() -> None:
    wide = ('network.layers=[{units=12,activation="tanh"},{units=11,activation="sigmoid"}]', "printed=[]")
    targets = f"data.targets={[[0] * 11] * 4}"
    document = voice("from-scratch", "standard", *wide, targets)
    assert document.tex(Quantity(Kind.WEIGHT, 1, 0, 10)) == "W^{(2)}_{11,1}"
    assert document.tex(Quantity(Kind.WEIGHT, 1, 10, 0)) == "W^{(2)}_{1,11}"
    assert document.tex(Quantity(Kind.WEIGHT, 1, 0, 0)) == "W^{(2)}_{11}"
    assert document.tex(Quantity(Kind.A, 0, 11)) == "a^{(1)}_{12}"


def test_a_running_index_is_a_letter() -> None:
    koehn = voice("koehn")
    assert koehn.tex(Quantity(Kind.WEIGHT, 0, 1, ANY_I)) == "W_{2i}"
    assert koehn.tex(Quantity(Kind.DELTA, 0, ANY_K)) == r"\delta_{1,k}"
    assert voice("koehn", "koehn-chain-rule").text(Quantity(Kind.DELTA, 0, ANY_K)) == "∂E/∂sₖ"


def test_another_example_of_the_batch_carries_its_number() -> None:
    batch = voice("krzeminski-batch")
    assert batch.text(Quantity(Kind.DELTA, 0, 0, example=2), scripts=False) == "δ_{l1,1}^{[3]}"
    assert batch.tex(Quantity(Kind.DELTA, 0, 0, example=0)) == r"\delta_{l1,1}", "the stepped one does not"


def test_descent_turns_what_points_downhill() -> None:
    koehn, standard = voice("koehn"), voice("koehn", "standard")
    assert (koehn.sign, standard.sign) == (-1.0, 1.0)
    for kind in (Kind.DE_DA, Kind.DELTA, Kind.DW, Kind.DB):
        q = Quantity(kind, 1, 0, 0 if kind is Kind.DW else None)
        assert koehn.number(q) == -standard.number(q) != 0.0
    for kind in (Kind.Z, Kind.A, Kind.SLOPE):
        assert koehn.number(Quantity(kind, 1, 0)) == standard.number(Quantity(kind, 1, 0))


def test_the_change_holds_the_rate() -> None:
    slow = voice("koehn", None, "training.learning_rate=0.5")
    full = voice("koehn")
    assert slow.gradients_as_changes
    assert slow.number(Quantity(Kind.DW, 1, 0, 0)) == 0.5 * full.number(Quantity(Kind.DW, 1, 0, 0))
    assert slow.number(Quantity(Kind.DELTA, 1, 0)) == full.number(Quantity(Kind.DELTA, 1, 0))
    assert not voice("koehn", None, 'training.optimizer="adam"').gradients_as_changes


def test_matrices_stand_as_the_document_has_them() -> None:
    koehn, standard = voice("koehn"), voice("koehn", "standard")
    assert np.array_equal(koehn.value(Quantity(Kind.WEIGHT, 0)), [[3, 4], [2, 3]])
    assert np.array_equal(standard.value(Quantity(Kind.WEIGHT, 0)), [[3, 2], [4, 3]])
    assert shape_text(koehn.value(Quantity(Kind.DW, 1))) == "(1, 2)"
    assert shape_text(standard.value(Quantity(Kind.DW, 1))) == "(2, 1)"
    assert shape_text(koehn.value(Quantity(Kind.LOSS))) == "()"


def test_memory_has_the_sign_of_what_it_remembers() -> None:
    momentum, adam = (voice("koehn", None, f'training.optimizer="{name}"') for name in ("momentum", "adam"))
    assert momentum.factor(Quantity(Kind.MOVING, 0, 0, 0, slot=0)) == -1.0
    assert adam.factor(Quantity(Kind.MOVING, 0, 0, 0, slot=0)) == -1.0
    assert adam.factor(Quantity(Kind.MOVING, 0, 0, 0, slot=1)) == 1.0
    assert adam.text(Quantity(Kind.MOVING, 0, 0, 0, slot=1)) == "v_W₁₁"


@pytest.mark.parametrize(
    ("base", "indices", "tex"),
    [
        ("W", [1, 1], "W_{11}"),
        ("W", [1, 12], "W_{1,12}"),
        ("W_2", [1], "W_{2,1}"),
        (r"\delta_{l1}", [3], r"\delta_{l1,3}"),
        ("z^{(2)}", [1], "z^{(2)}_{1}"),
        (r"\hat{y}", ["k"], r"\hat{y}_{k}"),
        ("E", [], "E"),
    ],
)
def test_indices(base: str, indices: list[int | str], tex: str) -> None:
    assert with_indices(base, indices) == tex


def test_a_second_superscript_is_kept_apart() -> None:
    assert raised("x_1", "[2]") == "x_1^{[2]}"
    assert raised("z^{(2)}_1", "[2]") == "{z^{(2)}_1}^{[2]}"
