"""The lesson file's format as rows to print: each key with what it takes, its default and one sentence about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

from pydantic.fields import FieldInfo

from nnviz.lessons.schema import (
    LAYER_CONSTANTS,
    SCHEDULE_CONSTANTS,
    TABLES,
    TRAINING_CONSTANTS,
    OneOf,
    RealNumber,
    WholeNumber,
)

NEEDED, LEFT_OUT = "needed", ""
_STEP = "A sentence that the step card shows for this kind of step."
_PLACE = {
    "layer": "The layer, counted from 1.",
    "unit": "The neuron in its layer, counted from 1.",
    "source": "The neuron or input that a weight comes from, counted from 1.",
    "example": "The example, counted from 0; the lesson's own if left out.",
    "time": "The time step of a recurrent network, counted from 1.",
}
_CAPTIONED = (
    *("z", "a", "error", "loss", "dE_da", "slope", "delta", "dE_dx"),
    *("dW", "db", "dW_h", "db_h", "W_new", "b_new", "W_h_new", "b_h_new"),
)

# One sentence for each key, by the keys that lead to its table; the tables themselves have headings of their own.
HELP: dict[tuple[str, ...], dict[str, str]] = {
    (): {
        "format": "The version of the format.",
        "title": "What the lesson shows, in a few words.",
        "source": "The document that the lesson follows.",
        "summary": "One sentence about what the lesson shows, for the start page and `nnviz list`.",
        "topics": "What the lesson is about, such as `Training`: the filters of the start page.",
        "notation": "The notation that the lesson is written in: a bundled one by name, or a table of your own.",
    },
    ("network",): {
        "inputs": "The number of inputs.",
        "loss": "The loss of one example; `output` is the output itself, which needs no targets.",
        "seed_gradient": 'With `loss = "output"`: the gradient at each output; 1 each if left out.',
        "input_gradients": "Whether the backward pass goes on to the inputs, ∂E/∂x; also if a printed number is one.",
    },
    ("network", "layers"): {
        "units": "The number of neurons.",
        "activation": "The activation function.",
        "W": "The weights, a row for each input and a column for each neuron; drawn if left out.",
        "b": "The biases, one for each neuron, or the shared one; drawn if left out.",
        "recurrent": "Whether the layer also receives its own output of the time step before.",
        "W_h": "The weights of the recurrent connection, a row and a column for each neuron; drawn if left out.",
        "b_h": "The biases of the recurrent connection; drawn if left out.",
        "bias": "Whether the neurons have biases, or all the same one, whose gradient is the sum of theirs.",
        "mask": "A row for each input and a column for each neuron: 1 for a connection, 0 for one that is missing.",
        **{name: constant.description for name, constant in LAYER_CONSTANTS.items()},
    },
    ("network", "init"): {
        "scheme": "The distribution of the weights: 2U − 1, N(0, 1), or N(0, 1) scaled by √(1/inputs) or √(2/inputs).",
        "seed": "The seed of the generator.",
        "generator": "NumPy's RandomState (np.random.seed) or its PCG64 generator (np.random.default_rng).",
        "bias": "Whether biases are drawn as well or start at 0.",
        "order": "Whether all weights are drawn before all biases, or the weights and biases of each layer together.",
    },
    ("data",): {
        "inputs": "One row for each example; in a recurrent lesson a list of time steps, each a row.",
        "targets": "The targets, one row for each example, in the same form; a time step without one is `[]`.",
        "file": "A table of data in the lesson's folder or below it: CSV and its relatives, with or without a heading.",
        "generator": "Draws a preset of data; `clusters` with `centers` draws unit-normal points around each center.",
        "points": "For a preset: the number of examples; the preset's own if left out.",
        "noise": "For a preset: the deviation of the noise on the inputs of classes, or the targets of a curve.",
        "centers": "For clusters: one point for each class.",
        "per_class": "For clusters: the number of examples of each class.",
        "seed": "The seed of the generator, or of the choice of rows to hold out; 0 if left out.",
        "shared_generator": "Whether the generator of `[network.init]` draws the data first and then the parameters.",
        "columns": "For a file: the columns of the inputs by name; all but the target if left out.",
        "target": "For a file: the column of the classes or targets, or a list of columns; the last if left out.",
        "scale": "For a file: how inputs are scaled, to mean 0 and deviation 1 or to 0 … 1 in the training part.",
        "held_out": "For a file or preset: the part of the rows that is not trained on.",
        "missing": "For a file: whether a row that lacks a value is left out, or gets the column's mean.",
        "targets_at": "Whether the loss is taken at every time step or at the last, whose target may be given alone.",
        "held_out_inputs": "Examples that are not trained on, in the form of `inputs`.",
        "held_out_targets": "Their targets.",
        "example": "The example that the lesson steps, counted from 0.",
    },
    ("convention",): {
        "delta": "The sign of δ: the gradient ∂E/∂z, or its negative, the direction of descent.",
        "weights": "Whether weight matrices are written with a row for each input or a row for each neuron.",
        "slope": "Where the derivative of the activation is taken: at z, by its formula fed with z, at a, or nowhere.",
        "step": "Whether the weights move against the gradient or along it.",
        "update": "Whether all layers change together, or the last one first, so that its new weights are used.",
        "through_time": "How far the error goes back through time: to the first time step, or over one step.",
        "frozen": "Parameters that do not change, such as `W1`, `b2`, `W_h1`, `weights` or `biases`.",
    },
    ("training",): {
        "learning_rate": "The learning rate.",
        "update_after": "The batch size: one example, the whole batch, or a number of examples.",
        "reduce": "Whether the gradients of a batch are summed or averaged.",
        "optimizer": "The update rule, defined as in PyTorch.",
        "schedule": "How the learning rate decays over the epochs: not at all, in steps, exponentially, or as 1/epoch.",
        "epochs": "The number of epochs of a training run.",
        "seed": "The seed of the order in which examples are presented.",
        "shuffle": "Whether each epoch presents the examples in a new random order.",
        "negative_slope": "The slope of leaky_relu for z below 0, in layers that give none.",
        **{name: constant.description for name, constant in (TRAINING_CONSTANTS | SCHEDULE_CONSTANTS).items()},
    },
    ("printed",): {
        "quantity": "The quantity that the document prints.",
        **_PLACE,
        "value": "The number as printed, so that its digits count.",
        "where": "Where in the document it is printed.",
        "of": "The parameter whose memory an optimizer's number (m, v …) is; left out, W with a source, else b.",
        "update": "The number of updates after which the number holds, in a run from the start; 0 if left out.",
        "epoch": "The same as `update`, counted in epochs.",
    },
    ("printed", "convention"): {
        "slope": "As in `[convention]`, for the run to which the number belongs; the lesson's own if left out.",
        "step": "As in `[convention]`, for the run to which the number belongs; the lesson's own if left out.",
        "update": "As in `[convention]`, for the run to which the number belongs; the lesson's own if left out.",
        "through_time": "As in `[convention]`, for the run to which the number belongs; the lesson's own if left out.",
    },
    ("errata",): {
        "where": "Where in the document the error is.",
        "text": "What is wrong there.",
        "quantity": "The quantity at which the erratum shows.",
        **_PLACE,
        "example": "The example, counted from 0; every one if left out.",
        "formula": "The wrong formula as printed, in TeX. What is wrong may be in `\\cancel{…}`, else all is struck.",
        "correct": "The correct formula, if the lesson computes as printed; else the formula of the step is correct.",
    },
    ("captions",): dict.fromkeys(_CAPTIONED, _STEP),
}

# What a key takes, where its type does not say it.
_KINDS: dict[tuple[str, ...], str] = {
    ("format",): "`1`",
    ("notation",): "name or table",
    ("topics",): "list of texts",
    ("network", "layers", "W"): "list of rows",
    ("network", "layers", "W_h"): "list of rows",
    ("network", "layers", "bias"): '`true`, `false` or `"shared"`',
    ("network", "layers", "mask"): "list of rows",
    ("data", "inputs"): "list of examples",
    ("data", "targets"): "list of examples",
    ("data", "held_out_inputs"): "list of examples",
    ("data", "held_out_targets"): "list of examples",
    ("data", "centers"): "list of rows",
    ("data", "columns"): "list of names",
    ("data", "target"): "name or list of names",
    ("training", "update_after"): '`"example"`, `"batch"` or a whole number from 1',
    ("printed", "value"): "number in quotes",
    ("errata", "quantity"): "as for `[[printed]]`",
}
# The largest numbers that a format refuses for their size are limits of memory, and say nothing about a key.
_HUGE = 100_000
_TYPES = {list[float]: "list of numbers", list[str]: "list of names", float: "number", bool: "true or false"}


@dataclass(frozen=True)
class FormatRow:
    """One key of a lesson file: its name, what it takes, its default, and a sentence about it."""

    key: str
    kind: str
    default: str
    sentence: str


def format_tables() -> dict[str, tuple[FormatRow, ...]]:
    """Return the rows of each table of the format, by its heading in the file; the top of the file has none."""
    return {_heading(path): _rows(path) for path in TABLES}


def keys_of(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of a table that hold values, without those that are tables themselves."""
    return tuple(name for name in TABLES[path].model_fields if (*path, name) not in TABLES)


