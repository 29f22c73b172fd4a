"""The text of the guide: one page of Markdown in the window's own typography, with places, links and marked words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from PySide6.QtCore import QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QFont,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.words.guide_pages import Page, link_place
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pen

TEXT, CODE, TABLE_TEXT = 14.0, 12.5, 13.0  # logical pixels at scale 1
# Of each level of heading: size, weight, space above and below.
_HEADINGS = {
    1: (25.0, QFont.Weight.DemiBold, 4.0, 10.0),
    2: (18.0, QFont.Weight.DemiBold, 26.0, 6.0),
    3: (15.0, QFont.Weight.DemiBold, 18.0, 4.0),
}
_MEASURE = 740  # the widest line of text
_MARGIN = 34
_PADDING = 12  # of a code block
_LINE, _TABLE_LINE, _CODE_LINE = 23.0, 19.0, 19.0  # from line to line
_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight.value
_ARROWS = set("←↑→↓")
_FENCE = QTextFormat.Property.BlockCodeFence


class GuideText(QTextBrowser):
    """Shows one page. `place_asked` is emitted with the place to which a link leads."""

    place_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Guide")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.anchorClicked.connect(self._follow)
        self._page: Page | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._headings: dict[str, QTextBlock] = {}
        self._code: list[tuple[QTextBlock, QTextBlock]] = []  # first and last line of each code block
        self._words: Sequence[str] = ()
        self._matches: list[QTextCursor] = []
        self._match: int | None = None

    @property
    def page(self) -> str:
        """The name of the page shown, empty before the first."""
        return "" if self._page is None else self._page.name

    @property
    def matches(self) -> list[str]:
        """The marked words of the page, in the order of the text."""
        return [cursor.selectedText() for cursor in self._matches]

    @property
    def match(self) -> int | None:
        """Which of the marked words is the current one."""
        return self._match

    def headings(self) -> dict[str, QTextBlock]:
        """Return the headings of the page by their anchors, in the order of the text."""
        return dict(self._headings)

    def show_page(self, page: Page) -> None:
        """Show another page from its top; the words that are searched for are marked in it."""
        self._page = page
        self._typeset()
        self.verticalScrollBar().setValue(0)

    def scroll_to(self, anchor: str) -> None:
        """Bring a heading to the top; the start of the page without one."""
        block = self._headings.get(anchor)
        top = 0.0 if block is None else self._top(block) - 14 * self._scale
        self.verticalScrollBar().setValue(0 if block is not None and block.blockNumber() == 0 else round(top))

    def anchor_in_view(self) -> str:
        """Return the anchor of the section at the top of the view."""
        limit = self.verticalScrollBar().value() + 40 * self._scale
        above = [anchor for anchor, block in self._headings.items() if self._top(block) <= limit]
        return above[-1] if above else ""

    def mark(self, words: Sequence[str]) -> None:
        """Mark every occurrence of these words."""
        self._words = words
        self._find_matches()
        self._match = None
        self._paint_matches()

    def go_to_match(self, index: int) -> None:
        """Make one of the marked words the current one and bring it into sight."""
        self._match = index
        cursor = QTextCursor(self._matches[index])
        cursor.setPosition(cursor.selectionStart())
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self._paint_matches()

    def first_match(self, anchor: str) -> int | None:
        """Return the first marked word in the section of an anchor, or below it."""
        block = self._headings.get(anchor)
        start = 0 if block is None else block.position()
        return next((at for at, cursor in enumerate(self._matches) if cursor.selectionStart() >= start), None)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes; the place in the text stays."""
        anchor = self.anchor_in_view()
        self._palette, self._scale = palette, scale
        if self._page is not None:
            self._typeset()
            self.scroll_to(anchor)

    def _follow(self, url: QUrl) -> None:
        place = link_place(url.toString(), self.page)
        if place is None:
            QDesktopServices.openUrl(url)
        else:
            self.place_asked.emit(place)

    def _top(self, block: QTextBlock) -> float:
        return self.document().documentLayout().blockBoundingRect(block).top()

    # Typography

    def _typeset(self) -> None:
        if self._page is None or self._palette is None:
            return
        document = self.document()
        document.setDefaultFont(ui_font(TEXT * self._scale))
        document.setDocumentMargin(0)
        document.setMarkdown(self._page.markdown)
        _unescape_pipes(document)
        sections = iter(self._page.sections)
        self._headings, code = {}, []
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        for block in _blocks(document):
            is_code = block.blockFormat().hasProperty(_FENCE)
            if block.blockFormat().headingLevel():
                self._headings[next(sections).anchor] = block
            elif is_code:
                code.append(block)
            self._format_block(block, is_code)
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._format_table(frame)
        cursor.endEditBlock()
        self._code = _runs(code)
        self._space_code()
        self._set_measure()
        self.mark(self._words)

    def _format_block(self, block: QTextBlock, is_code: bool) -> None:
        """Set the spacing of a block and the fonts and colors of its words."""
        level, scale = block.blockFormat().headingLevel(), self._scale
        cursor = QTextCursor(block)
        in_table = cursor.currentTable() is not None
        layout = QTextBlockFormat()
        if not level:
            line = _CODE_LINE if is_code else _TABLE_LINE if in_table else _LINE
            layout.setLineHeight(round(line * scale), _FIXED)
        if level:
            _, _, above, below = _HEADINGS[min(level, 3)]
            layout.setTopMargin(above * scale)
            layout.setBottomMargin(below * scale)
        elif is_code:
            layout.setNonBreakableLines(False)
            layout.setLeftMargin(_PADDING * scale)
            layout.setRightMargin(_PADDING * scale)
        elif block.textList() is not None:
            layout.setTopMargin(2 * scale)
            layout.setBottomMargin(2 * scale)
        elif not in_table:
            layout.setTopMargin(5 * scale)
            layout.setBottomMargin(7 * scale)
        cursor.mergeBlockFormat(layout)
        for start, text, markup in _fragments(block):
            cursor.setPosition(start)
            cursor.setPosition(start + len(text), QTextCursor.MoveMode.KeepAnchor)
            words = self._characters(markup, level, is_code, in_table)
            if not is_code and markup.fontFixedPitch() and _ARROWS & set(text):
                words.setFont(ui_font(TABLE_TEXT * self._scale))  # whose arrows are larger
            cursor.mergeCharFormat(words)

    def _characters(self, markup: QTextCharFormat, level: int, is_code: bool, in_table: bool) -> QTextCharFormat:
        """Return font and colors of words from their Markdown format and their place."""
        assert self._palette is not None
        palette, scale = self._palette, self._scale
        result = QTextCharFormat()
        result.setForeground(QColor(palette.text))
        if level:
            size, weight, _, _ = _HEADINGS[min(level, 3)]
            result.setFont(ui_font(size * scale, weight))
        elif is_code or markup.fontFixedPitch():
            result.setFont(mono_font(CODE * scale))
            if not is_code:
                result.setBackground(QColor(palette.control))
        elif markup.fontWeight() >= QFont.Weight.DemiBold:
            result.setFont(ui_font((TABLE_TEXT - 0.5 if in_table else TEXT) * scale, QFont.Weight.DemiBold))
            if in_table:
                result.setForeground(QColor(palette.muted))
        elif in_table:
            result.setFont(ui_font(TABLE_TEXT * scale))
        if markup.isAnchor():
            result.setForeground(QColor(palette.positive))
            result.setFontUnderline(False)
        return result

    def _format_table(self, table: QTextTable) -> None:
        """Draw a table with thin lines between its rows, as wide as the text."""
        assert self._palette is not None
        scale, line = self._scale, QColor(self._palette.border)
        layout = table.format()
        layout.setBorder(0)
        layout.setBorderCollapse(True)
        layout.setCellSpacing(0)
        layout.setCellPadding(0)
        layout.setTopMargin(8 * scale)
        layout.setBottomMargin(14 * scale)
        layout.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        table.setFormat(layout)
        for row in range(table.rows()):
            for column in range(table.columns()):
                cell = QTextTableCellFormat()
                cell.setBottomBorder(1)
                cell.setBottomBorderBrush(line)
                cell.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                cell.setTopPadding(5 * scale)
                cell.setBottomPadding(5 * scale)
                cell.setLeftPadding(2 * scale)
                cell.setRightPadding(14 * scale)
                table.cellAt(row, column).setFormat(cell)

    def _space_code(self) -> None:
        """Leave room above and below each code block for its background."""
        for first, last in self._code:
            for block, above in ((first, True), (last, False)):
                layout = QTextBlockFormat()
                if above:
                    layout.setTopMargin((_PADDING + 8) * self._scale)
                else:
                    layout.setBottomMargin((_PADDING + 10) * self._scale)
                QTextCursor(block).mergeBlockFormat(layout)

    def _set_measure(self) -> None:
        """Keep lines at a length that can be read, with margins at both sides."""
        margin = _MARGIN * self._scale
        layout = self.document().rootFrame().frameFormat()
        layout.setTopMargin(24 * self._scale)
        layout.setBottomMargin(40 * self._scale)
        layout.setLeftMargin(margin)
        layout.setRightMargin(max(margin, self.viewport().width() - margin - _MEASURE * self._scale))
        self.document().rootFrame().setFrameFormat(layout)

    # Searching

    def _find_matches(self) -> None:
        document = self.document()
        found: list[QTextCursor] = []
        for word in self._words:
            cursor = document.find(word)
            while not cursor.isNull():
                found.append(cursor)
                cursor = document.find(word, cursor)
        self._matches = sorted(found, key=lambda cursor: cursor.selectionStart())

    def _paint_matches(self) -> None:
        if self._palette is None:
            return
        selections = []
        for index, cursor in enumerate(self._matches):
            selection = QTextEdit.ExtraSelection()
            is_current = index == self._match
            color = QColor(self._palette.selection if is_current else self._palette.error_soft)
            words = QTextCharFormat()
            words.setBackground(color)
            words.setForeground(QColor(self._palette.text))
            selection.format, selection.cursor = words, cursor
            selections.append(selection)
        self.setExtraSelections(selections)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is not None:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen(self._palette.border))
            painter.setBrush(QColor(self._palette.window))
            for first, last in self._code:
                painter.drawRoundedRect(self._ground(first, last), 6.0, 6.0)
            painter.end()
        super().paintEvent(event)

    def _ground(self, first: QTextBlock, last: QTextBlock) -> QRectF:
        """Return the rectangle behind a code block, in the view's coordinates."""
        layout, padding = self.document().documentLayout(), _PADDING * self._scale
        top, bottom = layout.blockBoundingRect(first), layout.blockBoundingRect(last)
        left = self.document().rootFrame().frameFormat().leftMargin()
        width = self.viewport().width() - left - self.document().rootFrame().frameFormat().rightMargin()
        height = bottom.bottom() - top.top() + 1.9 * padding
        scrolled = self.verticalScrollBar().value()
        return QRectF(left + 0.5, top.top() - 0.8 * padding - scrolled + 0.5, width - 1.0, height)


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _fragments(block: QTextBlock) -> list[tuple[int, str, QTextCharFormat]]:
    """Return start, text and format of each piece of a block."""
    found = []
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        found.append((fragment.position(), fragment.text(), fragment.charFormat()))
        place += 1
    return found


def _runs(code: Sequence[QTextBlock]) -> list[tuple[QTextBlock, QTextBlock]]:
    """Return the first and the last of each run of neighbouring blocks."""
    groups = groupby(enumerate(code), lambda pair: pair[1].blockNumber() - pair[0])
    members = [[block for _, block in group] for _, group in groups]
    return [(run[0], run[-1]) for run in members]


def _unescape_pipes(document: QTextDocument) -> None:
    """Write | for the escaped bar in the code of a table's cell, which Qt leaves as it is."""
    cursor = document.find("\\|")
    while not cursor.isNull():
        cursor.insertText("|", cursor.charFormat())
        cursor = document.find("\\|", cursor)
