"""The first NaN or infinity, and health marks, as they are used: by keys and mouse in the real program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from vocabulary import RUNAWAY

from nnviz.debugger.diagnosis.growth import NEAR
from nnviz.debugger.diagnosis.nonfinite import first_nonfinite
from nnviz.debugger.state.session import Session, choose_checkpoint
from nnviz.gui.docks import is_in_front
from nnviz.tracing.steps import Grain, Kind

# h1 = relu(x1 + x2 - 3) is below 0 for all of the four examples.
DEAD = """format = 1
title = "a dead relu"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 2
activation = "relu"
W = [[1, 1], [1, 1]]
b = [-3, 0.5]
[[network.layers]]
units = 1
activation = "sigmoid"
W = [[1], [1]]
b = [0]
[data]
inputs = [[0, 0], [1, 0], [0, 1], [1, 1]]
targets = [[0], [1], [1], [0]]
"""


def front(window) -> bool:
    return is_in_front(window.main.panels["health"])


def rows(window) -> list[str]:
    return [row.accessibleName() for row in window.main.health.view.rows()]


def broken(session: Session, value: float) -> Session:
    """The session with every weight replaced."""
    weights = np.full_like(session.checkpoint.parameters, value)
    return choose_checkpoint(session, replace(session.checkpoint, parameters=weights, update=1))


def test_training_lands_on_the_step_that_made_it(open_window):
    window = open_window("krzeminski-walkthrough")
    window.press("T")
    # the pass is shown first, its step once the number has been found in it, and then the panel
    window.wait(lambda: window.session.checkpoint.update == 7852 and window.session.step is not None and front(window))
    window.wait(lambda: "first NaN or infinity · Ctrl+H" in window.chips)
    step = window.session.step
    assert (step.kind, step.quantity.layer, step.quantity.unit) == (Kind.SLOPE, 0, 0)
    assert window.result == "−∞"
    assert "first NaN or infinity · Ctrl+H" in window.chips
    assert window.mark("h", 1).active
    window.wait(lambda: window.main.strip.state.message != "")
    assert window.main.strip.state.message == "Stopped: update 7853 (epoch 1964): a parameter is not finite."
    health = window.main.health.view
    window.wait(lambda: health.growth() is not None)
    assert rows(window)[0].startswith(
        "Derivative of the activation at lay1₁, Step 25 of 48 · backward · hidden layer, neuron 1."
    )
    told = health.growth()
    assert told.began == 7843
    assert len(told.series[0].updates) > NEAR
    grown = "The largest |gradient| has been growing since update 7\u202f843, 10 updates before this one."
    assert any(grown in text for text in health.lines())
    names = [spark.accessibleName().partition(":")[0] for spark in health.sparks()]
    assert names == ["loss", "largest |z|", "largest |weight|", "largest |gradient|", "|act1₁|"]
    assert not health.sparks()[1].grab().isNull()


def test_ctrl_n_and_the_panels_row_go_back_to_it(open_window):
    window = open_window("krzeminski-walkthrough")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update == 7852 and front(window))
    position = window.session.position
    window.press("Home")
    assert window.card.note == "", "nothing is told ahead"
    window.press("Ctrl+Shift+N")
    assert window.session.position == position
    window.press("Home", "Ctrl+Down")
    assert window.session.position == position, "the next pass begins when the learner has seen this"
    window.press("End")
    assert window.card.note == "NaN or infinity since step 25 · Ctrl+Shift+N"
    window.press("4")
    window.settle()
    window.click(window.main.health.view.rows()[0])
    assert window.session.position == position
    window.press("Ctrl+H", "Ctrl+H")  # the first gives the panel the focus
    assert not front(window)


def test_stepping_pass_by_pass_comes_to_it(open_window, tmp_path: Path):
    path = tmp_path / "runaway.toml"
    path.write_text(RUNAWAY, encoding="utf-8")
    window = open_window(path)
    for _ in range(40):
        if first_nonfinite(window.session.trace) is not None:
            break
        window.press("Ctrl+Down")
    assert window.session.checkpoint.update == 14
    assert window.session.position == 0
    window.press("Ctrl+Down", "Ctrl+H")
    assert window.session.checkpoint.update == 14
    assert window.result == "∞"
    window.wait(lambda: window.main.health.view.growth() is not None)
    assert window.main.health.view.growth().update == 15
    assert window.main.health.view.growth().series[0].updates == tuple(
        range(1, 16)
    )  # from the passes that were stepped


def test_a_dead_relu_is_marked_when_it_is_known(open_window, tmp_path: Path):
    path = tmp_path / "dead.toml"
    path.write_text(DEAD, encoding="utf-8")
    window = open_window(path)
    window.press("Ctrl+H")
    assert rows(window)[0].startswith(
        "hidden layer, neuron 1: dead. Its weighted sum is not above 0 for any of the 4 examples"
    )
    assert [mark.health for mark in window.picture.units] == [""] * 5  # nothing ahead of its number
    before = window.pixel(window.main.canvas.viewport(), badge_place(window))
    window.click(window.main.health.view.rows()[0])
    assert window.session.step.kind is Kind.A
    assert window.mark("h", 1).health == "dead"
    assert window.mark("h", 2).health == ""
    assert "dead · Ctrl+H" in window.chips
    assert "health ! dead" in window.hover(window.main.canvas.viewport(), window.unit_place("h", 1))
    assert window.pixel(window.main.canvas.viewport(), badge_place(window)) != before


def test_a_change_is_tried_in_a_branch_with_a_click(open_window, tmp_path: Path):
    path = tmp_path / "dead.toml"
    path.write_text(DEAD, encoding="utf-8")
    window = open_window(path)
    window.press("Ctrl+H")
    before = window.session
    window.click(window.main.health.view.rows()[-1])
    branches = window.controller.store.branches
    assert [branch.name for branch in branches.all] == ["Main", "New initial weights (He)"]
    assert branches.all[0].session is before
    assert window.session.checkpoint.update == 0
    assert window.session.checkpoint.parameters.tolist() != before.checkpoint.parameters.tolist()


def badge_place(window):
    mark = window.mark("h", 1)
    return window.main.canvas.place_on_screen(mark.x + 0.78 * mark.radius + 4, mark.y - 0.78 * mark.radius)


def test_a_healthy_lesson_says_so(open_window):
    window = open_window("koehn")
    window.press("Ctrl+H")
    assert front(window)
    assert rows(window) == []
    looked, finite = window.main.health.view.lines()[1:]
    assert looked.startswith("No problem was found. Looked at: units dead or saturated for 4 examples, ")
    assert looked.endswith("The run has no update yet, so nothing is known of training.")
    assert finite == "Every number of this pass is finite."
    window.walk(8)
    assert all(not mark.health for mark in window.picture.units)
    at = window.session.position
    window.press("Ctrl+Shift+N")
    assert window.session.position == at


@pytest.mark.parametrize(("name", "value"), [("koehn", np.nan), ("koehn", 1e308), ("krzeminski-rnn", np.inf)])
def test_a_pass_of_broken_weights_is_walked_at_every_grain(open_window, name: str, value: float):
    window = open_window(name, "dark" if np.isnan(value) else "light")
    window.press("Ctrl+H")
    window.controller.store.apply(lambda session: broken(session, value))
    for grain in Grain:
        window.press("Home", str(grain + 1))
        for _ in range(30):
            window.walk(1)
            if window.session.at_end:
                break
        window.settle()
        window.press("G")
        window.settle()
        window.press("G", "End")
        window.settle()
        assert not window.main.grab().isNull()
    assert first_nonfinite(window.session.trace) is not None
    assert rows(window)
