"""An update of the engine against other programs: `python tests/benchmarks/bench_engine.py [--playground PATH]`.

An update is forward, loss, backward and a step of plain gradient descent on one batch. The engine and a peer take
turns in the same run, and the CPU time of the fastest turn of each is compared: the slower ones tell what else the
machine did, and a busy one slows a large program more than a small one. Each works on one thread, since the waiting
threads of one library would take the cores away from the other. Nothing here is a test: only the ratios mean something,
and only on the machine that printed them.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np
from peers import AbsentError, Case, Epochs, ours, peers

from nnviz.engine.network import Architecture, Layer

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # read when NumPy and PyTorch are imported
WARM_SECONDS = 0.1


def cases() -> tuple[Case, ...]:
    """Return the networks and batches that are compared."""
    generator = np.random.default_rng(0)
    small = Architecture(2, (Layer(3, "sigmoid"), Layer(1, "sigmoid")), "half_squared")
    xor = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    deep = Architecture(2, (*(Layer(8, "tanh") for _ in range(3)), Layer(1, "tanh")), "half_squared")
    points = generator.uniform(-1.0, 1.0, (250, 2))
    clusters = Architecture(2, (Layer(3, "sigmoid"), Layer(3, "softmax")), "cross_entropy")
    cloud = generator.standard_normal((1500, 2))
    images = Architecture(784, (Layer(128, "relu"), Layer(10, "softmax")), "cross_entropy")
    digits = generator.random((64, 784)), np.eye(10)[np.arange(64) % 10]
    return (
        Case("2-3-1, batch of 4", small, *xor, 4, "sum", {"PyTorch": 20.0}),
        Case("2-3-1, batch of 1", small, *xor, 1, "sum", {}),
        Case(
            "2-8-8-8-1, 250 points, batch of 10",
            deep,
            points,
            np.sign(points[:, :1] * points[:, 1:]),
            10,
            "mean",
            {"TensorFlow": 1.5},
        ),
        Case("2-3-3, full batch of 1500", clusters, cloud, np.eye(3)[np.arange(1500) % 3], 1500, "sum", {}),
        Case("784-128-10, batch of 64", images, *digits, 64, "mean", {"PyTorch": 1.0}),
    )


def compare(mine: Epochs, theirs: Epochs, turns: int, seconds: float) -> tuple[float, float]:
    """Return the seconds an epoch of each takes in its fastest turn."""
    counts = []
    for epochs in (mine, theirs):
        for goal in (WARM_SECONDS, seconds):  # node compiles what it has run for a while
            count = max(1, int(goal / max(epochs(2) / 2, 1e-6)))
            epochs(count)
        counts.append(count)
    pairs = [(mine(counts[0]) / counts[0], theirs(counts[1]) / counts[1]) for _ in range(turns)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def main() -> None:
    """Print a table of each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--playground", type=Path, help="a copy of TensorFlow Playground's nn.ts, compiled by esbuild")
    parser.add_argument("--esbuild", default="esbuild", help="the program, if it is not on the path")
    parser.add_argument("--turns", type=int, default=101)
    parser.add_argument("--seconds", type=float, default=0.005, help="of each turn")
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    options = parser.parse_args()
    for case in cases():
        if options.case not in case.name:
            continue
        print(f"\n| {case.name} | µs an update | nnviz, µs | nnviz is faster by | goal |\n|---|---|---|---|---|")
        for name, peer in peers(options.playground, options.esbuild).items():
            try:
                theirs = peer(case)
            except AbsentError as reason:
                print(f"| {name} | {reason} | | | |")
                continue
            mine, other = compare(ours(case), theirs, options.turns, options.seconds)
            goal = next((f"{least:g}" for start, least in case.goals.items() if name.startswith(start)), "")
            each = 1e6 / case.updates
            print(f"| {name} | {other * each:.1f} | {mine * each:.1f} | {other / mine:.2f} | {goal} |", flush=True)


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):
        own = os.environ | dict.fromkeys(THREADS, "1")
        os.execve(sys.executable, [sys.executable, *sys.argv], own)
    main()
