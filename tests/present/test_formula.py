"""Formulas say what the pass computed: their numbers, worked out again as arithmetic, give their result."""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Iterator

import pytest
from present.arithmetic import Interval, worked_out

from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import StepFormula, formula, role_of
from nnviz.present.formula.sums import MOST_TERMS
from nnviz.present.text.plain_text import linear
from nnviz.tracing.steps import Grain, Kind, Quantity, Step

MANY = 120  # steps of one trace that are looked at: all of a small lesson's, some of a large one's

DEEP = (
    'network.layers=[{units=2,activation="tanh"},{units=3,activation="leaky_relu"},{units=2,activation="linear"}]',
    "printed=[]",
)
SOFTMAX = ('network.layers=[{units=3,activation="sigmoid"},{units=2,activation="softmax"}]', "printed=[]")
WIDE = ('network.layers=[{units=12,activation="tanh"},{units=2,activation="sigmoid"}]', "printed=[]")
VARIATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "deep": ("from-scratch", (*DEEP, 'network.loss="mean_squared"')),
    "wide": ("from-scratch", (*WIDE, 'network.loss="squared"')),
    "cross entropy": ("from-scratch", (*SOFTMAX, 'network.loss="cross_entropy"')),
    "softmax of squares": ("from-scratch", SOFTMAX),
    "seven classes": (
        "from-scratch",
        (
            'network.layers=[{units=3,activation="tanh"},{units=7,activation="softmax"}]',
            'network.loss="cross_entropy"',
            "data.inputs=[[0.5, -1]]",
            "data.targets=[[0, 0, 1, 0, 0, 0, 0]]",
            "printed=[]",
        ),
    ),
    "binary": ("from-scratch", ('network.loss="binary_cross_entropy"',)),
    "momentum": ("koehn", ('training.optimizer="momentum"',)),
    "rmsprop": ("krzeminski-sgd", ('training.optimizer="rmsprop"',)),
    "adam": ("krzeminski-batch", ('training.optimizer="adam"', 'training.reduce="mean"')),
    "mean": ("krzeminski-batch", ('training.reduce="mean"', 'network.loss="squared"')),
    "frozen": ("koehn", ('convention.frozen=["b1", "W2"]', 'training.optimizer="momentum"')),
    "slope of z": ("koehn", ('convention.slope="product_of_z"', 'network.layers[1].activation="tanh"')),
    "slope of a": ("koehn", ('convention.slope="derivative_of_a"', 'network.layers[1].activation="tanh"')),
    "as printed": ("krzeminski-sgd", ('convention.step="uphill"', 'convention.update="sequential"')),
    "negative targets": ("koehn", ("data.targets=[[-1],[-1],[-1],[-1]]", 'network.layers[2].activation="linear"')),
}
CASES = [(name, notation) for name in (*lesson_names(), *VARIATIONS) for notation in notation_names()]


def open_session(name: str, notation: str, **where: int) -> Session:
    lesson, overrides = VARIATIONS.get(name, (name, ()))
    return start_session(load(lesson, overrides), notation=load_notation(notation), **where)


