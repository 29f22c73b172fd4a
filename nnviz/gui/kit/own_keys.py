"""Keys that a focused widget handles itself, although they are shortcuts of the window."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent


def reserve_keys(event: QEvent, keys: Container[int]) -> bool:
    """Keep these keys from becoming shortcuts: accept the event that asks about one; return whether it did so."""
    is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys
    if is_asked:
        event.accept()
    return is_asked
