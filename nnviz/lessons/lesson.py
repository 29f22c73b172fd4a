"""A lesson as a value: the checked content of a lesson file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.initializers import Initializer
from nnviz.engine.network import Network
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.notation import Notation


@dataclass(frozen=True, kw_only=True)
class PrintedFigure:
    """A number that the document prints, with the document's own sign.

    `layer`, `unit`, `source` and `time` count from 1 and `example` from 0, as in the file; None if not given.
    `of` names the parameter that a number of an optimizer's memory belongs to, if given.
    `value` is the text as printed, which keeps the number of digits. The figure holds after `update` updates, in a run
    from the start with the lesson's convention in which the choices of `convention` are made.
    """

    quantity: str
    layer: int | None
    unit: int | None
    source: int | None
    example: int | None
    time: int | None
    value: str
    where: str
    update: int = 0
    convention: tuple[tuple[str, str], ...] = ()
    of: str | None = None


@dataclass(frozen=True)
class Erratum:
    """A mistake of the document, described in our own words.

    `quantity` and the fields after it name the step it concerns, counted as in PrintedFigure. A `quantity` of None
    means no step; None in a field after it means every layer, unit, source, example or time step. `formula` is the
    wrong formula as the document prints it, in TeX, and `correct` the correct one where the lesson computes as printed;
    if only `formula` is given, the formula of the step is the correct one.
    """

    where: str
    text: str
    quantity: str | None = None
    layer: int | None = None
    unit: int | None = None
    source: int | None = None
    example: int | None = None
    time: int | None = None
    formula: str = ""
    correct: str = ""


@dataclass(frozen=True, eq=False)
class DataSource:
    """Where examples come from: the keys of `[data]` of a file or generator, and the examples that they gave."""

    keys: Mapping[str, Any]
    dataset: Dataset
    held_out: Dataset | None


@dataclass(frozen=True, eq=False)
class Lesson:
    """The content of a lesson file; arrays are read-only.

    `name` is the file's name without its suffix. `example` is the example stepped first, from 0. `network` has its
    parameters drawn already; `initializer` says how, or is None if the file gives them all. `captions` maps kinds of
    steps ("z", "delta", …) to sentences, which hold for the lesson as its file has it. `text` is the text of the file,
    and `points` that of its data file, if any: the lesson can be loaded from them again. A lesson made from values has
    no text; `lessons.making.lesson_text` writes it. `held_out` are the examples that are not trained on, and `report`
    says in one line what was read from a data file. `data_source` is None if the examples are given as numbers.
    `summary` is a sentence about the lesson, and `topics` are the filters of the start page to which it belongs.
    """

    name: str
    path: Path
    title: str
    source: str
    notation: Notation
    network: Network
    dataset: Dataset
    example: int
    convention: Convention
    training: TrainingSettings
    printed: tuple[PrintedFigure, ...]
    errata: tuple[Erratum, ...]
    initializer: Initializer | None
    captions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""
    points: str | None = None
    held_out: Dataset | None = None
    report: str = ""
    summary: str = ""
    topics: tuple[str, ...] = ()
    data_source: DataSource | None = None
