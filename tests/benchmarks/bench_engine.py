"""One update of the engine against PyTorch and scikit-learn: `python tests/benchmarks/bench_engine.py`.

An update is forward, loss, backward and a step of SGD on one batch: `Trainer.update` here, the usual eager loop in
PyTorch (CPU), `partial_fit` with solver="sgd" in scikit-learn, all on the same network, loss and batch. Engine and
rival take turns in the same run, and medians are compared, so that a busy machine slows both alike. Each works on
one thread, since the waiting threads of one library would take the cores away from the other. Nothing here is a
test: only the ratios mean something, and only on the machine that printed them.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Trainer, TrainingSettings

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # read when NumPy and PyTorch are imported

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]
try:
    from sklearn.neural_network import MLPClassifier, MLPRegressor
except ImportError:
    MLPClassifier = MLPRegressor = None

TURNS = 41
TURN_SECONDS = 0.02


@dataclass(frozen=True)
class Case:
    """A network, its batch, and how gradients of the batch are reduced."""

    name: str
    architecture: Architecture
    x: FloatArray
    t: FloatArray
    reduce: str
    goal: float


def cases() -> tuple[Case, ...]:
    small = Architecture(2, (Layer(3, "sigmoid"), Layer(1, "sigmoid")), "half_squared")
    xor = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    large = Architecture(784, (Layer(128, "relu"), Layer(10, "softmax")), "cross_entropy")
    generator = np.random.default_rng(0)
    digits = generator.random((64, 784)), np.eye(10)[np.arange(64) % 10]
    return (
        Case("2-3-1, full batch of 4", small, *xor, "sum", 10.0),
        Case("784-128-10, batch of 64", large, *digits, "mean", 1.0),
    )


def our_update(case: Case) -> Callable[[], object]:
    architecture = case.architecture
    vector = np.random.default_rng(1).standard_normal(architecture.parameter_count) * 0.1
    chosen = TrainingSettings(rates=Rates(0.01), update_after="batch", reduce=case.reduce)
    return Trainer(make_network(architecture, vector), make_dataset(case.x, case.t), chosen, Convention()).update


def torch_update(case: Case, kind: str) -> Callable[[], object]:
    dtype = getattr(torch, kind)
    functions = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU, "softmax": torch.nn.Identity}
    parts: list[torch.nn.Module] = []
    for sources, layer in zip(case.architecture.sizes, case.architecture.layers, strict=False):
        parts += [torch.nn.Linear(sources, layer.units, dtype=dtype), functions[layer.activation]()]
    model = torch.nn.Sequential(*parts)
    classes = case.architecture.loss == "cross_entropy"
    loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss(reduction="sum")
    factor = 1.0 if classes else 0.5
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x, t = torch.tensor(case.x, dtype=dtype), torch.tensor(case.t, dtype=dtype)

    def update() -> None:
        optimizer.zero_grad()
        total = loss(model(x), t)
        (total if classes else factor * total).backward()
        optimizer.step()

    return update


def sklearn_update(case: Case) -> Callable[[], object]:
    # scikit-learn's regressor has a linear output, one sigmoid less to compute.
    first = case.architecture.layers[0]
    chosen = {
        "hidden_layer_sizes": (first.units,),
        "activation": {"sigmoid": "logistic", "relu": "relu"}[first.activation],
        "solver": "sgd",
        "batch_size": len(case.x),
        "learning_rate_init": 0.01,
        "momentum": 0.0,
        "alpha": 0.0,
        "random_state": 0,
    }
    if case.architecture.loss == "cross_entropy":
        labels = case.t.argmax(axis=1)
        classifier = MLPClassifier(**chosen)
        classifier.partial_fit(case.x, labels, classes=np.arange(case.t.shape[1]))
        return lambda: classifier.partial_fit(case.x, labels)
    regressor = MLPRegressor(**chosen)
    return lambda: regressor.partial_fit(case.x, case.t[:, 0])


def seconds_each(update: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        update()
    return (time.perf_counter() - begun) / times


def compare(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    """Median seconds an update of each, and the median of theirs over ours, turn by turn."""
    counts = [max(1, int(TURN_SECONDS / seconds_each(update, 5))) for update in (ours, theirs)]
    turns = [(seconds_each(ours, counts[0]), seconds_each(theirs, counts[1])) for _ in range(TURNS)]
    ratio = statistics.median(b / a for a, b in turns)
    return statistics.median(a for a, _ in turns), statistics.median(b for _, b in turns), ratio


def rivals(case: Case) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    if torch is not None:
        for kind in ("float64", "float32"):
            found[f"PyTorch {torch.__version__} {kind}"] = torch_update(case, kind)
    if MLPClassifier is not None:
        found["scikit-learn partial_fit"] = sklearn_update(case)
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    if torch is not None:
        torch.set_num_threads(1)
    for name, module in (("PyTorch", torch), ("scikit-learn", MLPClassifier)):
        if module is None:
            print(f"{name} is missing: pip install nnviz-debugger[bench]")
    for case in cases():
        print(f"{case.name} (goal: at least {case.goal:g} times as fast)")
        ours = our_update(case)
        for name, theirs in rivals(case).items():
            mine, other, ratio = compare(ours, theirs)
            print(f"  {name:32} {other * 1e6:9.1f} µs   nnviz {mine * 1e6:9.1f} µs   ratio {ratio:6.2f}")


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):
        os.execve(sys.executable, [sys.executable, __file__], os.environ | dict.fromkeys(THREADS, "1"))
    main()
