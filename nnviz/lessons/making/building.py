"""A network while it is built: functions from a lesson to the lesson that it becomes by one change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import PARAMETER_NAMES
from nnviz.lessons.data_file import OwnData
from nnviz.lessons.faults import Fault, LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import DEFAULT_NOTATION, lesson_of_tables
from nnviz.lessons.making.defaults import HIDDEN, INIT, loss_for, output_for
from nnviz.lessons.making.lesson_text import lesson_tables
from nnviz.lessons.making.quick import QuickWish, quick_lesson
from nnviz.presets.draw import PresetError, Wish, draw_preset
from nnviz.presets.preset_table import PRESETS
from nnviz.tables.data import select
from nnviz.tables.files import TableError
from nnviz.tables.table import read_table

FIRST_SIZES, FIRST_PRESET = (2, 4, 1), "circle"
NEW_UNITS = 4  # of a layer that is added
DATA_HIDDEN = 8  # hidden units for a person's own data
MOST_LABELS = 10  # more different whole numbers are a quantity
MOST_UNITS, MOST_LAYERS = 32, 6  # that can be chosen by mouse; a lesson file may have more

Tables = dict[str, Any]
Build = Callable[[Lesson], Lesson]


def new_network() -> Lesson:
    """Return the network that building begins with."""
    return _named(quick_lesson(QuickWish(sizes=FIRST_SIZES, data=FIRST_PRESET)))


def network_for_data(file: str, target: Sequence[str] = ()) -> Lesson:
    """Return a network for a table of data: sizes, loss and output as its columns need. Raises LessonError."""
    try:
        data = select(read_table(file), target=list(target) or None)
    except TableError as error:
        raise LessonError(file, [Fault(None, "", str(error))]) from None
    outputs = _label_count(data.targets) or data.targets.shape[-1]
    sizes = (data.inputs.shape[-1], DATA_HIDDEN, outputs)
    wish = QuickWish(sizes=sizes, data=file, target=tuple(target))
    return _named(quick_lesson(wish, ["data.scale='standard'"]))


def _label_count(targets: FloatArray) -> int:
    """Return of how many classes one column (rows, 1) holds the labels, which count on from 0 or 1; 0 if of none.

    Two classes of 0 and 1 need one output alone.
    """
    labels = np.unique(targets)
    counts = labels[0] in (0.0, 1.0) and np.array_equal(labels, labels[0] + np.arange(len(labels)))
    is_coded = counts and labels[-1] >= 2.0 and 2 <= len(labels) <= MOST_LABELS
    return len(labels) if targets.shape[-1] == 1 and is_coded and len(targets) >= 2 * len(labels) else 0


def with_units(layer: int, units: int) -> Build:
    """Return the change of a layer's number of units; that of the output layer is decided by the data."""

    def change(tables: Tables) -> None:
        _layers(tables, layer, is_hidden=True)[layer]["units"] = units

    return _reshaped(change)


def with_layer(at: int) -> Build:
    """Return the change that adds a hidden layer in front of a layer."""

    def change(tables: Tables) -> None:
        layers = _layers(tables, at)
        like = layers[at - 1] if at else {"units": NEW_UNITS, "activation": HIDDEN}
        layers.insert(at, {"units": like["units"], "activation": like["activation"]})

    return _reshaped(change)


def without_layer(layer: int) -> Build:
    """Return the change that removes a hidden layer."""

    def change(tables: Tables) -> None:
        del _layers(tables, layer, is_hidden=True)[layer]

    return _reshaped(change)


def with_activation(layer: int, name: str) -> Build:
    """Return the change of a layer's activation; the weights stay as they are."""

    def change(tables: Tables) -> None:
        _layers(tables, layer)[layer]["activation"] = name

    return _changed(change)


def with_loss(name: str) -> Build:
    """Return the change of the loss, and of the output's activation where the loss belongs to one."""

    def change(tables: Tables) -> None:
        tables["network"]["loss"] = name
        if LOSSES[name].fused:
            tables["network"]["layers"][-1]["activation"] = output_for(name)

    return _changed(change)


def with_weights(scheme: str, seed: int) -> Build:
    """Return the change of how the weights are drawn."""

    def change(tables: Tables) -> None:
        tables["network"]["init"] = {**INIT, **tables["network"].get("init", {}), "scheme": scheme, "seed": seed}

    return _reshaped(change)


def with_training(key: str, value: object) -> Build:
    """Return the change of a key of `[training]`."""

    def change(tables: Tables) -> None:
        tables.setdefault("training", {})[key] = value

    return _changed(change)


def with_preset(name: str) -> Build:
    """Return the change to a preset of data, with the inputs and outputs that it needs.

    Loss and output activation stay if the targets are of the same kind as before.
    """

    def build(lesson: Lesson) -> Lesson:
        outputs = _outputs_for(name, lesson.network.architecture.sizes[-1])
        loss = loss_for(draw_preset(name, Wish(outputs=outputs)).dataset.targets)
        is_other = loss != loss_for(lesson.dataset.targets)

        def change(tables: Tables) -> None:
            kept = {key: tables["data"][key] for key in ("noise", "held_out", "seed") if key in tables["data"]}
            tables["data"] = {"generator": name, **kept}
            network = tables["network"]
            network["inputs"] = PRESETS[name].inputs
            network["layers"][-1]["units"] = outputs
            if is_other:
                network["loss"] = loss
                network["layers"][-1] = {"units": outputs, "activation": output_for(loss)}

        return _reshaped(change)(lesson)

    return build


