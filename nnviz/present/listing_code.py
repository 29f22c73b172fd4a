"""The names and expressions of a listing, in one voice: variables, slopes, what is sent on and what is sent back."""

from __future__ import annotations

import numpy as np

from nnviz.engine.losses import is_fused
from nnviz.present.voice import TIMED, Voice
from nnviz.trace.groups import Group
from nnviz.trace.steps import Kind, Quantity


class Code:
    """Names and expressions of one voice; lives for one call of a function of `listing`."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.record = voice.record
        self.batch = len(voice.record.examples) > 1
        self.is_recurrent = voice.record.architecture.is_recurrent

    def name(self, kind: Kind, layer: int | None = None, step: str = "k") -> str:
        """The variable of a quantity; in a recurrent network its row at a time step, of those that have one."""
        name = self.voice.code(Quantity(kind, layer))
        return f"{name}[{step}]" if name and self.is_recurrent and kind in TIMED else name

    def is_looped(self, group: Group) -> bool:
        """Whether a group is told once for all time steps, in a loop."""
        return self.is_recurrent and group.kind in TIMED

    def source(self, layer: int, step: str = "k") -> str:
        return self.name(Kind.INPUT, None, step) if layer == 0 else self.name(Kind.A, layer - 1, step)

    def activation(self, layer: int) -> str:
        return self.record.architecture.layers[layer].activation

    def function(self, layer: int) -> str:
        return self.voice.notation.functions_code[self.activation(layer)]

    def slope(self, layer: int) -> str:
        """The slope's expression: the document's function of z or of the activation, fed as the convention says."""
        function = self.voice.notation.slopes_code[self.activation(layer)]
        if self.voice.notation.slope_of == "a":
            return f"{function}({self.fed(layer)})"
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        convention = self.record.convention.slope
        if convention == "product_of_z" and self.activation(layer) in ("sigmoid", "tanh"):
            return f"{z} * (1 - {z})" if self.activation(layer) == "sigmoid" else f"(1 - {z}**2)"
        return f"{function}({a if convention == 'derivative_of_a' else z})"

    def fed(self, layer: int) -> str:
        """What a slope written of the activation is fed, as the convention says."""
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        twice = f"{self.function(layer)}({a})"
        return {"exact": a, "product_of_z": z, "derivative_of_a": twice}[self.record.convention.slope]

    def carried_back(self, layer: int) -> str:
        """The expression of dE/da of a layer."""
        if layer == self.record.architecture.depth - 1:
            own = self.output_gradient()
        else:
            own = self.sent_back(self.name(Kind.WEIGHT, layer + 1), self.name(Kind.DELTA, layer + 1))
        share = self.through_time(layer)
        return f"{own} + {share}" if share else own

    def through_time(self, layer: int) -> str:
        """What a recurrent layer sends back to itself from the next time step; empty where nothing is."""
        if not (self.record.time_steps > 1 and self.record.goes_back_in_time(layer, 0)):
            return ""
        return self.sent_back(self.name(Kind.WEIGHT_H, layer), self.name(Kind.DELTA, layer, "k + 1"))

    def is_fused(self, layer: int) -> bool:
        """Whether delta of a layer is output minus target: of an output whose loss fits its activation."""
        architecture = self.record.architecture
        pair = (architecture.loss, architecture.layers[layer].activation, self.record.convention.slope)
        return layer == architecture.depth - 1 and is_fused(*pair)

    @property
    def shares_targets(self) -> bool:
        """Whether some targets do not add up to 1."""
        return not np.all(self.record.t.sum(axis=-1) == 1.0)

    def sent_back(self, weights: str, delta: str) -> str:
        """Deltas carried back through a matrix."""
        if not self.voice.units_first:
            return f"{delta} @ {weights}.T"
        return f"{delta} @ {weights}" if self.batch else f"{weights}.T @ {delta}"

    def sent_on(self, weights: str, source: str) -> str:
        """What enters a layer, through a matrix."""
        if not self.voice.units_first:
            return f"{source} @ {weights}"
        return f"{source} @ {weights}.T" if self.batch else f"{weights} @ {source}"

    def output_gradient(self) -> str:
        t, y = self.name(Kind.TARGET), self.name(Kind.A, self.record.architecture.depth - 1)
        down = self.voice.sign < 0
        loss = self.record.architecture.loss
        if loss == "cross_entropy":
            return f"ratio({t}, {y})" if down else f"-ratio({t}, {y})"
        if loss == "binary_cross_entropy":
            won, lost = f"ratio({t}, {y})", f"ratio(1 - {t}, 1 - {y})"
            return f"{won} - {lost}" if down else f"{lost} - {won}"
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        if loss == "half_squared":
            return difference
        factor = "2" if loss == "squared" else f"2 / {self.record.architecture.sizes[-1]}"
        return f"{factor} * ({difference})"
