"""Koehn's example from beginning to end, with keys and mouse alone: every view tells the same, and it is the book's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnviz.tracing.steps import Grain, Kind, Quantity

STEPS = 35
TOLERANCE = 1e-12


@dataclass(frozen=True)
class At:
    """What the views tell at one step: title and result of the card, the row of the values table, the canvas."""

    title: str
    result: str
    name: str
    value: str
    canvas: str


# fmt: off
_STEPS = (
    # forward
    ("Weighted sum into h₁", "1.000000", "s", "[1.000000, —]", "h1: s 1.0000 —"),
    ("Weighted sum into h₂", "−2.000000", "s", "[1.000000, −2.000000]", "h2: s −2.0000 —"),
    ("Activation of h₁", "0.731059", "h", "[0.731059, —]", "h1: s 1.0000 0.7311"),
    ("Activation of h₂", "0.119203", "h", "[0.731059, 0.119203]", "h2: s −2.0000 0.1192"),
    ("Weighted sum into y", "1.059278", "z", "[1.059278]", "y: z 1.0593 —"),
    ("Activation of y", "0.742553", "y", "[0.742553]", "y: z 1.0593 0.7426"),
    # error
    ("Error of y", "0.033140", "error", "[0.033140]", "error: 0.0331"),
    ("Error of the example", "0.033140", "error", "0.033140", "error: 0.0331"),
    # backward
    ("Negative gradient of the loss at y", "0.257447", "−∂E/∂y", "[0.257447]", "y: z 1.0593 0.7426"),
    ("Derivative of the activation at y", "0.191168", "sigmoid′(z)", "[0.191168]", "y: z 1.0593 0.7426"),
    ("Error term of y", "0.049216", "delta_2", "[0.049216]", "y: z 1.0593 0.7426 δ 0.0492"),
    ("Weight change on h₁ → y", "0.035980", "delta_W2", "[[0.035980, —]]", "h1→y: 5.0 ΔW₂ 0.03598"),
    ("Weight change on h₂ → y", "0.005867", "delta_W2", "[[0.035980, 0.005867]]", "h2→y: −5.0 ΔW₂ 0.00587"),
    ("Bias change of y", "0.049216", "delta_b2", "[0.049216]", "y: z 1.0593 0.7426 δ 0.0492"),
    ("Negative gradient of the loss at h₁", "0.246079", "−∂E/∂h", "[0.246079, —]", "h1: s 1.0000 0.7311"),
    ("Negative gradient of the loss at h₂", "−0.246079", "−∂E/∂h", "[0.246079, −0.246079]", "h2: s −2.0000 0.1192"),
    ("Derivative of the activation at h₁", "0.196612", "sigmoid′(s)", "[0.196612, —]", "h1: s 1.0000 0.7311"),
    ("Derivative of the activation at h₂", "0.104994", "sigmoid′(s)", "[0.196612, 0.104994]", "h2: s −2.0000 0.1192"),
    ("Error term of h₁", "0.048382", "delta_1", "[0.048382, —]", "h1: s 1.0000 0.7311 δ 0.0484"),
    ("Error term of h₂", "−0.025837", "delta_1", "[0.048382, −0.025837]", "h2: s −2.0000 0.1192 δ −0.0258"),
    ("Weight change on x₁ → h₁", "0.048382", "delta_W", "[[0.048382, —], [—, —]]", "x1→h1: 3.0 ΔW 0.04838"),
    ("Weight change on x₂ → h₁", "0.000000", "delta_W", "[[0.048382, 0.000000], [—, —]]", "x2→h1: 4.0"),
    ("Weight change on x₁ → h₂", "−0.025837", "delta_W", "[[0.048382, 0.000000], [−0.025837, —]]", "x1→h2: 2.0 ΔW −0.02584"),  # noqa: E501
    ("Weight change on x₂ → h₂", "0.000000", "delta_W", "[[0.048382, 0.000000], [−0.025837, 0.000000]]", "x2→h2: 3.0"),
    ("Bias change of h₁", "0.048382", "delta_b", "[0.048382, —]", "h1: s 1.0000 0.7311 δ 0.0484"),
    ("Bias change of h₂", "−0.025837", "delta_b", "[0.048382, −0.025837]", "h2: s −2.0000 0.1192 δ −0.0258"),
    # update
    ("New weight on x₁ → h₁", "3.048382", "W (new)", "[[3.048382, —], [—, —]]", "x1→h1: 3.0484 ΔW 0.04838"),
    ("New weight on x₂ → h₁", "4.000000", "W (new)", "[[3.048382, 4.000000], [—, —]]", "x2→h1: 4.0"),
    ("New weight on x₁ → h₂", "1.974163", "W (new)", "[[3.048382, 4.000000], [1.974163, —]]", "x1→h2: 1.9742 ΔW −0.02584"),  # noqa: E501
    ("New weight on x₂ → h₂", "3.000000", "W (new)", "[[3.048382, 4.000000], [1.974163, 3.000000]]", "x2→h2: 3.0"),
    ("New bias of h₁", "−1.951618", "b (new)", "[−1.951618, —]", "h1: s 1.0000 0.7311 δ 0.0484"),
    ("New bias of h₂", "−4.025837", "b (new)", "[−1.951618, −4.025837]", "h2: s −2.0000 0.1192 δ −0.0258"),
    ("New weight on h₁ → y", "5.035980", "W2 (new)", "[[5.035980, —]]", "h1→y: 5.0360 ΔW₂ 0.03598"),
    ("New weight on h₂ → y", "−4.994133", "W2 (new)", "[[5.035980, −4.994133]]", "h2→y: −4.9941 ΔW₂ 0.00587"),
    ("New bias of y", "−1.950784", "b2 (new)", "[−1.950784]", "y: z 1.0593 0.7426 δ 0.0492"),
)
# fmt: on
LINES = {
    "s": "s = W @ x + b",
    "h": "h = sigmoid(s)",
    "z": "z = W2 @ h + b2",
    "y": "y = sigmoid(z)",
    "error": "error = 0.5 * (t - y)**2",
    "−∂E/∂y": "delta_2 = (t - y) * sigmoid_derivative(z)",
    "sigmoid′(z)": "delta_2 = (t - y) * sigmoid_derivative(z)",
    "delta_2": "delta_2 = (t - y) * sigmoid_derivative(z)",
    "delta_W2": "delta_W2 = mu * np.outer(delta_2, h)",
    "delta_b2": "delta_b2 = mu * delta_2",
    "−∂E/∂h": "delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)",
    "sigmoid′(s)": "delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)",
    "delta_1": "delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)",
    "delta_W": "delta_W = mu * np.outer(delta_1, x)",
    "delta_b": "delta_b = mu * delta_1",
    "W (new)": "W = W + delta_W",
    "b (new)": "b = b + delta_b",
    "W2 (new)": "W2 = W2 + delta_W2",
    "b2 (new)": "b2 = b2 + delta_b2",
}
WALK = tuple(At(*step) for step in _STEPS)

PHASES = ["forward"] * 6 + ["error"] * 2 + ["backward"] * 18 + ["update"] * 9

# Every row of the truth table, (x) -> t, with all digits of an independent calculation in the document's signs
# (delta is the descent direction) and its matrices (units, inputs), read row by row.
# fmt: off
ROWS = {
    "(0, 0) → 0": {
        "x": [0, 0], "t": [0],
        "s": [-2.0, -4.0],
        "h": [0.11920292202211755, 0.01798620996209156],
        "z": [-1.4939164396998699],
        "y": [0.1833346187937938],
        "error": [0.016805791224132848],
        "−∂E/∂y": [-0.1833346187937938],
        "sigmoid′(z)": [0.1497230363455281],
        "delta_2": [-0.027449415793056733],
        "delta_W2": [-0.0032720505703324235, -0.0004937109557906704],
        "delta_b2": [-0.027449415793056733],
        "−∂E/∂h": [-0.13724707896528365, 0.13724707896528365],
        "sigmoid′(s)": [0.1049935854035065, 0.017662706213291118],
        "delta_1": [-0.01441006290672331, 0.0024241548343961724],
        "delta_W": [0.0, 0.0, 0.0, 0.0],
        "delta_b": [-0.01441006290672331, 0.0024241548343961724],
        "W (new)": [3.0, 4.0, 2.0, 3.0],
        "b (new)": [-2.014410062906723, -3.997575845165604],
        "W2 (new)": [4.996727949429667, -5.000493710955791],
        "b2 (new)": [-2.0274494157930567],
    },
    "(1, 0) → 1": {
        "x": [1, 0], "t": [1],
        "s": [1.0, -2.0],
        "h": [0.7310585786300049, 0.11920292202211755],
        "z": [1.0592782830394367],
        "y": [0.7425526000982021],
        "error": [0.03313958185809812],
        "−∂E/∂y": [0.2574473999017979],
        "sigmoid′(z)": [0.19116823618560164],
        "delta_2": [0.04921576534979593],
        "delta_W2": [0.035979607462809655, 0.005866663039250559],
        "delta_b2": [0.04921576534979593],
        "−∂E/∂h": [0.24607882674897966, -0.24607882674897966],
        "sigmoid′(s)": [0.19661193324148185, 0.1049935854035065],
        "delta_1": [0.04838203385691257, -0.02583669831226368],
        "delta_W": [0.04838203385691257, 0.0, -0.02583669831226368, 0.0],
        "delta_b": [0.04838203385691257, -0.02583669831226368],
        "W (new)": [3.0483820338569125, 4.0, 1.9741633016877362, 3.0],
        "b (new)": [-1.9516179661430875, -4.025836698312264],
        "W2 (new)": [5.03597960746281, -4.99413333696075],
        "b2 (new)": [-1.950784234650204],
    },
    "(0, 1) → 1": {
        "x": [0, 1], "t": [1],
        "s": [2.0, -1.0],
        "h": [0.8807970779778823, 0.2689414213699951],
        "z": [1.0592782830394363],
        "y": [0.742552600098202],
        "error": [0.03313958185809815],
        "−∂E/∂y": [0.257447399901798],
        "sigmoid′(z)": [0.1911682361856017],
        "delta_2": [0.04921576534979597],
        "delta_W2": [0.0433491023105454, 0.013236157886986283],
        "delta_b2": [0.04921576534979597],
        "−∂E/∂h": [0.24607882674897985, -0.24607882674897985],
        "sigmoid′(s)": [0.10499358540350662, 0.19661193324148185],
        "delta_1": [0.025836698312263724, -0.04838203385691261],
        "delta_W": [0.0, 0.025836698312263724, 0.0, -0.04838203385691261],
        "delta_b": [0.025836698312263724, -0.04838203385691261],
        "W (new)": [3.0, 4.025836698312264, 2.0, 2.9516179661430875],
        "b (new)": [-1.9741633016877362, -4.048382033856913],
        "W2 (new)": [5.043349102310545, -4.986763842113014],
        "b2 (new)": [-1.950784234650204],
    },
    "(1, 1) → 0": {
        "x": [1, 1], "t": [0],
        "s": [5.0, 1.0],
        "h": [0.9933071490757153, 0.7310585786300049],
        "z": [-0.6887571477714483],
        "y": [0.334309608920932],
        "error": [0.05588145730843324],
        "−∂E/∂y": [-0.334309608920932],
        "sigmoid′(z)": [0.22254669430406548],
        "delta_2": [-0.07439949833943833],
        "delta_W2": [-0.0739015535882109, -0.0543903915068152],
        "delta_b2": [-0.07439949833943833],
        "−∂E/∂h": [-0.37199749169719165, 0.37199749169719165],
        "sigmoid′(s)": [0.006648056670790033, 0.19661193324148185],
        "delta_1": [-0.002473060406194675, 0.07313914600356694],
        "delta_W": [-0.002473060406194675, -0.002473060406194675, 0.07313914600356694, 0.07313914600356694],
        "delta_b": [-0.002473060406194675, 0.07313914600356694],
        "W (new)": [2.997526939593805, 3.997526939593805, 2.073139146003567, 3.073139146003567],
        "b (new)": [-2.002473060406195, -3.926860853996433],
        "W2 (new)": [4.926098446411789, -5.054390391506815],
        "b2 (new)": [-2.0743994983394383],
    },
}
# fmt: on
UNKNOWN_AT_FIRST = [name for name in ROWS["(1, 0) → 1"] if name not in ("x", "t")]

# The record holds true gradients, (inputs, units): where each of the document's quantities is found in it, and its
# sign there.
RECORDED = {
    "s": (Kind.Z, 0, 1), "h": (Kind.A, 0, 1), "z": (Kind.Z, 1, 1), "y": (Kind.A, 1, 1),
    "delta_2": (Kind.DELTA, 1, -1), "delta_1": (Kind.DELTA, 0, -1),
    "sigmoid′(z)": (Kind.SLOPE, 1, 1), "sigmoid′(s)": (Kind.SLOPE, 0, 1),
}  # fmt: skip


def lit(window) -> str:
    """What is active on the canvas, with the texts that stand there."""
    drawn = window.picture
    names = {(-1, 0): "x1", (-1, 1): "x2", (0, 0): "h1", (0, 1): "h2", (1, 0): "y"}
    found = []
    for unit in drawn.units:
        if unit.active:
            texts = (f"{names[unit.layer, unit.unit]}:", unit.z, unit.a, unit.delta and f"δ {unit.delta}")
            found.append(" ".join(text for text in texts if text))
    for edges in drawn.edges:
        for label in edges.labels:
            if label.active:
                ends = f"{names[edges.layer - 1, label.source]}→{names[edges.layer, label.unit]}"
                found.append(f"{ends}: {label.weight} {label.gradient}".strip())
    if drawn.error.active:
        found.append(f"error: {drawn.error.value}")
    return "; ".join(found)


def assert_views_at(window, number: int) -> None:
    """Card, values, listing, canvas, timeline and title all stand at a step of the walk, counted from 1."""
    at, phase = WALK[number - 1], PHASES[number - 1]
    assert window.card.where.startswith(f"Step {number} of {STEPS} · {phase}")
    assert (window.card.title, window.result) == (at.title, at.result)
    assert window.card_words[:2] == (window.card.where, at.title)
    assert window.active_rows == [at.name]
    assert window.shows(at.name, at.value)
    assert window.line == LINES[at.name]
    assert lit(window) == at.canvas
    assert window.main.timeline.accessibleDescription() == f"step {number}, {phase}, of {STEPS}"
    assert window.title == f"XOR by hand · step {number} of {STEPS} · nnviz"
    assert at.title in window.main.card.accessibleName()


def assert_at_start(window) -> None:
    assert (window.session.position, window.step, window.line, lit(window)) == (0, 0, None, "")
    assert all(window.shows(name, "—") for name in UNKNOWN_AT_FIRST)


def test_at_first_nothing_is_known(open_window):
    window = open_window("koehn")
    assert window.title == "XOR by hand · 35 steps ahead · nnviz"
    assert (window.card.title, window.card.formula, window.chips) == ("XOR by hand", None, [])
    assert_at_start(window)
    given = {"x": "[1, 0]", "t": "[1]", "W": "[[3, 4], [2, 3]]", "b": "[−2, −4]", "W2": "[[5, −5]]", "b2": "[−2]"}
    assert {name: window.cell_text(name) for name in given} == given
    assert [row.name for row in window.rows] == [*given, *UNKNOWN_AT_FIRST]
    for layer, unit, z in (("h", 1, "s —"), ("h", 2, "s —"), ("y", 1, "z —")):
        mark = window.mark(layer, unit)
        assert (mark.z, mark.a, mark.delta, mark.active) == (z, "—", "", False)
    assert window.picture.error.value == "—"
    assert all(label.gradient == "" for edges in window.picture.edges for label in edges.labels)


def test_right_takes_every_step_and_left_takes_it_back(open_window):
    window = open_window("koehn")
    for number in range(1, STEPS + 1):
        window.press("Right")
        assert_views_at(window, number)
    for number in range(STEPS - 1, 0, -1):
        window.press("Left")
        assert_views_at(window, number)
    window.press("Left")
    assert_at_start(window)
    window.press("Left")  # there is no pass before
    assert_at_start(window)


def test_nothing_is_shown_before_its_step(open_window):
    window = open_window("koehn")
    for number in range(1, STEPS + 1):
        window.press("Right")
        later = {at.name for at in WALK[number:]} - {at.name for at in WALK[:number]}
        assert all(window.shows(name, "—") for name in later), number


def test_printed_figures_are_told_as_matched(open_window):
    window = open_window("koehn")
    told = {}
    for number in range(1, STEPS + 1):
        window.press("Right")
        if window.chips:
            told[number] = window.chips
    assert told == {
        6: ["printed 0.7425526 ✓, 5.7.2"],
        12: ["printed 0.03597961 ✓, 5.7.3 and 5.7.4"],
        13: ["printed 0.00586666 ✓, 5.7.3 and 5.7.4"],
    }


def assert_all_digits(window, row: dict[str, list[float]]) -> None:
    """The whole pass as the table's tool tips tell it, and as the record holds it."""
    for name, figures in row.items():
        np.testing.assert_allclose(window.digits(name), figures, rtol=0, atol=TOLERANCE, err_msg=name)
    record = window.session.record
    for name, (kind, layer, sign) in RECORDED.items():
        array = {Kind.Z: record.z, Kind.A: record.a, Kind.DELTA: record.delta, Kind.SLOPE: record.slope}[kind][layer]
        np.testing.assert_allclose(sign * array[0, record.row], row[name], rtol=0, atol=TOLERANCE, err_msg=name)
    for layer, (change, new) in enumerate((("delta_W", "W (new)"), ("delta_W2", "W2 (new)"))):
        np.testing.assert_allclose(-record.gradients.W[layer].T.ravel(), row[change], rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(record.updated.W[layer].T.ravel(), row[new], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("how", ["N", "P", "menu"])
def test_all_four_rows_to_the_last_digit(open_window, how):
    window = open_window("koehn")
    assert window.main.toolbar.example.text() == "Example 2 · (1, 0) → 1"
    names = list(ROWS)
    order = {"N": [1, 2, 3, 0, 1], "P": [1, 0, 3, 2, 1], "menu": [1, 3, 0, 2, 1]}[how]
    for turn, example in enumerate(order):
        if turn and how == "menu":
            window.choose("example", f"{example + 1} · {names[example]}")
        elif turn:
            window.press(how)
        assert window.main.toolbar.example.text() == f"Example {example + 1} · {names[example]}"
        assert_at_start(window)
        window.press("End")
        assert_all_digits(window, ROWS[names[example]])


def test_figures_of_another_example_are_not_matched(open_window):
    window = open_window("koehn")
    window.press("N")
    window.walk(6)
    assert (window.card.title, window.chips) == ("Activation of y", [])


def test_home_end_and_the_keys_of_a_presenter(open_window):
    window = open_window("koehn")
    window.press("End")
    assert_views_at(window, STEPS)
    window.press("Home")
    assert_at_start(window)
    window.press("PgDown", "PgDown")
    assert_views_at(window, 2)
    window.press("PgUp")
    assert_views_at(window, 1)


def test_down_opens_a_step_and_up_closes_it(open_window):
    window = open_window("koehn")
    window.press("Right", "Down")
    assert window.session.grain is Grain.TERM
    assert window.session.step.kind is Kind.PRODUCT
    assert window.result == "3.000000"
    assert window.shows("s", "—")
    window.press("Right", "Right")  # 4 · 0, and the bias
    assert window.session.step.kind is Kind.BIAS_TERM
    window.press("Up")
    assert window.session.grain is Grain.NEURON
    assert_views_at(window, 1)
    window.press("Up")
    assert window.session.grain is Grain.LAYER
    assert window.shows("s", "[1.000000, −2.000000]")


@pytest.mark.parametrize(
    ("key", "grain", "word", "steps", "first"),
    [
        ("1", Grain.PASS, "Pass", 4, "The forward pass"),
        ("2", Grain.LAYER, "Layer", 20, None),
        ("3", Grain.NEURON, "Neuron", 35, "Weighted sum into h₁"),
        ("4", Grain.TERM, "Term", None, None),
    ],
)
def test_grains(open_window, key, grain, word, steps, first):
    window = open_window("koehn")
    window.press("3" if key != "3" else "2", key)
    assert window.session.grain is grain
    assert window.main.toolbar.grain.accessibleDescription() == word
    total = window.session.trace.length(grain)
    assert steps in (None, total)
    assert window.title == f"XOR by hand · {total} steps ahead · nnviz"
    window.press("Right")
    assert window.title == f"XOR by hand · step 1 of {total} · nnviz"
    assert first in (None, window.card.title)
    window.walk(total - 1)
    assert window.session.at_end
    assert_all_digits(window, ROWS["(1, 0) → 1"])


def test_shift_right_finishes_the_next_coarser_step(open_window):
    window = open_window("koehn")
    seen = []
    for _ in range(4):
        window.press("Shift+Right")
        seen.append(window.step)
    assert seen == [2, 4, 5, 6]  # s, h, z, y
    assert window.session.grain is Grain.NEURON


def test_phases(open_window):
    window = open_window("koehn")
    seen = []
    for _ in range(5):
        window.press("Ctrl+Right")
        seen.append(window.step)
    assert seen == [1, 7, 9, 27, 35]
    seen = []
    for _ in range(5):
        window.press("Ctrl+Left")
        seen.append(window.step)
    assert seen == [27, 9, 7, 1, 0]


def test_right_at_the_end_begins_the_next_pass_and_left_returns(open_window):
    window = open_window("koehn")
    window.press("End", "Right")
    assert_at_start(window)
    assert window.card.title == "Next pass"
    assert window.main.toolbar.example.text() == "Example 3 · (0, 1) → 1"  # the next one in the data
    row = ROWS["(1, 0) → 1"]
    for name in ("W", "b", "W2", "b2"):
        np.testing.assert_allclose(window.digits(name), row[f"{name} (new)"], rtol=0, atol=TOLERANCE)
    window.walk(6)
    assert (window.card.title, window.chips) == ("Activation of y", [])  # no figure is printed for these weights
    window.press("Home", "Left")
    assert_views_at(window, STEPS)
    assert_all_digits(window, row)


def test_space_walks_on_by_itself_until_it_is_pressed_again(open_window):
    window = open_window("koehn")
    window.press("Space")
    assert window.step == 1
    assert window.main.toolbar.play.text() == "Pause"
    window.wait(lambda: window.step == 2)
    window.press("Space")
    assert window.main.toolbar.play.text() == "Play"
    assert not window.controller.player.playing
    assert_views_at(window, 2)
    window.press("Space", "Right")  # a step of one's own pauses too
    assert not window.controller.player.playing
    assert_views_at(window, 4)


def test_the_buttons_of_the_toolbar_do_what_their_keys_do(open_window):
    window = open_window("koehn")

    def click(command: str) -> None:
        window.click(window.main.toolbar.findChild(type(window.main.toolbar.play), f"{command}_button"))

    click("step")
    click("step")
    assert_views_at(window, 2)
    click("back")
    assert_views_at(window, 1)
    click("last")
    assert_views_at(window, STEPS)
    click("first")
    assert_at_start(window)
    click("continue")
    assert window.controller.player.playing
    click("continue")
    assert not window.controller.player.playing
    window.press("Right")  # the keys still go to the window
    assert_views_at(window, 2)


def test_the_dialog_of_keys_tells_them_all(open_window):
    window = open_window("koehn")
    seen = window.dialog(lambda: window.press("?"))
    assert seen.title == "Keyboard shortcuts"
    assert {"→, Page Down", "Step", "Space", "T", "Ctrl+R", "F1", "F5", "F11", "?"} <= set(seen.labels)
    window.press("Right")
    assert_views_at(window, 1)


def test_full_screen(open_window):
    window = open_window("koehn")
    window.press("F11")
    window.wait(window.main.isFullScreen)
    window.press("F11")
    window.wait(lambda: not window.main.isFullScreen())


def test_dark_and_light(open_window):
    window = open_window("koehn")
    assert window.controller.theme.name == "light"
    window.press("Ctrl+D")
    assert window.controller.theme.name == "dark"
    window.press("Ctrl+D")
    assert window.controller.theme.name == "light"


def test_training_pauses_on_weights_that_can_be_stepped(open_window):
    window = open_window("koehn")
    client = window.controller.training.client
    client.set_pace(100.0)  # updates a second; or else all epochs may be over before the second T
    window.press("T")
    assert window.main.strip.train.accessibleName() == "Pause"
    window.wait(lambda: window.session.checkpoint.epoch >= 10)
    window.press("T")
    window.wait(lambda: client.state == "paused")
    assert window.main.strip.train.accessibleName() == "Train"
    assert window.session.checkpoint is client.checkpoint
    assert window.main.strip.epoch.text == str(window.session.checkpoint.epoch)
    assert window.digits("W") == window.session.checkpoint.parameters[[0, 2, 1, 3]].tolist()
    assert window.card.title == "Next pass"
    window.press("Right")
    assert window.step == 1
    weights, x = window.digits("W"), window.digits("x")
    assert window.result == f"{weights[0] * x[0] + weights[1] * x[1] + window.digits('b')[0]:.6f}".replace("-", "−")


def test_a_step_while_training_pauses_it_first(open_window):
    window = open_window("koehn")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.epoch >= 5)
    window.press("Right")
    window.wait(lambda: window.step == 1)
    assert not window.controller.training.running
    assert window.session.checkpoint is window.controller.training.client.checkpoint


def test_one_epoch_and_reset(open_window):
    window = open_window("koehn")
    for epoch in (1, 2):
        window.press("E")
        window.wait(lambda epoch=epoch: window.session.checkpoint.epoch == epoch)
        window.wait(lambda: not window.controller.training.running)
    assert window.session.checkpoint.update == 8
    assert window.main.strip.epoch.text == "2"
    window.press("Ctrl+R")
    assert window.session.checkpoint.update == 0
    assert window.main.strip.epoch.text == "0"
    assert window.shows("W", "[[3, 4], [2, 3]]")
    window.walk(6)
    assert window.chips == ["printed 0.7425526 ✓, 5.7.2"]


def test_one_epoch_is_what_four_passes_by_hand_are(open_window):
    window = open_window("koehn")
    window.press("P")  # the first example
    for _ in range(4):
        window.press("End", "Right")
    by_hand = window.session.checkpoint
    assert (by_hand.update, by_hand.epoch) == (4, 1)
    window.press("Ctrl+R", "E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    assert window.session.checkpoint.parameters.tobytes() == by_hand.parameters.tobytes()


def test_keys_typed_into_the_learning_rate_do_not_step(open_window):
    window = open_window("koehn")
    window.walk(3)
    rate = window.main.strip.rate
    QTest.mouseDClick(rate, Qt.MouseButton.LeftButton, pos=rate.rect().center())
    rate.selectAll()
    window.press("0", ".", "2", "5", "Left", "Right", "Home", "End")
    assert rate.text() == "0.25"
    assert_views_at(window, 3)
    assert window.session.training.rates.learning_rate == 1.0
    window.press("Return")
    assert window.session.training.rates.learning_rate == 0.25
    assert_views_at(window, 3)
    window.click_unit("x", 1)  # clicking the network gives the keys back to the walk
    window.press("Right")
    assert_views_at(window, 4)
    window.walk(8)
    assert window.session.step.quantity == Quantity(Kind.DW, 1, 0, 0)
    assert window.result == "0.008995"  # 0.25 · 0.035980
    assert window.chips == []  # the printed one is of the lesson's own rate
