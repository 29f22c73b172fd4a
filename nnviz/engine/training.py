"""Deterministic training: the same network, data and settings give the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field, replace
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, all_finite, frozen_array
from nnviz.engine.constants import Constant
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, given_targets
from nnviz.engine.network import Network, Parameters, view_parameters
from nnviz.engine.optimizers import OPTIMIZERS, Rates, UpdateRule
from nnviz.engine.passes import PlannedPass, forward, measure, plan_pass, predict, run_kernels
from nnviz.engine.record import PassRecord, take_record
from nnviz.engine.schedule import RateSchedule, Schedule
from nnviz.engine.workspace import Workspace, entering_rows, measured_count, target_rows, without_target

_AT_ONCE = 4096  # examples whose loss is computed together


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of a run. `update_after` is "example", "batch" or a number of examples.

    The learning rate in `rates` is that of the first epoch; `rate_schedule` says what it is in later ones.
    """

    optimizer: str = "sgd"
    rates: Rates = field(default_factory=Rates)
    update_after: str | int = "example"
    reduce: str = "sum"
    epochs: int = 1000
    seed: int = 0
    shuffle: bool = False
    rate_schedule: RateSchedule = field(default_factory=RateSchedule)

    def rule(self, epoch: int = 0) -> UpdateRule:
        """Return the update rule in an epoch, counted from 0."""
        rate = self.rate_schedule.rate(self.rates.learning_rate, epoch)
        rates = self.rates if rate == self.rates.learning_rate else replace(self.rates, learning_rate=rate)
        return UpdateRule(self.optimizer, rates, self.reduce)

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The constants that these settings use: those of the optimizer, then those of the learning rate's schedule."""
        return (*OPTIMIZERS[self.optimizer].all_constants, *self.rate_schedule.constants)

    def constant(self, constant: Constant) -> float:
        """Return the value of one of the constants in use."""
        if constant in self.rate_schedule.constants:
            return float(getattr(self.rate_schedule, constant.name))
        return self.rates.constant(constant)

    def with_constant(self, constant: Constant, value: float) -> TrainingSettings:
        """Return the settings with another value of one of the constants in use."""
        changed: dict[str, Any] = {constant.name: value}
        if constant in self.rate_schedule.constants:
            return replace(self, rate_schedule=replace(self.rate_schedule, **changed))
        return replace(self, rates=replace(self.rates, **changed))

    def batch_size(self, examples: int) -> int:
        """Return the number of examples per update, for data of `examples` examples."""
        if self.update_after == "example":
            return 1
        return examples if self.update_after == "batch" else min(int(self.update_after), examples)

    def schedule(self, examples: int) -> Schedule:
        """Return the schedule of training on data of `examples` examples."""
        batch = self.batch_size(examples)
        return Schedule(examples=examples, batch=batch, seed=self.seed, shuffle=self.shuffle)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A place in a run from which it continues bit for bit: parameters (P,), optimizer memory (vectors, P), counters.

    `update` is the number of updates made. `epoch` and `position` are the completed epochs and the examples presented
    in the current one; `epoch_loss` is its loss so far. The order of examples depends only on seed and epoch, so no
    generator state is needed.
    """

    parameters: FloatArray
    memory: FloatArray
    _: KW_ONLY
    update: int = 0
    epoch: int = 0
    position: int = 0
    epoch_loss: float = 0.0


class NonFiniteError(ArithmeticError):
    """Training stopped because the loss, a parameter or the optimizer's memory is NaN or infinite.

    `mean` is the mean loss of the epoch that the update ended, None if it ended none.
    """

    def __init__(self, checkpoint: Checkpoint, what: str, mean: float | None = None) -> None:
        # After the last update of an epoch, the checkpoint is at the start of the next one.
        epoch = checkpoint.epoch + (1 if checkpoint.position else 0)
        super().__init__(f"update {checkpoint.update} (epoch {epoch}): {what} is not finite")
        self.checkpoint = checkpoint
        self.mean = mean


def start_checkpoint(network: Network, settings: TrainingSettings) -> Checkpoint:
    """Return the checkpoint before the first update: the network's parameters and an empty optimizer memory."""
    vectors = len(OPTIMIZERS[settings.optimizer].memory)
    memory = np.zeros((vectors, network.architecture.parameter_count))
    return Checkpoint(network.parameters.vector, frozen_array(memory))