def some(session: Session, grain: Grain) -> list[Step]:
    steps = session.trace.at(grain)
    return steps[:: -(-len(steps) // MANY)]


def told(session: Session, step: Step) -> StepFormula:
    return formula(session.trace, step, voice_of(session))


def formulas(session: Session) -> Iterator[tuple[Step, StepFormula]]:
    for grain in Grain:
        for step in some(session, grain):
            yield step, told(session, step)


def line(session: Session, quantity: Quantity) -> str:
    """The whole formula of one quantity as people read it."""
    end = session.trace.find(quantity)
    assert end is not None
    step = session.trace.enclosing(Grain.NEURON, end)
    assert step.quantity == quantity
    return spoken(told(session, step))


def spoken(formula: StepFormula) -> str:
    _, symbols, numbers, result = formula.texts()
    return " = ".join(part for part in (symbols, numbers, result) if part)


def test_the_arithmetic_of_these_tests() -> None:
    assert worked_out("3 · 1 + 4 · 0 + (-2)") == Interval(1, 1)
    assert worked_out("1/2(1 - 0.5)^2") == Interval(0.125, 0.125)
    assert worked_out("-[1 · ln 1 + (1 - 1) · ln(1 - 0.5)]") == Interval(0, 0)
    assert worked_out("e^{0}/(e^{0} + e^{0})") == Interval(0.5, 0.5)
    assert worked_out("1 if -2 > 0, else 0.01") == Interval(0.01, 0.01)
    assert worked_out("√(4) + 1×10^{-8}") == Interval(2 + 1e-8, 2 + 1e-8)
    rounded = worked_out("2 · 0.742553")
    assert (rounded.low, rounded.high) == pytest.approx((1.485105, 1.485107), abs=1e-12)


@pytest.mark.parametrize(("name", "notation"), CASES)
def test_the_numbers_give_the_result(name: str, notation: str) -> None:
    session = open_session(name, notation, update=2)
    checked, wide = 0, 0
    for step, shown in formulas(session):
        if not isinstance(shown.value, float) or not math.isfinite(shown.value):
            continue
        _, _, numbers, result = shown.texts(scripts=False)
        assert result == spoken(shown).split(" = ")[-1].translate({0x2212: "-"}) or "×" in spoken(shown)
        if not numbers or "⋯" in numbers or "nan" in numbers:
            continue
        assert step.grain >= Grain.NEURON
        allowed = worked_out(numbers)
        slack = 1e-12 + 1e-9 * abs(shown.value)
        assert allowed.low - slack <= shown.value <= allowed.high + slack, spoken(shown)
        checked += 1
        wide += allowed.high - allowed.low > 1e-4
    assert checked > 10
    # RMSprop and Adam divide by the root of a small number: few of its printed digits are left there, nowhere else.
    assert wide <= (checked // 2 if name in ("rmsprop", "adam") else checked // 10)


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def opened(request: pytest.FixtureRequest) -> list[tuple[Step, StepFormula]]:
    """The steps of a lesson as it is opened and their formulas, for all tests that look at them."""
    return list(formulas(open_session(*request.param)))


def test_every_operand_stands_in_the_formula(opened: list[tuple[Step, StepFormula]]) -> None:
    for _, shown in opened:
        if shown.operands and linear(shown.numbers) and "⋯" not in linear(shown.numbers):
            marked = {int(found, 16) for found in re.findall(r"textcolor\{#([0-9a-f]{6})\}", shown.symbols)}
            assert marked <= {operand.id for operand in shown.operands}
            assert marked == {int(found, 16) for found in re.findall(r"textcolor\{#([0-9a-f]{6})\}", shown.numbers)}
        assert [operand.id for operand in shown.operands] == list(range(1, len(shown.operands) + 1))


@pytest.mark.skipif(importlib.util.find_spec("mathra") is None, reason="mathra is not installed")
def test_the_typesetter_draws_every_line(opened: list[tuple[Step, StepFormula]]) -> None:
    import mathra

    lines = {tex for _, shown in opened for tex in (shown.symbols_line, shown.numbers, shown.result) if tex}
    for tex in list(lines)[:120]:
        assert mathra.render(tex)["warnings"] == [], tex


def test_koehn_error_terms_as_the_document_writes_them() -> None:
    session = open_session("koehn", "koehn")
    assert [spoken(told(session, step)) for step in session.trace.at(Grain.NEURON)] == [
        "s₁ = W₁₁ x₁ + W₁₂ x₂ + b₁ = 3 · 1 + 4 · 0 + (−2) = 1.000000",
        "s₂ = W₂₁ x₁ + W₂₂ x₂ + b₂ = 2 · 1 + 3 · 0 + (−4) = −2.000000",
        "h₁ = sigmoid(s₁) = sigmoid(1) = 0.731059",
        "h₂ = sigmoid(s₂) = sigmoid(−2) = 0.119203",
        "z = W₂,₁ h₁ + W₂,₂ h₂ + b₂,₁ = 5 · 0.731059 + (−5) · 0.119203 + (−2) = 1.059278",
        "y = sigmoid(z) = sigmoid(1.059278) = 0.742553",
        "E = ½(t − y)² = ½(1 − 0.742553)² = 0.033140",
        "E = ½(t − y)² = ½(1 − 0.742553)² = 0.033140",
        "−∂E/∂y = t − y = 1 − 0.742553 = 0.257447",
        "sigmoid′(z) = y(1 − y) = 0.742553 · (1 − 0.742553) = 0.191168",
        "δ₂ = (t − y) sigmoid′(z) = (1 − 0.742553) · 0.191168 = 0.049216",
        "ΔW₂,₁ = μ δ₂ h₁ = 1 · 0.049216 · 0.731059 = 0.035980",
        "ΔW₂,₂ = μ δ₂ h₂ = 1 · 0.049216 · 0.119203 = 0.005867",
        "Δb₂,₁ = μ δ₂ = 1 · 0.049216 = 0.049216",
        "−∂E/∂h₁ = W₂,₁ δ₂ = 5 · 0.049216 = 0.246079",
        "−∂E/∂h₂ = W₂,₂ δ₂ = −5 · 0.049216 = −0.246079",
        "sigmoid′(s₁) = h₁(1 − h₁) = 0.731059 · (1 − 0.731059) = 0.196612",
        "sigmoid′(s₂) = h₂(1 − h₂) = 0.119203 · (1 − 0.119203) = 0.104994",
        "δ₁,₁ = W₂,₁ δ₂ sigmoid′(s₁) = 5 · 0.049216 · 0.196612 = 0.048382",
        "δ₁,₂ = W₂,₂ δ₂ sigmoid′(s₂) = −5 · 0.049216 · 0.104994 = −0.025837",
        "ΔW₁₁ = μ δ₁,₁ x₁ = 1 · 0.048382 · 1 = 0.048382",
        "ΔW₁₂ = μ δ₁,₁ x₂ = 1 · 0.048382 · 0 = 0.000000",
        "ΔW₂₁ = μ δ₁,₂ x₁ = 1 · (−0.025837) · 1 = −0.025837",
        "ΔW₂₂ = μ δ₁,₂ x₂ = 1 · (−0.025837) · 0 = 0.000000",
        "Δb₁ = μ δ₁,₁ = 1 · 0.048382 = 0.048382",
        "Δb₂ = μ δ₁,₂ = 1 · (−0.025837) = −0.025837",
        "W₁₁ ← W₁₁ + ΔW₁₁ = 3 + 0.048382 = 3.048382",
        "W₁₂ ← W₁₂ + ΔW₁₂ = 4 + 0 = 4.000000",
        "W₂₁ ← W₂₁ + ΔW₂₁ = 2 + (−0.025837) = 1.974163",
        "W₂₂ ← W₂₂ + ΔW₂₂ = 3 + 0 = 3.000000",
        "b₁ ← b₁ + Δb₁ = −2 + 0.048382 = −1.951618",
        "b₂ ← b₂ + Δb₂ = −4 + (−0.025837) = −4.025837",
        "W₂,₁ ← W₂,₁ + ΔW₂,₁ = 5 + 0.035980 = 5.035980",
        "W₂,₂ ← W₂,₂ + ΔW₂,₂ = −5 + 0.005867 = −4.994133",
        "b₂,₁ ← b₂,₁ + Δb₂,₁ = −2 + 0.049216 = −1.950784",
    ]


def test_koehn_chain_rule_as_the_document_writes_it() -> None:
    session = open_session("koehn", "koehn-chain-rule")
    backward = [spoken(told(session, step)) for step in session.trace.at(Grain.NEURON)[8:26]]
    assert backward == [
        "−∂E/∂y = t − y = 1 − 0.742553 = 0.257447",
        "∂y/∂z = y(1 − y) = 0.742553 · (1 − 0.742553) = 0.191168",
        "−∂E/∂z = −∂E/∂y ∂y/∂z = 0.257447 · 0.191168 = 0.049216",
        "∂z/∂W₂,₁ = h₁ = 0.731059",
        "∂z/∂W₂,₂ = h₂ = 0.119203",
        "−∂E/∂W₂,₁ = −∂E/∂z h₁ = 0.049216 · 0.731059 = 0.035980",
        "−∂E/∂W₂,₂ = −∂E/∂z h₂ = 0.049216 · 0.119203 = 0.005867",
        "∂z/∂b₂ = 1 = 1.000000",
        "−∂E/∂b₂,₁ = −∂E/∂z = 0.049216",
        "∂z/∂h₁ = W₂,₁ = 5.000000",
        "∂z/∂h₂ = W₂,₂ = −5.000000",
        "−∂E/∂h₁ = W₂,₁ (−∂E/∂z) = 5 · 0.049216 = 0.246079",
        "−∂E/∂h₂ = W₂,₂ (−∂E/∂z) = −5 · 0.049216 = −0.246079",
        "∂h₁/∂s₁ = h₁(1 − h₁) = 0.731059 · (1 − 0.731059) = 0.196612",
        "∂h₂/∂s₂ = h₂(1 − h₂) = 0.119203 · (1 − 0.119203) = 0.104994",
        "−∂E/∂s₁ = −∂E/∂h₁ ∂h₁/∂s₁ = 0.246079 · 0.196612 = 0.048382",
        "−∂E/∂s₂ = −∂E/∂h₂ ∂h₂/∂s₂ = −0.246079 · 0.104994 = −0.025837",
        "∂sⱼ/∂Wⱼ₁ = x₁ = 1.000000",
    ]


def test_whole_layers_and_phases() -> None:
    session = open_session("koehn", "koehn")
    assert [told(session, step).texts()[1] for step in session.trace.at(Grain.PASS)] == [
        "y = sigmoid(W₂ sigmoid(W x + b) + b₂)",
        "E = ½(t − y)²",
        "Δθ = (ΔW, Δb, ΔW₂, Δb₂)",
        "θ ← θ + Δθ",
    ]
    session = open_session("from-scratch", "from-scratch")
    assert [told(session, step).texts()[1] for step in session.trace.at(Grain.LAYER)] == [
        "z⁽²⁾ = x w⁽¹⁾ + b⁽¹⁾",
        "a⁽²⁾ = relu(z⁽²⁾)",
        "z⁽³⁾ = a⁽²⁾ w⁽²⁾ + b⁽²⁾",
        "y = σ(z⁽³⁾)",
        "J = ½(ŷ − y)²",
        "J = Σₖ ½(ŷₖ − yₖ)²",
        "∂J/∂y = y − ŷ",
        "σ′(z⁽³⁾) = y ⊙ (1 − y)",
        "δ^(L) = ∂J/∂y ⊙ σ′(z⁽³⁾)",
        "∂J/∂w⁽²⁾ = a⁽²⁾ᵀ δ^(L)",
        "∂J/∂b⁽²⁾ = δ^(L)",
        "∂J/∂a⁽²⁾ = δ^(L) w⁽²⁾ᵀ",
        "relu′(z⁽²⁾) = 1 where z⁽²⁾ > 0, else 0",
        "δ⁽²⁾ = ∂J/∂a⁽²⁾ ⊙ relu′(z⁽²⁾)",
        "∂J/∂w⁽¹⁾ = xᵀ δ⁽²⁾",
        "∂J/∂b⁽¹⁾ = δ⁽²⁾",
        "w⁽¹⁾ ← w⁽¹⁾ − η ∂J/∂w⁽¹⁾",
        "b⁽¹⁾ ← b⁽¹⁾ − η ∂J/∂b⁽¹⁾",
        "w⁽²⁾ ← w⁽²⁾ − η ∂J/∂w⁽²⁾",
        "b⁽²⁾ ← b⁽²⁾ − η ∂J/∂b⁽²⁾",
    ]


def test_a_product_and_a_bias_are_not_written_twice() -> None:
    session = open_session("koehn", "koehn")
    terms = [told(session, step) for step in session.trace.at(Grain.TERM)[:3]]
    assert [shown.texts()[1] for shown in terms] == ["W₁₁ x₁", "W₁₂ x₂", "b₁"]
    assert terms[2].numbers == ""


def test_a_corner_tells_its_slope_as_a_choice() -> None:
    session = open_session("from-scratch", "from-scratch")
    assert [line(session, Quantity(Kind.A, 0, 1)), line(session, Quantity(Kind.SLOPE, 0, 1))] == [
        "a⁽²⁾₂ = max(0, z⁽²⁾₂) = max(0, −0.828224) = 0.000000",
        "relu′(z⁽²⁾₂) = 1 if z⁽²⁾₂ > 0, else 0 = 1 if −0.828224 > 0, else 0 = 0.000000",
    ]


def test_softmax_and_cross_entropy() -> None:
    session = open_session("cross entropy", "standard")
    assert line(session, Quantity(Kind.A, 1, 0)).startswith("a⁽²⁾₁ = e^(z⁽²⁾₁)/(e^(z⁽²⁾₁) + e^(z⁽²⁾₂)) = e^")
    assert line(session, Quantity(Kind.ERROR, None, 0)).startswith("E₁ = −t₁ ln a⁽²⁾₁ = −1 · ln 0.")
    assert line(session, Quantity(Kind.LOSS)).startswith("E = E₁ + E₂ = 0.")
    assert line(session, Quantity(Kind.DELTA, 1, 0)).startswith("δ⁽²⁾₁ = a⁽²⁾₁ − t₁ = 0.")
    downhill = open_session("cross entropy", "koehn")
    assert line(downhill, Quantity(Kind.DELTA, 1, 0)).startswith("δ₂,₁ = t₁ − y₁ = 1 − 0.")


def test_binary_cross_entropy() -> None:
    session = open_session("binary", "from-scratch")
    error = line(session, Quantity(Kind.ERROR, None, 0))
    assert error.startswith("J₁ = −[ŷ₁ ln y₁ + (1 − ŷ₁) ln(1 − y₁)] = −[1 · ln 0.928174 + (1 − 1) · ln(1 − 0.928174)]")
    gradient = line(session, Quantity(Kind.DE_DA, 1, 1))
    assert gradient.startswith("∂J/∂y₂ = (1 − ŷ₂)/(1 − y₂) − ŷ₂/y₂ = (1 − 0)/(1 − 0.091170) − 0/0.091170")


def test_long_sums_are_cut() -> None:
    session = open_session("wide", "standard")
    cut = line(session, Quantity(Kind.Z, 1, 0))
    symbols, numbers, _ = cut.removeprefix("z⁽²⁾₁ = ").split(" = ")[:3] if cut.count(" = ") == 3 else ("", "", "")
    assert cut.startswith("z⁽²⁾₁ = Σ")
    assert " + ⋯ + " in cut
    assert cut.count("·") == 3
    assert (symbols, numbers) != ("", "") or cut.count(" = ") != 3
    short = line(session, Quantity(Kind.Z, 0, 0))
    assert "Σ" not in short
    assert "⋯" not in short
    classes = line(open_session("seven classes", "standard"), Quantity(Kind.A, 1, 6))
    assert classes.split(" = ")[1].count("e^") == 1 + 3
    assert len(session.record.a[0][0, 0]) > MOST_TERMS


def test_frozen_parameters_stay() -> None:
    session = open_session("frozen", "koehn")
    assert line(session, Quantity(Kind.B_NEW, 0, 0)) == "b₁ ← b₁ (frozen) = −2 = −2.000000"
    assert line(session, Quantity(Kind.W_NEW, 1, 0, 1)) == "W₂,₂ ← W₂,₂ (frozen) = −5 = −5.000000"


def test_momentum_rmsprop_and_adam() -> None:
    def terms(name: str) -> list[str]:
        session = open_session(name, "standard")
        end = session.trace.find(Quantity(Kind.W_NEW, 0, 0, 0))
        assert end is not None
        start = session.trace.enclosing(Grain.NEURON, end).start
        return [told(session, session.trace.step(Grain.TERM, i)).texts()[1] for i in range(start, end)]

    assert terms("momentum") == [
        "v_W⁽¹⁾₁₁ ← 0.9 v_W⁽¹⁾₁₁ + ∂E/∂W⁽¹⁾₁₁",
        "W⁽¹⁾₁₁ ← W⁽¹⁾₁₁ − η v_W⁽¹⁾₁₁",
    ]
    assert terms("rmsprop") == [
        "s_W⁽¹⁾₁₁ ← 0.99 s_W⁽¹⁾₁₁ + 0.01 (∂E/∂W⁽¹⁾₁₁)²",
        "W⁽¹⁾₁₁ ← W⁽¹⁾₁₁ − η (∂E/∂W⁽¹⁾₁₁)/(√(s_W⁽¹⁾₁₁) + ε)",
    ]
    assert terms("adam") == [
        "m_W⁽¹⁾₁₁ ← 0.9 m_W⁽¹⁾₁₁ + 0.1 ∂E/∂W⁽¹⁾₁₁",
        "v_W⁽¹⁾₁₁ ← 0.999 v_W⁽¹⁾₁₁ + 0.001 (∂E/∂W⁽¹⁾₁₁)²",
        "m̂_W⁽¹⁾₁₁ = m_W⁽¹⁾₁₁/(1 − 0.9¹)",
        "v̂_W⁽¹⁾₁₁ = v_W⁽¹⁾₁₁/(1 − 0.999¹)",
        "W⁽¹⁾₁₁ ← W⁽¹⁾₁₁ − η m̂_W⁽¹⁾₁₁/(√(v̂_W⁽¹⁾₁₁) + ε)",
    ]


def test_a_mean_over_the_batch_with_the_rate_in_it() -> None:
    session = open_session("mean", "koehn")
    change = line(session, Quantity(Kind.DB, 1, 0))
    assert change.startswith("Δb₂,₁ = 1/4 μ [δ₂ + δ₂^[2] + δ₂^[3] + δ₂^[4]] = 1/4 · 0.1 · [")
    delta = line(session, Quantity(Kind.DELTA, 1, 0))
    assert delta.startswith("δ₂ = 2(t − y) sigmoid′(z) = 2(0 − 0.234849) · ")


def test_slopes_as_other_conventions_take_them() -> None:
    of_z, of_a = open_session("slope of z", "standard"), open_session("slope of a", "standard")
    assert line(of_z, Quantity(Kind.SLOPE, 1, 0)).startswith("σ′(z⁽²⁾) = z⁽²⁾(1 − z⁽²⁾) = ")
    assert line(of_a, Quantity(Kind.SLOPE, 1, 0)).startswith("σ′(a⁽²⁾) = σ(a⁽²⁾)(1 − σ(a⁽²⁾)) = ")
    assert line(of_a, Quantity(Kind.SLOPE, 0, 0)).startswith("tanh′(a⁽¹⁾₁) = 1 − tanh(a⁽¹⁾₁)² = ")


def test_every_operand_has_a_color_of_its_role() -> None:
    weight = Quantity(Kind.WEIGHT, 0, 0, 0)
    assert (role_of(weight, -1.0), role_of(weight, 0.5)) == ("negative", "positive")
    assert role_of(Quantity(Kind.A, 0, 0), 0.5) == "forward"
    assert role_of(Quantity(Kind.LOSS), 0.5) == "error"
    assert role_of(Quantity(Kind.RATE), 0.5) == "text"
    assert role_of(Quantity(Kind.DELTA, 0, 0), 0.5) == "backward"
