"""The names in conditions and watches: every value of a pass by its canonical name and by the document's own.

Canonical names are those of the trace's JSON with the layer's number (x, t, z1, a1, delta1, W1, W1_new, dW1, W_h1 …).
They denote true gradients, and matrices as [source, unit]. The document's names are the variables of its NumPy listing
(w1, act1, delta_2, corr_w1 …), with its signs and orientation; `w1_new` is the new value of a parameter. If a name is
both, the document's meaning applies: in Krzemiński's lessons y is the target, as in his articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnviz.debugger.conditions.grammar import ExpressionError, Name
from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.document_form import MATRICES, DocumentForm
from nnviz.debugger.state.expression import Leaf, Shape
from nnviz.debugger.state.session import Session
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import BIAS_NAMES, Architecture
from nnviz.lessons.faults import count_of, did_you_mean
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

# By their names in a notation; each belongs to one layer, and has a value at each time step:
_UNITS = {"z": Kind.Z, "a": Kind.A, "dE_da": Kind.DE_DA, "slope": Kind.SLOPE, "delta": Kind.DELTA}
_FLAT = {"x": Kind.INPUT, "t": Kind.TARGET, "loss": Kind.LOSS, "error": Kind.ERROR, "rate": Kind.RATE}
_LOCAL = {"dz_dW": Kind.DZ_DW, "dz_db": Kind.DZ_DB, "dz_da": Kind.DZ_DA}
_TIMED = {*_UNITS.values(), Kind.INPUT, Kind.TARGET, Kind.ERROR, Kind.DZ_DW}

SPECIALS = {
    "update": "the number of updates made before this pass",
    "epoch": "the number of epochs trained",
    "example": "the number of the stepped example, from 1",
    "mean_loss": "the mean loss of the batch",
    "epoch_loss": "the mean loss of an epoch, as on the loss curve; known in the epoch's last pass",
    "accuracy": "the fraction of all examples that the weights of this pass classify correctly, from 0 to 1",
}
_MEANINGS = {
    Kind.INPUT: "inputs",
    Kind.TARGET: "targets",
    Kind.LOSS: "loss of the stepped example",
    Kind.RATE: "rate",
    Kind.ERROR: "error of each output",
    Kind.Z: "weighted sums",
    Kind.A: "activations",
    Kind.DE_DA: "dE/da",
    Kind.SLOPE: "derivatives of the activation f'(z)",
    Kind.DELTA: "error terms dE/dz",
    Kind.WEIGHT: "weights",
    Kind.BIAS: "biases",
    Kind.WEIGHT_H: "recurrent weights",
    Kind.BIAS_H: "recurrent biases",
    Kind.W_NEW: "new weights",
    Kind.B_NEW: "new biases",
    Kind.W_H_NEW: "new recurrent weights",
    Kind.B_H_NEW: "new recurrent biases",
    Kind.DW: "gradients of the weights",
    Kind.DB: "gradients of the biases",
    Kind.DW_H: "gradients of the recurrent weights",
    Kind.DB_H: "gradients of the recurrent biases",
    Kind.DZ_DW: "dz/dW",
    Kind.DZ_DB: "dz/db",
    Kind.DZ_DA: "dz/da of the previous layer",
}


@dataclass(frozen=True)
class NamedValue:
    """The quantity that a name denotes. `form` is the document's form of it, None for a canonical name."""

    name: str
    kind: Kind
    layer: int | None
    form: DocumentForm | None = None

    @property
    def is_turned(self) -> bool:
        """Whether its matrix is written as [unit, source]."""
        return self.form is not None and self.form.units_first and self.kind in MATRICES


