"""The softmax lesson with keys alone: stepping into an output and into its error term opens what they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.tracing.steps import Grain, Kind

# By neuron: two times three sums and three hidden activations come before the first output; after the three outputs
# three errors and their sum, then the three error terms.
FIRST_OUTPUT = 3 + 3 + 3 + 1
FIRST_DELTA = FIRST_OUTPUT + 2 + 3 + 1 + 1


def shown(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("output", [0, 1, 2])
def test_into_an_output_opens_exponentials_sum_and_quotient(open_window, output: int) -> None:
    window = open_window("softmax")
    window.press("3")
    window.walk(FIRST_OUTPUT + output)
    y = f"y{'₁₂₃'[output]}"
    assert window.card.title == f"Activation of {y}"
    whole = window.result
    window.press("Down")
    assert window.session.grain is Grain.TERM
    z = np.array(window.digits("A"))
    exponentials = np.exp(z - z.max())
    for unit, exponential in enumerate(exponentials):
        assert window.card.title == f"Exponential of a{'₁₂₃'[unit]}, for {y}"
        assert shown(window.result) == pytest.approx(exponential, abs=1e-6)
        assert window.line == "expA = np.exp(A - A.max(axis=-1, keepdims=True))"
        assert window.active_rows == ["expA"]
        assert [mark.unit for mark in window.picture.units if mark.layer == 1 and mark.active] == [unit]
        window.press("Right")
    assert window.card.title == "Sum of the exponentials"
    assert shown(window.result) == pytest.approx(exponentials.sum(), abs=1e-6)
    assert window.active_rows == ["expA.sum()"]
    assert [mark.active for mark in window.picture.units if mark.layer == 1] == [True] * 3
    window.press("Right")
    assert window.card.title == f"Activation of {y}"
    assert window.result == whole
    assert shown(whole) == pytest.approx(exponentials[output] / exponentials.sum(), abs=1e-6)
    assert window.line == "Y = expA / expA.sum(axis=-1, keepdims=True)"
    assert window.active_rows == ["Y"]
    window.press("Left", "Up")
    assert (window.session.grain, window.result) == (Grain.NEURON, whole)


def test_into_an_error_term_opens_the_jacobian(open_window) -> None:
    window = open_window("softmax")
    window.press("3")
    window.walk(FIRST_DELTA + 1)
    assert window.card.title == "Error term of y₂"
    assert "t₂ − y₂" in window.card.formula.texts()[1]
    whole = window.result
    window.press("Down")
    y, t = np.array(window.digits("Y")), np.array([1.0, 0.0, 0.0])
    terms = []
    for unit in range(3):
        assert window.card.title == f"Error term of y₂ via y{'₁₂₃'[unit]}"
        assert window.session.step.kind is Kind.DELTA_TERM
        terms.append(shown(window.result))
        assert terms[-1] == pytest.approx(t[unit] * ((unit == 1) - y[1]), abs=1e-6)
        lit = {mark.unit for mark in window.picture.units if mark.layer == 1 and (mark.active or mark.operand)}
        assert lit == {1, unit}
        window.press("Right")
    assert window.card.title == "Error term of y₂"
    assert window.result == whole
    assert sum(terms) == pytest.approx(shown(whole), abs=2e-6)
    assert window.line == "dA = T - Y"


def test_the_operands_of_a_share_lead_back_to_the_steps_that_made_them(open_window) -> None:
    window = open_window("softmax")
    window.click_grain("Term")
    window.click_line("Y = expA / expA.sum(axis=-1, keepdims=True)")
    assert window.card.title == "Activation of y₃"
    exponential, total = window.card.formula.operands
    here = window.session.position
    assert (exponential.origin, total.origin) == (here - 2, here - 1)
    window.press("Left")
    assert window.card.title == "Sum of the exponentials"
    window.press("Left")
    assert window.card.title == "Exponential of a₃, for y₃"
    assert shown(window.result) == pytest.approx(exponential.value, abs=1e-6)
