"""Files whose content Qt makes in memory and Python writes: Qt itself does not report a full disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage


def paint_buffer() -> QBuffer:
    """Return a device in memory for Qt to write to."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def png_bytes(image: QImage) -> bytes:
    """Return an image as the content of a PNG file."""
    buffer = paint_buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt takes text
    return bytes(buffer.data().data())


def write_png_file(path: Path, image: QImage) -> None:
    """Write an image to a PNG file. Raises OSError."""
    path.write_bytes(png_bytes(image))


@contextmanager
def painted_file(path: Path) -> Iterator[QBuffer]:
    """Give a device for Qt to write to, whose bytes are written to the file if the block succeeds. Raises OSError."""
    buffer = paint_buffer()
    yield buffer
    path.write_bytes(bytes(buffer.data().data()))
