"""A lesson as a value: what a lesson file says, checked and built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.initializers import Initializer
from nnviz.engine.network import Network
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.notation import Notation


@dataclass(frozen=True, kw_only=True)
class PrintedFigure:
    """A number that the document prints, in the document's own sign.

    `layer`, `unit`, `source` and `time` count from 1 and `example` from 0, as in the file, None where not given.
    `value` is the text as printed, so that its digits count.
    """

    quantity: str
    layer: int | None
    unit: int | None
    source: int | None
    example: int | None
    time: int | None
    value: str
    where: str


@dataclass(frozen=True)
class Erratum:
    """A place where the document's text and its arithmetic disagree, told in our words.

    `quantity` and what follows say at which step it shows, counted as in PrintedFigure: None where it shows at none,
    and a None behind it stands for every layer, unit, source, example and time step.
    """

    where: str
    text: str
    quantity: str | None = None
    layer: int | None = None
    unit: int | None = None
    source: int | None = None
    example: int | None = None
    time: int | None = None


@dataclass(frozen=True, eq=False)
class Lesson:
    """Everything that a lesson file says; arrays are read-only.

    `name` is the file's name without its suffix. `example` is the one stepped first, from 0. `network` has its
    parameters drawn already; `initializer` says how, or is None where the file gives them all. `captions` holds
    sentences by kind of step ("z", "delta", …), read-only; they are true of the lesson as its file has it. `text` and
    `points` are the file's text and that of its data file, None where it names none: with them it is read again.
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
