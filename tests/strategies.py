"""Random networks, batches, conventions and update rules, for property tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.engine.losses import LOSSES, Loss
from nnviz.engine.network import SHARED, Architecture, Layer, Network, make_network
from nnviz.engine.optimizers import OPTIMIZERS, Rates, UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord

ACTIVATION_NAMES = tuple(ACTIVATIONS)


def _outputs_of(loss: Loss) -> tuple[str, ...]:
    """The output activations that a loss can be taken of: a logarithm of those that are from 0 to 1."""
    if not loss.logarithmic:
        return ACTIVATION_NAMES
    shares = [row for row in ACTIVATIONS.values() if row.limits and 0.0 <= min(row.limits) <= max(row.limits) <= 1.0]
    fit = (row.name for row in shares if row.elementwise or math.isinf(loss.high))
    return tuple(sorted(fit, key=lambda name: name != loss.fused))


OUTPUTS_OF = {loss.name: _outputs_of(loss) for loss in LOSSES.values()}


@dataclass(frozen=True)
class Problem:
    """A network and a batch: x (time, examples, inputs), t (time, examples, outputs); time is 1 if none recurs."""

    network: Network
    x: FloatArray
    t: FloatArray


def constants(activation: str) -> st.SearchStrategy[tuple[tuple[str, float], ...]]:
    """What a layer gives of its activation's constants: all, or none of them."""
    given = tuple((each.name, 0.5 * each.default) for each in ACTIVATIONS[activation].constants)
    return st.sampled_from(((), given)) if given else st.just(())


@st.composite
def missing_connections(draw: st.DrawFn, sources: int, units: int) -> tuple[int, ...]:
    """Connections that a layer lacks, in one case of four; each unit and each source keeps one."""
    kept = {(unit % sources) * units + unit for unit in range(units)}
    kept |= {source * units + source % units for source in range(sources)}
    free = sorted(set(range(sources * units)) - kept)
    if not free or draw(st.sampled_from((False, False, False, True))) is False:
        return ()
    return tuple(sorted(draw(st.sets(st.sampled_from(free), min_size=1))))


@st.composite
def architectures(draw: st.DrawFn, most_layers: int = 4) -> Architecture:
    """Depth 1 to 4, up to 3 units a layer, any activation, a loss that the output can have; one in four recurs.

    Layers may have no biases, a shared one, or missing connections.
    """
    loss = draw(st.sampled_from(sorted(OUTPUTS_OF)))
    hidden = draw(st.lists(st.sampled_from(ACTIVATION_NAMES), max_size=most_layers - 1))
    units = st.integers(1, 3)
    is_recurrent = draw(st.sampled_from((False, False, False, True)))
    loops = st.booleans() if is_recurrent else st.just(False)
    biases = st.sampled_from((True, True, True, False, SHARED))
    output = draw(st.sampled_from(OUTPUTS_OF[loss]))
    inputs = draw(units)
    layers: list[Layer] = []
    for name in (*hidden, output):
        size, sources = draw(units), layers[-1].units if layers else inputs
        missing = draw(missing_connections(sources, size))
        layers.append(Layer(size, name, draw(loops), draw(constants(name)), draw(biases), missing))
    return Architecture(inputs, tuple(layers), loss, draw(st.sampled_from((0.01, 0.2))))


def draw_targets(
    generator: np.random.Generator, architecture: Architecture, examples: int, hard: bool, steps: int = 1
) -> FloatArray:
    """Targets that the loss can have: classes or shares of them, probabilities, or any number."""
    shape = (steps, examples, architecture.sizes[-1])
    if architecture.loss == "cross_entropy":
        if hard:
            return np.eye(shape[-1])[generator.integers(0, shape[-1], shape[:2])]
        shares = generator.random(shape)
        return shares / shares.sum(axis=-1, keepdims=True)
    if "binary_cross_entropy" in architecture.loss:
        return np.round(generator.random(shape)) if hard else generator.random(shape)
    if architecture.loss == "hinge":
        return np.sign(generator.standard_normal(shape)) if hard else generator.uniform(-1.0, 1.0, shape)
    return generator.standard_normal(shape)


@st.composite
def problems(draw: st.DrawFn, most_layers: int = 4) -> Problem:
    """A random network with weights of moderate size, and a batch of 1 to 4 examples, of up to 3 time steps."""
    architecture = draw(architectures(most_layers))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = make_network(architecture, generator.standard_normal(architecture.parameter_count))
    examples = draw(st.integers(1, 4))
    steps = draw(st.integers(1, 3)) if architecture.is_recurrent else 1
    x = generator.standard_normal((steps, examples, architecture.inputs))
    return Problem(network, x, draw_targets(generator, architecture, examples, draw(st.booleans()), steps))


def rules() -> st.SearchStrategy[UpdateRule]:
    """Any optimizer, summed or averaged, with some learning rate."""
    rates = st.builds(
        Rates,
        learning_rate=st.sampled_from((0.1, 1.0)),
        momentum=st.sampled_from((0.9, 0.5)),
        weight_decay=st.sampled_from((None, 0.2)),
    )
    return st.builds(UpdateRule, st.sampled_from(sorted(OPTIMIZERS)), rates, st.sampled_from(("sum", "mean")))


def conventions() -> st.SearchStrategy[Convention]:
    """Any choices, with some parameters frozen."""
    frozen = st.lists(st.sampled_from(("W1", "b1", "W2", "biases", "weights")), max_size=2, unique=True)
    choices = {name: st.sampled_from(values) for name, values in CHOICES.items()}
    return st.builds(Convention, frozen=frozen.map(tuple), **choices)


@st.composite
def records(draw: st.DrawFn, most_layers: int = 4) -> PassRecord:
    """The record of a pass under any convention and rule, at some update, with optimizer memory of before."""
    problem = draw(problems(most_layers))
    rule = draw(rules())
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    vectors = len(OPTIMIZERS[rule.optimizer].memory)
    count = draw(st.integers(1, 5))
    memory = generator.random((vectors, problem.network.architecture.parameter_count)) * (count > 1)
    if problem.network.architecture.missing is not None:  # never had a gradient
        memory[:, problem.network.architecture.missing] = 0.0
    return run_pass(
        problem.network,
        problem.x,
        problem.t,
        draw(conventions()),
        rule,
        row=draw(st.integers(0, problem.x.shape[1] - 1)),
        memory=memory,
        count=count,
    )
