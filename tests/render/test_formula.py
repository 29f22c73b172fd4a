"""Formulas are set, tinted and hit where they stand, with mathra and without, and shown by their label."""

import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nnviz.gui.views.card.formula_label import SMALLEST, FormulaLabel
from nnviz.present.places.glyphs import glyph_formula
from nnviz.render import formula_paths as formulas
from nnviz.render.formula_paths import FormulaPath, operand_at, operand_rects, paint_formula, typeset
from nnviz.render.plain_tex import plain_runs

UPDATE = r"\textcolor{#000001}{\Delta W_{2,1}} = \mu\,\textcolor{#000002}{\delta_2}\,\textcolor{#000003}{h_1}"
KINDS = (
    UPDATE,
    r"\frac{\partial E}{\partial w_{2\leftarrow 1}} = \textcolor{#000001}{\sigma'(z_1)}",
    r"\left(\frac{1}{1+e^{-z}}\right)^2 \cdot \textcolor{#0000ff}{x} \odot y",
    r"\sum_{i=1}^{n} \textcolor{#000001}{\mathbf{W}}_{i} \text{net}_i",
    r"\begin{pmatrix}\textcolor{#000001}{1} & 2\\ 3 & 4\end{pmatrix}",
    r"\sqrt{\frac{a}{\textcolor{#000001}{b}}} \to \hat{y}",
    r"\textcolor{#000001}{\cancel{x}} = \boxed{y}",
    " + ".join(rf"\textcolor{{#0000{k:02x}}}{{w_{{{k}}}}} x_{{{k}}}" for k in range(1, 120)),
)
WRONG = ("", "}", "}}}x", "{", "\\", r"\frac{a", r"\textcolor", r"\textcolor{#1}{x}", "x^", r"\left(", "^", "日本")


@pytest.fixture(params=["mathra", "text"])
def setter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[str]:
    """Formulas set by mathra, then as on a machine without it."""
    formulas._typeset.cache_clear()
    glyph_formula.cache_clear()
    if request.param == "text":
        monkeypatch.setitem(sys.modules, "mathra", None)
    yield request.param
    formulas._typeset.cache_clear()
    glyph_formula.cache_clear()


def painted(formula: FormulaPath, size: float = 40.0, ratio: float = 1.0) -> QImage:
    """The formula black on white with its baseline's left end at (20, 60); operand 1 red, 2 blue."""
    image = QImage(round(600 * ratio), round(120 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    colors = {1: QColor("#ff0000"), 2: QColor("#0000ff")}
    paint_formula(painter, formula, QPointF(20, 60), size, QColor("black"), colors)
    painter.end()
    return image


def extent(image: QImage, color: str) -> QRectF:
    """What the pixels that are exactly of `color` span."""
    found = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).name() == color
    ]
    assert found, f"nothing is {color}"
    xs, ys = zip(*found, strict=True)
    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs) + 1, max(ys) + 1))


@pytest.mark.parametrize("tex", KINDS)
def test_every_kind_of_formula_is_set(setter: str, tex: str):
    formula = typeset(tex)
    assert formula.glyphs
    assert formula.speech
    assert formula.text
    assert any(glyph.operand for glyph in formula.glyphs)
    assert formula.ascent > 0.3
    for box in formula.boxes:  # all that is drawn stands where the formula says it does
        assert -0.1 <= box.rect.left() <= box.rect.right() <= formula.width + 0.1
        assert -formula.ascent - 0.15 <= box.rect.top() <= box.rect.bottom() <= formula.descent + 0.15


@pytest.mark.parametrize("tex", WRONG)
def test_wrong_tex_is_never_an_error(setter: str, tex: str):
    painted(typeset(tex))


def test_without_an_application_a_formula_has_its_text():
    formula = formulas._plain_formula(UPDATE, can_draw_text=False)
    assert formula.text == "ΔW2,1 = μ δ2 h1"
    assert formula.glyphs == ()
    assert formula.width > 0


def test_a_letter_that_mathra_lacks_is_set_as_text(qapp: QApplication):
    assert typeset(r"\text{日本}").text == "日本"
    assert "box" not in typeset(r"\text{日本} + x").speech


