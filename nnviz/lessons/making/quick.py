"""A lesson of a few words: a data file or preset, sizes and activations; the rest is chosen and said in one line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import PARAMETER_LIMIT
from nnviz.lessons.data_file import OwnData, is_preset
from nnviz.lessons.faults import Fault, FieldPath, LessonError, did_you_mean
from nnviz.lessons.file_content import one_line
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import lesson_of_tables
from nnviz.lessons.making.defaults import INIT, TRAINING, all_activations, loss_for
from nnviz.lessons.making.lesson_text import lesson_text
from nnviz.lessons.overrides import override
from nnviz.presets.draw import PresetError, Wish, draw_preset
from nnviz.presets.preset_table import PRESETS
from nnviz.tables.data import select
from nnviz.tables.files import TableError
from nnviz.tables.selection import Needs
from nnviz.tables.table import read_table

_SIZES = re.compile(r"[1-9][0-9]{0,7}(?:[-,x ][1-9][0-9]{0,7})+")
DRAWN_EXAMPLES = 8
_ORIGINS: Mapping[FieldPath, str] = {
    ("data", "target"): "--target",
    ("data",): "--data",
    ("network", "layers"): "--network",
    ("network", "loss"): "--loss",
}


@dataclass(frozen=True, kw_only=True)
class QuickWish:
    """A network as it is asked for in words. `data` is a file, a preset, or None for a preset that fits, or any."""

    sizes: tuple[int, ...]
    data: str | None = None
    target: tuple[str, ...] = ()
    activations: tuple[str, ...] = ()
    loss: str = ""
    title: str = ""


def read_sizes(text: str) -> tuple[int, ...]:
    """Return the sizes of a network, from the inputs to the outputs: 2-8-8-1. Raises ValueError."""
    if not _SIZES.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not the sizes of a network, from the inputs to the outputs, such as 2-8-8-1")
    return tuple(map(int, re.split(r"[-,x ]", text.strip())))


def quick_lesson(wish: QuickWish, overrides: Sequence[str] = (), *, path: str | Path | None = None) -> Lesson:
    """Return the lesson that is wished for; `path` is where it is to be saved. Raises LessonError."""
    tables = quick_tables(wish, overrides)
    name = Path(path) if path is not None else Path(_name(wish)).with_suffix(".toml")
    activations = {("network", "layers", index, "activation"): "--activation" for index in range(len(wish.sizes))}
    return lesson_of_tables(tables, name, overrides, own=_own(wish), origins=activations | dict(_ORIGINS))


def quick_tables(wish: QuickWish, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Return the tables of the lesson file that is wished for, with what is left out chosen. Raises LessonError.

    `overrides` are considered in the choice, as they say which columns are read, but not applied.
    """
    data = _data(wish)
    own = override({"data": data}, [each for each in overrides if each.strip().startswith("data.")])["data"]
    loss = wish.loss or loss_for(_targets(wish, own))
    try:
        activations = all_activations(wish.activations, len(wish.sizes) - 1, loss)
    except ValueError as error:
        raise LessonError(_name(wish), [Fault(None, "", str(error), "--activation")]) from None
    except KeyError:
        activations = (*wish.activations, "linear")[-1:] * (len(wish.sizes) - 1)  # the loss is refused by the checks
    layers = [{"units": units, "activation": name} for units, name in zip(wish.sizes[1:], activations, strict=True)]
    return {
        "format": 1,
        "title": wish.title or f"{Path(_name(wish)).name}, {'-'.join(map(str, wish.sizes))}",
        "network": {"inputs": wish.sizes[0], "loss": loss, "init": dict(INIT), "layers": layers},
        "data": data,
        "training": dict(TRAINING),
    }


def quick_text(lesson: Lesson, folder: Path) -> str:
    """Return the text of a quick lesson, to be saved in a folder: it names a data file that is there or below it."""
    source = lesson.data_source
    file = None if source is None else source.keys.get("file")
    if source is None or file is None:
        return lesson_text(lesson)
    inside = os.path.relpath(str(file), folder)
    if inside.startswith(os.pardir) or os.path.isabs(inside):
        return lesson_text(lesson)
    return lesson_text(lesson, file=Path(inside).as_posix())


def choice_line(lesson: Lesson, epochs: int | None = None) -> str:
    """Return in one line what a lesson's network, loss, weights and training are; `epochs` in place of its own."""
    architecture, training, drawn = lesson.network.architecture, lesson.training, lesson.initializer
    count = training.epochs if epochs is None else epochs
    parts = [
        f"{'-'.join(map(str, architecture.sizes))}, {' '.join(layer.activation for layer in architecture.layers)}",
        architecture.loss,
        *([] if drawn is None else [f"{drawn.scheme} weights, seed {drawn.seed}"]),
        f"{training.optimizer} at {training.rates.learning_rate:g}, "
        f"batches of {training.batch_size(len(lesson.dataset))}, {count} epochs",
    ]
    return "; ".join(parts)


def _name(wish: QuickWish) -> str:
    return one_line(Path(wish.data).stem) if wish.data else "network"


def _own(wish: QuickWish) -> OwnData | None:
    file = wish.data if wish.data is not None and not is_preset(wish.data) else None
    return None if file is None and not wish.target else OwnData(file, wish.target)


def _data(wish: QuickWish) -> dict[str, Any]:
    """Return `[data]`: a preset, a file, or examples of random numbers where nothing else fits."""
    inputs, outputs = wish.sizes[0], wish.sizes[-1]
    if wish.data is not None and not is_preset(wish.data):
        if not os.path.exists(wish.data) and not Path(wish.data).suffix:
            hint = did_you_mean(wish.data, tuple(PRESETS)) or f"; the presets are {', '.join(PRESETS)}"
            raise LessonError(wish.data, [Fault(None, "", f"no file or preset of data has this name{hint}", "--data")])
        return {"file": wish.data}
    if wish.data is not None:
        return {"generator": wish.data}
    if (inputs, outputs) == (2, 1):
        return {"generator": "xor"}
    count = sum((before + 1) * units for before, units in pairwise(wish.sizes))
    if max(count, DRAWN_EXAMPLES * inputs) > PARAMETER_LIMIT:  # refused before the numbers are drawn
        message = f"the network would have {count} parameters; at most {PARAMETER_LIMIT} are allowed"
        raise LessonError(_name(wish), [Fault(None, "", message, "--network")])
    generator = np.random.RandomState(0)
    rows = np.round(generator.uniform(-1.0, 1.0, (DRAWN_EXAMPLES, inputs)), 2).tolist()
    labels = np.arange(DRAWN_EXAMPLES) % max(2, outputs)
    hot = labels[:, np.newaxis] % 2 if outputs == 1 else np.eye(outputs)[labels]
    return {"inputs": rows, "targets": hot.astype(float).tolist()}


def _targets(wish: QuickWish, data: dict[str, Any]) -> FloatArray:
    """Return the targets as they are before a loss is chosen. Raises LessonError."""
    if "targets" in data:
        return np.asarray(data["targets"])
    outputs = wish.sizes[-1]
    try:
        if "generator" in data:
            return draw_preset(data["generator"], Wish(outputs=outputs)).dataset.targets
        needs = Needs(wish.sizes[0], outputs)
        keys = {key: data[key] for key in ("columns", "missing") if key in data}
        return select(read_table(data["file"]), target=wish.target or data.get("target"), needs=needs, **keys).targets
    except (TableError, PresetError) as error:
        origin = "--target" if error.key == "target" and wish.target else "--data"
        raise LessonError(_name(wish), [Fault(None, "", f"{wish.data}: {error}", origin)]) from None
