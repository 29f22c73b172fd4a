"""What the engine is compared with: other programs that train the same network on the same batches.

A peer is made from a case and gives the seconds of CPU time that some epochs of plain gradient descent take. One that
is missing here, or that cannot train a case, raises AbsentError with the reason.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Network, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Trainer, TrainingSettings

RATE = 0.01


@dataclass(frozen=True)
class Case:
    """A network, its examples, how many an update uses, and how their gradients are reduced.

    `goals` are the least ratios to be reached, by the beginning of a peer's name.
    """

    name: str
    architecture: Architecture
    x: FloatArray
    t: FloatArray
    batch: int
    reduce: str
    goals: dict[str, float]

    @property
    def updates(self) -> int:
        """The number of updates of an epoch."""
        return -(-len(self.x) // self.batch)

    def network(self) -> Network:
        """The network with the initial weights that all peers begin with, or others of the same size."""
        vector = np.random.default_rng(1).standard_normal(self.architecture.parameter_count) * 0.3
        return make_network(self.architecture, vector)

    def batches(self) -> list[tuple[FloatArray, FloatArray]]:
        """The inputs and targets of every update of an epoch."""
        starts = range(0, len(self.x), self.batch)
        return [(self.x[start : start + self.batch], self.t[start : start + self.batch]) for start in starts]


Epochs = Callable[[int], float]  # CPU seconds of so many epochs


class AbsentError(Exception):
    """A peer is not installed here, or cannot train this case."""


def ours(case: Case) -> Epochs:
    """nnviz, as the window trains."""
    chosen = TrainingSettings(rates=Rates(RATE), update_after=case.batch, reduce=case.reduce)
    trainer = Trainer(case.network(), make_dataset(case.x, case.t), chosen, Convention())

    def seconds(count: int) -> float:
        begun = time.process_time()
        trainer.run(count * case.updates, [])
        return time.process_time() - begun

    return seconds


def timed(epoch: Callable[[], object]) -> Epochs:
    """Return the clock of a function that trains one epoch."""

    def seconds(count: int) -> float:
        begun = time.process_time()
        for _ in range(count):
            epoch()
        return time.process_time() - begun

    return seconds


def needed(module: str) -> Any:
    """Return a module, or raise AbsentError."""
    try:
        return import_module(module)
    except ImportError:
        raise AbsentError("not installed: pip install 'nnviz-debugger[bench]'") from None


def of_torch(case: Case, kind: str) -> Epochs:
    """The usual eager loop of PyTorch on the CPU."""
    torch = needed("torch")
    torch.set_num_threads(1)
    dtype = getattr(torch, kind)
    functions = {
        "sigmoid": torch.nn.Sigmoid,
        "tanh": torch.nn.Tanh,
        "relu": torch.nn.ReLU,
        "softmax": torch.nn.Identity,
    }
    parts: list[Any] = []
    for sources, layer in zip(case.architecture.sizes, case.architecture.layers, strict=False):
        parts += [torch.nn.Linear(sources, layer.units, dtype=dtype), functions[layer.activation]()]
    model = torch.nn.Sequential(*parts)
    classes = case.architecture.loss == "cross_entropy"
    loss = (torch.nn.CrossEntropyLoss if classes else torch.nn.MSELoss)(reduction=case.reduce)
    factor = 1.0 if classes else 0.5
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    batches = [(torch.tensor(x, dtype=dtype), torch.tensor(t, dtype=dtype)) for x, t in case.batches()]

    def epoch() -> None:
        for x, t in batches:
            optimizer.zero_grad()
            total = loss(model(x), t)
            (total if classes else factor * total).backward()
            optimizer.step()

    return timed(epoch)


def of_sklearn(case: Case) -> Epochs:
    """partial_fit of scikit-learn, batch by batch; its regressor has a linear output, one function less to compute."""
    networks = needed("sklearn.neural_network")
    layers = case.architecture.layers
    chosen = {
        "hidden_layer_sizes": tuple(layer.units for layer in layers[:-1]),
        "activation": {"sigmoid": "logistic"}.get(layers[0].activation, layers[0].activation),
        "solver": "sgd",
        "batch_size": case.batch,
        "learning_rate_init": RATE,
        "momentum": 0.0,
        "alpha": 0.0,
        "random_state": 0,
    }
    if case.architecture.loss == "cross_entropy":
        model = networks.MLPClassifier(**chosen)
        batches = [(x, t.argmax(axis=1)) for x, t in case.batches()]
        model.partial_fit(case.x, case.t.argmax(axis=1), classes=np.arange(case.t.shape[1]))
    else:
        model = networks.MLPRegressor(**chosen)
        batches = [(x, t[:, 0]) for x, t in case.batches()]

    def epoch() -> None:
        for x, t in batches:
            model.partial_fit(x, t)

    return timed(epoch)


def of_autograd(case: Case) -> Epochs:
    """The gradient of autograd, HIPS, of a loss written with its NumPy."""
    numpy, grad = needed("autograd.numpy"), needed("autograd").grad
    functions = {
        "sigmoid": lambda z: 1.0 / (1.0 + numpy.exp(-z)),
        "tanh": numpy.tanh,
        "relu": lambda z: numpy.maximum(z, 0.0),
        "softmax": lambda z: z,
    }
    layers = [functions[layer.activation] for layer in case.architecture.layers]

    def loss(parameters: Any, x: FloatArray, t: FloatArray) -> Any:
        a = x
        for (W, b), activation in zip(parameters, layers, strict=True):
            a = activation(numpy.dot(a, W) + b)
        if case.architecture.loss == "cross_entropy":
            highest = numpy.max(a, axis=1, keepdims=True)
            total = numpy.sum(t * (highest + numpy.log(numpy.sum(numpy.exp(a - highest), axis=1, keepdims=True)) - a))
        else:
            total = 0.5 * numpy.sum((a - t) ** 2)
        return total / len(x) if case.reduce == "mean" else total

    network, gradient, batches = case.network(), grad(loss), case.batches()
    parameters = [[W.copy(), b.copy()] for W, b in zip(network.W, network.b, strict=True)]

    def epoch() -> None:
        for x, t in batches:
            for layer, changes in zip(parameters, gradient(parameters, x, t), strict=True):
                for array, change in zip(layer, changes, strict=True):
                    array -= RATE * change

    return timed(epoch)


def of_documents(case: Case) -> Epochs:
    """One example after the other by short NumPy lines, as the documents print them; a batch's gradients add up."""

    def sigmoid(z: FloatArray) -> FloatArray:
        return np.asarray(1.0 / (1.0 + np.exp(-z)))

    def softmax(z: FloatArray) -> FloatArray:
        shares = np.exp(z - z.max())
        return np.asarray(shares / shares.sum())

    values = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0), "softmax": softmax}
    slopes = {
        "sigmoid": lambda a: a * (1.0 - a),
        "tanh": lambda a: 1.0 - a * a,
        "relu": lambda a: a > 0.0,
        "softmax": lambda a: 1.0,  # with cross entropy, delta is y - t
    }
    names, network, batches = [layer.activation for layer in case.architecture.layers], case.network(), case.batches()
    weights, biases = [W.copy() for W in network.W], [b.copy() for b in network.b]

    def epoch() -> None:
        for xs, ts in batches:
            dW, db = [np.zeros_like(W) for W in weights], [np.zeros_like(b) for b in biases]
            for x, t in zip(xs, ts, strict=True):
                a = [x]
                for W, b, name in zip(weights, biases, names, strict=True):
                    a.append(values[name](np.dot(a[-1], W) + b))
                delta = (a[-1] - t) * slopes[names[-1]](a[-1])
                for layer in reversed(range(len(weights))):
                    dW[layer] += np.outer(a[layer], delta)
                    db[layer] += delta
                    if layer:
                        delta = np.dot(weights[layer], delta) * slopes[names[layer - 1]](a[layer])
            rate = RATE / len(xs) if case.reduce == "mean" else RATE
            for layer in range(len(weights)):
                weights[layer] -= rate * dW[layer]
                biases[layer] -= rate * db[layer]

    return timed(epoch)


