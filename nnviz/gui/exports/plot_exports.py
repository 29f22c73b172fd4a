"""The menus of the plots: a plot is copied as a picture or as numbers, or saved as SVG, PNG or CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from nnviz.gui.dialogs.text_dialogs import file_to_write, unwritten_dialog
from nnviz.gui.kit.menus import ContextMenus
from nnviz.render.painted_files import paint_buffer, png_bytes

KINDS = {".svg": "SVG (*.svg)", ".png": "PNG (*.png)", ".csv": "CSV (*.csv)"}
SHARPNESS = 2.0  # pixels of a picture for each of the window


@dataclass(frozen=True, kw_only=True)
class PlotSource:
    """A plot: what it is called, whether it shows anything, and how it becomes a picture, SVG and CSV."""

    name: str
    is_there: Callable[[], bool]
    image: Callable[[], QImage]
    svg: Callable[[], str]
    csv: Callable[[], str]


class PlotView(Protocol):
    """A view with a plot."""

    def picture(self) -> QWidget | None:
        """Return the widget that is painted in a picture; None as long as there is nothing to show."""

    def as_csv(self) -> str:
        """Return the numbers of the plot."""


class PlotExports(QObject):
    """Adds the entries to the menus of plots."""

    def __init__(self, window: QWidget, menus: ContextMenus, tell: Callable[[str], object]) -> None:
        super().__init__(window)
        self._window, self._menus, self._tell = window, menus, tell

    def offer(self, widget: QWidget, source: PlotSource) -> None:
        """Offer a plot in the menu of a widget."""
        self._menus.add(widget, partial(self._fill, source))

    def copy_numbers(self, source: PlotSource) -> None:
        """Put the numbers of a plot on the clipboard as CSV."""
        QGuiApplication.clipboard().setText(source.csv())
        self._tell(f"The numbers of the {source.name} are on the clipboard.")

    def copy_picture(self, source: PlotSource) -> None:
        """Put a picture of a plot on the clipboard."""
        QGuiApplication.clipboard().setImage(source.image())
        self._tell(f"A picture of the {source.name} is on the clipboard.")

    def save(self, source: PlotSource) -> None:
        """Ask for a file and save a plot in it; the suffix says in which form."""
        proposed = f"{source.name.replace(' ', '-')}.svg"
        path = file_to_write(f"Save the {source.name}", proposed, ";;".join(KINDS.values()), self._window)
        if path:
            self.write(source, Path(path))

    def write(self, source: PlotSource, path: Path) -> None:
        """Save a plot in a file; show a dialog if it cannot be written."""
        from nnviz.formats.atomic_files import write_bytes_atomically  # imported late to keep the start fast

        try:
            write_bytes_atomically(path, _content(source, path.suffix.lower()))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            unwritten_dialog(f"The {source.name}", f"{path}: {reason}", self._window).exec()

    def _fill(self, source: PlotSource, menu: QMenu, point: QPoint) -> None:
        if not source.is_there():
            return
        menu.addAction(f"Copy a picture of the {source.name}", lambda: self.copy_picture(source))
        menu.addAction(f"Copy the numbers of the {source.name}", lambda: self.copy_numbers(source))
        menu.addAction(f"Save the {source.name}…", lambda: self.save(source))


def source_of(name: str, view: Callable[[], PlotView]) -> PlotSource:
    """Return the plot of a view, whose pictures are what it paints."""

    def painted() -> QWidget:
        widget = view().picture()
        assert widget is not None, f"there are no {name} yet"
        return widget

    return PlotSource(
        name=name,
        is_there=lambda: view().picture() is not None,
        image=lambda: widget_image(painted()),
        svg=lambda: widget_svg(painted()),
        csv=lambda: view().as_csv(),
    )


def widget_image(widget: QWidget) -> QImage:
    """Return a widget as a sharp picture."""
    image = QImage(widget.size() * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(Qt.GlobalColor.white)
    widget.render(image)
    return image


def widget_svg(widget: QWidget) -> str:
    """Return a widget as SVG."""
    from PySide6.QtSvg import QSvgGenerator  # imported late to keep the start fast

    buffer = paint_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data()).decode("utf-8")


def _content(source: PlotSource, suffix: str) -> bytes:
    if suffix == ".svg":
        return source.svg().encode()
    if suffix == ".png":
        return png_bytes(source.image())
    if suffix == ".csv":
        return source.csv().encode()
    raise ValueError(f"write .svg, .png or .csv, not {suffix or 'a file without a suffix'}")
