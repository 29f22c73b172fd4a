"""Moments: a walk as a sequence of frozen values, each shown for some seconds; window, stage and film show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Quantity, Step


@dataclass(frozen=True)
class AskedValue:
    """A value that a scene asks for: its name in the walk, its quantity, and the step that computes it.

    While `is_answered` is false the value is hidden, and a live audience is waited for.
    """

    name: str
    quantity: Quantity
    step: Step
    is_answered: bool


@dataclass(frozen=True)
class TrainingPlace:
    """How far the training of a scene has come: the epoch, and the epochs at which it starts and ends."""

    epoch: int
    start: int
    goal: int

    @property
    def share(self) -> float:
        """The finished share of the training, from 0 to 1."""
        return (self.epoch - self.start) / (self.goal - self.start) if self.goal > self.start else 1.0


@dataclass(frozen=True, eq=False)
class LossCurve:
    """The mean loss of each epoch so far (n,); the first is that of epoch `first`, counted from 1."""

    first: int
    losses: FloatArray

    @property
    def end(self) -> int:
        """The last epoch of the curve."""
        return self.first + len(self.losses) - 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Moment:
    """What a walk shows at once, and for how many seconds.

    `source` returns the session; that of a moment of training is made when it is asked for, since a training has
    hundreds of moments, each with the arrays of a pass. `caption` has the numbers of the pass filled in, and TeX
    between dollars. `rings` are the numbers pointed at. `zoom` is a neuron, or a whole layer if it has no unit; None
    shows everything. `training` is set while the walk trains, and `curve` is the loss curve so far, if it has trained.
    """

    scene: int
    source: Callable[[], Session]
    caption: str
    layout: str
    seconds: float
    rings: tuple[Quantity, ...] = ()
    zoom: Quantity | None = None
    ask: AskedValue | None = None
    training: TrainingPlace | None = None
    curve: LossCurve | None = None

    @property
    def session(self) -> Session:
        """The session that is shown."""
        return self.source()

    @property
    def is_waiting(self) -> bool:
        """Whether a live audience is to answer before the next moment."""
        return self.ask is not None and not self.ask.is_answered


def duration(moments: Iterable[Moment]) -> float:
    """Return how many seconds moments are shown."""
    return sum(moment.seconds for moment in moments)


def scene_starts(moments: Sequence[Moment]) -> tuple[int, ...]:
    """Return the index of the first moment of each scene."""
    places = groupby(range(len(moments)), lambda at: moments[at].scene)
    return tuple(next(group) for _, group in places)


def start_times(moments: Iterable[Moment]) -> tuple[float, ...]:
    """Return the second at which each moment begins."""
    times, now = [], 0.0
    for moment in moments:
        times.append(now)
        now += moment.seconds
    return tuple(times)