@dataclass(frozen=True, eq=False)
class Scope:
    """The names of a session's lesson in one notation, and the data that they are checked against.

    `lacking` are the names that layers without biases would have for them, each with its layer.
    """

    architecture: Architecture
    dataset: Dataset
    notation: str
    entries: dict[str, NamedValue]
    lacking: dict[str, int]

    def leaf(self, name: Name) -> Leaf:
        """Return the value that a name denotes with its indices and time step. Raises ExpressionError."""
        entry = self.entries.get(name.word)
        if entry is None:
            known = (*self.entries, *SPECIALS)
            if name.word in self.lacking:
                raise ExpressionError(f"layer {self.lacking[name.word] + 1} has no biases", name.column)
            raise ExpressionError(f"unknown name {name.word!r}{did_you_mean(name.word, known)}", name.column)
        shape = shape_of(self.architecture, entry)
        wanted = name.places or ()
        if len(wanted) > len(shape) and not (len(wanted) == 1 and shape == ()):
            raise ExpressionError(_too_many(name.word, shape), name.column)
        places = [self._place(name, place, size) for place, size in zip(wanted, shape, strict=False)]
        places += [None] * (len(shape) - len(places))
        if len(shape) == 2 and None in places and places != [None, None] and shape[places.index(None)] == 1:
            places[places.index(None)] = 0
        if len(shape) == 1 and shape[0] == 1:
            places = [0]
        rest = tuple(size for size, place in zip(shape, places, strict=True) if place is None)
        return self._leaf(entry, places, rest, self._time(name, entry), name.column)

    def _leaf(self, entry: NamedValue, places: list[int | None], rest: Shape, time: int, column: int) -> Leaf:
        source, unit = None, None
        if len(places) == 2:
            unit, source = places if entry.is_turned else places[::-1]
        elif len(places) == 1:
            unit, source = (None, places[0]) if entry.kind is Kind.DZ_DW else (places[0], None)
        quantity = Quantity(entry.kind, entry.layer, unit, source, time)
        absent = absent_text(self.architecture, quantity)
        if absent:
            raise ExpressionError(f"{absent[0].lower()}{absent[1:]}", column)
        if entry.form is None:
            return Leaf(quantity, rest)
        is_turned = entry.is_turned and len(rest) == 2
        return Leaf(quantity, rest, is_turned, entry.form.sign_of(entry.kind), entry.form.has_rate(entry.kind))

    def _place(self, name: Name, place: int | None, size: int) -> int | None:
        if place is None:
            return None
        if not 1 <= place <= size:
            raise ExpressionError(f"index {place} is out of range: {name.word} has 1 to {size}", name.column)
        return place - 1

    def _time(self, name: Name, entry: NamedValue) -> int:
        steps = self.dataset.time_steps
        if entry.kind not in _TIMED:
            if name.time is not None:
                raise ExpressionError(f"{name.word} is the same at every time step: omit '@'", name.column)
            return 0
        if name.time is not None and not 1 <= name.time <= steps:
            raise ExpressionError(
                f"there is no time step {name.time}: the pass has {count_of(steps, 'time step')}", name.column
            )
        return (steps if name.time is None else name.time) - 1


def _too_many(word: str, shape: Shape) -> str:
    wanted = {0: "is a single number", 1: "takes one index", 2: "takes two indices"}[len(shape)]
    return f"{word} {wanted}: its shape is {shape}"


def scope_of(session: Session) -> Scope:
    """Return the names of a session, in its notation."""
    architecture = session.record.architecture
    entries = {entry.name: entry for entry in _canonical(architecture)}
    own: dict[str, NamedValue] = {}
    for entry in _documented(session.form, architecture):
        own.setdefault(entry.name, entry)
    lacking = {
        name: layer
        for layer, of_layer in enumerate(architecture.layers)
        if not of_layer.biases
        for name in _bias_names(session.form, architecture, layer)
    }
    return Scope(architecture, session.own_lesson.dataset, session.notation.name, entries | own, lacking)


def _bias_names(form: DocumentForm, architecture: Architecture, layer: int) -> Iterator[str]:
    """Yield the names that the biases of a layer have, if it has any."""
    for name in BIAS_NAMES:
        for known in (f"{name}{layer + 1}", form.notation.code_name(name, layer, architecture.depth)):
            yield from (known, f"{known}_new", f"d{known}")


