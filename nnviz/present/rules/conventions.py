"""What each choice of a convention is called, and what is said of a pass that is computed so: one row a choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConventionText:
    """One choice: the word and the tip of its button, and the sentences about it.

    `note` is said of a lesson that makes it, `changed` how a printed number came about ("if …"). `slope` is the
    sentence of a slope's step, `comment` that of an exported script; these are empty where the usual one is right.
    """

    word: str
    tip: str
    note: str = ""
    changed: str = ""
    slope: str = ""
    comment: str = ""


CONVENTION_TEXTS: dict[tuple[str, str], ConventionText] = {
    ("delta", "gradient"): ConventionText("gradient", "δ = ∂E/∂z, subtracted from the weights."),
    ("delta", "descent"): ConventionText(
        "descent",
        "δ = −∂E/∂z, added to the weights.",
        note="Deltas point downhill: they are minus the gradient, and are added.",
    ),
    ("weights", "inputs_first"): ConventionText("(inputs, units)", "A row for each input."),
    ("weights", "units_first"): ConventionText(
        "(units, inputs)", "A row for each neuron.", note="A matrix has a row for each neuron: (units, inputs)."
    ),
    ("slope", "exact"): ConventionText(
        "at z", "f′ at the weighted sum, which is right.", changed="if the slope is taken exactly"
    ),
    ("slope", "product_of_z"): ConventionText(
        "v(1 − v) of z",
        "The slope's formula is fed z where it asks for the activation, a slip; one written in z is right so.",
        note="As printed, the slope's formula v(1 − v) is fed the weighted sum.",
        changed="if the slope's formula v(1 − v) is fed the weighted sum, not the activation",
        slope="The slope's formula is fed the weighted sum, where it asks for the activation.",
        comment="A slope is worked out from z, where the activation belongs.",
    ),
    ("slope", "derivative_of_a"): ConventionText(
        "at a",
        "f′ at the activation, where the weighted sum belongs: a slip.",
        note="As printed, the slope is taken at the activation, not at the weighted sum.",
        changed="if the slope is taken at the activation, not at the weighted sum",
        slope="The slope is taken at the activation, not at the weighted sum where the forward pass stood.",
        comment="A slope is taken at the activation, where z belongs.",
    ),
    ("step", "downhill"): ConventionText(
        "downhill", "Against the gradient, so that the error falls.", changed="if the step goes downhill"
    ),
    ("step", "uphill"): ConventionText(
        "uphill",
        "Along the gradient, a slip of the sign.",
        note="As printed, the weights move up the slope of the error.",
        changed="if the step goes uphill, the sign of the update being exchanged",
    ),
    ("update", "simultaneous"): ConventionText(
        "all at once",
        "The old weights carry the error back.",
        changed="if all weights are updated at once, so that the old ones carry the error back",
    ),
    ("update", "sequential"): ConventionText(
        "output first",
        "The output layer changes first, and its new weights carry the error back.",
        note="As printed, a layer's new weights carry the error back to the layer before.",
        changed="if the output layer is updated first and its new weights carry the error back",
    ),
    ("through_time", "full"): ConventionText(
        "full",
        "The error goes back through every time step: the full gradient.",
        changed="if the error goes back through all time steps",
    ),
    ("through_time", "one_step"): ConventionText(
        "one step",
        "The error is cut after one time step.",
        note="As printed, the error goes back one time step only.",
        changed="if the error is cut after one time step",
    ),
}
