"""A script written under a chosen convention computes that pass: run by Python, its new weights are the record's."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from nnviz.debugger.choices import choose, choose_frozen
from nnviz.debugger.state.session import Session, start_session
from nnviz.formats.script.pass_script import script_text
from nnviz.lessons.catalog import load
from nnviz.present.core.voice import voice_of
from nnviz.present.words.convention_choices import convention_controls
from nnviz.tracing.steps import Kind, Quantity


def assert_agrees(session: Session, what: object) -> None:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(script_text(session), names)
    voice = voice_of(session)
    for layer in range(session.record.architecture.depth):
        for kind in (Kind.W_NEW, Kind.B_NEW):
            quantity = Quantity(kind, layer)
            told = voice.value(quantity)
            assert np.allclose(names[voice.code(quantity)], told, rtol=1e-9, atol=1e-12), (what, quantity)


@pytest.mark.parametrize(
    "name", ["koehn", "from-scratch", "krzeminski-batch", "krzeminski-walkthrough", "krzeminski-rnn", "graph"]
)
def test_every_choice_has_its_script(name: str) -> None:
    session = start_session(load(name))
    for control in convention_controls(session):
        for choice in control.choices:
            if not choice.obstacle:
                assert_agrees(choose(session, control.id, choice.value), (control.id, choice.value))
    assert_agrees(choose_frozen(session, "W1", True), "W1")