class Trainer:
    """One run: parameters that are updated in place, and the position in the data. Mutable, for speed.

    `update` raises NonFiniteError if the loss, a parameter or the optimizer's memory is not finite; the trainer is then
    after that update.
    """

    def __init__(self, network: Network, dataset: Dataset, settings: TrainingSettings, convention: Convention) -> None:
        self.architecture = network.architecture
        self.dataset = dataset
        self.settings = settings
        self.convention = convention
        self._schedule = settings.schedule(len(dataset))
        self._parameters = view_parameters(self.architecture, network.parameters.vector.copy())
        self._plans: dict[int, PlannedPass] = {}  # by the size of the batch
        self.workspace: Workspace | None = None  # of the last update
        self._loaded: PlannedPass | None = None  # holds all examples, if every update uses them all
        self._examples = len(dataset)
        self._divisor = measured_count(self.architecture, dataset.targets)
        self._order = np.arange(self._examples)
        self._entering, self._targets = entering_rows(dataset.inputs), target_rows(dataset.targets)
        self._missing = without_target(self.architecture, dataset.targets)
        self.restore(start_checkpoint(network, settings))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to a checkpoint of a run with the same architecture and optimizer."""
        self._parameters.vector[:] = checkpoint.parameters
        self._memory = checkpoint.memory.copy()
        self._memory_vectors = list(self._memory)
        self._all_memory = self._memory.reshape(-1)
        self.update_count = checkpoint.update
        self.epoch = checkpoint.epoch
        self.rule = self.settings.rule(self.epoch)
        self._position = checkpoint.position
        self._epoch_loss = checkpoint.epoch_loss
        self._present(checkpoint.epoch)

    @property
    def position(self) -> int:
        """The examples presented in the current epoch; 0 at the end of one."""
        return self._position

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint of the current state."""
        return Checkpoint(
            frozen_array(self._parameters.vector),
            frozen_array(self._memory),
            update=self.update_count,
            epoch=self.epoch,
            position=self._position,
            epoch_loss=self._epoch_loss,
        )

    def network(self) -> Network:
        """Return a read-only copy of the current network."""
        return Network(self.architecture, view_parameters(self.architecture, frozen_array(self._parameters.vector)))

    @property
    def parameters(self) -> Parameters:
        """The current parameters; training updates them in place."""
        return self._parameters

    @property
    def memory(self) -> FloatArray:
        """The optimizer's current vectors (vectors, P); training updates them in place."""
        return self._memory

    @property
    def next_examples(self) -> NDArray[np.int64]:
        """The indices of the examples of the next update."""
        return self._order[self._position : self._position + self._schedule.batch]

    @np.errstate(all="ignore")
    def update(self) -> float | None:
        """Train on the next batch; return the mean loss of the epoch that ends with this update, else None."""
        return self._advance()

    @np.errstate(all="ignore")
    def run(self, updates: int, losses: list[float], until: float = inf) -> None:
        """Make some updates, but none after the epoch `until`; `losses` takes the mean loss of each epoch that ends.

        For a small network this is faster than one call for each update.
        """
        for _ in range(updates):
            mean = self._advance()
            if mean is not None:
                losses.append(mean)
                if self.epoch >= until:
                    break

    @np.errstate(all="ignore")
    def record_update(self) -> PassRecord:
        """Train on the next batch and return the record of the pass; the results are bit for bit those of `update`."""
        before, rule, examples = self.checkpoint(), self.rule, self.next_examples.tolist()
        self._advance()
        assert self.workspace is not None
        return take_record(
            self.workspace,
            view_parameters(self.architecture, before.parameters),
            self._parameters,
            before.memory,
            self._memory,
            self.update_count,
            self.convention,
            rule,
            examples,
            0,
        )

    @np.errstate(all="ignore")
    def run_epoch(self) -> float:
        """Train to the end of the current epoch; return the mean of its losses, each computed when presented."""
        while (loss := self._advance()) is None:
            pass
        return loss

    def _advance(self) -> float | None:
        start = self._position
        plan = self._loaded or self._load_batch(start)
        self.workspace = plan.work
        self.update_count += 1
        loss = run_kernels(plan, self._memory_vectors, self.update_count, self.rule)
        broken = "" if isfinite(loss) else "the loss"
        if not broken and not all_finite(self._parameters.vector):
            broken = "a parameter"
        if not broken and self._memory_vectors and not all_finite(self._all_memory):
            broken = "the optimizer's memory"
        self._epoch_loss += loss
        epoch, self._position = self._schedule.after(self.epoch, start)
        mean = None
        if epoch != self.epoch:
            mean = self._epoch_loss / self._divisor
            self._epoch_loss = 0.0
            self.epoch = epoch
            if not self.settings.rate_schedule.is_constant:
                self.rule = self.settings.rule(epoch)
            if self.settings.shuffle:
                self._present(self.epoch)
            if not broken and not isfinite(mean):
                broken = "the mean loss of the epoch"
        if broken:
            raise NonFiniteError(self.checkpoint(), broken, mean)
        return mean

    def _load_batch(self, start: int) -> PlannedPass:
        """Return the pass for the batch's size, with the batch at this position loaded."""
        end = min(start + self._schedule.batch, self._examples)
        entering, targets = self._entering[:, :, start:end], self._targets[:, start:end]
        missing = None if self._missing is None else self._missing[:, start:end]
        plan = self._plans.get(end - start)
        if plan is None:
            inputs = self.dataset.inputs[:, start:end]
            work = Workspace(self.architecture, inputs, targets, missing)
            plan = self._plans[end - start] = plan_pass(work, self._parameters, self.convention, self.settings.reduce)
        plan.work.load(entering, targets, missing)
        if end - start == self._examples:
            self._loaded = plan
        return plan

    def _present(self, epoch: int) -> None:
        """Arrange the examples in the order of the epoch, so that every batch is a slice."""
        order = self._schedule.permutation(epoch)
        if order is not None:
            self._order = order
            self._entering = entering_rows(self.dataset.inputs[:, order])
            self._targets = target_rows(self.dataset.targets[:, order])
            self._missing = without_target(self.architecture, self.dataset.targets[:, order])
            self._loaded = None


