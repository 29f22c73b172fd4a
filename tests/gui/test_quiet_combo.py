"""A flat combo box."""

from __future__ import annotations

from nnviz.gui.views.chrome.controls import QuietCombo
from nnviz.render.paint import text_width


def test_what_is_shown_where_nothing_is_chosen_has_room(qtbot) -> None:
    combo = QuietCombo()
    qtbot.addWidget(combo)
    combo.addItem("Xavier")
    combo.setPlaceholderText("As given in the file")
    combo.setCurrentIndex(-1)
    assert combo.sizeHint().width() > text_width(combo.font(), "As given in the file")