def _heading(path: tuple[str, ...]) -> str:
    is_list = path in {("network", "layers"), ("printed",), ("errata",)}
    name = ".".join(path)
    return f"[[{name}]]" if is_list else f"[{name}]" if path else ""


def _rows(path: tuple[str, ...]) -> tuple[FormatRow, ...]:
    fields = TABLES[path].model_fields
    return tuple(
        FormatRow(name, _kind((*path, name), fields[name]), _default(fields[name]), HELP[path][name])
        for name in keys_of(path)
    )


def _kind(path: tuple[str, ...], field: FieldInfo) -> str:
    """Return what a key takes: its choices, a range of numbers, or a type."""
    if path in _KINDS:
        return _KINDS[path]
    for check in _checks(field):
        match check:
            case OneOf(known):
                return ", ".join(f"`{word}`" for word in known)
            case WholeNumber(low, high):
                return f"whole number from {low}" + (f" to {high}" if high < _HUGE else "")
            case RealNumber(_, allowed):
                return f"number {allowed}"
    return next((words for kind, words in _TYPES.items() if kind in _types(field.annotation)), "text")


def _checks(field: FieldInfo) -> list[object]:
    """Return the functions that check a field, also where they are inside `… | None`."""
    inner = [item for kind in get_args(field.annotation) for item in get_args(kind)[1:]]
    return [getattr(item, "func", None) for item in (*field.metadata, *inner)]


def _types(annotation: Any) -> tuple[Any, ...]:
    """Return a type, or the types of a union, without what annotates them."""
    return (
        annotation,
        *(get_args(kind)[0] if hasattr(kind, "__metadata__") else kind for kind in get_args(annotation)),
    )


def _default(field: FieldInfo) -> str:
    """Return the default as TOML; a word for a key that must be given, nothing where leaving it out means none."""
    if field.is_required():
        return NEEDED
    value = field.get_default(call_default_factory=True)
    return LEFT_OUT if value is None else json.dumps(value)
