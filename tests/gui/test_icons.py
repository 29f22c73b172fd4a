"""Every icon draws, in the colour asked for, crisp at the sizes and ratios in use."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from nnviz.gui.kit.icons import icon, icon_names, icon_svg
from nnviz.present.core.palette import contrast
from nnviz.resources import read_text


def opaque_colors(image: QImage) -> set[str]:
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", icon_names())
def test_every_icon_draws_in_its_colour(qtbot: QtBot, name: str):
    colors = opaque_colors(icon(name, "#0b7a72").pixmap(QSize(48, 48), 1.0).toImage())
    assert "#0b7a72" in colors
    # what lies under two strokes may be a shade off
    assert all(contrast(color, "#0b7a72") < 1.02 for color in colors)


@pytest.mark.parametrize(("size", "ratio"), [(16, 1.0), (20, 1.0), (20, 1.5), (24, 2.0), (32, 2.0)])
def test_an_icon_is_rendered_for_its_pixels(qtbot: QtBot, size: int, ratio: float):
    pixmap = icon("player-play", "#17202a").pixmap(QSize(size, size), ratio)
    assert pixmap.width() == round(size * ratio)
    assert pixmap.devicePixelRatio() == ratio


def test_icons_are_kept_by_name_and_colour(qtbot: QtBot):
    assert icon("check", "#17202a") is icon("check", "#17202a")
    assert icon("check", "#17202a") is not icon("check", "#e8edf2")


def test_the_svg_text_bears_the_colour():
    assert "currentColor" in read_text("icons", "check.svg")
    assert "currentColor" not in icon_svg("check", "#17202a")
    assert QColor("#17202a").name() in icon_svg("check", "#17202a")


def test_an_unknown_icon_is_answered_with_the_nearest(qtbot: QtBot):
    with pytest.raises(ValueError, match=r"no icon 'player-plya' \(did you mean 'player-play'\?\)"):
        icon("player-plya", "#17202a")
    with pytest.raises(ValueError, match=r"no icon '\.\./LICENSE'$"):
        icon("../LICENSE", "#17202a")


def test_the_licence_goes_with_the_icons():
    assert "MIT License" in read_text("icons", "LICENSE")
