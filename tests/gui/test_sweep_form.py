"""The form of a sweep."""

from __future__ import annotations

from nnviz.debugger.state.session import start_session
from nnviz.gui.views.lab.sweep_form import SweepForm
from nnviz.lessons.catalog import load


def test_a_form_without_a_session_asks_for_nothing(qtbot) -> None:
    form = SweepForm()
    qtbot.addWidget(form)
    assert not form.isEnabled()
    assert form.wish().key == ""
    form.render_session(start_session(load("koehn")))
    assert form.isEnabled()
    assert form.wish().key == "training.learning_rate"
