"""Both typefaces load, figures keep their width and code keeps its signs as typed."""

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QImage, QPainter
from pytestqt.qtbot import QtBot

from nnviz.render import paint
from nnviz.render.fonts import MONO_FAMILY, OPTICAL_SIZES, UI_FAMILY, load_fonts, mono_font, ui_font
from nnviz.render.paint import text_width


def ink(font: QFont, text: str) -> int:
    """How dark the text is, painted on white: a sum of 255 minus each pixel."""
    image = QImage(400, 60, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(10, 40, text)
    painter.end()
    return sum(255 - value for value in bytes(image.constBits()))


def test_the_typefaces_are_those_we_ship(qtbot: QtBot):
    assert QFontInfo(ui_font(13)).family() == UI_FAMILY
    assert QFontInfo(mono_font(13)).family() == MONO_FAMILY
    mono = QFontMetricsF(mono_font(13))
    assert mono.horizontalAdvance("iiii") == mono.horizontalAdvance("WWWW")
    assert ui_font(13.4).pixelSize() == 13


def test_fonts_load_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    load_fonts()
    monkeypatch.setattr(QFontDatabase, "addApplicationFont", lambda path: pytest.fail("loaded again"))
    load_fonts()


@pytest.mark.parametrize("font", [ui_font, mono_font])
def test_figures_are_of_one_width(qtbot: QtBot, font):
    metrics = QFontMetricsF(font(20))
    assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("font", [ui_font, mono_font])
def test_weights_differ(qtbot: QtBot, font):
    weights = (QFont.Weight.Normal, QFont.Weight.Medium, QFont.Weight.DemiBold, QFont.Weight.Bold)
    inks = [ink(font(20, weight), "Weighted sum") for weight in weights]
    assert inks == sorted(set(inks))


def test_code_has_no_ligatures(qtbot: QtBot):
    with_ligatures = mono_font(20)
    for feature in ("liga", "calt"):
        with_ligatures.setFeature(QFont.Tag(feature), 1)
    apart = ink(mono_font(20), "-") + ink(mono_font(20), ">")
    assert ink(mono_font(20), "->") == pytest.approx(apart, rel=0.01)
    assert ink(with_ligatures, "->") != ink(mono_font(20), "->")


def test_sizes_share_a_few_faces(qtbot: QtBot):
    fonts = [ui_font(size / 10) for size in range(60, 900)]
    assert len({font.variableAxisValue(QFont.Tag("opsz")) for font in fonts}) == len(OPTICAL_SIZES)
    assert ui_font(13.2) == ui_font(12.8)


def test_measured_text_keeps_no_font(qtbot: QtBot):
    for size in range(10, 200):
        assert text_width(ui_font(size), "w = 0.5") == QFontMetricsF(ui_font(size)).horizontalAdvance("w = 0.5")
    assert not any(isinstance(part, QFont) for line in paint._WIDTHS for part in line)
    for number in range(paint.MOST_WIDTHS + 10):
        text_width(ui_font(12), f"{number}")
    assert len(paint._WIDTHS) <= paint.MOST_WIDTHS
