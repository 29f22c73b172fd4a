"""The buffers that a pass writes, and how they lie in memory.

Read from outside, every array of units is (time steps, examples, units). In memory the units come before the
examples, and the activations of a layer are followed by a row of ones:

    z        (units + 1, examples)          unit 1: example 1, example 2, …
                                            unit 2: example 1, example 2, …, then a row that is not used
    a        (units + 1, examples)          the same, then  1, 1, …

Why so: the biases of a layer follow its weights in the flat parameter vector, so weights and biases together are one
matrix (inputs + 1, units), and a bias is the weight of a 1 that always comes in; likewise W_h and b_h. With the ones
as last row a single product gives z = W a + b of a whole layer and batch, and a single product gives dE/dW and dE/db.
As a row, and not a column, they leave the activations before them in one piece, and the product can write straight
into z: NumPy lets `dot` write only where the rows of its result are contiguous.

Where the units of a layer have no biases of their own, the matrix is W alone, and what enters it is without the ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.activations import ACTIVATIONS, Activation, Constants, Value, used_constants
from nnviz.engine.arrays import BoolArray, FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Architecture, Layer, view_parameters


@dataclass(slots=True, eq=False, kw_only=True)
class LayerAtTime:
    """One layer at one time step: its functions with their constants, and its views of the buffers.

    z, a, dE_da, slope, delta and error are (examples, units). Those ending in `rows` are the same memory in its own
    order: (units, examples), a with a last row of ones. `gradient` is dE/dW with dE/db as last row; all time steps
    share it. `leaving_rows` are the a_rows as the next layer takes them, with or without the ones, and `source_rows`
    those of the previous layer (None for the first). `next_delta_rows` are the delta_rows of the next layer (None for
    the last). In a recurrent layer, `earlier_rows` are the a_rows of the previous time step (zeros at the first),
    `recurrent_gradient` is dE/dW_h with dE/db_h as last row, and `later_delta_rows` are the delta_rows one time step
    later. `shared_bias` is whether its units have one bias, and `missing` the connections that it does not have, as
    places in W counted row by row. `adds` and `mends` are whether one product gives less than the whole of z (recurrent
    or with a shared bias) or of the gradients (with a shared bias or missing connections).
    A place refers to no other place: large buffers must not wait for a collection.
    """

    index: int
    time: int
    activation: Activation
    value: Value
    constants: Constants
    z: FloatArray
    a: FloatArray
    dE_da: FloatArray
    slope: FloatArray
    delta: FloatArray
    error: FloatArray
    z_rows: FloatArray
    a_rows: FloatArray
    dE_da_rows: FloatArray
    delta_rows: FloatArray
    gradient: FloatArray
    leaving_rows: FloatArray
    earlier_rows: FloatArray
    recurrent_gradient: FloatArray | None
    shared_bias: bool
    missing: NDArray[np.int64] | None
    adds: bool
    mends: bool
    source_rows: FloatArray | None = None
    next_delta_rows: FloatArray | None = None
    later_delta_rows: FloatArray | None = None


class Workspace:
    """The buffers of one batch size. Mutable: every pass overwrites them, so training allocates nothing.

    They begin with a batch, x (time, examples, inputs) and t (time, examples, outputs), and others may be loaded; the
    kernels write everything else. `missing` is where the batch lacks a target, found in t if it is not given: a caller
    gives it if only a later batch may lack any. z, a, dE_da, slope and delta are lists over layers of (time, examples,
    units); `places` are the same buffers by time step and layer.
    """

    def __init__(
        self, architecture: Architecture, x: FloatArray, t: FloatArray, missing: BoolArray | None = None
    ) -> None:
        self.architecture = architecture
        self.loss = architecture.measured_by
        self.fusible = architecture.is_fusible
        self.fused_terms = self.loss.fused_terms if self.fusible else None
        self.entering, self.t = entering_rows(x), target_rows(t)
        self.missing = without_target(architecture, t) if missing is None else missing.copy()
        ones_enter = _takes_ones(architecture.layers[0])
        self.entering_at, self.t_at = tuple(self.entering if ones_enter else self.entering[:, :-1]), tuple(self.t)
        steps, examples = x.shape[:2]
        shapes = [(steps, layer.units + 1, examples) for layer in architecture.layers]
        # z, activations and slopes of all layers are in one vector each, of the same layout, the rows of ones included.
        # If all layers share an elementwise activation, one call computes every slope: on a small network the call
        # takes longer than the arithmetic. The slopes of the ones are never read.
        self.all_z, self.all_a, self.all_slopes = (np.ones(sum(map(prod, shapes))) for _ in range(3))
        activations = [ACTIVATIONS[layer.activation] for layer in architecture.layers]
        chosen = [architecture.constants(layer) for layer in range(architecture.depth)]
        constants = [used_constants(activation, own) for activation, own in zip(activations, chosen, strict=True)]
        alike = len(set(zip(activations, chosen, strict=True))) == 1
        self.shared = activations[0] if alike and activations[0].elementwise else None
        self.shared_constants = constants[0]
        z_rows, a_rows, slope_rows = (_cut(vector, shapes) for vector in (self.all_z, self.all_a, self.all_slopes))
        dE_da_rows, delta_rows = ([np.zeros((n, units - 1, m)) for n, units, m in shapes] for _ in range(2))
        self.dE_da, self.delta = map(_by_example, (dE_da_rows, delta_rows))
        z_rows = [array[:, :-1] for array in z_rows]
        self.z, self.a, self.slope = (
            _by_example(z_rows),
            *(_by_example([array[:, :-1] for array in rows]) for rows in (a_rows, slope_rows)),
        )
        error_rows = np.zeros((steps, architecture.sizes[-1], examples))
        self.error, self.all_errors = error_rows.swapaxes(1, 2), error_rows.reshape(-1)
        self.ones = np.ones(error_rows.size)
        self.gradients = view_parameters(architecture, np.zeros(architecture.parameter_count))
        self.used = self.gradients  # what the optimizer gets; another vector if gradients are clipped or regularized
        self.scratch = np.zeros(architecture.parameter_count)
        # Every view is made only once, here: making one takes as long as a small product.
        self.places = tuple(
            tuple(
                self._place(
                    index,
                    time,
                    activations[index],
                    constants[index],
                    z_rows=z_rows[index][time],
                    a_rows=a_rows[index][time],
                    dE_da_rows=dE_da_rows[index][time],
                    delta_rows=delta_rows[index][time],
                    earlier_rows=a_rows[index][time - 1] if time else _initial_state(shapes[index]),
                )
                for index in range(architecture.depth)
            )
            for time in range(steps)
        )
        _link(self.places)
        # Layers from the last to the first, and for each layer the time steps from the last to the first.
        self.places_backwards = tuple(zip(*(places[::-1] for places in reversed(self.places)), strict=True))

    def _place(
        self,
        index: int,
        time: int,
        activation: Activation,
        constants: Constants,
        *,
        z_rows: FloatArray,
        a_rows: FloatArray,
        dE_da_rows: FloatArray,
        delta_rows: FloatArray,
        earlier_rows: FloatArray,
    ) -> LayerAtTime:
        """Return a layer at a time step, not yet linked with the others; `earlier_rows` end with the ones here."""
        layers = self.architecture.layers
        layer, is_last = layers[index], index + 1 == len(layers)
        return LayerAtTime(
            index=index,
            time=time,
            activation=activation,
            value=activation.value,
            constants=constants,
            z=self.z[index][time],
            a=self.a[index][time],
            dE_da=self.dE_da[index][time],
            slope=self.slope[index][time],
            delta=self.delta[index][time],
            error=self.error[time],
            z_rows=z_rows,
            a_rows=a_rows,
            dE_da_rows=dE_da_rows,
            delta_rows=delta_rows,
            gradient=self.gradients.with_bias[index],
            leaving_rows=_with_ones(a_rows, is_last or _takes_ones(layers[index + 1])),
            earlier_rows=_with_ones(earlier_rows, _takes_ones(layer)),
            recurrent_gradient=self.gradients.recurrent_with_bias[index],
            shared_bias=layer.shares_bias,
            missing=np.array(layer.missing) if layer.missing else None,
            adds=layer.recurrent or layer.shares_bias,
            mends=layer.shares_bias or bool(layer.missing),
        )

    def load(self, entering: FloatArray, t: FloatArray, missing: BoolArray | None = None) -> None:
        """Load another batch of this size: `entering` from `entering_rows`, t (time, examples, outputs)."""
        np.copyto(self.entering, entering)
        np.copyto(self.t, t)
        if self.missing is not None and missing is not None:
            np.copyto(self.missing, missing)

    @property
    def x(self) -> FloatArray:
        """The inputs of the batch, (time, examples, inputs)."""
        return self.entering[:, :-1].swapaxes(1, 2)


def entering_rows(x: FloatArray) -> FloatArray:
    """Return the values that enter the first layer, (time, inputs + 1, examples), with ones as last row.

    x is (time, examples, inputs). Unlike in the buffers, the numbers of an example are adjacent in memory, so that a
    batch is a slice of the data.
    """
    steps, examples, inputs = x.shape
    rows = np.ones((steps, examples, inputs + 1))
    rows[..., :inputs] = x
    return rows.swapaxes(1, 2)


def without_target(architecture: Architecture, t: FloatArray) -> BoolArray | None:
    """Return where the loss has no target and is 0, (time, examples): where t (time, examples, outputs) is NaN.

    None if there is no such place, or if the loss takes no targets.
    """
    missing = np.asarray(np.isnan(t).any(axis=-1))
    return missing if missing.any() and LOSSES[architecture.loss].has_targets else None


def measured_count(architecture: Architecture, t: FloatArray) -> int:
    """Return how many examples and time steps of t (time, examples, outputs) the loss adds up."""
    missing = without_target(architecture, t)
    return int(t.shape[0]) * int(t.shape[1]) - (0 if missing is None else int(missing.sum()))


def target_rows(t: FloatArray) -> FloatArray:
    """Copy t (time, examples, outputs) to the memory layout of the outputs."""
    return t.swapaxes(1, 2).astype(np.float64, order="C").swapaxes(1, 2)


def _takes_ones(layer: Layer) -> bool:
    """Return whether the ones enter a layer: they do where each unit has its own bias."""
    return layer.biases == layer.units


def _link(places_at: Sequence[Sequence[LayerAtTime]]) -> None:
    """Give each place, by time step and layer, the rows of the layers beside it and of the later time step."""
    for places in places_at:
        for place, following in pairwise(places):
            place.next_delta_rows, following.source_rows = following.delta_rows, place.leaving_rows
    for earlier, places in pairwise(places_at):
        for place, later in zip(earlier, places, strict=True):
            place.later_delta_rows = later.delta_rows


def _with_ones(rows: FloatArray, ones: bool) -> FloatArray:
    """Return rows that end with one of ones, or those before it."""
    return rows if ones else rows[:-1]


def _initial_state(shape: tuple[int, ...]) -> FloatArray:
    """Return the hidden state before the first time step, (units + 1, examples): zeros and a row of ones."""
    rows = np.zeros(shape[1:])
    rows[-1] = 1.0
    return rows


def _cut(vector: FloatArray, shapes: Sequence[tuple[int, ...]]) -> list[FloatArray]:
    """Split a vector into consecutive views of these shapes."""
    ends = accumulate(map(prod, shapes))
    return [vector[end - prod(shape) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]


def _by_example(rows: Sequence[FloatArray]) -> list[FloatArray]:
    """Return views of each layer's rows as (time, examples, units)."""
    return [array.swapaxes(1, 2) for array in rows]
