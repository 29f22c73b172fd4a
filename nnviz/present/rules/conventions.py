"""The texts of each choice of a convention: its button, and the sentences about a pass that is computed with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConventionText:
    """One choice: the word and the tooltip of its button, and the sentences about it.

    `note` is about a lesson that makes the choice, `condition` how a printed number came about ("if …"). `slope` is
    the explanation of a derivative's step, `comment` that in an exported script; these two are empty where the general
    one is right.
    """

    word: str
    tip: str
    note: str = ""
    condition: str = ""
    slope: str = ""
    comment: str = ""


CONVENTION_TEXTS: dict[tuple[str, str], ConventionText] = {
    ("delta", "gradient"): ConventionText("gradient", "δ = ∂E/∂z: the sign of the gradient."),
    ("delta", "descent"): ConventionText("descent", "δ = −∂E/∂z: the sign of gradient descent."),
    ("weights", "inputs_first"): ConventionText("(inputs, units)", "A row for each input."),
    ("weights", "units_first"): ConventionText(
        "(units, inputs)", "A row for each neuron.", note="A matrix has a row for each neuron: (units, inputs)."
    ),
    ("slope", "exact"): ConventionText(
        "at z",
        "The derivative at the weighted sum z, which is correct.",
        condition="if the derivative of the activation is correct",
    ),
    ("slope", "product_of_z"): ConventionText(
        "v(1 − v) of z",
        "The formula of the derivative is given z instead of the activation: a mistake. "
        "It is correct only for a formula in z.",
        note="As printed, the formula v(1 − v) of the derivative is given the weighted sum.",
        condition="if the formula v(1 − v) of the derivative is given the weighted sum instead of the activation",
        slope="The formula of the derivative is given the weighted sum instead of the activation: a mistake.",
        comment="A derivative is computed from z instead of the activation.",
    ),
    ("slope", "derivative_of_a"): ConventionText(
        "at a",
        "The derivative at the activation instead of z: a mistake.",
        note="As printed, the derivative is evaluated at the activation instead of the weighted sum.",
        condition="if the derivative is evaluated at the activation instead of the weighted sum",
        slope="The derivative is evaluated at the activation instead of the weighted sum: a mistake.",
        comment="A derivative is evaluated at the activation instead of z.",
    ),
    ("slope", "left_out"): ConventionText(
        "left out",
        "The derivative is taken as 1 everywhere: a mistake, or the perceptron rule if the activation is a step.",
        note="The derivative of the activation is left out: it is taken as 1 everywhere.",
        condition="if the derivative of the activation is left out",
        slope="The derivative of the activation is left out: it is taken as 1. "
        "With a step activation this is the perceptron rule.",
        comment="The derivative of each activation is left out: it is taken as 1.",
    ),
    ("step", "downhill"): ConventionText(
        "downhill", "Against the gradient: gradient descent.", condition="if the update goes against the gradient"
    ),
    ("step", "uphill"): ConventionText(
        "uphill",
        "Along the gradient: a sign error.",
        note="As printed, the weights move along the gradient of the error, not against it.",
        condition="if the update has the wrong sign and goes along the gradient",
    ),
    ("update", "simultaneous"): ConventionText(
        "all at once",
        "Back-propagation uses the old weights.",
        condition="if all weights are updated at once, so that back-propagation uses the old ones",
    ),
    ("update", "sequential"): ConventionText(
        "output first",
        "The output layer is updated first, and back-propagation uses its new weights.",
        note="As printed, a layer is updated before the error is back-propagated through it.",
        condition="if the output layer is updated first and back-propagation uses its new weights",
    ),
    ("through_time", "full"): ConventionText(
        "full",
        "Back-propagation through all time steps: the full gradient.",
        condition="if the error is back-propagated through all time steps",
    ),
    ("through_time", "one_step"): ConventionText(
        "one step",
        "Truncated back-propagation through time: the error goes back one time step.",
        note="As printed, the error is back-propagated through one time step only.",
        condition="if back-propagation through time is truncated after one time step",
    ),
}
