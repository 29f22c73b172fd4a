"""The names and expressions of a listing in one voice: variables, derivatives, and products with matrices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.datasets import given_targets
from nnviz.engine.losses import LOSSES, is_fused
from nnviz.engine.network import Architecture
from nnviz.present.core.voice import TIMED, Voice
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS, seed_code
from nnviz.present.rules.optimizers import digits
from nnviz.present.rules.rule_names import function_code, slope_code, slope_of
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import Kind, Quantity


class Code:
    """The names and expressions of one voice."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.record = voice.record
        self.batch = len(voice.record.examples) > 1
        self.is_recurrent = voice.record.architecture.is_recurrent

    def name(self, kind: Kind, layer: int | None = None, step: str = "k") -> str:
        """Return the variable of a quantity; in a recurrent network, its row at a time step if it has one."""
        name = self.voice.code(Quantity(kind, layer))
        return f"{name}[{step}]" if name and self.is_recurrent and kind in TIMED else name

    def is_looped(self, group: Group) -> bool:
        """Return whether a group is written once for all time steps, in a loop."""
        return self.is_recurrent and group.kind in TIMED

    def source(self, layer: int, step: str = "k") -> str:
        return self.name(Kind.INPUT, None, step) if layer == 0 else self.name(Kind.A, layer - 1, step)

    def activation(self, layer: int) -> str:
        return self.record.architecture.layers[layer].activation

    def function(self, layer: int, argument: str) -> str:
        """Return a call of the layer's activation function, with its constants if they differ between layers."""
        name = function_code(self.voice.notation, self.activation(layer))
        return f"{name}({', '.join((argument, *self._passed(layer)))})"

    def _constants(self, layer: int) -> dict[str, str]:
        names = (constant.name for constant in ACTIVATIONS[self.activation(layer)].constants)
        return dict(zip(names, map(digits, self.record.architecture.constants(layer)), strict=True))

    def _passed(self, layer: int) -> tuple[str, ...]:
        if not has_varying_constants(self.record.architecture, self.activation(layer)):
            return ()
        return tuple(map(digits, self.record.architecture.constants(layer)))

    def slope(self, layer: int) -> str:
        """Return the derivative: the document's function of z or a, with the argument that the convention uses."""
        if self.record.convention.slope == "left_out":
            return f"np.ones_like({self.name(Kind.A, layer)})"
        activation, notation = self.activation(layer), self.voice.notation
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        convention, of_z = self.record.convention.slope, ACTIVATION_TEXTS[activation].of_z
        if slope_of(notation, activation) == "a":
            argument = self.slope_argument(layer)
        elif convention == "product_of_z" and of_z:
            return without_ones(of_z, self._constants(layer)).replace("{v}", z)
        else:
            argument = {"exact": z, "product_of_z": z, "derivative_of_a": a}[convention]
        return f"{slope_code(notation, activation)}({', '.join((argument, *self._passed(layer)))})"

    def slope_argument(self, layer: int) -> str:
        """Return the argument of a derivative that is a function of a, as the convention prescribes."""
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        twice = self.function(layer, a)
        return {"exact": a, "product_of_z": z, "derivative_of_a": twice}[self.record.convention.slope]

    def dE_da(self, layer: int) -> str:
        """Return the expression of dE/da of a layer."""
        if layer == self.record.architecture.depth - 1:
            own = self.output_gradient()
        else:
            own = self.times_transposed(self.name(Kind.WEIGHT, layer + 1), self.name(Kind.DELTA, layer + 1))
        recurrent = self.recurrent_term(layer)
        return f"{own} + {recurrent}" if recurrent else own

    def recurrent_term(self, layer: int) -> str:
        """Return the term of dE/da from the next time step of a recurrent layer; empty if there is none."""
        is_full = self.record.convention.through_time == "full"
        if not (self.record.time_steps > 1 and is_full and self.record.architecture.layers[layer].recurrent):
            return ""
        return self.times_transposed(self.name(Kind.WEIGHT_H, layer), self.name(Kind.DELTA, layer, "k + 1"))

    def is_fused(self, layer: int) -> bool:
        """Return whether delta of a layer is output minus target, because the loss fits the output's activation."""
        architecture = self.record.architecture
        pair = (architecture.loss, architecture.layers[layer].activation, self.record.convention.slope)
        return layer == architecture.depth - 1 and architecture.is_fusible and is_fused(*pair)

    @property
    def has_unnormalized_targets(self) -> bool:
        """Whether some targets do not add up to 1."""
        return not np.all(given_targets(self.record.t).sum(axis=-1) == 1.0)

    @property
    def goal(self) -> str:
        """The variable of the targets; of a loss without targets, its seed gradient."""
        architecture = self.record.architecture
        return self.name(Kind.TARGET) if LOSSES[architecture.loss].has_targets else seed_code(architecture)

    def where_measured(self, expression: str) -> str:
        """Return an expression of the targets that is 0 where there is none, if any is missing."""
        if self.record.without_target is None:
            return expression
        return f"np.where(np.isnan({self.name(Kind.TARGET)}), 0, {expression})"

    def times_transposed(self, weights: str, delta: str) -> str:
        """Return deltas times a transposed matrix, which propagates them back."""
        if not self.voice.units_first:
            return f"{delta} @ {weights}.T"
        return f"{delta} @ {weights}" if self.batch else f"{weights}.T @ {delta}"

    def times_matrix(self, weights: str, source: str) -> str:
        """Return a source times a matrix, which propagates it forward."""
        if not self.voice.units_first:
            return f"{source} @ {weights}"
        return f"{source} @ {weights}.T" if self.batch else f"{weights} @ {source}"

    def output_gradient(self) -> str:
        t, y = self.goal, self.name(Kind.A, self.record.architecture.depth - 1)
        architecture = self.record.architecture
        gradient = LOSS_TEXTS[architecture.loss].gradient_code(t, y, architecture.sizes[-1], self.voice.sign < 0)
        return self.where_measured(gradient)

    def dE_dx(self) -> str:
        """Return the expression of dE/dx."""
        return self.times_transposed(self.name(Kind.WEIGHT, 0), self.name(Kind.DELTA, 0))


def without_ones(line: str, constants: Mapping[str, str]) -> str:
    """Return a line of code with the constants in it by name in braces; a factor of 1 before a product is left out."""
    for name, text in constants.items():
        mark = f"{{{name}}}"
        is_one = text in ("1", "1.0")
        line = line.replace(f"{mark} * ", "").replace(mark, "1") if is_one else line.replace(mark, text)
    return line


def has_varying_constants(architecture: Architecture, activation: str) -> bool:
    """Return whether the layers with this activation have different constants, which are then arguments."""
    layers = [at for at, layer in enumerate(architecture.layers) if layer.activation == activation]
    return len({architecture.constants(layer) for layer in layers}) > 1
