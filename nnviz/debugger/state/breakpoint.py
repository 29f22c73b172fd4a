"""Breakpoints and watches as values that a session keeps."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.state.expression import Expression
from nnviz.tracing.steps import Kind, Phase


@dataclass(frozen=True)
class AtKind:
    """Every step of a kind, in one layer (from 0) or in all."""

    kind: Kind
    layer: int | None = None


@dataclass(frozen=True)
class AtUnit:
    """A unit of a layer (both from 0): its z, activation, dE/da, derivative and delta, or one of them."""

    layer: int
    unit: int
    kind: Kind | None = None


@dataclass(frozen=True)
class AtEdge:
    """A weight (all from 0): its gradient and its new value, and at grain term also its product in z.

    `name` is "W", or "W_h" for a weight from a recurrent layer's previous hidden state.
    """

    layer: int
    source: int
    unit: int
    name: str = "W"


@dataclass(frozen=True)
class AtLine:
    """A line of the listing, which is a group of the trace: its first step."""

    kind: Kind
    layer: int | None
    time: int = 0


@dataclass(frozen=True)
class AtPhase:
    """The first step of a phase."""

    phase: Phase


@dataclass(frozen=True)
class AtCondition:
    """Any step at which the breakpoint's condition becomes true."""


@dataclass(frozen=True)
class AtNonFinite:
    """The first NaN or infinity after a pass without any."""


@dataclass(frozen=True)
class AtPosition:
    """A position of the pass, at the end of any step: the target of "run to here", never a stored breakpoint."""

    position: int


Where = AtKind | AtUnit | AtEdge | AtLine | AtPhase | AtCondition | AtNonFinite | AtPosition


HERE = 0  # the number of the temporary breakpoint of "run to here"


@dataclass(frozen=True)
class Breakpoint:
    """A breakpoint. `hits` counts how often it was met; the first `ignore` hits are skipped."""

    id: int
    where: Where
    condition: Expression | None = None
    enabled: bool = True
    hits: int = 0
    ignore: int = 0


@dataclass(frozen=True)
class Watch:
    """An expression whose value is shown."""

    id: int
    expression: Expression
