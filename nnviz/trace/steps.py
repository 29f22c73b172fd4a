"""The words of a trace: grains, phases, kinds, and the step, one quantity becoming known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from nnviz.engine.arrays import FloatArray

Value = float | FloatArray


class Grain(IntEnum):
    """How finely a trace is walked, from coarse to fine."""

    PASS = 0
    LAYER = 1
    NEURON = 2
    TERM = 3

    @property
    def word(self) -> str:
        """The name on the command line and in files: pass, layer, neuron, term."""
        return self.name.lower()


class Phase(StrEnum):
    """The four parts of a pass; also the kind of a step at grain pass."""

    FORWARD = "forward"
    ERROR = "error"
    BACKWARD = "backward"
    UPDATE = "update"


class Kind(StrEnum):
    """What a quantity is. Those up to TARGET are given to a pass, the others become known in it."""

    INPUT = "x"
    WEIGHT = "W"
    BIAS = "b"
    RATE = "rate"
    MEMORY = "memory"
    TARGET = "t"
    PRODUCT = "product"
    BIAS_TERM = "bias"
    Z = "z"
    EXPONENTIAL = "exponential"
    EXPONENTIAL_SUM = "exponential_sum"
    A = "a"
    ERROR = "error"
    LOSS = "loss"
    DE_DA_TERM = "dE_da_term"
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
    MOVING = "moving"
    W_NEW = "W_new"
    B_NEW = "b_new"
    FORWARD_PASS = "forward_pass"
    ERROR_PASS = "error_pass"
    BACKWARD_PASS = "backward_pass"
    UPDATE_PASS = "update_pass"


PASS_KINDS = {
    Phase.FORWARD: Kind.FORWARD_PASS,
    Phase.ERROR: Kind.ERROR_PASS,
    Phase.BACKWARD: Kind.BACKWARD_PASS,
    Phase.UPDATE: Kind.UPDATE_PASS,
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a pass, or a whole vector or matrix of them where unit or source is None. All from 0.

    `source` is the unit of the layer before (a weight's other end) or the unit of the next layer whose share a
    term is; in a softmax layer it is the unit of the same layer whose exponential or output is taken for `unit`.
    `example` is a row of the batch where it is not the stepped one; `slot` numbers an optimizer's vectors,
    and `of_bias` says whose they are.
    """

    kind: Kind
    layer: int | None = None
    unit: int | None = None
    source: int | None = None
    time: int = 0
    example: int | None = None
    slot: int | None = None
    of_bias: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One quantity becoming known: `index` counts the steps of its grain from 0.

    `start` and `end` are how many steps of grain term are known before and after it.
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
