"""A walk as a value: the scenes of a `*.walk.toml` file, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from nnviz.lessons.faults import FieldPath

SUFFIX = ".walk.toml"
LAYOUTS = ("network", "graph", "code", "plots", "network+plots", "text")
WHOLE = "all"  # the zoom that shows the whole network


@dataclass(frozen=True, kw_only=True)
class WalkStage:
    """How a walk is shown: theme, layout where a scene names none, grain of its steps, seconds a step."""

    theme: str = "dark"
    layout: str = "network"
    grain: str = "neuron"
    pace: float = 1.2


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scene: commands of the debugger, a caption, and how it is shown.

    An empty `layout` is that of the stage. `hold` is None if it follows from the length of the caption, and `seconds`
    is None if training is not shown. `ask` is the name of a value to ask for, `audio` a file beside the walk.
    """

    title: str = ""
    do: tuple[str, ...] = ()
    say: str = ""
    notes: str = ""
    layout: str = ""
    point: tuple[str, ...] = ()
    zoom: str = ""
    hold: float | None = None
    seconds: float | None = None
    expect: tuple[str, ...] = ()
    ask: str = ""
    audio: str = ""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk: its title, the lesson that it plays (a name, or a file beside it), stage and scenes.

    `path` is the file that it was read from, None for a walk that has none yet, and `lines` are the lines of its keys;
    walks of the same content are equal.
    """

    title: str
    lesson: str
    scenes: tuple[Scene, ...]
    stage: WalkStage = field(default_factory=WalkStage)
    path: Path | None = field(default=None, compare=False)
    lines: Mapping[FieldPath, int] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)

    @property
    def name(self) -> str:
        """The name of its file without the suffix; empty for a walk without a file."""
        return "" if self.path is None else self.path.name.removesuffix(SUFFIX)

    @property
    def folder(self) -> Path:
        """The folder in which the files that it names are."""
        return Path() if self.path is None else self.path.parent

    def layout_of(self, scene: Scene) -> str:
        """Return the layout of a scene: its own, or that of the stage."""
        return scene.layout or self.stage.layout
