"""The lines of a listing executed one after the other, each variable compared with what the pass recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import view_parameters
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.listing.listing import listing_lines
from nnviz.present.rules.rule_names import function_code, memory_code, slope_code, slope_of
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity

# What a document defines beside its listing: the activation functions, and their slopes written of z or of a.


def constants_of(session: Session, name: str) -> tuple[FloatArray, ...]:
    """The constants of an activation in the first layer that has it, or else those of its row."""
    architecture = session.record.architecture
    layers = [layer for layer in range(architecture.depth) if architecture.layers[layer].activation == name]
    given = architecture.constants(layers[0]) if layers else [each.default for each in ACTIVATIONS[name].constants]
    return tuple(map(np.asarray, given))


def activation(name: str, z: FloatArray, constants: tuple[FloatArray, ...] = ()) -> FloatArray:
    out = np.empty(np.shape(z))
    ACTIVATIONS[name].value(np.asarray(z), out, constants)
    return out


def slope(name: str, of: str, v: FloatArray, constants: tuple[FloatArray, ...]) -> FloatArray:
    """The slope's function, written of z or of a: at a corner both have the same sign."""
    out, a = np.empty(np.shape(v)), activation(name, v, constants) if of == "z" else v
    ACTIVATIONS[name].slope(np.asarray(v), np.asarray(a), out, constants)
    return out


def softmax_pull_back(y: FloatArray, gradient: FloatArray) -> FloatArray:
    return y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))


def times_log(t: FloatArray, y: FloatArray) -> FloatArray:
    return np.where(t == 0, 0.0, t * np.log(y))


def ratio(t: FloatArray, y: FloatArray) -> FloatArray:
    return np.where(t == 0, 0.0, t / y)


def log_softmax(z: FloatArray) -> FloatArray:
    return np.log(activation("softmax", z))


def log_sigmoid(z: FloatArray) -> FloatArray:
    return np.log(activation("sigmoid", z))


def _function(called: Callable[..., FloatArray], held: tuple[FloatArray, ...]) -> Callable[..., FloatArray]:
    """A function of the document, to which constants are passed where layers have different ones."""
    return lambda v, *given: called(v, tuple(map(np.asarray, given)) or held)


def given(session: Session) -> dict[str, Any]:
    """What the listing starts from, in the orientation and sign of the document."""
    record, voice = session.record, voice_of(session)
    notation, depth = voice.notation, record.architecture.depth
    rows = slice(None) if len(record.examples) > 1 else 0
    names: dict[str, Any] = {
        "np": np,
        "softmax_pull_back": softmax_pull_back,
        "times_log": times_log,
        "ratio": ratio,
        "log_softmax": log_softmax,
        "log_sigmoid": log_sigmoid,
        voice.code(Quantity(Kind.INPUT)): record.x[0, rows],
        voice.code(Quantity(Kind.TARGET)): record.t[0, rows],
        voice.code(Quantity(Kind.RATE)): record.rule.rates.learning_rate,
    }
    for name in ACTIVATIONS:
        held, of = constants_of(session, name), slope_of(notation, name)
        names[function_code(notation, name)] = _function(partial(activation, name), held)
        names[slope_code(notation, name)] = _function(partial(slope, name, of), held)
    memories = OPTIMIZERS[record.rule.optimizer].memory
    for layer in range(depth):
        mask = record.architecture.mask(layer)
        names[voice.mask_code(layer)] = mask.T if voice.units_first else mask
        for name in record.architecture.slots[layer]:
            held_value = Quantity(PARAMETER_KINDS[name].value, layer)
            names[voice.code(held_value)] = voice.value(held_value)
            for slot in range(len(memories)):
                memory = memory_code(notation, record.rule.optimizer, slot, depth)
                part = view_parameters(record.architecture, record.memory[slot]).part(name, layer)
                sign = voice.factor(Quantity(Kind.MEMORY, slot=slot))
                names[f"{memory}_{voice.code(held_value)}"] = sign * (part.T if voice.units_first else part)
    return names


def assert_held(session: Session, voice: Voice, group: int, names: dict[str, Any]) -> bool:
    """The variable of a group holds the document's value of it; False where the document has no variable."""
    kind, layer = session.trace.groups[group].kind, session.trace.groups[group].layer
    one_error = kind is Kind.ERROR and session.record.architecture.sizes[-1] == 1
    name = voice.code(Quantity(Kind.LOSS if one_error else kind, layer))
    if not name:
        return False
    found, wanted = np.asarray(names[name]), np.asarray(voice.value(Quantity(kind, layer)))
    many = len(session.record.examples) > 1
    if many and kind not in (Kind.DW, Kind.DB, Kind.DZ_DA, Kind.DZ_DB, Kind.W_NEW, Kind.B_NEW):
        found = found[session.record.row]
    if kind in (Kind.DW, Kind.W_NEW, Kind.DZ_DA):
        assert found.shape == wanted.shape, name
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=1e-9, atol=1e-12, err_msg=name)
    return True


def run_listing(session: Session) -> int:
    """Execute the listing and check each variable as soon as it is assigned; return how many held their value."""
    voice, names = voice_of(session), given(session)
    groups, held = [], 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # 0 ln 0 of a target that is not meant
        for line in listing_lines(session):
            exec(line.code, names)
            held += sum(assert_held(session, voice, group, names) for group in line.groups)
            groups += line.groups
    assert groups == list(range(len(session.trace.groups)))
    return held