def test_mathra_sets_what_this_module_was_written_for(qapp: QApplication):
    formula = typeset(UPDATE)
    assert formula.speech == "capital delta W sub 2 comma 1 equals mu delta sub 2 h sub 1"
    assert [box.operand for box in formula.boxes] == [1, 0, 2, 3]
    assert len(formula.glyphs) == 11
    bar = typeset(r"\frac{a}{b}").glyphs[-1].path.boundingRect()
    assert bar.width() > 5 * bar.height() > 0
    assert -400 < bar.center().y() < -100  # a fraction's bar is above the baseline


def test_bold_figures_are_bold_and_are_spoken_as_figures(qapp: QApplication):
    plain, bold = typeset(r"1.25 = x"), typeset(r"\mathbf{1.25} = x")
    assert plain.speech == bold.speech
    assert bold.glyphs[0].path != plain.glyphs[0].path


def test_outlines_are_shared(qapp: QApplication):
    typeset("a_1 + b_2")
    before = formulas._outline.cache_info().misses
    typeset("b_1 + a_2 + a_1")
    assert formulas._outline.cache_info().misses == before
    assert typeset("a_1") is typeset("a_1")


def test_operands_are_painted_in_their_colours_where_their_boxes_are(setter: str):
    formula = typeset(r"\textcolor{#000001}{W_{2,1}} = \textcolor{#000002}{h_1} + 1")
    image = painted(formula)
    for operand, color in ((1, "#ff0000"), (2, "#0000ff")):
        rect = operand_rects(formula)[operand]
        place = QRectF(rect.topLeft() * 40 + QPointF(20, 60), rect.size() * 40)
        found = extent(image, color)
        assert place.adjusted(-1, -1, 1, 1).contains(found)
        assert found.width() > place.width() - 6
    extent(image, "#000000")


def test_a_colour_that_is_not_given_is_ink(qapp: QApplication):
    image = painted(typeset(r"\textcolor{#000009}{W}"))
    extent(image, "#000000")


def test_a_finer_screen_shows_finer_letters(qapp: QApplication):
    formula = typeset(r"\textcolor{#000001}{W}")
    coarse, fine = (extent(painted(formula, ratio=ratio), "#ff0000") for ratio in (1.0, 3.0))
    assert fine.height() == pytest.approx(3 * coarse.height(), abs=6)


def test_painting_leaves_the_painter_as_it_was(qapp: QApplication):
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = painter.transform()
    paint_formula(painter, typeset("x"), QPointF(5, 50), 20, QColor("black"), {})
    assert painter.transform() == before
    assert not painter.testRenderHint(QPainter.RenderHint.Antialiasing)
    painter.end()


@pytest.mark.parametrize("size", [12.0, 40.0])
def test_operands_are_hit_where_they_stand(setter: str, size: float):
    formula = typeset(UPDATE)
    for operand, rect in operand_rects(formula).items():
        assert operand_at(formula, rect.center() * size, size) == operand
        assert operand_at(formula, QPointF(rect.center().x(), rect.bottom() + 0.1) * size, size) == operand
    assert operand_at(formula, QPointF(formula.width / 2, 5) * size, size) == 0
    assert operand_at(formula, QPointF(-1, 0) * size, size) == 0


def test_inside_an_operand_the_inner_one_is_hit(qapp: QApplication):
    formula = typeset(r"\textcolor{#000001}{\frac{aaaaaa}{\textcolor{#000002}{b} + aaaaa}}")
    inner = next(box.rect for box in formula.boxes if box.operand == 2)
    assert operand_at(formula, inner.center(), 1.0) == 2
    assert set(operand_rects(formula)) == {1, 2}


def test_an_operand_that_stands_twice_is_not_hit_between(qapp: QApplication):
    formula = typeset(r"\textcolor{#000001}{y}(1 - 1 - 1 - \textcolor{#000001}{y})")
    boxes = [box.rect for box in formula.boxes if box.operand == 1]
    assert len(boxes) == 2
    assert operand_at(formula, (boxes[0].center() + boxes[1].center()) / 2, 1.0) == 0


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (UPDATE, "ΔW2,1 = μ δ2 h1"),
        (r"\frac{\partial E}{\partial w_{11}}", "(∂E)/(∂w11)"),
        (r"\tfrac12 (t-y)^2", "1/2(t − y)2"),
        (r"\begin{pmatrix}1 & 2\\ 3 & -4\end{pmatrix}", "(1 2; 3 −4)"),
        (r"\left(\sigma'(z)\right) \odot \mathbf{h}", "(σ′(z)) ⊙ h"),
        (r"-\ln \text{a b} + \hat{y}", "−ln a b + y\u0302"),
        (r"\nosuch{x}", "nosuchx"),
    ],
)
def test_plain_text_by_hand(tex: str, text: str):
    assert "".join(run.text for run in plain_runs(tex)) == text


