"""The slips that people make when they work a pass out: each is one term of one kind of step, computed differently.

A slip is a change of the operands of a step, or of its result, as the trace's provenance lists them. The table says at
which kinds of steps it can happen; which numbers follow from it is left to the pass itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from nnviz.debugger.finder import slip_edits as e
from nnviz.debugger.finder import slip_results as r
from nnviz.debugger.finder.pass_program import PassProgram
from nnviz.debugger.finder.slip_edits import Fit
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, Kind

Z, A, ERROR_TERM, SLOPE = (Kind.Z,), (Kind.A,), (Kind.DELTA,), (Kind.SLOPE,)
BACK = (Kind.DE_DA,)
GRADIENTS = tuple(kinds.gradient for kinds in PARAMETER_KINDS.values())
WEIGHT_GRADIENTS = (Kind.DW, Kind.DW_H)
BIAS_GRADIENTS = (Kind.DB, Kind.DB_H)
NEW = tuple(NEW_KINDS)
NEW_WEIGHTS = (Kind.W_NEW, Kind.W_H_NEW)
DECAYS = (0.1, 0.01, 0.001, 0.0001)
MOST_SOURCES = 6  # operands of one number that are exchanged or left out one by one
MOST_LAYERS = 4  # among which two are exchanged


@dataclass(frozen=True)
class SlipRule:
    """One kind of slip: its cost in bits, the kinds of its steps, and the edit.

    It is tried in each layer; `everywhere` also tries all layers at once, and `single` each unit alone.
    """

    name: str
    cost: float
    kinds: tuple[Kind, ...]
    fit: Fit
    single: bool = False
    everywhere: bool = False
    detail: str = ""


def rules_of(program: PassProgram) -> Iterator[SlipRule]:
    """Yield every kind of slip, with the factors that are meant by this pass."""
    yield from _OF_FORWARD
    yield from _OF_ERRORS
    yield from _OF_GRADIENTS
    yield from _OF_UPDATES
    for layers in combinations(range(min(MOST_LAYERS, program.record.architecture.depth)), 2):
        named = "+".join(str(layer + 1) for layer in layers)
        exchanged = r.exchanged_layers(*layers)
        yield SlipRule("layers_exchanged", 4.5, Z, exchanged, everywhere=True, detail=named)
    for name, factor in factors_of(program).items():
        cost = 4.0 if name in ("2", "0.5") else 4.8
        times = e.times(factor)
        yield SlipRule("factor", cost, BACK, times, single=True, everywhere=True, detail=name)
        yield SlipRule("factor", cost + 0.3, ERROR_TERM, times, single=True, detail=name)
        yield SlipRule("factor", cost + 0.4, GRADIENTS, times, single=True, everywhere=True, detail=name)
        yield SlipRule("step_factor", cost + 0.6, NEW, r.step_times(factor), everywhere=True, detail=name)
    yield from _of_terms(program)


def _of_terms(program: PassProgram) -> Iterator[SlipRule]:
    """Yield the slips of one product of a sum, or of two."""
    record = program.record
    most = min(MOST_SOURCES, max(*record.architecture.sizes, len(record.examples) * record.time_steps))
    for place in range(most):
        named = str(place + 1)
        for kind in (Kind.Z, Kind.DE_DA, *GRADIENTS):
            yield SlipRule("term_out", 4.2, (kind,), e.term_out(place), single=True, detail=named)
        for kind in (Kind.Z, Kind.DE_DA):
            yield SlipRule("term_minus", 4.6, (kind,), e.term_minus(place), single=True, detail=named)
    for one, other in combinations(range(most), 2):
        for kind in (Kind.Z, Kind.DE_DA):
            exchanged = e.exchanged(one, other, side=0)
            yield SlipRule("exchanged", 5.0, (kind,), exchanged, single=True, detail=f"{one + 1}+{other + 1}")


_OF_FORWARD = (
    SlipRule("bias_out", 4.3, Z, e.bias_out(0.0), single=True, everywhere=True),
    SlipRule("bias_minus", 4.3, Z, e.bias_out(-1.0), single=True, everywhere=True),
    SlipRule("inputs_out", 4.5, Z, e.each(e.inputs_out), single=True, everywhere=True),
    SlipRule("forward_transposed", 4.5, Z, e.each(e.transposed), everywhere=True),
    SlipRule("z_for_a", 5.0, Z, e.operand((Kind.A,), e.z_for_a), single=True),
    SlipRule("network_input", 5.0, Z, e.operand((Kind.A,), r.network_input)),
    SlipRule("weight_for_input", 5.0, Z, e.operand(e.ENTERING, e.weight_for_input), single=True),
    SlipRule("input_for_weight", 5.0, Z, e.operand(e.WEIGHTS, e.input_for_weight), single=True),
    SlipRule("minus", 5.6, Z, e.times(-1.0), single=True),
    SlipRule("activation_out", 5.4, A, r.activation_out, single=True, everywhere=True),
    *(
        SlipRule("other_activation", 5.6, A, r.other_activation(name), single=True, everywhere=True, detail=name)
        for name in r.CURVED
    ),
)
_OF_ERRORS = (
    SlipRule("target_out", 5.0, BACK, r.left_out(Kind.TARGET), single=True),
    SlipRule("output_out", 5.0, BACK, r.left_out(Kind.A), single=True),
    SlipRule("back_transposed", 3.5, BACK, e.each(e.transposed), everywhere=True),
    SlipRule("back_raw", 3.5, BACK, e.operand(ERROR_TERM, e.gradient_for_delta), everywhere=True),
    SlipRule("back_unweighted", 3.5, BACK, e.operand(e.WEIGHTS, e.one), single=True, everywhere=True),
    SlipRule("back_other_layer", 4.5, BACK, e.operand(e.WEIGHTS, r.back_other_layer), everywhere=True),
    SlipRule("minus", 4.4, BACK, e.times(-1.0), single=True, everywhere=True),
    SlipRule("slope_a", 4.5, SLOPE, r.own_activation(lambda a: a), single=True, everywhere=True),
    SlipRule("slope_1_a", 4.5, SLOPE, r.own_activation(lambda a: 1.0 - a), single=True, everywhere=True),
    SlipRule("slope_of_input", 4.8, SLOPE, r.slope_of_input, everywhere=True),
    *(
        SlipRule("other_slope", 4.0, SLOPE, r.other_slope(name), single=True, everywhere=True, detail=name)
        for name in r.CURVED
    ),
    SlipRule("slope_out", 2.4, ERROR_TERM, r.slope_out, single=True, everywhere=True),
    SlipRule("slope_added", 4.0, ERROR_TERM, r.slope_added),
    SlipRule("error_out", 5.0, ERROR_TERM, r.error_out, single=True),
    SlipRule("minus", 4.4, ERROR_TERM, e.times(-1.0), single=True, everywhere=True),
)
_OF_GRADIENTS = (
    SlipRule("input_out", 3.5, WEIGHT_GRADIENTS, r.factor_out(1), single=True, everywhere=True),
    SlipRule("delta_out", 5.0, WEIGHT_GRADIENTS, r.factor_out(0), single=True),
    SlipRule("gradient_weight", 4.0, WEIGHT_GRADIENTS, e.operand(e.ENTERING, e.weight_for_input), everywhere=True),
    SlipRule("gradient_output", 4.0, WEIGHT_GRADIENTS, e.operand(e.ENTERING, e.output_for_input), everywhere=True),
    SlipRule("gradient_z", 4.0, WEIGHT_GRADIENTS, e.operand(A, e.z_for_a), single=True),
    SlipRule("gradient_network_input", 4.5, WEIGHT_GRADIENTS, e.operand(A, r.network_input)),
    SlipRule("gradient_turned", 4.3, WEIGHT_GRADIENTS, r.turned_product, everywhere=True),
    SlipRule("gradient_raw", 3.6, GRADIENTS, e.operand(ERROR_TERM, e.gradient_for_delta), everywhere=True),
    SlipRule("gradient_other_layer", 4.5, GRADIENTS, e.operand(ERROR_TERM, r.delta_of_other_layer), everywhere=True),
    SlipRule("row_sums", 4.0, BIAS_GRADIENTS, r.row_sums),
    SlipRule("times_bias", 4.5, BIAS_GRADIENTS, r.times_bias, everywhere=True),
)
_OF_UPDATES = (
    SlipRule("damped", 3.0, (Kind.MOVING,), r.damped, everywhere=True),
    SlipRule("uncorrected", 3.0, NEW, r.uncorrected, everywhere=True),
    SlipRule("uphill", 3.8, NEW, r.uphill, single=True, everywhere=True),
    SlipRule("rate_out", 3.2, NEW, e.each(r.rate_out), single=True, everywhere=True),
    *(
        SlipRule("decay", 5.0 + more, kinds, decay(strength), everywhere=True, detail=f"{strength:g}")
        for strength in DECAYS
        for more, kinds, decay in ((0.0, NEW_WEIGHTS, r.decay), (0.3, WEIGHT_GRADIENTS, r.with_decay))
    ),
)


def factors_of(program: PassProgram) -> dict[str, float]:
    """Return the factors that a page may add or leave out, by name."""
    examples, outputs = len(program.record.examples), program.record.architecture.sizes[-1]
    found = {"2": 2.0, "0.5": 0.5, "10": 10.0, "0.1": 0.1}
    for name, count in (("examples", examples), ("outputs", outputs)):
        if count > 2:
            found |= {name: float(count), f"1/{name}": 1.0 / count}
    return found
