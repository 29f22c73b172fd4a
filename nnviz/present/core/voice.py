"""The voice: the way a document writes a pass, with its notation, sign and orientation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from nnviz.debugger.state.document_form import BACKWARD_TERMS, MATRICES, DocumentForm
from nnviz.debugger.state.session import Session, form_source, once_per_session
from nnviz.engine.record import PassRecord
from nnviz.lessons.notation import Notation
from nnviz.present.rules.adjustments import CLIP_TEX, penalty_tex
from nnviz.present.rules.rule_names import function_tex, memory_code, memory_tex, slope_of
from nnviz.present.text.formula_pieces import as_factor, raised
from nnviz.present.text.plain_text import linear
from nnviz.tracing.provenance import entering_quantity, source_quantity
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Kind, Quantity, Value

_NAMES = {
    Kind.INPUT: "x",
    Kind.TARGET: "t",
    Kind.WEIGHT: "W",
    Kind.W_NEW: "W",
    Kind.BIAS: "b",
    Kind.BIAS_TERM: "b",
    Kind.B_NEW: "b",
    Kind.WEIGHT_H: "W_h",
    Kind.W_H_NEW: "W_h",
    Kind.BIAS_H: "b_h",
    Kind.BIAS_H_TERM: "b_h",
    Kind.B_H_NEW: "b_h",
    Kind.STATE: "a",
    Kind.Z: "z",
    Kind.EXPONENTIAL: "exponential",
    Kind.EXPONENTIAL_SUM: "exponential_sum",
    Kind.A: "a",
    Kind.ERROR: "error",
    Kind.LOSS: "loss",
    Kind.DE_DA: "dE_da",
    Kind.SLOPE: "slope",
    Kind.DELTA: "delta",
    Kind.DE_DX: "dE_dx",
    Kind.DW: "dW",
    Kind.DB: "db",
    Kind.DW_H: "dW_h",
    Kind.DB_H: "db_h",
    Kind.DZ_DW: "dz_dW",
    Kind.DZ_DB: "dz_db",
    Kind.DZ_DA: "dz_da",
    Kind.RATE: "rate",
}
# The variables of an update's own numbers, for which documents have no names; of one layer, with its number.
_OF_UPDATE = {Kind.NORM: "norm", Kind.CLIP: "clip"}
_WEIGHT_LIKE = MATRICES | {Kind.DZ_DW}
# The quantities that a recurrent network has at each time step.
TIMED = {Kind.INPUT, Kind.TARGET, Kind.Z, Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.A, Kind.STATE, Kind.ERROR}
TIMED |= {Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DZ_DW, Kind.DE_DX}
# The symbols of gradients in a notation of changes, under an optimizer whose gradients are not changes.
_DERIVATIVES = {name: rf"\frac{{\partial <loss>}}{{\partial <{name[1:]}>}}" for name in ("dW", "db", "dW_h", "db_h")}
_BY_LOSS = r"\frac{\partial <loss>}"
_PLACEHOLDER = re.compile(r"<(\w+)>")
_SPLIT = re.compile(r"(?P<head>.*?)(?P<sup>\^(?:\{[^{}]*\}|.))?(?:_(?:\{(?P<sub>[^{}]*)\}|(?P<one>.)))?")

Index = int | str
MOST_WRITTEN = 2048  # symbols that a voice remembers

# A unit or source with one of these numbers is a running index with a letter, as in a sum's W_{1i} x_i.
ANY_I, ANY_K = -1, -2
_RUNNING = {ANY_I: "i", ANY_K: "k"}
# The same for a time step, and the one before it; for a whole sequence none is written.
ANY_TIME, EARLIER_TIME, ALL_TIMES = -1, -2, -3
_RUNNING_TIME = {ANY_TIME: r"\tau", EARLIER_TIME: r"\tau - 1"}


@dataclass(frozen=True)
class Voice:
    """The way in which one pass is written: the form of its numbers, and their symbols.

    `own_sign` and `own_step` are true if sign and direction of the step are the document's, not the user's choice.
    With `true_names`, a derivative whose number has the opposite sign is named with a minus, and a gradient is not
    named as a change where it is none; the formats that programs read have the plain names.
    """

    form: DocumentForm
    record: PassRecord
    own_sign: bool = True
    own_step: bool = True
    true_names: bool = True
    _written: dict[Quantity, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, record: PassRecord) -> Voice:
        """Return the same voice for another pass, which may have another update rule."""
        return replace(self, form=self.form.with_rule(record.rule), record=record)

    @property
    def notation(self) -> Notation:
        """The notation that names the quantities."""
        return self.form.notation

    @property
    def sign(self) -> float:
        """-1 if the written delta has the sign of descent, else 1."""
        return self.form.sign

    @property
    def units_first(self) -> bool:
        """Whether a matrix has a row for each unit."""
        return self.form.units_first

    @property
    def gradients_as_changes(self) -> bool:
        """Whether a gradient is written as the change that it makes, which includes the learning rate."""
        return self.form.gradients_as_changes

    @property
    def update_sign(self) -> str:
        """The sign between a parameter and the document's delta or gradient in an update: "-" or "+"."""
        downhill = self.record.convention.step == "downhill"
        return "-" if downhill == (self.sign > 0) else "+"

    @property
    def negates_gradient(self) -> bool:
        """Whether the written derivatives are minus those of the written loss or reward."""
        return (self.sign < 0) != self.shows_reward

    @property
    def shows_reward(self) -> bool:
        """Whether the loss is written with the opposite sign, as a reward that training makes larger."""
        return self.notation.reward

    def factor(self, quantity: Quantity) -> float:
        """Return the factor from the record's value to the document's."""
        return self.form.factor(quantity)

    def value(self, quantity: Quantity) -> Value:
        """Return a quantity as the document writes it, with its sign and, for a matrix, its orientation."""
        return self.form.value(self.record, quantity)

    def number(self, quantity: Quantity) -> float:
        """Return the value of a quantity that is one number."""
        value = self.value(quantity)
        assert isinstance(value, float)
        return value

    def tex(self, quantity: Quantity) -> str:
        """Return the quantity's symbol in TeX, with the indices of its unit and source."""
        written = self._written.get(quantity)
        if written is None:
            if len(self._written) >= MOST_WRITTEN:
                self._written.clear()
            written = self._written[quantity] = self._tex(quantity)
        return written

    def _tex(self, quantity: Quantity) -> str:
        base = self._symbol(quantity)
        if quantity.example is not None and quantity.example != self.record.row:
            return raised(base, f"[{self.record.examples[quantity.example] + 1}]")
        return base

    def text(self, quantity: Quantity, scripts: bool = True) -> str:
        """Return the quantity's symbol as plain text."""
        return linear(self.tex(quantity), scripts)

    def code(self, quantity: Quantity) -> str:
        """Return the variable of a quantity in the NumPy listing; empty if the document has none."""
        if quantity.kind in _OF_UPDATE:
            return _OF_UPDATE[quantity.kind] + ("" if quantity.layer is None else f"_{quantity.layer + 1}")
        if quantity.kind in UPDATE_TERMS:
            return self._code_of_update(quantity)
        name = _NAMES.get(quantity.kind)
        return (
            ""
            if name is None
            else self.form.notation.code_name(name, quantity.layer if name not in _FLAT else None, self._depth)
        )

    def _code_of_update(self, q: Quantity) -> str:
        """Return the variable of a term of an update, which ends in that of its parameter."""
        parameter = self.code(Quantity(PARAMETER_KINDS[q.of].value, q.layer))
        if q.slot is None:
            return f"{'penalty' if q.kind is Kind.PENALTY else 'g'}_{parameter}"
        memory = memory_code(self.form.notation, self.record.rule.optimizer, q.slot, self._depth)
        return f"{memory}{'_hat' if q.kind is Kind.CORRECTED else ''}_{parameter}"

    def mask(self, layer: int) -> str:
        """Return the matrix with a 1 for each connection of a layer and a 0 for each missing one, in TeX."""
        return f"M_{{{layer + 1}}}"

    def mask_code(self, layer: int) -> str:
        """Return the variable of the mask in the NumPy listing."""
        return f"mask{layer + 1}"

    def largest(self, quantity: Quantity) -> str:
        """Return the largest z of the quantity's layer in TeX."""
        return rf"\max\,{self.tex(Quantity(Kind.Z, quantity.layer))}"

    def kronecker(self, quantity: Quantity) -> str:
        """Return the Kronecker delta of a quantity's unit and source in TeX."""
        pattern = self.form.notation.tex_pattern("kronecker", quantity.layer, self._depth)
        return with_indices(pattern, [_index(part) for part in (quantity.unit, quantity.source) if part is not None])

    def function(self, layer: int) -> str:
        """Return the activation function of a layer in TeX."""
        return function_tex(self.form.notation, self.record.architecture.layers[layer].activation)

    @property
    def _depth(self) -> int:
        return self.record.architecture.depth

    def _symbol(self, q: Quantity) -> str:
        if q.kind in _COMPOSED:
            return _COMPOSED[q.kind](self, q)
        pattern = self._pattern(q)
        if not _PLACEHOLDER.search(pattern):
            return self._timed(with_indices(pattern, self._indices(q)), q)
        symbol = _PLACEHOLDER.sub(lambda match: self._part(match[1], q), pattern)
        return f"-{symbol}" if self._names_sign and pattern.startswith(_BY_LOSS) else symbol

    def _pattern(self, q: Quantity) -> str:
        """Return the pattern of a quantity's symbol; of a gradient that is no change, that of a derivative."""
        name = _NAMES[q.kind]
        if self.form.notation.change and not self.gradients_as_changes and self.true_names and name in _DERIVATIVES:
            return _DERIVATIVES[name]
        return self.form.notation.tex_pattern(name, q.layer, self._depth)

    @property
    def _names_sign(self) -> bool:
        return self.true_names and self.negates_gradient

    def _part(self, name: str, q: Quantity) -> str:
        """Return the TeX for a placeholder in the pattern of `q`: another quantity of the same unit."""
        if name == "loss":
            return self._symbol(Quantity(Kind.LOSS))
        if name == "x":
            return self._symbol(replace(q, kind=Kind.INPUT))
        assert q.layer is not None
        if name == "f":
            return self.function(q.layer)
        if name == "p":
            return (
                self._symbol(source_quantity(q.layer, q.source, q.time))
                if q.source is not None
                else self._whole_source(q.layer, q.time)
            )
        if name == "v":
            return self._slope_argument(q)
        if name == "m":
            return self.largest(q)
        if name == "exponential":
            return self._symbol(Quantity(Kind.EXPONENTIAL, q.layer, q.unit, ANY_K, q.time))
        if q.kind is Kind.EXPONENTIAL:
            q = Quantity(Kind.Z, q.layer, q.source, None, q.time)
        source = q.source if name in ("W", "W_h") else None
        pattern = self.form.notation.tex_pattern(name, q.layer, self._depth)
        inner = Quantity(_INNER[name], q.layer, q.unit, source, q.time)
        return self._timed(with_indices(pattern, self._indices(inner, stands_for=q)), inner)

    def _timed(self, symbol: str, q: Quantity) -> str:
        """Return a symbol with its time step, if the network is recurrent and the quantity has one."""
        if q.kind not in TIMED or not self.record.architecture.is_recurrent or q.time == ALL_TIMES:
            return symbol
        step = _RUNNING_TIME.get(q.time) or str(0 if q.kind is Kind.STATE else q.time + 1)
        return _with_superscript(symbol, rf"\langle {step}\rangle")

    def _whole_source(self, layer: int, time: int) -> str:
        kind, index = (Kind.INPUT, None) if layer == 0 else (Kind.A, layer - 1)
        return self.tex(Quantity(kind, index, time=time))

    def _slope_argument(self, q: Quantity) -> str:
        assert q.layer is not None
        z = self._symbol(Quantity(Kind.Z, q.layer, q.unit, time=q.time))
        a = self._symbol(Quantity(Kind.A, q.layer, q.unit, time=q.time))
        convention = self.record.convention.slope
        if slope_of(self.form.notation, self.record.architecture.layers[q.layer].activation) == "z":
            return a if convention == "derivative_of_a" else z
        twice = f"{self.function(q.layer)}({a})"
        return {"product_of_z": z, "derivative_of_a": twice}.get(convention, a)

    def _indices(self, q: Quantity, stands_for: Quantity | None = None) -> list[Index]:
        """Return the indices of a symbol, in the order of the orientation; a layer of one unit needs none.

        A local derivative that is the same for every unit (dz/dW, dz/db) is written for unit j.
        """
        sizes = self.record.architecture.sizes
        local = (stands_for or q).kind in (Kind.DZ_DW, Kind.DZ_DB)
        if q.kind in (Kind.INPUT, Kind.DE_DX):
            return [_index(q.unit)] if q.unit is not None and sizes[0] > 1 else []
        if q.kind in (Kind.TARGET, Kind.ERROR):
            return [_index(q.unit)] if q.unit is not None and sizes[-1] > 1 else []
        if q.layer is None:
            return []
        if q.kind in (
            Kind.EXPONENTIAL,
            Kind.EXPONENTIAL_SUM,
        ):  # a term of `unit`, but the exponential of `source`, or of all
            return self._indices(Quantity(Kind.Z, q.layer, q.source))
        of = PARAMETER_OF.get(q.kind)
        if of is not None and not of.is_matrix and self.record.architecture.layers[q.layer].shares_bias:
            return []
        units, sources = sizes[q.layer + 1], sizes[q.layer + 1 if of is not None and of.is_recurrent else q.layer]
        unit: list[Index] = [_index(q.unit)] if q.unit is not None and (units > 1 or self._needs_index(q)) else []
        if local and q.unit is None and units > 1 and (stands_for or q).source is not None:
            unit = ["j"]
        if q.kind not in _WEIGHT_LIKE:
            return unit
        source: list[Index] = [_index(q.source)] if q.source is not None and sources > 1 else []
        return unit + source if self.form.units_first else source + unit

    def _needs_index(self, q: Quantity) -> bool:
        """Return whether the bias of a one-unit layer would look like that of another unit: Koehn's b_2 beside b."""
        if q.kind not in (Kind.BIAS, Kind.BIAS_TERM, Kind.B_NEW, Kind.DB):
            return False
        bases = [self.form.notation.tex_pattern("b", layer, self._depth) for layer in range(self._depth)]
        own = bases[q.layer or 0]
        return any(own.startswith(f"{base}_") for base in bases)


