"""Koehn's network in plain Python: one pass from the numbers of the lesson, for what the shell must say."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


def shown(value: float) -> str:
    """A number as the shell writes it, with six decimals."""
    return f"{value:.6f}".replace("-", "−")


@dataclass
class Koehn:
    """W is [unit][source], as Koehn writes it."""

    W: list[list[float]] = field(default_factory=lambda: [[3.0, 4.0], [2.0, 3.0]])
    b: list[float] = field(default_factory=lambda: [-2.0, -4.0])
    W2: list[float] = field(default_factory=lambda: [5.0, -5.0])
    b2: float = -2.0
    x: list[float] = field(default_factory=lambda: [1.0, 0.0])
    t: float = 1.0
    rate: float = 1.0

    @property
    def s(self) -> list[float]:
        return [row[0] * self.x[0] + row[1] * self.x[1] + b for row, b in zip(self.W, self.b, strict=True)]

    @property
    def h(self) -> list[float]:
        return [sigmoid(s) for s in self.s]

    @property
    def z(self) -> float:
        return self.W2[0] * self.h[0] + self.W2[1] * self.h[1] + self.b2

    @property
    def y(self) -> float:
        return sigmoid(self.z)

    @property
    def loss(self) -> float:
        return (self.t - self.y) ** 2 / 2

    @property
    def delta_2(self) -> float:
        return (self.t - self.y) * self.y * (1 - self.y)

    @property
    def delta_1(self) -> list[float]:
        return [w * self.delta_2 * h * (1 - h) for w, h in zip(self.W2, self.h, strict=True)]

    def updated(self) -> Koehn:
        """The network after the update of this pass; x and t are those of this pass."""
        rate, d1, d2, h, x = self.rate, self.delta_1, self.delta_2, self.h, self.x
        return Koehn(
            [[self.W[j][i] + rate * d1[j] * x[i] for i in range(2)] for j in range(2)],
            [self.b[j] + rate * d1[j] for j in range(2)],
            [self.W2[j] + rate * d2 * h[j] for j in range(2)],
            self.b2 + rate * d2,
            x,
            self.t,
            rate,
        )


EXAMPLES = (([0.0, 0.0], 0.0), ([1.0, 0.0], 1.0), ([0.0, 1.0], 1.0), ([1.0, 1.0], 0.0))


def on(network: Koehn, example: int) -> Koehn:
    """The network before another example, from 0."""
    x, t = EXAMPLES[example]
    return Koehn(network.W, network.b, network.W2, network.b2, x, t, network.rate)


def right(network: Koehn) -> str:
    """How many of the four examples are classified right."""
    return f"{sum((on(network, example).y > 0.5) == (EXAMPLES[example][1] > 0.5) for example in range(4))} / 4"


def mean_loss(network: Koehn) -> float:
    return sum(on(network, example).loss for example in range(4)) / 4
