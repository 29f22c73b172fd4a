"""What must hold of every rule: the checks themselves, for tests of the tables and of rules that are planted."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from formats.scripts import assert_prints_the_trace
from present.arithmetic import worked_out
from present.listings import run_listing

from nnviz.debugger.state.session import Session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.gradcheck import check_gradients
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.formats.worked_steps import network_text
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.rules.complete import check_rows
from nnviz.present.words.captions import headline, sentence
from nnviz.tracing import audit as audit_module
from nnviz.tracing.audit import audit
from nnviz.tracing.feeds import feeds
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_OF, Grain, Kind, Quantity


def audit_agrees(session: Session) -> None:
    """Every step is what its operands give by the audit's own arithmetic."""
    assert audit(session.trace) == ()


def gradients_agree(session: Session) -> None:
    """Every gradient is a central difference of the loss, where the convention says that it should be."""
    if session.convention.is_exact:
        found = check_gradients(session.record, session.record.architecture.existing.tolist())
        assert all(difference.agrees for difference in found), found


def puts_numbers_in(session: Session, quantity: Quantity) -> bool:
    """Whether a formula has something to put in that its result does not say."""
    record, layer = session.record, quantity.layer
    if quantity.kind in (Kind.A, Kind.SLOPE):
        assert layer is not None
        row = ACTIVATIONS[record.architecture.layers[layer].activation]
        return not (row.is_identity or (row.is_flat and quantity.kind is Kind.SLOPE))
    if quantity.kind in NEW_KINDS:
        assert layer is not None
        return not is_frozen(record.convention, PARAMETER_OF[quantity.kind].name, layer)
    return quantity.kind in (Kind.Z, Kind.ERROR, Kind.MOVING)


def cards_agree(session: Session) -> None:
    """The numbers that a card puts into its formula give its result, and it has a title and a sentence."""
    voice = voice_of(session)
    checked = 0
    for grain in (Grain.NEURON, Grain.TERM):
        for step in session.trace.at(grain):
            shown = formula(session.trace, step, voice)
            assert headline(voice, step)
            assert sentence(voice, step).endswith(".")
            assert isinstance(shown.value, float)
            _, _, numbers, _ = shown.texts(scripts=False)
            assert numbers or not puts_numbers_in(session, step.quantity), shown.texts()
            if not numbers or "⋯" in numbers or not math.isfinite(shown.value):
                continue
            allowed = worked_out(numbers)
            slack = 1e-12 + 1e-9 * abs(shown.value)
            assert allowed.low - slack <= shown.value <= allowed.high + slack, shown.texts()
            checked += 1
    assert checked > 10
    for grain in (Grain.PASS, Grain.LAYER):
        assert all(formula(session.trace, step, voice).symbols for step in session.trace.at(grain))
    assert network_text(session)


def listing_agrees(session: Session) -> None:
    """Executed line by line, the listing holds the record's numbers."""
    if not session.record.architecture.is_recurrent:  # loops over time are run by the script
        assert run_listing(session) >= 10


def script_agrees(session: Session) -> None:
    """The exported script runs without this package and prints the record's numbers."""
    with TemporaryDirectory() as folder:
        assert_prints_the_trace({"script": session}, Path(folder))


def audit_has_rows(session: Session | None = None) -> None:
    """The audit has its own arithmetic for every rule of the engine, and for none besides."""
    elementwise = {name for name, row in ACTIVATIONS.items() if row.elementwise}
    assert set(audit_module._ACTIVATIONS) == set(ACTIVATIONS)
    assert set(audit_module._SLOPES) == elementwise
    assert set(audit_module._LOSSES) == set(audit_module._LOSS_GRADIENTS) == set(LOSSES)
    memories = {name: len(rules) for name, rules in audit_module._MEMORIES.items()}
    assert memories == {name: len(row.memory) for name, row in OPTIMIZERS.items()}
    assert set(audit_module._STEPS) == set(audit_module._DECAYS) == set(OPTIMIZERS)


def rows_are_complete(session: Session | None = None) -> None:
    """Every rule has its row in the presentation, with all its parts."""
    check_rows()


def feeds_agree(session: Session) -> None:
    """What a step names as an operand names the step as what it feeds."""
    trace = session.trace
    for step in trace.at(Grain.NEURON):
        for operand in operands(trace, step):
            assert step.quantity in feeds(trace, operand.quantity), (step.quantity, operand.quantity)


def is_finite(session: Session) -> None:
    """The world is one in which the other checks mean something."""
    assert np.isfinite(session.record.updated.vector).all()


# Each asks one thing of a session.
GUARDS = {
    guard.__name__: guard
    for guard in (is_finite, audit_agrees, gradients_agree, cards_agree, listing_agrees, feeds_agree)
}

# And these of the tables, or in a process of its own.
OTHERS = {guard.__name__: guard for guard in (rows_are_complete, audit_has_rows, script_agrees)}
