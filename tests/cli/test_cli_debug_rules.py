"""The constants of an optimizer in `nnviz debug`: set by their names, refused in one line where there are none."""

from __future__ import annotations

import pytest

from nnviz.engine.optimizers import OPTIMIZERS


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_and_its_constants_are_set(script, name):
    names = [constant.name for constant in OPTIMIZERS[name].constants]
    talk = script("koehn", f"set optimizer = {name}", *(f"set {each} = 0.5" for each in names), *["undo"] * len(names))
    assert (talk.status, talk.errors) == (0, [])
    undone = [line for line in talk.lines if line.startswith("undone: ")]
    assert undone == [f"undone: {each.replace('_', ' ')} 0.5" for each in reversed(names)]


def test_a_constant_that_the_optimizer_has_not_is_refused(script):
    talk = script(
        "koehn", "set momentum = 0.5", "set optimizer momentum", "set training.momentum -1.5", "set momentum x"
    )
    assert talk.errors[0].endswith("momentum is only used with the optimizer momentum or nesterov, not sgd")
    assert talk.errors[1].endswith("momentum must be at least 0, not -1.5")
    assert len(talk.errors) == 3
