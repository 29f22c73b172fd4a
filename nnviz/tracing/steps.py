"""The types of a trace: grain, phase, kind, quantity, and step, in which one quantity becomes known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from nnviz.engine.arrays import FloatArray

Value = float | FloatArray


class Grain(IntEnum):
    """The level of detail of the steps, from coarse to fine."""

    PASS = 0
    LAYER = 1
    NEURON = 2
    TERM = 3

    @property
    def word(self) -> str:
        """The name used on the command line and in files: pass, layer, neuron, term."""
        return self.name.lower()


class Phase(StrEnum):
    """The four parts of a pass; also the kind of a step at grain pass."""

    FORWARD = "forward"
    ERROR = "error"
    BACKWARD = "backward"
    UPDATE = "update"


class Kind(StrEnum):
    """The kind of a quantity. Kinds up to TARGET are given; a pass computes the others."""

    INPUT = "x"
    WEIGHT = "W"
    BIAS = "b"
    WEIGHT_H = "W_h"
    BIAS_H = "b_h"
    STATE = "state"
    RATE = "rate"
    MEMORY = "memory"
    TARGET = "t"
    PRODUCT = "product"
    BIAS_TERM = "bias"
    PRODUCT_H = "recurrent_product"
    BIAS_H_TERM = "recurrent_bias"
    Z = "z"
    EXPONENTIAL = "exponential"
    EXPONENTIAL_SUM = "exponential_sum"
    A = "a"
    ERROR = "error"
    LOSS = "loss"
    DE_DA_LOSS_TERM = "dE_da_loss_term"
    DE_DA_TERM = "dE_da_term"
    DE_DA_LATER_TERM = "dE_da_later_term"
    DE_DA = "dE_da"
    SLOPE = "slope"
    DELTA_TERM = "delta_term"
    DELTA = "delta"
    DZ_DW = "dz_dW"
    DZ_DB = "dz_db"
    DZ_DA = "dz_da"
    DW_TERM = "dW_term"
    DW = "dW"
    DB_TERM = "db_term"
    DB = "db"
    DW_H_TERM = "dW_h_term"
    DW_H = "dW_h"
    DB_H_TERM = "db_h_term"
    DB_H = "db_h"
    MOVING = "moving"
    W_NEW = "W_new"
    B_NEW = "b_new"
    W_H_NEW = "W_h_new"
    B_H_NEW = "b_h_new"
    FORWARD_PASS = "forward_pass"
    ERROR_PASS = "error_pass"
    BACKWARD_PASS = "backward_pass"
    UPDATE_PASS = "update_pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterKinds:
    """The kinds of one sort of parameter: its value, its term in z, gradient term, gradient and new value."""

    name: str
    value: Kind
    term: Kind
    gradient_term: Kind
    gradient: Kind
    new: Kind
    is_matrix: bool
    is_recurrent: bool


PARAMETER_KINDS: dict[str, ParameterKinds] = {
    kinds.name: kinds
    for kinds in (
        ParameterKinds(
            name="W",
            value=Kind.WEIGHT,
            term=Kind.PRODUCT,
            gradient_term=Kind.DW_TERM,
            gradient=Kind.DW,
            new=Kind.W_NEW,
            is_matrix=True,
            is_recurrent=False,
        ),
        ParameterKinds(
            name="b",
            value=Kind.BIAS,
            term=Kind.BIAS_TERM,
            gradient_term=Kind.DB_TERM,
            gradient=Kind.DB,
            new=Kind.B_NEW,
            is_matrix=False,
            is_recurrent=False,
        ),
        ParameterKinds(
            name="W_h",
            value=Kind.WEIGHT_H,
            term=Kind.PRODUCT_H,
            gradient_term=Kind.DW_H_TERM,
            gradient=Kind.DW_H,
            new=Kind.W_H_NEW,
            is_matrix=True,
            is_recurrent=True,
        ),
        ParameterKinds(
            name="b_h",
            value=Kind.BIAS_H,
            term=Kind.BIAS_H_TERM,
            gradient_term=Kind.DB_H_TERM,
            gradient=Kind.DB_H,
            new=Kind.B_H_NEW,
            is_matrix=False,
            is_recurrent=True,
        ),
    )
}
# The sort of parameter that each such kind belongs to.
PARAMETER_OF: dict[Kind, ParameterKinds] = {
    kind: kinds
    for kinds in PARAMETER_KINDS.values()
    for kind in (kinds.value, kinds.term, kinds.gradient_term, kinds.gradient, kinds.new)
}
NEW_KINDS = frozenset(kinds.new for kinds in PARAMETER_KINDS.values())
# The kinds of parameters that are matrices as a whole.
MATRIX_KINDS = frozenset(
    kind for kinds in PARAMETER_KINDS.values() if kinds.is_matrix for kind in (kinds.value, kinds.gradient, kinds.new)
)
# The kinds of biases as a whole.
BIAS_KINDS = frozenset(
    kind
    for kinds in PARAMETER_KINDS.values()
    if not kinds.is_matrix
    for kind in (kinds.value, kinds.gradient, kinds.new)
)
# The numbers of one unit, in the order of a pass.
UNIT_KINDS = (Kind.Z, Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA)


PASS_KINDS = {
    Phase.FORWARD: Kind.FORWARD_PASS,
    Phase.ERROR: Kind.ERROR_PASS,
    Phase.BACKWARD: Kind.BACKWARD_PASS,
    Phase.UPDATE: Kind.UPDATE_PASS,
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a pass, or a whole vector or matrix if unit or source is None. All indices count from 0.

    `source` is the unit of the previous layer (the other end of a weight), or the unit of the next layer that a term
    comes from. In a softmax layer it is the unit of the same layer whose exponential or output enters that of `unit`.
    `example` is the row of the batch if it is not the stepped one. `slot` is the index of an optimizer's vector, and
    `of` the parameter it belongs to: "W", "b", "W_h" or "b_h".
    """

    kind: Kind
    layer: int | None = None
    unit: int | None = None
    source: int | None = None
    time: int = 0
    example: int | None = None
    slot: int | None = None
    of: str = "W"


@dataclass(frozen=True, slots=True)
class Step:
    """A step, in which one quantity becomes known; `index` counts the steps of its grain from 0.

    `start` and `end` are the numbers of steps of grain term known before and after it.
    """

    index: int
    grain: Grain
    phase: Phase
    quantity: Quantity
    start: int
    end: int

    @property
    def kind(self) -> Kind:
        """The kind of its quantity."""
        return self.quantity.kind


def matches_index(wanted: int | None, found: int | None) -> bool:
    """Return whether two indices of quantities agree; None matches any index."""
    return wanted is None or found is None or wanted == found
