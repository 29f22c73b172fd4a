"""How much of its headless speed the trainer keeps while a Qt loop asks for snapshots each frame."""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, quantiles

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.initializers import Initializer, draw_parameters
from nnviz.engine.network import Architecture, Layer, Network, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Trainer, TrainingSettings
from nnviz.gui.control.training_client import FRAME_MS, TrainingClient
from nnviz.lessons.catalog import load
from nnviz.process.messages import Snapshot

TARGET = 0.90


@dataclass(frozen=True)
class Case:
    """A network and how it is trained; `target` is the ratio that counts, None where the figure is only told."""

    name: str
    network: Network
    dataset: Dataset
    settings: TrainingSettings
    target: float | None


@dataclass
class Live:
    """What live runs did: updates and snapshots a second, and spells of the Qt loop in milliseconds."""

    updates: list[float] = field(default_factory=list)
    snapshots: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)


def xor_case() -> Case:
    lesson = load("krzeminski-sgd")
    return Case("xor 2-3-1, update after each example", lesson.network, lesson.dataset, lesson.training, TARGET)


def xor_batch_case() -> Case:
    lesson = load("krzeminski-batch")
    return Case("xor 2-3-1, full batch of 4", lesson.network, lesson.dataset, lesson.training, None)


def large_case() -> Case:
    rng = np.random.default_rng(1)
    architecture = Architecture(784, (Layer(128, "relu"), Layer(10, "softmax")), "cross_entropy")
    drawn = draw_parameters(architecture, Initializer(scheme="he"), {})
    data = make_dataset(rng.uniform(size=(1500, 784)), np.eye(10)[rng.integers(10, size=1500)])
    settings = TrainingSettings("adam", Rates(learning_rate=0.001), update_after=64, reduce="mean", shuffle=True)
    return Case(
        "784-128-10, adam, batches of 64, 1500 examples", make_network(architecture, drawn), data, settings, None
    )


CASES: tuple[Callable[[], Case], ...] = (xor_case, xor_batch_case, large_case)


def headless_speed(case: Case, seconds: float) -> float:
    """Updates per second of the trainer in a bare loop; the clock is read every 10 updates."""
    trainer = Trainer(case.network, case.dataset, case.settings, Convention())
    for _ in range(10):
        trainer.update()
    begun = time.perf_counter()
    count = 0
    while time.perf_counter() < begun + seconds:
        for _ in range(10):
            trainer.update()
        count += 10
    return count / (time.perf_counter() - begun)


def live_speed(case: Case, seconds: float, client: TrainingClient, live: Live) -> None:
    """Add a live run, measured from its first snapshot on: later ones, by the clock of their arrival."""
    loop = QEventLoop()
    arrivals: list[tuple[float, int]] = []
    beats: list[float] = []
    clock = QTimer(interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
    clock.timeout.connect(lambda: beats.append(time.perf_counter()))

    def hear(snapshot: Snapshot) -> None:
        arrivals.append((time.perf_counter(), snapshot.checkpoint.update))
        if arrivals[-1][0] - arrivals[0][0] >= seconds:
            loop.quit()

    client.snapshot.connect(hear)
    client.start(case.network, case.dataset, case.settings, Convention())
    clock.start()
    loop.exec()
    clock.stop()
    client.stop()
    client.snapshot.disconnect(hear)
    (begun, before), (ended, after) = arrivals[0], arrivals[-1]
    live.updates.append((after - before) / (ended - begun))
    live.snapshots.append((len(arrivals) - 1) / (ended - begun))
    live.frames += [1000 * (b - a) for a, b in pairwise(beats) if a >= begun]


def measure(case: Case, pairs: int, seconds: float, client: TrainingClient) -> bool:
    """Print one case; gives whether its target is met."""
    headless: list[float] = []
    live = Live()
    for pair in range(pairs):
        sides = [
            lambda: headless.append(headless_speed(case, seconds)),
            lambda: live_speed(case, seconds, client, live),
        ]
        for side in sides if pair % 2 == 0 else reversed(sides):
            side()
    ratios = [one / other for one, other in zip(live.updates, headless, strict=True)]
    met = case.target is None or median(ratios) >= case.target
    spread = f"median of {pairs} pairs, {min(ratios):.3f} to {max(ratios):.3f}"
    verdict = "" if case.target is None else f"; target {case.target:.2f}: {'met' if met else 'MISSED'}"
    late = quantiles(live.frames, n=100)[98]
    print(case.name)
    print(f"  headless         {median(headless):8.0f} updates/s")
    print(f"  beside a window  {median(live.updates):8.0f} updates/s, {median(live.snapshots):.1f} snapshots/s")
    print(f"  ratio            {median(ratios):8.3f} ({spread}){verdict}")
    print(f"  Qt loop          {median(live.frames):8.1f} ms from frame to frame, p99 {late:.1f} ms")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each side of a pair")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    client = TrainingClient(application)
    client.warm()
    try:
        met = [measure(case(), options.pairs, options.seconds, client) for case in CASES]
    finally:
        client.shutdown()
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
