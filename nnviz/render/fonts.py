"""The two typefaces of the window, Inter and JetBrains Mono, the same on every machine.

Each comes from a package. Where one is missing, the system's typeface of its kind takes its place.
"""

from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
FONT_PACKAGES = {UI_FAMILY: "fontpkg_inter", MONO_FAMILY: "fontpkg_jetbrains_mono"}

# The optical sizes of Inter that are used, of its range from 14 to 32. The library that draws glyphs loads a face for
# every setting of the axes, which takes half a megabyte: a size for each zoom and window would take hundreds.
OPTICAL_SIZES = (14.0, 18.0, 24.0, 32.0)

_LOADED = "nnviz_fonts_loaded"  # a property of the application, whose font database ends with it


def load_fonts() -> None:
    """Add both typefaces to the application's font database, once; needs a QGuiApplication."""
    app = QGuiApplication.instance()
    if app is None:
        raise RuntimeError("fonts need a QGuiApplication")
    if app.property(_LOADED):
        return
    for family in FONT_PACKAGES:
        for path in _files(family):
            # As bytes: of a file, every face that Qt loads would be in the memory of the process once more.
            QFontDatabase.addApplicationFontFromData(QByteArray(path.read_bytes()))
    app.setProperty(_LOADED, True)


@cache
def _files(family: str) -> tuple[Path, ...]:
    """Return the files of a typeface; none if its package is missing."""
    try:
        root = Path(import_module(FONT_PACKAGES[family]).ROOT)
    except ImportError:
        return ()
    return tuple(sorted((root / "files").glob("*.ttf")))


def ui_font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return Inter at `size` logical pixels with tabular figures, so that changing numbers keep their width.

    The weight is set in a variable axis: request another font instead of calling `setBold` on this one.
    """
    load_fonts()
    return QFont(_ui_font(_pixels(size), weight))  # a copy, which the caller may change


def mono_font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return JetBrains Mono at `size` logical pixels without ligatures: `->` and `!=` stay as typed."""
    load_fonts()
    return QFont(_mono_font(_pixels(size), weight))


def _pixels(size: float) -> int:
    return max(1, round(size))


@lru_cache(maxsize=128)
def _ui_font(size: int, weight: QFont.Weight) -> QFont:
    font = _font(UI_FAMILY, "sans-serif", QFont.StyleHint.SansSerif, size, weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setVariableAxis(QFont.Tag("opsz"), min(OPTICAL_SIZES, key=lambda optical: abs(optical - size)))
    return font


@lru_cache(maxsize=128)
def _mono_font(size: int, weight: QFont.Weight) -> QFont:
    font = _font(MONO_FAMILY, "monospace", QFont.StyleHint.TypeWriter, size, weight)
    font.setFixedPitch(True)
    for feature in ("liga", "calt"):
        font.setFeature(QFont.Tag(feature), 0)
    return font


def _font(family: str, other: str, hint: QFont.StyleHint, size: int, weight: QFont.Weight) -> QFont:
    font = QFont([family, other])
    font.setStyleHint(hint)
    # in pixels, not points: the same picture at every resolution that a screen reports
    font.setPixelSize(size)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if _files(family):
        # These are variable fonts: set their axes, not QFont's weight. Qt finds no face for a weight, and from bold
        # on it emboldens the regular face.
        font.setVariableAxis(QFont.Tag("wght"), float(weight.value))
    else:
        font.setWeight(weight)
    return font