def _index(number: int) -> Index:
    return _RUNNING[number] if number < 0 else number + 1


_FLAT = {"x", "t", "error", "loss", "rate", "dE_dx"}


_INNER = {
    "W": Kind.WEIGHT,
    "b": Kind.BIAS,
    "W_h": Kind.WEIGHT_H,
    "b_h": Kind.BIAS_H,
    "z": Kind.Z,
    "a": Kind.A,
    "delta": Kind.DELTA,
}


def _product(voice: Voice, q: Quantity) -> str:
    kinds = PARAMETER_OF[q.kind]
    weight = voice.tex(Quantity(kinds.value, q.layer, q.unit, q.source))
    return rf"{weight}\,{voice.tex(entering_quantity(kinds, q))}"


def _backpropagated_term(voice: Voice, q: Quantity) -> str:
    assert q.layer is not None
    weight = voice.tex(Quantity(Kind.WEIGHT, q.layer + 1, q.source, q.unit))
    return rf"{weight}\,{as_factor(voice.tex(Quantity(Kind.DELTA, q.layer + 1, q.source, time=q.time)))}"


def _input_gradient_term(voice: Voice, q: Quantity) -> str:
    return _backpropagated_term(voice, replace(q, layer=-1))


def _recurrent_term(voice: Voice, q: Quantity) -> str:
    weight = voice.tex(Quantity(Kind.WEIGHT_H, q.layer, q.source, q.unit))
    return rf"{weight}\,{as_factor(voice.tex(Quantity(Kind.DELTA, q.layer, q.source, time=q.time + 1)))}"


