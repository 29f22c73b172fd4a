"""A run in the training process: its trainer and its measurements."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import make_network
from nnviz.engine.training import NonFiniteError, Trainer, accuracy, loss_of
from nnviz.process.messages import RunState, Snapshot, Start
from nnviz.process.watcher import Halt, WatchedUpdates

LOSS_LIMIT = 2000  # epoch losses in one snapshot
BURST_SECONDS = 0.0005  # of updates between readings of the clock
RATE_SECONDS = 0.25  # of training over which the speed is measured
REST = 40  # after a measurement, training gets this many times its duration
RATED_AT_FIRST = 20  # the first epochs, after each of which the accuracy is measured if that is quick
QUICK_SECONDS = 0.001
RATED_GROWTH = 1.005  # the least ratio between two measured epochs


@dataclass(eq=False)
class EpochLog:
    """The epoch losses since the last snapshot, thinned by doubling `stride`. Mutable: it grows with the run."""

    epochs: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    stride: int = 1
    last: tuple[int, float] | None = None

    def add(self, epoch: int, loss: float) -> None:
        """Add the loss of an epoch that has ended."""
        self.last = (epoch, loss)
        if not epoch % self.stride:
            self.epochs.append(epoch)
            self.losses.append(loss)

    def thin(self) -> None:
        """Double the stride until there is room for the last epoch."""
        while len(self.epochs) >= LOSS_LIMIT:
            self.stride *= 2
            kept = [i for i, epoch in enumerate(self.epochs) if epoch % self.stride == 0]
            self.epochs = [self.epochs[i] for i in kept]
            self.losses = [self.losses[i] for i in kept]

    def arrays(self) -> tuple[NDArray[np.int64], FloatArray]:
        """Return epoch numbers and losses, including the last epoch, read-only."""
        missing = [] if self.last is None or self.epochs[-1:] == [self.last[0]] else [self.last]
        epochs = np.array(self.epochs + [epoch for epoch, _ in missing], dtype=np.int64)
        epochs.setflags(write=False)
        return epochs, frozen_array(self.losses + [loss for _, loss in missing])


@dataclass(eq=False)
class HeldOutLog:
    """Measures of the examples held out, at the ends of epochs since the last snapshot. Mutable: it grows."""

    epochs: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)


class WorkerRun:
    """One run in the worker: its trainer and its measurements. Mutable: it trains."""

    def __init__(self, start: Start) -> None:
        network = make_network(start.architecture, start.checkpoint.parameters)
        self.trainer = Trainer(network, start.dataset, start.settings, start.convention)
        self.trainer.restore(start.checkpoint)
        self._watched = None if start.watcher is None else WatchedUpdates(self.trainer, start.watcher)
        self._halt: Halt | None = None
        self.number = start.run
        self.answered = start.number
        self.snapshot_requested = False
        self.state: RunState = "paused" if start.paused else "running"
        self._limit = start.epochs
        self._stop: float = float("inf") if start.epochs is None else start.epochs
        self._burst = 1
        self._log = EpochLog()
        self._message = ""
        self._accuracy: float | None = None
        self._next_accuracy = 0.0
        self._rated: list[int] = []
        self._rates: list[float] = []
        self._held_out = start.held_out
        self._held = HeldOutLog()
        self._rate_next: float = self.trainer.epoch  # the epoch after which the accuracy is measured again
        self._rate_from: float = float("inf")  # the same if a measurement may be made now, else infinity
        self._speed = 0.0
        self.set_pace(start.pace)
        examples = len(start.dataset)
        self._examples_per_update = examples / start.settings.schedule(examples).updates_from(0)
        self._mark = (time.perf_counter(), self.trainer.update_count)
        if self.trainer.epoch >= self._stop:
            self.state = "finished"
        if not start.checkpoint.position:
            self._measure_rate(self.trainer.epoch)

    @property
    def pace(self) -> float | None:
        """The most updates in a second; None for as many as there can be."""
        return self._pace

    def set_pace(self, pace: float | None) -> None:
        """Set the most updates in a second, counted from now."""
        self._pace = pace
        self._paced_from = (time.perf_counter(), self.trainer.update_count)

    def resume(self, epochs: int | None = None) -> None:
        """Continue to the limit of the run, or for `epochs` epochs if that is sooner."""
        limits = [] if self._limit is None else [self._limit]
        limits += [] if epochs is None else [self.trainer.epoch + epochs]
        self._stop = min(limits, default=float("inf"))
        self._halt = None
        if self.state == "paused":
            self._mark = self._paced_from = (time.perf_counter(), self.trainer.update_count)
        self.state = "running"

    def train(self, seconds: float) -> None:
        """Train for a time, at least one update, or until the state changes; with a pace, only what is due."""
        begun = time.perf_counter()
        before = self.trainer.update_count
        try:
            while self.state == "running" and (due := self._due()):
                self._train_burst(due)
                now = time.perf_counter()
                if now >= self._next_accuracy:
                    self._rate_from = self._rate_next
                if now >= begun + seconds:
                    break
        except NonFiniteError as error:
            self.state, self._message = "failed", str(error)
        now = time.perf_counter()
        if self.trainer.update_count > before:
            self._set_burst((now - begun) / (self.trainer.update_count - before))
        self._log.thin()
        self._measure_speed(now)

    def _due(self) -> int:
        """Return how many updates to make now without reading the clock: 0 while the pace has none yet."""
        if self._pace is None:
            return self._burst
        since, before = self._paced_from
        allowed = 1 + int((time.perf_counter() - since) * self._pace)
        return max(0, min(self._burst, allowed - (self.trainer.update_count - before)))

    def _set_burst(self, each: float) -> None:
        """Choose the length of a burst by the seconds of an update."""
        self._burst = max(1, min(int(BURST_SECONDS / each), 2 * self._burst))

    def _train_burst(self, updates: int) -> None:
        """Make some updates without reading the clock, which is slow compared with an update of a small network."""
        if self._watched is not None:
            self._train_watched(self._watched, updates)
            return
        trainer, losses = self.trainer, list[float]()
        first = trainer.epoch + 1
        try:
            trainer.run(updates, losses, min(self._stop, self._rate_from))
        finally:
            for epoch, loss in enumerate(losses, first):
                self._log.add(epoch, loss)
        if losses:
            self._end_epoch()

    def _train_watched(self, watched: WatchedUpdates, updates: int) -> None:
        """Make some updates, each under the eyes of the watcher."""
        for _ in range(updates):
            loss = watched.update()
            if loss is not None:
                self._log.add(self.trainer.epoch, loss)
                self._end_epoch()
            if watched.halt is not None:
                self._halt = watched.halt
                self.state = "paused" if self.state == "running" else self.state
            if self.state != "running":
                return

    def _end_epoch(self) -> None:
        """Measure and stop as is due at the end of the epoch just trained."""
        epoch = self.trainer.epoch
        if epoch >= self._rate_from:
            self._measure_rate(epoch)
        if epoch >= self._stop:
            self.state = "finished" if self._limit is not None and epoch >= self._limit else "paused"

    def snapshot(self) -> Snapshot:
        """Return the state of the run, with the losses since the last call."""
        self.snapshot_requested = False
        epochs, losses = self._log.arrays()
        self._log = EpochLog()
        accuracy_epochs, accuracies = np.array(self._rated, dtype=np.int64), frozen_array(self._rates)
        self._rated, self._rates = [], []
        held, self._held = self._held, HeldOutLog()
        return Snapshot(
            run=self.number,
            answered=self.answered,
            checkpoint=self.trainer.checkpoint(),
            epochs=epochs,
            losses=losses,
            accuracy=None if self.state == "failed" else self._accuracy,
            examples_per_second=self._speed,
            state=self.state,
            message=self._message,
            accuracy_epochs=accuracy_epochs,
            accuracies=accuracies,
            held_epochs=np.array(held.epochs, dtype=np.int64),
            held_losses=frozen_array(held.losses),
            held_accuracies=frozen_array(held.accuracies),
            halt=self._halt,
        )

    def measure_accuracy(self) -> None:
        """Measure for the next snapshot, unless a running run was measured a moment ago.

        A run that rests at the end of an epoch has that epoch's measures of the examples held out.
        """
        if self.state == "failed" or (self.state == "running" and time.perf_counter() < self._next_accuracy):
            return
        self._measure()
        if self._held_out is not None and self.state != "running" and not self.trainer.position:
            self._measure_held_out(self.trainer.epoch, self._held_out)

    def _measure_rate(self, epoch: int) -> None:
        """Measure and note what is known at the end of an epoch only, and choose the next epoch for that."""
        cost = self._measure()
        if self._held_out is not None:
            cost += self._measure_held_out(epoch, self._held_out)
        elif self._accuracy is None:  # the targets are not classes
            self._rate_next = self._rate_from = float("inf")
            return
        if self._accuracy is not None:
            self._rated.append(epoch)
            self._rates.append(self._accuracy)
        self._rate_next = max(epoch + 1, int(epoch * RATED_GROWTH))
        at_first = epoch < RATED_AT_FIRST and cost < QUICK_SECONDS
        self._rate_from = self._rate_next if at_first else float("inf")

    def _measure(self) -> float:
        """Measure the accuracy; return the seconds that it took."""
        begun = time.thread_time()
        with np.errstate(all="ignore"):
            self._accuracy = accuracy(self.trainer.network(), self.trainer.dataset)
        cost = time.thread_time() - begun
        self._next_accuracy = time.perf_counter() + REST * cost
        return cost

    def _measure_held_out(self, epoch: int, dataset: Dataset) -> float:
        """Measure and note loss and accuracy of the examples held out; return the seconds that it took."""
        begun = time.thread_time()
        held, network = self._held, self.trainer.network()
        if held.epochs[-1:] != [epoch]:
            with np.errstate(all="ignore"):
                share = accuracy(network, dataset, trained_on=self.trainer.dataset)
                held.losses.append(loss_of(network, dataset) / dataset.time_steps)
            held.epochs.append(epoch)
            held.accuracies.append(float("nan") if share is None else share)
        cost = time.thread_time() - begun
        self._next_accuracy += REST * cost
        return cost

    def _measure_speed(self, now: float) -> None:
        since, before = self._mark
        if now - since >= RATE_SECONDS or self._speed == 0.0:
            self._speed = (self.trainer.update_count - before) * self._examples_per_update / (now - since)
        if now - since >= RATE_SECONDS:
            self._mark = (now, self.trainer.update_count)
