"""New rules and constants of optimizers in a session: chosen, named, saved and opened again."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nnviz.debugger.choices import choose, choose_constant
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import parse_lesson
from nnviz.present.words.edit_text import change_name
from nnviz.resources import read_text
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_of_text, session_text


def session_of(optimizer: str, *more: str, update: int = 3) -> Session:
    overrides = (f'training.optimizer="{optimizer}"', "training.learning_rate=0.1", "printed=[]", *more)
    return start_session(load("krzeminski-sgd", overrides), update=update)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_constants_are_chosen_one_by_one(name: str) -> None:
    session = session_of(name)
    declared = {constant.name: constant for constant in OPTIMIZERS[name].all_constants}
    for row in OPTIMIZERS.values():
        for constant in row.all_constants:
            if constant.name not in declared:
                with pytest.raises(
                    ValueError, match=f"^{constant.name} is only used with the optimizer .*, not {name}$"
                ):
                    choose_constant(session, constant.name, 0.5)
                continue
            chosen = choose_constant(session, constant.name, 0.5)
            assert chosen.record.rule.rates.constant(constant) == 0.5
            assert change_name(session, chosen) == f"{constant.name.replace('_', ' ')} 0.5"
            for wrong in (constant.low - 0.1, constant.below, float("nan")):
                with pytest.raises(ValueError, match=f"^{constant.name} must be {constant.allowed}, not"):
                    choose_constant(session, constant.name, wrong)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_session_of_every_optimizer_comes_back_bit_for_bit(name: str) -> None:
    session = session_of(name)
    for constant in OPTIMIZERS[name].all_constants:
        session = choose_constant(session, constant.name, 0.25)
    session = choose_constant(choose(session, "schedule", "step"), "decay", 0.75)
    session = go_to_update(session, 9)
    assert session is not None
    again = session_of_text(session_text(Saved(session))).session
    assert again.training == session.training
    assert np.array_equal(again.record.updated.vector, session.record.updated.vector)
    before, then = go_to_update(session, 5), go_to_update(again, 5)
    assert np.array_equal(before.record.memory_after, then.record.memory_after)


def test_a_weight_decay_that_is_not_given_is_not_written() -> None:
    plain = json.loads(session_text(Saved(session_of("adamw"))))
    given = json.loads(session_text(Saved(session_of("adamw", "training.weight_decay=0.5"))))
    assert "weight_decay" not in plain["session"]["training"]
    assert given["session"]["training"]["weight_decay"] == 0.5


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_session_of_every_activation_comes_back_bit_for_bit(name: str) -> None:
    constants = "".join(f"\n{each.name} = 0.125" for each in ACTIVATIONS[name].constants)
    own = 'activation = "sigmoid"'
    text = read_text("lessons", "krzeminski-sgd.toml").replace(own, f'activation = "{name}"{constants}', 1)
    session = start_session(parse_lesson(text, "mine.toml"), update=2)
    assert session.record.architecture.layers[0].activation == name
    again = session_of_text(session_text(Saved(session))).session
    assert again.record.architecture == session.record.architecture
    assert np.array_equal(again.record.updated.vector, session.record.updated.vector)