def _loss_share(voice: Voice, q: Quantity) -> str:
    error = voice.tex(Quantity(Kind.ERROR, None, q.unit, time=q.time))
    sign = "-" if voice.true_names and voice.negates_gradient else ""
    return rf"{sign}\frac{{\partial {error}}}{{\partial {voice.tex(Quantity(Kind.A, q.layer, q.unit, time=q.time))}}}"


def _through_output(voice: Voice, q: Quantity) -> str:
    carried = voice.tex(Quantity(Kind.DE_DA, q.layer, q.source, None, q.time))
    output, z = Quantity(Kind.A, q.layer, q.source, None, q.time), Quantity(Kind.Z, q.layer, q.unit, None, q.time)
    return rf"{carried} \cdot \frac{{\partial {voice.tex(output)}}}{{\partial {voice.tex(z)}}}"


def _contribution(voice: Voice, q: Quantity) -> str:
    return voice.tex(Quantity(PARAMETER_OF[q.kind].gradient, q.layer, q.unit, q.source))


def _own_parameter(voice: Voice, q: Quantity) -> str:
    """Return the symbol of the parameter that a term of an update belongs to."""
    return voice.tex(Quantity(PARAMETER_KINDS[q.of].value, q.layer, q.unit, q.source))


def _memory(voice: Voice, q: Quantity) -> str:
    depth = voice.record.architecture.depth
    symbol = memory_tex(voice.notation, voice.record.rule.optimizer, q.slot or 0, depth)
    symbol = rf"\hat{{{symbol}}}" if q.kind is Kind.CORRECTED else symbol
    return rf"{symbol}_{{{_own_parameter(voice, q)}}}"


