"""Printed figures that differ: truncated, worked out from rounded numbers, one slip, or an earlier wrong figure."""

from __future__ import annotations

import math

from vocabulary import SIGMOIDS

from nnviz.debugger.state.session import start_session
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.loader import parse_lesson

RECORD = start_session(parse_lesson(SIGMOIDS, "mine.toml")).record


def figure(quantity: str, layer: int, unit: int, value: str) -> str:
    return f'[[printed]]\nquantity = "{quantity}"\nlayer = {layer}\nunit = {unit}\nvalue = "{value}"\n'


def judged(*figures: str) -> list[tuple[bool, str]]:
    """Whether each line on a figure is a failure, and what it says after the figure's name."""
    found = verdicts(parse_lesson(SIGMOIDS + "".join(figures), "mine.toml"))
    return [(each.failed, each.text) for each in found if each.text.startswith("printed ")]


def test_a_truncated_figure_is_called_that_and_is_no_failure():
    value = float(RECORD.a[1][0, 0, 0])  # 0.72498…
    assert f"{value:.4f}" == "0.7250"
    ((failed, text),) = judged(figure("a", 2, 1, "0.7249"))
    assert not failed
    assert "truncated after its digits, not rounded" in text
    ((failed, text),) = judged(figure("a", 2, 1, "0.7248"))
    assert failed


def test_a_figure_from_rounded_numbers_is_called_that_and_is_no_failure():
    z = round(float(RECORD.z[1][0, 0, 0]), 3)
    ((failed, text),) = judged(figure("a", 2, 1, f"{1 / (1 + math.exp(-z)):.12f}"))
    assert not failed
    assert "worked out from operands rounded to 3 decimals" in text


def test_figures_of_one_slip_are_told_as_one():
    found = judged(
        figure("delta", 1, 1, "-0.100041"), figure("delta", 1, 2, "0.043503"), figure("delta", 2, 1, "-0.275018")
    )
    assert [failed for failed, _ in found] == [True] * 3
    assert [text.partition(" = ")[0] for _, text in found] == [
        "printed delta 2,1",
        "printed delta 1,1",
        "printed delta 1,2",
    ], "the cause comes first"
    assert all("if the derivative of the activation of the output layer is left out" in text for _, text in found)


def test_figures_that_are_right_tell_two_slips_apart():
    raw, slopes, weights = RECORD.dE_da[1][0, 0], RECORD.slope[0][0, 0], RECORD.parameters.W[1]
    hidden = [sum(float(weights[j, k]) * float(raw[k]) for k in (0, 1)) * float(slopes[j]) for j in (0, 1)]
    found = judged(
        figure("delta", 2, 1, f"{float(RECORD.delta[1][0, 0, 0]):.6f}"),
        figure("delta", 2, 2, f"{float(RECORD.delta[1][0, 0, 1]):.6f}"),
        *(figure("delta", 1, unit + 1, f"{value:.6f}") for unit, value in enumerate(hidden)),
    )
    assert [failed for failed, _ in found] == [False, False, True, True]
    assert all("of the output layer is left out on the way back" in text for _, text in found[2:])


def test_a_figure_a_few_units_off_is_not_called_rounded():
    # Off by 12 units of its last digit: among all ways to round there is one that leads near it by chance.
    assert all(failed for failed, _ in judged(figure("a", 2, 1, "0.737"), figure("a", 2, 2, "0.478")))


def test_a_figure_that_follows_from_a_wrong_one_says_so():
    z = 1.25
    found = judged(figure("a", 2, 1, f"{1 / (1 + math.exp(-z)):.6f}"), figure("z", 2, 1, "1.25000"))
    assert [failed for failed, _ in found] == [True, True]
    assert found[0][1].startswith("printed z 2,1 = 1.25000: differs; the pass gives 0.969")
    assert ": follows from printed z 2,1 = 1.25000; the pass gives 0.724" in found[1][1]


def test_an_activation_is_no_error():
    ((failed, text),) = judged(figure("a", 2, 2, "0.9"))  # twice 0.4657 to one digit
    assert failed
    assert "½" not in text