def of_playground(case: Case, source: Path | None, esbuild: str) -> Epochs:
    """TensorFlow Playground's engine in node: a copy of its nn.ts, compiled with esbuild."""
    if source is None:
        raise AbsentError("left out: --playground PATH names a copy of its nn.ts")
    if case.t.shape[1] > 1:
        raise AbsentError("it trains one output only")
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "playground.mjs"
        driver = Path(__file__).with_name("playground.mjs")
        try:
            options = [
                "--bundle",
                "--platform=node",
                "--format=esm",
                "--log-level=error",
                f"--alias:playground={source.resolve()}",
            ]
            subprocess.run([esbuild, str(driver), *options, f"--outfile={bundle}"], check=True)
            node = subprocess.Popen(["node", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        except FileNotFoundError as error:
            raise AbsentError(f"not installed: {error.filename}") from None
        except subprocess.CalledProcessError:
            raise AbsentError(f"esbuild cannot compile {source}") from None
        network = case.network()
        # It starts from our weights too: weights[l][unit] are those that enter a unit.
        given = {
            "sizes": case.architecture.sizes,
            "activations": [layer.activation.upper() for layer in case.architecture.layers],
            "weights": [W.T.tolist() for W in network.W],
            "biases": [b.tolist() for b in network.b],
            "x": case.x.tolist(),
            "t": case.t[:, 0].tolist(),
            "batch": case.batch,
            "rate": RATE if case.reduce == "mean" else RATE * case.batch,
        }
        seconds = partial(_ask, node)
        seconds(json.dumps(given))
    return lambda count: float(seconds(str(count)))


def _ask(node: subprocess.Popen[str], line: str) -> str:
    """Send a line to node, which ends when this program does, and return its answer."""
    if node.stdin is None or node.stdout is None:
        raise OSError("node has no pipes")
    node.stdin.write(line + "\n")
    node.stdin.flush()
    return node.stdout.readline()


def named(package: str) -> str:
    """Return the version of a package, or nothing."""
    try:
        return version(package)
    except Exception:
        return ""


def peers(playground: Path | None, esbuild: str) -> dict[str, Callable[[Case], Epochs]]:
    """Return the peers by name."""
    warnings.simplefilter("ignore")
    return {
        f"PyTorch {named('torch')} float64": partial(of_torch, kind="float64"),
        f"PyTorch {named('torch')} float32": partial(of_torch, kind="float32"),
        f"scikit-learn {named('scikit-learn')}": of_sklearn,
        f"autograd {named('autograd')}": of_autograd,
        "NumPy, example by example": of_documents,
        "TensorFlow Playground": partial(of_playground, source=playground, esbuild=esbuild),
    }
