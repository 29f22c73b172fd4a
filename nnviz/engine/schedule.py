"""The schedules of training: which examples each update sees, in which order, and the learning rate of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.constants import Constant

DECAY = Constant(
    "decay",
    0.1,
    "The factor of the learning rate, in inverse that of the epoch in 1 / (1 + decay · epoch); 0.1 if left out.",
)
DECAY_EVERY = Constant("decay_every", 1.0, "The number of epochs over which decay acts once; 1 if left out.", low=1.0)

# The factor of the learning rate, from decay and the epochs completed over `decay_every`. With a `decay_every` of 1
# the second and third are PyTorch's StepLR and ExponentialLR, the fourth is Keras's InverseTimeDecay.
RATE_SCHEDULES: dict[str, Callable[[np.float64, float], float]] = {
    "constant": lambda decay, times: 1.0,
    "step": lambda decay, times: float(decay ** np.floor(times)),
    "exponential": lambda decay, times: float(decay**times),
    "inverse": lambda decay, times: float(1.0 / (1.0 + decay * times)),
}


@dataclass(frozen=True)
class RateSchedule:
    """How the learning rate decays: a row of RATE_SCHEDULES with its constants."""

    name: str = "constant"
    decay: float = DECAY.default
    decay_every: float = DECAY_EVERY.default

    @property
    def is_constant(self) -> bool:
        """Whether the learning rate is the same in every epoch."""
        return self.name == "constant"

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The constants that the schedule uses."""
        return () if self.is_constant else (DECAY, DECAY_EVERY)

    def rate(self, first: float, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0; `first` is that of epoch 0."""
        if self.is_constant:
            return first
        with np.errstate(all="ignore"):
            return first * RATE_SCHEDULES[self.name](np.float64(self.decay), epoch / self.decay_every)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The order in which epochs present `examples` examples, `batch` of them for each update.

    The last batch of an epoch may be shorter.
    With `shuffle` an epoch's order is drawn from `seed` and the number of the epoch (from 0) alone; otherwise it is the
    order of the file. A `position` is the number of examples that an epoch has presented before an update.
    """

    examples: int
    batch: int
    seed: int = 0
    shuffle: bool = False

    def order(self, epoch: int) -> tuple[int, ...]:
        """Return the indices of all examples in the order in which an epoch presents them."""
        return _shuffled(self.seed, self.examples, epoch) if self.shuffle else _in_order(self.examples)

    def permutation(self, epoch: int) -> NDArray[np.int64] | None:
        """Return the order of an epoch as an array, or None for the order of the file."""
        return _permutation(self.seed, self.examples, epoch) if self.shuffle else None

    def batch_at(self, epoch: int, position: int) -> tuple[int, ...]:
        """Return the batch that an epoch presents at a position."""
        return self.order(epoch)[position : position + self.batch]

    def start_of(self, epoch: int, example: int) -> int:
        """Return the position of the batch that contains `example`, in an epoch trained from its beginning."""
        return self.order(epoch).index(example) // self.batch * self.batch

    def start_with(self, epoch: int, position: int, example: int) -> int:
        """Return `position` if the batch there contains `example`, else the position of the epoch's batch that does."""
        return position if example in self.batch_at(epoch, position) else self.start_of(epoch, example)

    def batch_with(self, epoch: int, position: int, example: int) -> tuple[int, ...]:
        """Return the batch at `position` if it contains `example`, else the epoch's batch that does."""
        due = self.batch_at(epoch, position)
        return due if example in due else self.batch_at(epoch, self.start_of(epoch, example))

    def after(self, epoch: int, position: int) -> tuple[int, int]:
        """Return epoch and position of the update that follows the one at `position`."""
        end = position + self.batch
        return (epoch, end) if end < self.examples else (epoch + 1, 0)

    def updates_from(self, position: int) -> int:
        """Return how many updates an epoch makes from a position to its end; from 0, how many it has."""
        return -(-(self.examples - position) // self.batch)


def _permutation(seed: int, examples: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(examples)


# Cached: each step needs it several times, and for a million examples it takes a tenth of a second.
@lru_cache(maxsize=2)
def _shuffled(seed: int, examples: int, epoch: int) -> tuple[int, ...]:
    return tuple(_permutation(seed, examples, epoch).tolist())


@lru_cache(maxsize=2)
def _in_order(examples: int) -> tuple[int, ...]:
    return tuple(range(examples))