def with_data(key: str, value: object) -> Build:
    """Return the change of a key of `[data]`: points, noise, held_out, seed or scale; the weights stay."""

    def change(tables: Tables) -> None:
        tables["data"][key] = value
        tables["data"].pop("example", None)

    return _changed(change)


def with_examples(inputs: Sequence[Sequence[float]], targets: Sequence[Sequence[float]], example: int) -> Build:
    """Return the change to examples given as numbers (examples, inputs) and (examples, outputs)."""

    def build(lesson: Lesson) -> Lesson:
        def change(tables: Tables) -> None:
            tables["data"] = {"inputs": inputs, "targets": targets, "example": example}
            if lesson.held_out is not None:
                tables["data"]["held_out_inputs"] = lesson.held_out.inputs[0].tolist()
                tables["data"]["held_out_targets"] = lesson.held_out.targets[0].tolist()

        return _changed(change)(lesson)

    return build


def with_point(place: Sequence[float], target: Sequence[float]) -> Build:
    """Return the change that adds an example, which is stepped next."""

    def build(lesson: Lesson) -> Lesson:
        inputs, targets = _rows(lesson)
        return with_examples([*inputs, list(place)], [*targets, list(target)], len(inputs))(lesson)

    return build


def with_point_moved(example: int, place: Sequence[float]) -> Build:
    """Return the change that gives an example other inputs."""

    def build(lesson: Lesson) -> Lesson:
        inputs, targets = _rows(lesson)
        inputs[example] = list(place)
        return with_examples(inputs, targets, example)(lesson)

    return build


def without_point(example: int) -> Build:
    """Return the change that removes an example; the last one stays."""

    def build(lesson: Lesson) -> Lesson:
        inputs, targets = _rows(lesson)
        if len(inputs) == 1:
            raise LessonError(lesson.name, [Fault(None, "data.inputs", "the last point stays: a network needs one")])
        del inputs[example], targets[example]
        return with_examples(inputs, targets, min(example, len(inputs) - 1))(lesson)

    return build


def class_targets(lesson: Lesson) -> list[list[float]]:
    """Return the targets of each class: one-hot rows, or two numbers of one output; none where targets are numbers."""
    targets = lesson.dataset.targets[0]
    if targets.shape[1] > 1:
        hot = np.eye(targets.shape[1])
        return hot.tolist() if (targets[:, np.newaxis] == hot).all(axis=-1).any(axis=-1).all() else []
    values = np.unique(targets)
    if len(values) == 1:
        values = np.unique(np.append(values, (0.0, 1.0)))[:2]
    return values[:, np.newaxis].tolist() if len(values) == 2 else []


def _rows(lesson: Lesson) -> tuple[list[list[float]], list[list[float]]]:
    """Return inputs (examples, inputs) and targets (examples, outputs)."""
    return lesson.dataset.inputs[0].tolist(), lesson.dataset.targets[0].tolist()


def data_keys(lesson: Lesson) -> Mapping[str, Any]:
    """Return the keys of `[data]` that say where the examples come from; none if they are given as numbers."""
    source = lesson.data_source
    fits = source is not None and source.dataset is lesson.dataset
    return source.keys if source is not None and fits else {}


def _layers(tables: Tables, index: int, *, is_hidden: bool = False) -> list[Tables]:
    """Return the tables of the layers. Raises LessonError if an earlier change has removed the one asked for.

    If `is_hidden`, a hidden layer is asked for, not the output that may have its place now.
    """
    layers: list[Tables] = tables["network"]["layers"]
    if index >= len(layers) - is_hidden:
        raise LessonError(tables["title"], [Fault(None, "network.layers", f"there is no layer {index + 1} any more")])
    return layers


def _changed(change: Callable[[Tables], None]) -> Build:
    """Return a change of a lesson's tables. What a document prints, and says of it, holds no more."""

    def build(lesson: Lesson) -> Lesson:
        file = str(lesson.path.parent / data_keys(lesson)["file"]) if "file" in data_keys(lesson) else ""
        tables = lesson_tables(lesson, file=file)
        for key in ("printed", "errata", "captions", "source", "summary", "topics"):
            tables.pop(key, None)
        tables.get("convention", {}).pop("frozen", None)
        try:
            change(tables)
        except PresetError as error:
            raise LessonError(lesson.name, [Fault(None, f"data.{error.key}", str(error))]) from None
        file = tables["data"].get("file", "")
        return _named(lesson_of_tables(tables, Path("network.toml"), own=OwnData(file) if file else None))

    return build


def _reshaped(change: Callable[[Tables], None]) -> Build:
    """Return a change after which all weights are drawn again, in the standard notation."""

    def reshape(tables: Tables) -> None:
        change(tables)
        network = tables["network"]
        network.setdefault("init", dict(INIT))
        network["layers"] = [
            {key: value for key, value in layer.items() if key not in PARAMETER_NAMES} for layer in network["layers"]
        ]
        tables["notation"] = DEFAULT_NOTATION

    return _changed(reshape)


def _named(lesson: Lesson) -> Lesson:
    """Return a built lesson with its data and sizes as its title."""
    keys = data_keys(lesson)
    what = keys.get("generator") or Path(str(keys.get("file", "own points"))).stem
    sizes = "-".join(map(str, lesson.network.architecture.sizes))
    return replace(lesson, title=f"{what}, {sizes}")


def _outputs_for(name: str, outputs: int) -> int:
    """Return how many outputs a preset needs: as many as there are, if they fit."""
    least, most = PRESETS[name].classes
    if not most:
        return 1
    fits = least <= outputs <= most or (outputs == 1 and least == 2)
    return outputs if fits else 1 if least == 2 else least
