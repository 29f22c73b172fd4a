"""The form of a document: the sign, the orientation and the factor of its numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nnviz.engine.conventions import Convention
from nnviz.engine.optimizers import OPTIMIZERS, UpdateRule
from nnviz.engine.record import PassRecord
from nnviz.lessons.notation import Notation
from nnviz.tracing.steps import MATRIX_KINDS, PARAMETER_KINDS, UPDATE_TERMS, Kind, Quantity, Value
from nnviz.tracing.values import value_of

_OF_PARAMETERS = PARAMETER_KINDS.values()
_GRADIENTS = {kind for kinds in _OF_PARAMETERS for kind in (kinds.gradient, kinds.gradient_term)} | {Kind.BACKWARD_PASS}
BACKWARD_TERMS = {Kind.DE_DA_LOSS_TERM, Kind.DE_DA_TERM, Kind.DE_DA_LATER_TERM, Kind.DELTA_TERM, Kind.DE_DX_TERM}
_SIGNED = {Kind.DE_DA, Kind.DELTA, Kind.DE_DX, Kind.PENALTY, Kind.ADJUSTED} | BACKWARD_TERMS | _GRADIENTS
MATRICES = MATRIX_KINDS | {Kind.DZ_DA}
_OF_LOSS = {Kind.ERROR, Kind.LOSS, Kind.ERROR_PASS}


@dataclass(frozen=True)
class DocumentForm:
    """The form of a document's numbers under one update rule. `sign` is -1 if delta has the sign of descent.

    The record has true gradients and matrices (inputs, units); the document's numbers are these times `factor`, and
    transposed if `units_first` is true.
    """

    notation: Notation
    rule: UpdateRule
    sign: float
    units_first: bool

    @property
    def gradients_as_changes(self) -> bool:
        """Whether a gradient is written as the change that it makes, which includes the learning rate."""
        return self.notation.change and self.rule.plain

    def sign_of(self, kind: Kind) -> float:
        """Return -1 if a quantity of this kind is written with the opposite sign, else 1; not for optimizer memory."""
        if self.notation.reward and kind in _OF_LOSS:
            return -1.0
        return self.sign if kind in _SIGNED else 1.0

    def has_rate(self, kind: Kind) -> bool:
        """Return whether a quantity of this kind is written times the learning rate."""
        return self.gradients_as_changes and kind in _GRADIENTS

    def factor(self, quantity: Quantity) -> float:
        """Return the factor from the record's value to the document's."""
        if quantity.kind in (Kind.MEMORY, Kind.MOVING, Kind.CORRECTED):
            optimizer = OPTIMIZERS[self.rule.optimizer]
            return 1.0 if optimizer.memory[quantity.slot or 0] in optimizer.unsigned else self.sign
        factor = self.sign_of(quantity.kind)
        return factor * self.rule.rates.learning_rate if self.has_rate(quantity.kind) else factor

    def with_rule(self, rule: UpdateRule) -> DocumentForm:
        """Return the same form under another update rule, such as that of another pass."""
        return self if rule is self.rule else replace(self, rule=rule)

    def factor_in(self, record: PassRecord, quantity: Quantity) -> float:
        """Return the factor of a quantity in another pass, which may have another update rule."""
        return self.with_rule(record.rule).factor(quantity)

    def value(self, record: PassRecord, quantity: Quantity) -> Value:
        """Return a quantity as the document writes it, with its sign and, for a matrix, its orientation."""
        value = value_of(record, quantity)
        factor = self.factor(quantity)
        if isinstance(value, float):
            return value * factor
        if self.units_first and value.ndim == 2 and quantity.kind in (*MATRICES, *UPDATE_TERMS):
            value = value.T
        with np.errstate(all="ignore"):  # for weights that are not finite
            return value if factor == 1.0 else value * factor


def form_of(notation: Notation, convention: Convention, rule: UpdateRule) -> DocumentForm:
    """Return the form of a notation, with the sign and orientation of a convention."""
    return DocumentForm(
        notation=notation,
        rule=rule,
        sign=-1.0 if convention.delta == "descent" else 1.0,
        units_first=convention.weights == "units_first",
    )