def train_epochs(trainer: Trainer, epochs: int) -> Iterator[float]:
    """Train some epochs; yield the loss of each."""
    for _ in range(epochs):
        yield trainer.run_epoch()


def loss_of(network: Network, dataset: Dataset) -> float:
    """Return the mean loss of the examples, without training on them."""
    total = 0.0
    for start in range(0, len(dataset), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        work = Workspace(network.architecture, dataset.inputs[:, rows], dataset.targets[:, rows])
        with np.errstate(all="ignore"):
            forward(work, network.parameters)
            total += measure(work)
    return total / len(dataset)


def accuracy(network: Network, dataset: Dataset, trained_on: Dataset | None = None) -> float | None:
    """Return the fraction of correctly classified examples, or None if the targets are not classes.

    Which classes there are is seen in `trained_on`, by default the dataset itself. With one-hot targets the largest
    output decides. With targets of two values, every output must be on the same side of their midpoint as its target.
    NaN is never correct.
    """
    given = ~np.isnan(dataset.targets).any(axis=-1)
    targets = dataset.targets[given]
    known = dataset.targets if trained_on is None else np.concatenate((trained_on.targets, dataset.targets), axis=1)
    if not are_classes(known):
        return None
    known = given_targets(known)
    outputs = predict(network, dataset.inputs)[given]
    if _is_one_hot(known):
        right = outputs.argmax(axis=-1) == targets.argmax(axis=-1)
    else:
        middle = (float(known.min()) + float(known.max())) / 2
        right = ((outputs > middle) == (targets > middle)).all(axis=-1)
    return float((right & ~np.isnan(outputs).any(axis=-1)).mean())


def are_classes(targets: FloatArray) -> bool:
    """Return whether targets are classes: one-hot, or of two values. Places without a target do not count."""
    targets = given_targets(targets)
    if not targets.size:
        return False
    low, high = float(targets.min()), float(targets.max())
    return _is_one_hot(targets) or (low < high and bool(((targets == low) | (targets == high)).all()))


def _is_one_hot(targets: FloatArray) -> bool:
    of_two = targets.shape[-1] > 1 and np.isin(targets, (0.0, 1.0)).all()
    return bool(of_two and (targets.sum(axis=-1) == 1.0).all())
