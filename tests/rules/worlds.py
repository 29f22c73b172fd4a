"""A small session for every activation, loss, optimizer and convention value of the engine's tables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from strategies import OUTPUTS_OF

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation, notation_names

BASE = (
    "data.inputs=[[0.5, -1.25], [1.5, 0.75], [-0.25, 2.0]]",
    "data.targets=[[1, 0], [0, 1], [0, 1]]",
    "training.learning_rate=0.1",
    "printed=[]",
)


RECURRENT = (
    'network.layers=[{units=2,activation="tanh",recurrent=true},{units=1,activation="sigmoid"}]',
    "network.inputs=1",
    "data.inputs=[[[0.5], [-1.0], [0.25]]]",
    "training.learning_rate=0.1",
    "printed=[]",
)
# What a lesson may leave out or add: targets, their time steps, the way back to the inputs.
SETTINGS = {
    "seeded output": (
        *BASE,
        'network.layers=[{units=3,activation="tanh"},{units=2,activation="sigmoid"}]',
        'network.loss="output"',
        "network.seed_gradient=[2.0, -0.5]",
        "network.input_gradients=true",
    ),
    "targets at some steps": (
        *RECURRENT, "data.targets=[[[], [1], []]]", 'network.loss="binary_cross_entropy"',
        "network.input_gradients=true",
    ),
    "targets at the last step": (*RECURRENT, "data.targets=[[1]]", 'data.targets_at="last"'),
}  # fmt: skip


def layers(hidden: str, output: str) -> str:
    """Two hidden layers of one activation, and an output layer of another."""
    return (
        f'network.layers=[{{units=3,activation="{hidden}"}},{{units=2,activation="{hidden}"}},'
        f'{{units=2,activation="{output}"}}]'
    )


def activation_world(name: str) -> tuple[str, ...]:
    """A network of one activation, in its hidden layers and at the output."""
    return (*BASE, layers(name, name), 'network.loss="half_squared"')


def loss_world(name: str) -> tuple[str, ...]:
    """A network with one loss and the first output activation that it may have."""
    return (*BASE, layers("tanh", OUTPUTS_OF[name][0]), f'network.loss="{name}"')


def optimizer_world(name: str) -> tuple[str, ...]:
    """A network trained by one optimizer, in batches."""
    return (
        *BASE, layers("tanh", "sigmoid"), f'training.optimizer="{name}"', 'training.update_after="batch"',
    )  # fmt: skip


# Clipped and regularized gradients, in each way that an update is made.
ADJUSTED = ("training.clip=0.05", "training.weight_decay=0.2", "training.l1=0.03")
ADJUSTED_WORLDS = {
    "decay": (*optimizer_world("sgd"), *ADJUSTED[1:2]),
    "clip": (*optimizer_world("sgd"), *ADJUSTED[:1]),
    "every adjustment": (*optimizer_world("sgd"), *ADJUSTED, 'convention.frozen=["b2"]'),
    "damped momentum": (
        *optimizer_world("momentum"),
        *ADJUSTED,
        "training.dampening=0.25",
        'convention.delta="descent"',
    ),
    "sequential adam": (*optimizer_world("adam"), *ADJUSTED, 'convention.update="sequential"'),
    "rate": (*optimizer_world("adamw"), "training.l1=0.03", 'training.schedule="inverse"', "training.decay=0.5"),
}


def convention_world(field: str, value: str) -> tuple[str, ...]:
    """A network with one choice of a convention; where it is about time, a recurrent one."""
    chosen = f'convention.{field}="{value}"'
    if field != "through_time":
        return (*BASE, layers("sigmoid", "tanh"), chosen)
    return (*RECURRENT, "data.targets=[[[1], [0], [1]]]", chosen)


STRUCTURES = {
    "without biases": (
        'network.layers=[{units=3,activation="tanh",bias=false},{units=2,activation="relu",bias=false},'
        '{units=2,activation="sigmoid"}]',
        'training.update_after="batch"',
    ),
    "with shared biases": (
        'network.layers=[{units=3,activation="tanh",bias="shared"},{units=2,activation="sigmoid",bias="shared"},'
        '{units=2,activation="sigmoid",bias="shared"}]',
        'training.update_after="batch"',
        'training.reduce="mean"',
        'training.optimizer="adam"',
    ),
    "with masks": (
        'network.layers=[{units=3,activation="tanh",mask=[[1,1,0],[1,0,1]]},'
        '{units=2,activation="sigmoid",bias="shared",mask=[[1,0],[1,1],[0,1]]},'
        '{units=2,activation="sigmoid",bias=false,mask=[[1,1],[0,1]]}]',
        'convention.update="sequential"',
        'training.update_after="batch"',
        'training.optimizer="adagrad"',
    ),
}
RECURRENT_STRUCTURE = (
    'network.layers=[{units=2,activation="tanh",recurrent=true,bias="shared"},'
    '{units=2,activation="tanh",recurrent=true,bias=false,mask=[[1,0],[1,1]]},{units=1,activation="sigmoid"}]',
    "network.inputs=1",
    "data.inputs=[[[0.5], [-1.0], [0.25]]]",
    "data.targets=[[[1], [0], [1]]]",
    "training.learning_rate=0.1",
    "printed=[]",
)


@cache
def worlds() -> dict[str, tuple[str, ...]]:
    """The settings of every world, by a name that a failing test shows."""
    named = {f"activation {name}": activation_world(name) for name in ACTIVATIONS}
    for name, row in ACTIVATIONS.items():
        # One layer has other constants than the next with the same activation.
        own = tuple(f"network.layers[1].{each.name}={0.5 * each.default}" for each in row.constants)
        if own:
            named[f"activation {name} with constants"] = (*activation_world(name), *own)
            slip = 'convention.slope="derivative_of_a"'
            named[f"activation {name} with constants at a"] = (*activation_world(name), *own, slip)
    named |= {f"loss {name}": loss_world(name) for name in LOSSES} | SETTINGS
    named |= {f"optimizer {name}": optimizer_world(name) for name in OPTIMIZERS}
    named |= {f"adjusted {name}": settings for name, settings in ADJUSTED_WORLDS.items()}
    named["adjusted through time"] = (*convention_world("through_time", "full"), *ADJUSTED)
    named |= {f"network {name}": (*BASE, *settings) for name, settings in STRUCTURES.items()}
    named["network in time with shared and missing ones"] = RECURRENT_STRUCTURE
    for field, values in CHOICES.items():
        named |= {f"{field} {value}": convention_world(field, value) for value in values}
    # A slope taken by a slip looks at each activation in its own way.
    for value in CHOICES["slope"][1:]:  # the first is the exact one, of the worlds above
        named |= {
            f"slope {value} of {name}": (*activation_world(name), f'convention.slope="{value}"') for name in ACTIVATIONS
        }
    return named


def open_world(settings: tuple[str, ...], notation: str = "standard", update: int = 2) -> Session:
    """The session of a world after some updates, in a notation."""
    return start_session(load("from-scratch", settings), notation=load_notation(notation), example=0, update=update)


@cache
def world(name: str, notation: str = "standard") -> Session:
    """The session of a world by its name."""
    return open_world(worlds()[name], notation)


def every_world(notation: str = "standard") -> Iterator[tuple[str, Session]]:
    """All of them with their names.

    The slip of a slope, its activation and the notation: every two of them meet, all three in the standard one alone.
    """
    slips = [name for name in worlds() if name.startswith("slope ") and " of " in name]
    names = notation_names()
    mine = slips if notation == "standard" else slips[names.index(notation) :: len(names)]
    for name in worlds():
        if name not in slips or name in mine:
            yield name, world(name, notation)
