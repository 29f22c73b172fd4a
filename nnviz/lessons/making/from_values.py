"""A lesson from values: sizes, rules, settings, and arrays of parameters and examples, without a text between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.losses import LOSSES, allowed_targets
from nnviz.engine.network import Network
from nnviz.lessons.checks import check_settings
from nnviz.lessons.faults import Fault, Issue, LessonError, count_of, format_path
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import DEFAULT_NOTATION, build_lesson
from nnviz.lessons.making.defaults import INIT, TRAINING, all_activations, loss_for
from nnviz.lessons.notation import load_notation
from nnviz.lessons.schema import EXAMPLE_LIMIT, validate
from nnviz.tables.data import Data


@dataclass(frozen=True, kw_only=True)
class LayerWish:
    """A layer as it is asked for: units, activation, and further keys of `[[network.layers]]`, such as recurrent."""

    units: int
    activation: str
    keys: Mapping[str, Any] = field(default_factory=dict)


def make_lesson(
    sizes: Sequence[int],
    data: Dataset | Data,
    *,
    activations: Sequence[str] = (),
    loss: str = "",
    name: str = "network",
    **more: Any,
) -> Lesson:
    """Return the lesson of a network with these sizes, from the inputs to the outputs, and these examples.

    What is left out is chosen as `defaults` says; `more` as for `lesson_of_layers`. Raises LessonError.
    """
    targets = data.targets
    loss = loss or loss_for(targets)
    if len(sizes) < 2:
        raise LessonError(name, [Fault(None, "network", "a network has at least two sizes, such as 2-1")])
    try:
        names = all_activations(activations, len(sizes) - 1, loss)
    except ValueError as error:
        raise LessonError(name, [Fault(None, "activation", str(error))]) from None
    layers = [LayerWish(units=units, activation=each) for units, each in zip(sizes[1:], names, strict=True)]
    return lesson_of_layers(sizes[0], layers, data, loss=loss, name=name, **more)


def lesson_of_layers(
    inputs: int,
    layers: Sequence[LayerWish],
    data: Dataset | Data,
    *,
    loss: str,
    parameters: FloatArray | None = None,
    init: Mapping[str, Any] = INIT,
    training: Mapping[str, Any] = TRAINING,
    convention: Mapping[str, Any] | None = None,
    held_out: Dataset | None = None,
    example: int = 0,
    name: str = "network",
    title: str = "",
    notation: str = DEFAULT_NOTATION,
) -> Lesson:
    """Return the lesson of a network given layer by layer. Raises LessonError with all faults.

    `parameters` is the flat vector (P,) in the order of `Architecture.slots`; without it `init` draws them. `init`,
    `training` and `convention` have the keys of the tables of a lesson file.
    """
    report = ""
    if isinstance(data, Data):
        aside, report = data.held_out, data.report
        held_out = make_dataset(aside.inputs, aside.targets) if aside is not None else held_out
        data = make_dataset(data.inputs, data.targets)
    tables = {
        "format": 1,
        "title": title or name,
        "network": {
            "inputs": inputs,
            "loss": loss,
            "init": dict(init),
            "layers": [{"units": layer.units, "activation": layer.activation, **layer.keys} for layer in layers],
        },
        "data": {"example": example},
        "convention": dict(convention or {}),
        "training": dict(training),
    }
    document, issues = validate(tables)
    if document is not None:
        issues = (*issues, *check_settings(document))
    if document is None or issues:
        raise _error(name, issues)
    issues = tuple(_array_issues(inputs, layers[-1].units, loss, data, held_out, example))
    if issues:
        raise _error(name, issues)
    lesson = build_lesson(document, Path(f"{name}.toml"), load_notation(notation), data, captioned=True)
    lesson = replace(lesson, name=name, held_out=held_out, report=report)
    if parameters is None:
        return lesson
    return replace(lesson, network=_with_parameters(lesson.network, parameters, name), initializer=None)


def _error(name: str, issues: Sequence[Issue]) -> LessonError:
    return LessonError(name, [Fault(None, format_path(issue.path), issue.message) for issue in issues])


def _with_parameters(network: Network, parameters: FloatArray, name: str) -> Network:
    if not np.isfinite(parameters).all():
        raise LessonError(name, [Fault(None, "network", "a parameter is NaN or infinite")])
    return network.with_vector(parameters)


def _array_issues(
    inputs: int, outputs: int, loss: str, dataset: Dataset, held_out: Dataset | None, example: int
) -> Iterator[Issue]:
    """Yield what is wrong with arrays of examples: their sizes, numbers that are not finite, targets out of range.

    Of several time steps one may lack its target.
    """
    for prefix, part in (("", dataset), ("held_out_", held_out)):
        if part is None:
            continue
        for key, values, size, noun in (
            ("inputs", part.inputs, inputs, "input"),
            ("targets", part.targets, outputs, "output"),
        ):
            path = ("data", f"{prefix}{key}")
            if values.shape[-1] != size:
                has = count_of(values.shape[-1], "number")
                yield Issue(path, f"{has} for each example, but the network has {count_of(size, noun)}")
                continue
            lacking = _without_target(values) if key == "targets" else np.zeros(values.shape[:2], dtype=bool)
            if lacking.all(axis=0).any():
                yield Issue(path, "an example has no target at any time step")
            elif not np.isfinite(values[~lacking]).all():
                yield Issue(path, "a number is NaN or infinite")
        row = LOSSES[loss]
        wrong = part.targets[(part.targets < row.low) | (part.targets > row.high)]
        if wrong.size:
            needed = f"{loss} needs targets {allowed_targets(loss)}"
            yield Issue(("data", f"{prefix}targets"), f"{wrong[0]} is out of range; {needed}")
    if not 0 < len(dataset) <= EXAMPLE_LIMIT:
        yield Issue(("data", "inputs"), f"{len(dataset)} examples; 1 to {EXAMPLE_LIMIT} are allowed")
    elif not 0 <= example < len(dataset):
        yield Issue(("data", "example"), f"{example} is not in the range 0 to {len(dataset) - 1}")


def _without_target(targets: FloatArray) -> NDArray[np.bool_]:
    """Return at which places (time, examples) of several time steps there is no target: all NaN."""
    gaps = np.zeros(targets.shape[:2], dtype=bool)
    if len(targets) > 1:
        gaps[...] = np.isnan(targets).all(axis=-1)
    return gaps