def test_plain_text_raises_and_lowers():
    runs = plain_runs(r"x_1^2 \textcolor{#00000b}{y}")
    assert [(run.text, run.operand, run.level) for run in runs] == [
        ("x", 0, 0),
        ("1", 0, -1),
        ("2", 0, 1),
        ("y", 11, 0),
    ]


@pytest.fixture
def label(qtbot: QtBot) -> FormulaLabel:
    label = FormulaLabel(size_px=30.0)
    qtbot.addWidget(label)
    label.set_formula(UPDATE, {1: "#ff0000", 2: "#0000ff"}, "#000000")
    label.resize(label.sizeHint())
    return label


def middle(label: FormulaLabel, operand: int) -> QPoint:
    rect = operand_rects(label.formula())[operand]
    return (rect.center() * label.shown_size() + label.baseline()).toPoint()


def test_a_label_has_room_for_its_formula(label: FormulaLabel):
    assert label.shown_size() == 30.0
    assert label.sizeHint().width() >= 30 * label.formula().width
    assert label.accessibleName() == label.formula().speech
    image = label.grab().toImage()
    assert extent(image, "#ff0000").right() < extent(image, "#0000ff").left()


def test_a_label_keeps_its_height_when_the_letters_change(label: FormulaLabel):
    before = label.sizeHint().height()
    label.set_formula("x = 1", {})
    assert label.sizeHint().height() == before


def test_a_label_shrinks_and_then_fades(label: FormulaLabel):
    wide = label.width()
    label.resize(round(0.8 * wide), label.height())
    assert 30 * SMALLEST < label.shown_size() < 30
    right = label.baseline().x() + label.formula().width * label.shown_size()
    assert right <= label.width()
    label.resize(round(0.3 * wide), label.height())
    assert label.shown_size() == 30 * SMALLEST
    assert label.minimumSizeHint().width() < 0.6 * wide
    image = label.grab().toImage()
    ground = label.palette().color(label.backgroundRole()).name()
    edge = {image.pixelColor(image.width() - 1, y).name() for y in range(image.height())}
    assert edge == {ground}


def test_a_label_tells_what_is_hovered_and_clicked(label: FormulaLabel, qtbot: QtBot):
    hovered: list[int] = []
    clicked: list[int] = []
    label.operand_hovered.connect(hovered.append)
    label.operand_clicked.connect(clicked.append)
    with qtbot.waitExposed(label):
        label.show()
    for operand in (2, 2, 3):
        qtbot.mouseMove(label, middle(label, operand))
    qtbot.waitUntil(lambda: hovered[-2:] == [2, 3])
    assert label.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QApplication.sendEvent(label, QEvent(QEvent.Type.Leave))
    assert hovered[-1] == 0
    assert all(a != b for a, b in pairwise(hovered))
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=middle(label, 1))
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    qtbot.mouseClick(label, Qt.MouseButton.RightButton, pos=middle(label, 1))
    assert clicked == [1]


def test_a_new_formula_ends_the_hover(label: FormulaLabel, qtbot: QtBot):
    with qtbot.waitExposed(label):
        label.show()
    with qtbot.waitSignal(label.operand_hovered):
        qtbot.mouseMove(label, middle(label, 2))
    with qtbot.waitSignal(label.operand_hovered) as blocker:
        label.set_formula("x", {})
    assert blocker.args == [0]


def test_a_label_highlights_an_operand(label: FormulaLabel):
    before = label.grab().toImage()
    label.set_highlight(2)
    lit = label.grab().toImage()
    assert lit != before
    assert extent(lit, "#0000ff").width() > extent(before, "#0000ff").width()
    assert extent(lit, "#ff0000") == extent(before, "#ff0000")
    label.set_highlight(0)
    assert label.grab().toImage() == before


def test_a_label_without_ink_follows_the_theme(label: FormulaLabel):
    label.set_formula("x = 1", {})
    colors = label.palette()
    colors.setColor(label.foregroundRole(), QColor("#00ff00"))
    label.setPalette(colors)
    extent(label.grab().toImage(), "#00ff00")


def test_a_label_can_be_enlarged(label: FormulaLabel):
    before = label.sizeHint()
    label.set_size(60.0)
    assert label.sizeHint().width() > 1.9 * before.width()
