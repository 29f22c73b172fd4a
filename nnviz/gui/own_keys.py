"""Keys that a widget keeps to itself while it has the focus: to the window they would be shortcuts."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent


def keeps(event: QEvent, keys: Container[int]) -> bool:
    """Whether the window asks if one of these keys is a shortcut; then the event is accepted, and it is none."""
    is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys
    if is_asked:
        event.accept()
    return is_asked
