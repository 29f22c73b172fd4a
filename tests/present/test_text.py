"""TeX as a line of text: nothing of TeX is left, and nothing is lost."""

from __future__ import annotations

import re
from functools import cache

import pytest

from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.text.plain_text import linear
from nnviz.present.words.captions import headline, place, sentence
from nnviz.tracing.steps import Grain

RULES = [
    ((), ()),
    (('training.optimizer="momentum"', 'training.reduce="mean"'), ()),
    (('training.optimizer="rmsprop"',), ()),
    (('training.optimizer="adam"', 'convention.slope="derivative_of_a"'), ()),
]
MANY = 120
lesson_of = cache(load)


@pytest.mark.parametrize(
    ("tex", "text", "machine"),
    [
        (r"W_{11}\,x_1", "W₁₁ x₁", "W_11 x_1"),
        (r"W_{2,1}", "W₂,₁", "W_{2,1}"),
        (r"\delta_{1,2}", "δ₁,₂", "δ_{1,2}"),
        (r"z^{(2)}_1", "z⁽²⁾₁", "z^{(2)}_1"),
        (r"\delta^{(L)}_2", "δ^(L)₂", "δ^{(L)}_2"),
        (r"\mathrm{act1}_{3}", "act1₃", "act1_3"),
        (r"\mathrm{corr\_w1}_{11}", "corr_w1₁₁", "corr_w1_11"),
        (r"\frac{\partial E}{\partial W_{11}}", "∂E/∂W₁₁", "∂E/∂W_11"),
        (r"\frac{1}{2}\left(t - y\right)^2", "½(t − y)²", "1/2(t - y)^2"),
        (r"\frac{1 - t}{1 - y}", "(1 − t)/(1 − y)", "(1 - t)/(1 - y)"),
        (r"\frac{e^{-0.5}}{e^{-0.5} + e^{2}}", "e^(−0.5)/(e^(−0.5) + e²)", "e^{-0.5}/(e^{-0.5} + e^2)"),
        (r"\sqrt{s + 1}", "√(s + 1)", "√(s + 1)"),
        (r"\theta + \Delta\theta", "θ + Δθ", "θ + Δθ"),
        (r"\theta - \eta\,\nabla E", "θ − η ∇E", "θ - η ∇E"),
        (r"W \leftarrow W", "W ← W", "W ← W"),
        (r"-t\,\ln y", "−t ln y", "-t ln y"),
        (r"\ln\left(1 - y\right)", "ln(1 − y)", "ln(1 - y)"),
        (r"a^{\top}\,\delta", "aᵀ δ", "aᵀ δ"),
        (r"\sigma'\left(z\right)", "σ′(z)", "σ'(z)"),
        (r"\hat{y}_1", "ŷ₁", "ŷ_1"),
        (r"1.5\times 10^{-7}", "1.5×10⁻⁷", "1.5×10^{-7}"),
        (r"\sum_{i=1}^{12} W_{1i}\,x_i", "Σᵢ₌₁¹² W₁ᵢ xᵢ", "Σ_{i=1}^12 W_{1i} x_i"),
        (r"\textcolor{#000001}{\left(-2\right)}", "(−2)", "(-2)"),
        (r"\operatorname{sigmoid}\left(s_1\right)", "sigmoid(s₁)", "sigmoid(s_1)"),
        ("", "", ""),
    ],
)
def test_text(tex: str, text: str, machine: str) -> None:
    assert linear(tex) == text
    assert linear(tex, scripts=False) == machine.replace("W_{1i}", "W_1i")


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", lesson_names())
@pytest.mark.parametrize(("overrides", "_none"), RULES, ids=["as written", "momentum", "rmsprop", "adam"])
def test_nothing_of_tex_is_left(name: str, notation: str, overrides: tuple[str, ...], _none: tuple[()]) -> None:
    session = start_session(lesson_of(name, overrides), notation=load_notation(notation))
    voice = voice_of(session)
    for grain in Grain:
        steps = session.trace.at(grain)
        for step in steps[:: -(-len(steps) // MANY)]:
            shown = formula(session.trace, step, voice)
            texts = shown.texts()
            said = (*texts, headline(voice, step), sentence(voice, step), place(session.record, step))
            for text in (*said, *(linear(operand.symbol) for operand in shown.operands)):
                assert not re.search(r"[\\{}&]", text), text
                assert not re.search(r"\s[,;)]|\(\s|\s\s|textcolor", text), text
                assert text.count("(") == text.count(")"), text
            symbol, line, _, result = texts
            assert symbol
            assert line
            assert result
            assert "-" not in "".join(texts), "a hyphen stands for a minus"
            machine = " ".join(shown.texts(scripts=False))
            assert "\\" not in machine
            assert "\N{MINUS SIGN}" not in machine
            # A tautology explains nothing: σ′(z) = σ′(z).
            left, equals, right = line.partition(" = ")
            assert not equals or left != right, line
