"""The results of a search in the guide: for each section its title, and below it the text around the first match."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nnviz.present.core.palette import Palette
from nnviz.present.words.guide_pages import Hit, guide_title
from nnviz.render.fonts import ui_font

PLACE = Qt.ItemDataRole.UserRole
_EXCERPT = PLACE + 1
_ABOVE, _BESIDE = 6, 4  # around a result, logical pixels at scale 1
_LINES = 3  # the most of an excerpt
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class HitList(QListWidget):
    """Lists sections. Each item has the place of its section as its data, and its words as its accessible text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Search results")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.delegate = HitDelegate(self)
        self.setItemDelegate(self.delegate)

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Show the sections that were found."""
        self.clear()
        for hit in hits:
            section, page = hit.section, guide_title(hit.section.page)
            item = QListWidgetItem(section.title if section.level == 1 else f"{page} › {section.title}")
            item.setData(PLACE, section.place)
            item.setData(_EXCERPT, hit.excerpt)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{section.title}, {page}: {hit.excerpt}")
            self.addItem(item)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.delegate.set_theme(palette, scale)
        self.scheduleDelayedItemsLayout()


class HitDelegate(QStyledItemDelegate):
    """Draws a result: the title in bold, and the excerpt below it."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        self._palette: Palette | None = None
        self._scale = 1.0

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if self._palette is None:
            return
        palette = self._palette
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(palette.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(palette.control_hover))
        title, excerpt = self._rects(index, option.rect)
        painter.setFont(self._fonts()[0])
        painter.setPen(QColor(palette.text))
        painter.drawText(title, _WRAPPED, str(index.data()))
        painter.setFont(self._fonts()[1])
        painter.setPen(QColor(palette.muted))
        painter.drawText(excerpt, _WRAPPED, str(index.data(_EXCERPT)))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width = self._view.viewport().width()
        _, excerpt = self._rects(index, QRect(0, 0, width, 0))
        return QSize(width, excerpt.bottom() + 1 + round(_ABOVE * self._scale))

    def _fonts(self) -> tuple[QFont, QFont]:
        return ui_font(13 * self._scale, QFont.Weight.DemiBold), ui_font(12 * self._scale)

    def _rects(self, index: QModelIndex | QPersistentModelIndex, room: QRect) -> tuple[QRect, QRect]:
        """Return where the title and the excerpt of a result are in its room."""
        above, beside = round(_ABOVE * self._scale), round(_BESIDE * self._scale)
        left, top, width = room.left() + beside, room.top() + above, room.width() - 2 * beside
        bold, plain = (QFontMetrics(font) for font in self._fonts())
        title = bold.boundingRect(QRect(left, top, width, 10_000), _WRAPPED, str(index.data()))
        below = title.bottom() + 3
        excerpt = plain.boundingRect(QRect(left, below, width, 10_000), _WRAPPED, str(index.data(_EXCERPT)))
        return (
            QRect(left, title.top(), width, title.height()),
            QRect(left, below, width, min(excerpt.height(), _LINES * plain.lineSpacing())),
        )
