"""Colors of widgets, set through the palette, because a style sheet on an editor changes its scroll bars."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget


def ink(widget: QWidget, color: str) -> None:
    """Set the text color of a widget."""
    _set(widget, widget.foregroundRole(), color)


def ground(*widgets: QWidget, color: str) -> None:
    """Fill the background of widgets with a color."""
    for widget in widgets:
        _set(widget, widget.backgroundRole(), color)
        widget.setAutoFillBackground(True)


def _set(widget: QWidget, role: QPalette.ColorRole, color: str) -> None:
    colors = widget.palette()
    colors.setColor(role, QColor(color))
    widget.setPalette(colors)