def _canonical(architecture: Architecture) -> Iterator[NamedValue]:
    last = architecture.depth - 1
    yield from (NamedValue(name, kind, None) for name, kind in _FLAT.items())
    yield from (NamedValue(name, Kind.A, last) for name in ("y", "output"))
    for layer in range(architecture.depth):
        yield from (NamedValue(f"{name}{layer + 1}", kind, layer) for name, kind in _UNITS.items())
        for name in architecture.slots[layer]:
            kinds = PARAMETER_KINDS[name]
            yield NamedValue(f"{name}{layer + 1}", kinds.value, layer)
            yield NamedValue(f"{name}{layer + 1}_new", kinds.new, layer)
            yield NamedValue(f"d{name}{layer + 1}", kinds.gradient, layer)


def _documented(form: DocumentForm, architecture: Architecture) -> Iterator[NamedValue]:
    def named(quantity: str, kind: Kind, layer: int | None, suffix: str = "") -> Iterator[NamedValue]:
        name = form.notation.code_name(quantity, layer, architecture.depth)
        if name:
            yield NamedValue(name + suffix, kind, layer, form)

    for quantity, kind in _FLAT.items():
        yield from named(quantity, kind, None)
    for layer in range(architecture.depth):
        for quantity, kind in (_UNITS | (_LOCAL if form.notation.chain_rule else {})).items():
            if kind is not Kind.DZ_DB or architecture.layers[layer].biases:
                yield from named(quantity, kind, layer)
        for quantity in architecture.slots[layer]:
            kinds = PARAMETER_KINDS[quantity]
            yield from named(quantity, kinds.value, layer)
            yield from named(quantity, kinds.new, layer, "_new")
            yield from named(f"d{quantity}", kinds.gradient, layer)


def shape_of(architecture: Architecture, entry: NamedValue) -> Shape:
    """Return the shape of an entry without examples and time steps, in the orientation in which it is written."""
    if entry.kind in (Kind.LOSS, Kind.RATE, Kind.DZ_DB):
        return ()
    if entry.kind is Kind.INPUT:
        return (architecture.inputs,)
    if entry.layer is None:
        return (architecture.sizes[-1],)
    sources, units = architecture.sizes[entry.layer : entry.layer + 2]
    if entry.kind is Kind.DZ_DW:
        return (sources,)
    of = PARAMETER_OF.get(entry.kind)
    if entry.kind not in MATRICES:
        return (units if of is None else architecture.layers[entry.layer].biases,)
    shape = (units if of is not None and of.is_recurrent else sources, units)
    return shape[::-1] if entry.is_turned else shape


def describe_names(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return each name with its meaning, the document's names first."""
    entries = sorted(scope.entries.values(), key=lambda entry: entry.form is None)
    return (*((entry.name, _describe(scope, entry)) for entry in entries), *SPECIALS.items())


def _describe(scope: Scope, entry: NamedValue) -> str:
    text = _MEANINGS[entry.kind]
    if entry.layer is not None:
        text += f" of layer {entry.layer + 1}"
    shape = shape_of(scope.architecture, entry)
    if len(shape) == 2:
        text += f", {'[unit, source]' if entry.is_turned else '[source, unit]'} {shape[0]} × {shape[1]}"
    elif shape:
        text += f", {shape[0]} numbers" if shape[0] > 1 else ", one number"
    if entry.form is None:
        return text
    notes = ["as in the document"]
    if entry.form.sign_of(entry.kind) < 0:
        notes.append("with the opposite sign of the true derivative or loss")
    if entry.form.has_rate(entry.kind):
        notes.append("times the learning rate")
    return f"{text} ({', '.join(notes)})"


def classes_of(dataset: Dataset) -> tuple[float, float] | None:
    """Return the two values of binary targets, or None if targets have other values."""
    low, high = float(dataset.targets.min()), float(dataset.targets.max())
    return (low, high) if low < high and bool(np.isin(dataset.targets, (low, high)).all()) else None
