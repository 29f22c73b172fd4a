"""A lesson without targets in the window: both canvases, the card, the listing and the values, with keys."""

from __future__ import annotations

from nnviz.tracing.steps import Kind


def test_the_backward_pass_goes_on_to_the_inputs(open_window) -> None:
    window = open_window("micrograd-neuron")
    window.press("3")
    window.walk(4)
    picture = window.main.canvas.shown()
    assert (picture.error.target, picture.error.value) == ("", "0.7071")
    assert [mark.delta for mark in picture.units if mark.layer < 0] == ["", ""]
    assert "Loss" in [caption.text for caption in picture.captions]
    window.walk(7)
    assert window.card.title == "Gradient of the loss at x₁"
    assert [chip.text for chip in window.card.chips] == ["printed −1.5 ✓, x1, grad"]
    inputs = [mark for mark in window.main.canvas.shown().units if mark.layer < 0]
    assert [(mark.delta, mark.active) for mark in inputs] == [("−1.5000", True), ("", False)]
    window.press("G")
    graph = window.main.graph.view.shown()
    assert Kind.TARGET not in {box.quantity.kind for box in graph.boxes}
    given = next(box for box in graph.boxes if box.quantity.kind is Kind.INPUT)
    assert [[figure.text for figure in row] for row in given.derivative] == [["−1.5000", "—"]]
