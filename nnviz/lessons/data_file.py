"""The data file of a lesson: where it may be, which examples it gives, and what was read, in one line."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.losses import LOSSES
from nnviz.lessons.faults import count_of
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.schema import Document
from nnviz.presets.draw import PresetError, Wish, draw_preset
from nnviz.presets.preset_table import PRESETS
from nnviz.tables.data import DataPart, select
from nnviz.tables.files import TableError
from nnviz.tables.selection import Needs
from nnviz.tables.table import parse_table, read_table

# The keys of [data] that say where the examples come from; another data file takes their place.
_OTHER_SOURCES = (
    *("inputs", "targets", "generator", "centers", "per_class", "shared_generator", "example"),
    *("points", "noise", "held_out_inputs", "held_out_targets"),
)


@dataclass(frozen=True)
class OwnData:
    """A data file named outside the lesson file, which may be anywhere, or a preset, and its target columns, if named.

    Without a file, the columns are those of the lesson's own data file.
    """

    file: str | None = None
    target: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileData:
    """The examples of a data file: to train on, and held out, if any; its text, and one line on what was read.

    A preset of data has no text.
    """

    dataset: Dataset
    held_out: Dataset | None
    text: str | None
    report: str


def read_data_file(
    document: Document, folder: Path, text: str | None, own: OwnData | None = None, *, anywhere: bool = False
) -> FileData:
    """Read the data file that a document names, or `text` in its place.

    The file is in `folder` or below it, or `anywhere` where a person has named it. Raises TableError, whose key is the
    one of [data] that is at fault.
    """
    if text is not None:
        table = parse_table(text)
    elif own is not None and own.file is not None:
        table = read_table(own.file)
    else:
        name = document.data.file or ""
        table = read_table(folder / name if anywhere else _inside(name, folder))
    data, network = document.data, document.network
    loss = LOSSES[network.loss]
    needs = Needs(
        network.inputs,
        network.layers[-1].units,
        loss.name,
        low=loss.low,
        high=loss.high,
        exclusive=bool(loss.fused) and not ACTIVATIONS[loss.fused].elementwise,
    )
    chosen = select(
        table,
        columns=data.columns,
        target=data.target,
        needs=needs,
        scale=data.scale,
        held_out=data.held_out,
        seed=data.seed or 0,
        missing=data.missing,
    )
    held_out = None if chosen.held_out is None else _dataset(chosen.held_out)
    return FileData(_dataset(chosen.training), held_out, table.text, chosen.report)


def is_preset(word: str) -> bool:
    """Return whether a word names a preset of data; a file of that name comes first."""
    return word in PRESETS and not os.path.exists(word)


def draw_data(document: Document) -> FileData:
    """Draw the preset of data that a document names. Raises PresetError, whose key is the one of [data] at fault."""
    data, network = document.data, document.network
    wish = Wish(
        outputs=network.layers[-1].units,
        low=max(LOSSES[network.loss].low, -1.0) if isfinite(LOSSES[network.loss].low) else 0.0,
        points=data.points,
        noise=data.noise,
        held_out=data.held_out,
        seed=data.seed or 0,
    )
    name = data.preset or ""
    if PRESETS[name].inputs != network.inputs:
        inputs = count_of(PRESETS[name].inputs, "input")
        raise PresetError(f"{name} has {inputs}, but the network has {network.inputs}")
    drawn = draw_preset(name, wish)
    return FileData(drawn.dataset, drawn.held_out, None, drawn.report)


def files_of(lesson: Lesson) -> tuple[Path, ...]:
    """Return the files that a lesson was read from: its own, and its data file, if it names one."""
    data = tomllib.loads(lesson.text).get("data", {})
    name = data.get("file") if isinstance(data, dict) else None
    return (lesson.path, lesson.path.parent / name) if isinstance(name, str) else (lesson.path,)


def with_own_data(tables: dict[str, Any], own: OwnData) -> dict[str, Any]:
    """Return the tables of a lesson with another data file or target; printed results of other data are dropped."""
    data = tables.get("data")
    if not isinstance(data, dict):
        data = {}
    if own.file is not None:
        had_file = "file" in data
        data = {key: value for key, value in data.items() if key not in _OTHER_SOURCES}
        if not had_file:
            data.pop("seed", None)
        data["generator" if is_preset(own.file) else "file"] = own.file
        tables = {**tables, "printed": [], "errata": []}
    if own.target:
        data = {**data, "target": own.target[0] if len(own.target) == 1 else list(own.target)}
    return {**tables, "data": data}


def _inside(name: str, folder: Path) -> Path:
    """Return the path of a file in a folder or below it. Raises TableError for one elsewhere, which is not opened.

    A lesson from somebody else must not have other files of the computer read, and shown in messages.
    """
    try:
        path, home = (folder / name).resolve(), folder.resolve()
    except (OSError, ValueError, RuntimeError):
        raise TableError("cannot be read: not a file name") from None
    if not path.is_relative_to(home):
        raise TableError("outside the lesson's folder; copy the file there, or name it on the command line")
    return path


def _dataset(part: DataPart) -> Dataset:
    return make_dataset(part.inputs, part.targets)
