"""The part of the computation graph for each kind of quantity: tables that need no network."""

from __future__ import annotations

from nnviz.tracing.steps import PARAMETER_KINDS, Kind, ParameterKinds

# A part of a box: the kind that the box holds, its layer, and value, error or derivative.
Place = tuple[Kind, int | None, str]


def _parameter_places(kinds: ParameterKinds) -> dict[Kind, tuple[Kind, str]]:
    """Return the places of a parameter, its part of z, its gradient and its new value."""
    return {
        kinds.value: (kinds.value, "value"),
        kinds.new: (kinds.value, "value"),
        kinds.term: (Kind.Z, "value"),
        kinds.gradient_term: (kinds.value, "derivative"),
        kinds.gradient: (kinds.value, "derivative"),
    }


PLACES: dict[Kind, tuple[Kind, str]] = {
    **{kind: place for kinds in PARAMETER_KINDS.values() for kind, place in _parameter_places(kinds).items()},
    Kind.INPUT: (Kind.INPUT, "value"),
    Kind.TARGET: (Kind.TARGET, "value"),
    Kind.STATE: (Kind.STATE, "value"),
    Kind.Z: (Kind.Z, "value"),
    Kind.EXPONENTIAL: (Kind.A, "value"),
    Kind.EXPONENTIAL_SUM: (Kind.A, "value"),
    Kind.A: (Kind.A, "value"),
    Kind.ERROR: (Kind.LOSS, "error"),
    Kind.LOSS: (Kind.LOSS, "value"),
    Kind.DE_DA_LOSS_TERM: (Kind.A, "derivative"),
    Kind.DE_DA_TERM: (Kind.A, "derivative"),
    Kind.DE_DA_LATER_TERM: (Kind.A, "derivative"),
    Kind.DE_DA: (Kind.A, "derivative"),
    Kind.DE_DX_TERM: (Kind.INPUT, "derivative"),
    Kind.DE_DX: (Kind.INPUT, "derivative"),
    Kind.DELTA_TERM: (Kind.Z, "derivative"),
    Kind.DELTA: (Kind.Z, "derivative"),
    # Local derivatives have labels of their own.
    Kind.SLOPE: (Kind.SLOPE, ""),
    Kind.DZ_DA: (Kind.DZ_DA, ""),
    Kind.DZ_DW: (Kind.DZ_DW, ""),
    Kind.DZ_DB: (Kind.DZ_DB, ""),
}
_HELD = tuple(kinds.value for kinds in PARAMETER_KINDS.values())
WHOLE_PHASES: dict[Kind, tuple[tuple[Kind, str], ...]] = {
    Kind.FORWARD_PASS: ((Kind.Z, "value"), (Kind.A, "value")),
    Kind.ERROR_PASS: ((Kind.LOSS, "value"),),
    Kind.BACKWARD_PASS: tuple((kind, "derivative") for kind in (Kind.Z, Kind.A, *_HELD)),
    Kind.UPDATE_PASS: tuple((kind, "value") for kind in _HELD),
}
# The derivative of the error with respect to a box, and the parameter that replaces it after the update.
DERIVATIVES = {
    Kind.Z: Kind.DELTA,
    Kind.A: Kind.DE_DA,
    Kind.INPUT: Kind.DE_DX,
    **{kinds.value: kinds.gradient for kinds in PARAMETER_KINDS.values()},
}
UPDATED = {kinds.value: kinds.new for kinds in PARAMETER_KINDS.values()}
# The terms of a gradient are its examples and time steps.
BATCHED = {kinds.gradient: kinds.gradient_term for kinds in PARAMETER_KINDS.values()}
GIVEN = {Kind.INPUT, Kind.TARGET, Kind.STATE, *_HELD}
# The place of the next time step's delta, of which a share comes back through the loop.
LATER = Kind.DE_DA_LATER_TERM
