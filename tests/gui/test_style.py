"""A theme reaches the whole application, and presentation mode enlarges what type alone would not."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QStyle, QToolTip
from pytestqt.qtbot import QtBot

from nnviz.gui.kit.style import TEXT_SIZE, ScaledStyle, apply_theme, qt_palette, system_scheme
from nnviz.present.core.palette import contrast, load_palette, palette_names

GROUPS = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
Role, Metric = QPalette.ColorRole, QStyle.PixelMetric


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    palette, font, tip_palette, tip_font = qapp.palette(), qapp.font(), QToolTip.palette(), QToolTip.font()
    yield qapp
    qapp.setStyle("Fusion")
    qapp.setPalette(palette)
    qapp.setFont(font)
    QToolTip.setPalette(tip_palette)
    QToolTip.setFont(tip_font)


@pytest.mark.parametrize("name", palette_names())
def test_every_role_is_set_in_every_group(qapp: QApplication, name: str):
    colors = qt_palette(load_palette(name))
    for group in GROUPS:
        for role in Role:
            if role not in (Role.NoRole, Role.NColorRoles):
                assert colors.isBrushSet(group, role), (group, role)


@pytest.mark.parametrize("name", palette_names())
def test_what_qt_writes_is_legible(qapp: QApplication, name: str):
    colors = qt_palette(load_palette(name))
    for text, ground in (
        (Role.WindowText, Role.Window),
        (Role.Text, Role.Base),
        (Role.PlaceholderText, Role.Base),
        (Role.ButtonText, Role.Button),
        (Role.HighlightedText, Role.Highlight),
        (Role.ToolTipText, Role.ToolTipBase),
        (Role.Link, Role.Base),
        (Role.LinkVisited, Role.Base),
    ):
        for group in GROUPS[:2]:
            ink, paper = colors.color(group, text).name(), colors.color(group, ground).name()
            assert contrast(ink, paper) >= 4.5, (text, ground)


def test_a_disabled_control_looks_it(qapp: QApplication):
    colors = qt_palette(load_palette("dark"))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        assert colors.color(GROUPS[2], role) != colors.color(GROUPS[0], role)


def test_a_theme_reaches_widgets_made_before(app: QApplication, qtbot: QtBot):
    edit = QLineEdit()
    qtbot.addWidget(edit)
    for name in ("light", "dark"):
        palette = load_palette(name)
        apply_theme(app, palette)
        # palette and font reach widgets with the next events
        qtbot.waitUntil(lambda card=palette.card: edit.palette().color(Role.Base).name() == card)
        assert QToolTip.palette().color(Role.ToolTipBase).name() == palette.card
        qtbot.waitUntil(lambda: edit.font().family() == "Inter")


def test_presentation_mode_scales_type_and_indicators(app: QApplication, qtbot: QtBot):
    box = QCheckBox("Shuffle")
    qtbot.addWidget(box)
    sizes = {}
    for scale in (1.0, 1.6):
        apply_theme(app, load_palette("light"), scale)
        gc.collect()
        qtbot.waitUntil(lambda scale=scale: box.font().pixelSize() == round(TEXT_SIZE * scale))
        assert isinstance(app.style(), ScaledStyle)
        sizes[scale] = (
            box.style().pixelMetric(Metric.PM_IndicatorWidth, None, box),
            box.style().pixelMetric(Metric.PM_ScrollBarExtent, None, box),
            box.style().pixelMetric(Metric.PM_DefaultFrameWidth, None, box),
            box.sizeHint().height(),
        )
        assert app.font().pixelSize() == round(TEXT_SIZE * scale)
    small, large = sizes[1.0], sizes[1.6]
    assert large[0] == round(small[0] * 1.6)
    assert large[1] == round(small[1] * 1.6)
    assert large[2] == small[2]  # frames stay thin
    assert large[3] > 1.4 * small[3]


def test_the_style_is_kept_while_the_scale_is(app: QApplication):
    apply_theme(app, load_palette("light"))
    style = app.style()
    apply_theme(app, load_palette("dark"))
    assert app.style() is style


@pytest.mark.parametrize("scheme", Qt.ColorScheme)
def test_the_systems_scheme_is_light_unless_it_says_dark(scheme: Qt.ColorScheme):
    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:
            return scheme

    class App:
        def styleHints(self) -> Hints:
            return Hints()

    assert system_scheme(App()) == ("dark" if scheme == Qt.ColorScheme.Dark else "light")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", palette_names())
def test_an_empty_check_box_is_seen(app: QApplication, qtbot: QtBot, name: str):
    palette = load_palette(name)
    apply_theme(app, palette)
    box = QCheckBox()
    qtbot.addWidget(box)
    qtbot.waitUntil(lambda: box.palette().color(Role.Base).name() == palette.card)
    image = box.grab().toImage()
    pixels = (image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height()))
    assert max(contrast(pixel, palette.window) for pixel in set(pixels)) >= 3.0
