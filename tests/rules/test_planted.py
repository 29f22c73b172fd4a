"""Rules planted under names of their own, with one part missing or wrong at a time: a named guard catches each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rules.guards import GUARDS, OTHERS
from rules.worlds import activation_world, open_world, optimizer_world

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Network
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.lesson import Lesson
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.complete import IncompleteRowError, check_rows
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.text.formula_pieces import Piece
from nnviz.tracing import audit

BUMP, AHEAD = "bump", "ahead"  # a softplus, and a Nesterov momentum
Plant = pytest.MonkeyPatch


def plant_bump(patch: Plant) -> None:
    """softplus as if it were new: the engine's row, the audit's and that of the presentation."""
    patch.setitem(ACTIVATIONS, BUMP, replace(ACTIVATIONS["softplus"], name=BUMP))
    patch.setitem(audit._ACTIVATIONS, BUMP, audit._ACTIVATIONS["softplus"])
    patch.setitem(audit._SLOPES, BUMP, audit._SLOPES["softplus"])
    row = replace(ACTIVATION_TEXTS["softplus"], name=BUMP, tex=r"\operatorname{bump}", code=BUMP)
    patch.setitem(ACTIVATION_TEXTS, BUMP, row)


def plant_ahead(patch: Plant) -> None:
    """Nesterov momentum as if it were new."""
    patch.setitem(OPTIMIZERS, AHEAD, replace(OPTIMIZERS["nesterov"], name=AHEAD))
    tables: tuple[dict[str, Any], ...] = (audit._MEMORIES, audit._STEPS, audit._DECAYS)
    for table in tables:
        patch.setitem(table, AHEAD, table["nesterov"])
    patch.setitem(OPTIMIZER_TEXTS, AHEAD, replace(OPTIMIZER_TEXTS["nesterov"], name=AHEAD, title="Ahead", noun=AHEAD))


def with_bump(lesson: Lesson) -> Lesson:
    """The lesson with the planted activation in every layer."""
    architecture = lesson.network.architecture
    layers = tuple(replace(layer, activation=BUMP) for layer in architecture.layers)
    return replace(lesson, network=Network(replace(architecture, layers=layers), lesson.network.parameters))


def with_ahead(lesson: Lesson) -> Lesson:
    """The lesson trained by the planted optimizer."""
    return replace(lesson, training=replace(lesson.training, optimizer=AHEAD))


def session_of(name: str) -> Session:
    """A session that uses a planted rule."""
    if name == BUMP:
        lesson = with_bump(open_world(activation_world("softplus")).lesson)
    else:
        lesson = with_ahead(open_world(optimizer_world("nesterov")).lesson)
    return start_session(lesson, update=2)


def lacking(table: dict[str, Any], name: str) -> Callable[[Plant], None]:
    """A table without the row."""
    return lambda patch: patch.delitem(table, name)


def changed(table: dict[str, Any], name: str, **parts: object) -> Callable[[Plant], None]:
    """A row with other parts, once it is planted."""
    return lambda patch: patch.setitem(table, name, replace(table[name], **parts))


SGD, ROW = OPTIMIZER_TEXTS["sgd"], OPTIMIZER_TEXTS["nesterov"]
PLAIN_CODE = replace(ROW.step, code=SGD.step.code)


def leaky_slope(v: Piece, factor: Piece, constants: object) -> list[Piece]:
    """The formula that leaky relu has for its slope."""
    formula = ACTIVATION_TEXTS["leaky_relu"].slope
    assert formula is not None
    return formula(v, factor, (0.01,))


def leaky_value(z: Piece, factor: Piece, function: str, constants: object) -> list[Piece]:
    """The same in place of the value."""
    return leaky_slope(z, factor, constants)


# What is forgotten or copied from another rule: how, and the guard that must say so.
HOLES: dict[str, tuple[str, Callable[[Plant], None], str]] = {
    "no row of the presentation": (BUMP, lacking(ACTIVATION_TEXTS, BUMP), "rows_are_complete"),
    "no formula": (BUMP, changed(ACTIVATION_TEXTS, BUMP, value=None), "rows_are_complete"),
    "no formula of the slope": (BUMP, changed(ACTIVATION_TEXTS, BUMP, slope=None), "rows_are_complete"),
    "no slope of a layer": (BUMP, changed(ACTIVATION_TEXTS, BUMP, vector_slope=None), "rows_are_complete"),
    "no code": (BUMP, changed(ACTIVATION_TEXTS, BUMP, value_body=()), "rows_are_complete"),
    "no code of the slope": (BUMP, changed(ACTIVATION_TEXTS, BUMP, slope_of_z=()), "rows_are_complete"),
    "no value in the audit": (BUMP, lacking(audit._ACTIVATIONS, BUMP), "audit_has_rows"),
    "no slope in the audit": (BUMP, lacking(audit._SLOPES, BUMP), "audit_has_rows"),
    "another formula": (BUMP, changed(ACTIVATION_TEXTS, BUMP, value=leaky_value), "cards_agree"),
    "another formula of the slope": (
        BUMP,
        changed(ACTIVATION_TEXTS, BUMP, slope=leaky_slope),
        "cards_agree",
    ),
    "other code": (
        BUMP,
        changed(ACTIVATION_TEXTS, BUMP, value_body=("return np.maximum(z, 0)",)),
        "script_agrees",
    ),
    "other code of the slope": (
        BUMP,
        changed(ACTIVATION_TEXTS, BUMP, slope_of_z=("return np.where(z > 0, 1.0, 0.0)",)),
        "script_agrees",
    ),
    "another slope in the engine": (
        BUMP,
        changed(ACTIVATIONS, BUMP, slope=ACTIVATIONS["relu"].slope),
        "gradients_agree",
    ),
    "another value in the engine": (
        BUMP,
        changed(ACTIVATIONS, BUMP, value=ACTIVATIONS["relu"].value),
        "audit_agrees",
    ),
    "a slope that is said to be of a": (BUMP, changed(ACTIVATIONS, BUMP, by_z=False), "audit_agrees"),
    "no row of the presentation for an optimizer": (
        AHEAD,
        lacking(OPTIMIZER_TEXTS, AHEAD),
        "rows_are_complete",
    ),
    "a memory that is not presented": (
        AHEAD,
        changed(OPTIMIZER_TEXTS, AHEAD, memories=()),
        "rows_are_complete",
    ),
    "no memory in the audit": (AHEAD, lacking(audit._MEMORIES, AHEAD), "audit_has_rows"),
    "no step in the audit": (AHEAD, lacking(audit._STEPS, AHEAD), "audit_has_rows"),
    "no decay in the audit": (AHEAD, lacking(audit._DECAYS, AHEAD), "audit_has_rows"),
    "a listing that trains plain SGD": (
        AHEAD,
        changed(OPTIMIZER_TEXTS, AHEAD, step=replace(ROW.step, code=SGD.step.code)),
        "listing_agrees",
    ),
    "a script that trains plain SGD": (
        AHEAD,
        changed(OPTIMIZER_TEXTS, AHEAD, step=replace(ROW.step, code=SGD.step.code)),
        "script_agrees",
    ),
    "a card that shows plain SGD": (
        AHEAD,
        changed(OPTIMIZER_TEXTS, AHEAD, step=replace(ROW.step, formula=SGD.step.formula)),
        "cards_agree",
    ),
    "an engine that trains with plain momentum": (
        AHEAD,
        changed(OPTIMIZERS, AHEAD, change=OPTIMIZERS["momentum"].change),
        "audit_agrees",
    ),
}


@pytest.mark.parametrize("name", [BUMP, AHEAD])
def test_a_planted_rule_keeps_every_guard(name: str, monkeypatch: Plant) -> None:
    (plant_bump if name == BUMP else plant_ahead)(monkeypatch)
    session = session_of(name)
    for guard in (*GUARDS.values(), *OTHERS.values()):
        guard(session)


@pytest.mark.parametrize("hole", HOLES)
def test_every_hole_is_caught_by_its_guard(hole: str, monkeypatch: Plant) -> None:
    name, dig, guard = HOLES[hole]
    (plant_bump if name == BUMP else plant_ahead)(monkeypatch)
    dig(monkeypatch)
    session = None if guard in ("rows_are_complete", "audit_has_rows") else session_of(name)
    with pytest.raises((AssertionError, IncompleteRowError)):
        (GUARDS | OTHERS)[guard](session)


def test_a_forgotten_row_is_named_at_import(monkeypatch: Plant) -> None:
    plant_bump(monkeypatch)
    plant_ahead(monkeypatch)
    monkeypatch.delitem(ACTIVATION_TEXTS, BUMP)
    monkeypatch.delitem(OPTIMIZER_TEXTS, AHEAD)
    monkeypatch.delitem(LOSS_TEXTS, "squared")
    with pytest.raises(
        IncompleteRowError, match=r"^texts are missing: activation bump; loss squared; optimizer ahead$"
    ):
        check_rows()
