"""A frame whose view is slow to build; it is built in the first idle moment after the frame is painted."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from nnviz.present.core.palette import Palette

View = TypeVar("View")


class LazyView(QWidget, Generic[View]):
    """A frame that shows an empty card until its view exists; a subclass makes the view and passes it to `_hold`."""

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
        """True if the view exists."""
        return self._view is not None

    @property
    def view(self) -> View:
        """The view, built if it does not exist yet."""
        self.build()
        assert self._view is not None
        return self._view

    def build(self) -> None:
        """Build the view, unless it exists, and show the current state in it."""
        if self._view is None:
            self._build()

    def _build(self) -> None:
        """Make the view and set `_view`."""
        raise NotImplementedError

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.update()
        self.updateGeometry()

    def _hold(self, view: QWidget) -> None:
        """Fill the frame with the view."""
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
