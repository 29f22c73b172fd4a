"""A network with a shared bias, without biases, and with missing connections, in the real window."""

from __future__ import annotations

from pathlib import Path

from lessons.test_biases_and_masks import MIXED
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from nnviz.tracing.steps import Kind, Quantity

LEFT = Qt.MouseButton.LeftButton


def test_only_what_is_there_is_drawn_stepped_and_edited(open_window, tmp_path: Path):
    path = tmp_path / "mixed.toml"
    path.write_text(MIXED, encoding="utf-8")
    window = open_window(path)
    picture = window.picture
    drawn = [
        (edges.layer, int(s), int(u))
        for edges in picture.edges
        for s, u in zip(edges.lines.sources, edges.lines.units, strict=True)
    ]
    assert sorted(drawn) == [
        (0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 2), (0, 2, 0), (0, 2, 2), (1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 2, 1),
    ]  # fmt: skip
    assert [bias.quantity for mark in picture.units for bias in mark.biases] == [Quantity(Kind.BIAS, 0, 0)]
    rows = {row.name: row.text for row in window.main.values.rows()}
    assert "b2" not in rows
    assert rows["b1"] == "[0.1]"
    assert rows["W2"] == "[[0.7, ·], [\N{MINUS SIGN}0.4, 0.9], [·, 0.3]]"

    # an output neuron stands for its bias, which it does not have
    output = next(mark for mark in picture.units if (mark.layer, mark.unit) == (1, 0))
    at, viewport = window.main.canvas.place_on_screen(output.x, output.y), window.main.canvas.viewport()
    QTest.mouseClick(viewport, LEFT, pos=at)
    QTest.mouseDClick(viewport, LEFT, pos=at)
    QTest.mouseRelease(viewport, LEFT, pos=at)
    assert not window.controller.editing.editor.isVisible()
    assert QToolTip.text() == "Layer 2 has no biases"
    QToolTip.hideText()

    window.press("End", "G")
    boxes = [(box.quantity.kind, box.quantity.layer) for box in window.main.graph.view.shown().boxes]
    assert (Kind.BIAS, 0) in boxes
    assert (Kind.BIAS, 1) not in boxes
