"""The parts that the dialogs share which make a file: sources, themes, preview and the file's folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from nnviz.present.core.palette import palette_names, theme_title


def offer(box: QComboBox, titles: Sequence[str]) -> None:
    """Offer other titles and keep the place; those that are the same are left, as the list may still be closing."""
    if list(titles) == [box.itemText(place) for place in range(box.count())]:
        return
    chosen = box.currentIndex()
    box.clear()
    box.addItems(list(titles))
    box.setCurrentIndex(chosen if 0 <= chosen < box.count() else 0)


def add_themes(box: QComboBox) -> None:
    """Add every theme, with its name as data."""
    for name in palette_names():
        box.addItem(theme_title(name), name)


def name_fields(fields: Iterable[tuple[QWidget, str, str]]) -> None:
    """Give each widget its name for screen readers and its tip."""
    for widget, name, tip in fields:
        widget.setAccessibleName(name)
        widget.setToolTip(tip)


def prepare_preview(label: QLabel, size: QSize) -> None:
    """Give a label the size and place of a preview."""
    label.setFixedSize(size)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)  # a reason why there is none
    label.setAccessibleName("Preview")


def show_preview(label: QLabel, image: QImage) -> None:
    """Show an image in a label, as large as it fits, in the pixels of the screen."""
    ratio = label.devicePixelRatioF()
    shown = QPixmap.fromImage(image).scaled(
        label.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    shown.setDevicePixelRatio(ratio)
    label.setPixmap(shown)


def open_folder_of(path: str) -> None:
    """Open the folder of a file in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).resolve().parent)))