def _penalty(voice: Voice, q: Quantity) -> str:
    return penalty_tex(voice.record.rule, _own_parameter(voice, q), negative=voice.factor(q) < 0)


def _norm(voice: Voice, q: Quantity) -> str:
    layer = "" if q.layer is None else f"_{q.layer + 1}"
    return rf"\left|\nabla{layer} {voice.tex(Quantity(Kind.LOSS))}\right|"


def gradient_symbol(voice: Voice) -> str:
    """Return the symbol of all gradients together, as the document writes them: the change, or the signed gradient."""
    if voice.gradients_as_changes:
        return r"\Delta\theta"
    return rf"{'-' if voice.negates_gradient else ''}\nabla {voice.tex(Quantity(Kind.LOSS))}"


_COMPOSED: dict[Kind, Callable[[Voice, Quantity], str]] = {
    Kind.PRODUCT: _product,
    Kind.PRODUCT_H: _product,
    Kind.DE_DA_LOSS_TERM: _loss_share,
    Kind.DE_DA_TERM: _backpropagated_term,
    Kind.DE_DA_LATER_TERM: _recurrent_term,
    Kind.DELTA_TERM: _through_output,
    Kind.DE_DX_TERM: _input_gradient_term,
    Kind.DW_TERM: _contribution,
    Kind.DB_TERM: _contribution,
    Kind.DW_H_TERM: _contribution,
    Kind.DB_H_TERM: _contribution,
    Kind.MEMORY: _memory,
    Kind.MOVING: _memory,
    Kind.CORRECTED: _memory,
    Kind.NORM: _norm,
    Kind.CLIP: lambda voice, q: CLIP_TEX if q.layer is None else f"{CLIP_TEX}_{q.layer + 1}",
    Kind.PENALTY: _penalty,
    Kind.ADJUSTED: lambda voice, q: f"g_{{{_own_parameter(voice, q)}}}",
    Kind.FORWARD_PASS: lambda voice, q: voice.tex(
        Quantity(Kind.A, voice.record.architecture.depth - 1, time=ALL_TIMES)
    ),
    Kind.ERROR_PASS: lambda voice, q: voice.tex(Quantity(Kind.LOSS)),
    Kind.BACKWARD_PASS: lambda voice, q: gradient_symbol(voice),
    Kind.UPDATE_PASS: lambda voice, q: r"\theta",
}


