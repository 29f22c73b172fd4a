"""Keys that a focused widget handles itself, although they are shortcuts of the window."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent


def reserve_keys(event: QEvent, keys: Container[int]) -> bool:
    """Reserve keys for the focused widget: accept a ShortcutOverride event of one; return whether it was accepted."""
    is_reserved = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys
    if is_reserved:
        event.accept()
    return is_reserved
