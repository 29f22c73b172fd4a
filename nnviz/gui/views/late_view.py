"""A frame whose view takes long to build: it is built in the first idle moment after the frame has been painted."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from nnviz.present.palette import Palette

View = TypeVar("View")


class LateView(QWidget, Generic[View]):
    """Paints the card's ground until its view is there. A subclass makes the view and hands it to `_hold`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._view: View | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def is_built(self) -> bool:
        """Whether the view is there."""
        return self._view is not None

    @property
    def view(self) -> View:
        """The view itself; built when it is not there yet."""
        self.build()
        assert self._view is not None
        return self._view

    def build(self) -> None:
        """Build the view and show in it what has been told so far; nothing where it is there already."""
        if self._view is None:
            self._build()

    def _build(self) -> None:
        """Make the view, which is `_view` from then on."""
        raise NotImplementedError

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.update()
        self.updateGeometry()

    def _hold(self, view: QWidget) -> None:
        """Let the view fill the frame, from now on."""
        self._column.addWidget(view)
        view.show()
        self._column.activate()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_built or self._palette is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.card))
        painter.end()
        QTimer.singleShot(0, self, self.build)