def has_time(kind: Kind) -> bool:
    """Return whether a quantity of this kind, or the quantity it is a term of, has a value at each time step."""
    kinds = PARAMETER_OF.get(kind)
    terms = kinds is not None and kind in (kinds.term, kinds.gradient_term)
    return kind in TIMED or kind in BACKWARD_TERMS or terms


def with_indices(base: str, indices: list[Index]) -> str:
    """Return a symbol with subscripts: W and (1, 1) give W_{11}, W_2 and (1,) give W_{2,1}."""
    if not indices:
        return base
    match = _SPLIT.fullmatch(base)
    assert match is not None
    own = match["sub"] or match["one"] or ""
    parts = [str(index) for index in indices]
    separator = "" if all(len(part) == 1 for part in parts) and not own else ","
    script = separator.join([own, *parts] if own else parts)
    return f"{match['head']}{match['sup'] or ''}_{{{script}}}"


def _with_superscript(symbol: str, script: str) -> str:
    """Return a symbol with one more superscript after its scripts: z^{(1)}_1 gives z^{(1)}_1{}^{<2>}."""
    match = _SPLIT.fullmatch(symbol)
    has_own = match is None or match["sup"]
    return f"{symbol}{'{}' if has_own else ''}^{{{script}}}"


def new_mark(kind: Kind) -> str:
    """Return the suffix for a new weight or bias, whose symbol is that of the old one."""
    return " (new)" if kind in NEW_KINDS else ""


@once_per_session
def voice_of(session: Session) -> Voice:
    """Return the voice of a session: its notation, and the sign and orientation that the user has chosen."""
    chosen, lesson = session.convention, session.lesson
    return Voice(
        form=session.form,
        record=session.record,
        own_sign=chosen.delta == form_source(lesson, session.notation).delta,
        own_step=chosen.step == lesson.convention.step,
    )


def shape_text(value: Value) -> str:
    """Return the shape of a value as NumPy writes it: (2,), (2, 3), ()."""
    return str(np.shape(value))
