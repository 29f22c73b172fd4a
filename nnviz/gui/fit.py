"""The size and place of windows on their screens: whatever was remembered, a window is where it can be seen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

USUAL = QSize(1440, 900)
LEAST = QSize(1024, 700)  # the smallest size for which the window is laid out
FRAME = QSize(8, 40)  # what the frame of a window needs besides, before the window has one


def usual_size(screen: QRect) -> QSize:
    """Return the size of a first window on a screen, of which this rectangle is free."""
    return USUAL.boundedTo(screen.size() - FRAME)


def moved_into(window: QRect, screens: list[QRect]) -> QRect:
    """Return the rectangle of a window, made smaller and moved so that a screen shows all of it.

    The screen is the one that shows most of it, or the first one if none does.
    """
    if not screens:
        return window
    screen = max(screens, key=lambda each: _area(each.intersected(window)))
    size = window.size().boundedTo(screen.size())
    left = min(max(window.left(), screen.left()), screen.right() + 1 - size.width())
    top = min(max(window.top(), screen.top()), screen.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


def first_size(screen: QScreen | None) -> QSize:
    """Return the size of a first window; a screen that nobody sees does not bound it."""
    if screen is None or _is_unseen(screen):
        return USUAL
    return usual_size(screen.availableGeometry())


def keep_on_screen(window: QWidget) -> None:
    """Move a window to where a screen shows all of it, its frame too; a full or maximized one stays."""
    screens = QGuiApplication.screens()
    if window.isFullScreen() or window.isMaximized() or any(map(_is_unseen, screens)):
        return
    frame, inner = window.frameGeometry(), window.geometry()
    above, beside = inner.top() - frame.top(), frame.width() - inner.width()
    if above == 0 and window.parentWidget() is None:  # it has no frame yet
        above, beside = FRAME.height(), FRAME.width()
        frame = inner.adjusted(-beside // 2, -above, beside // 2, 0)
    fitting = moved_into(frame, [screen.availableGeometry() for screen in screens])
    if fitting != frame:
        window.setGeometry(fitting.adjusted(beside // 2, above, -(beside // 2), 0))


def _is_unseen(screen: QScreen) -> bool:
    """Return whether a screen is the small one of a platform that draws into memory alone."""
    size = screen.availableGeometry().size()
    return QGuiApplication.platformName() == "offscreen" and size.boundedTo(LEAST) != LEAST


def _area(rect: QRect) -> int:
    return rect.width() * rect.height() if rect.isValid() else 0
