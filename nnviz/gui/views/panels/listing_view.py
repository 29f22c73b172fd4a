"""The NumPy listing: the pass as code with the current line highlighted; a click goes to the line's step."""

from __future__ import annotations

from itertools import zip_longest
from math import ceil
from typing import TYPE_CHECKING

from pygments.token import Token, _TokenType
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ground
from nnviz.present.core.palette import Palette
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.listing.listing import Listing, ListingLine, listing, listing_lines
from nnviz.present.network.breakpoint_dots import NO_MARKS, marked_lines
from nnviz.render.fonts import mono_font
from nnviz.render.paint import paint_dot, text_width

if TYPE_CHECKING:
    from pygments.lexers.python import PythonLexer

LINE_HEIGHT = 22.0
TEXT_SIZE = 13.0
GUTTER = 32.0
_ROLES = (
    (Token.Comment, "code_comment"),
    (Token.Keyword, "code_keyword"),
    (Token.Literal.Number, "code_number"),
    (Token.Operator, "code_operator"),
    (Token.Punctuation, "code_operator"),
)


class ListingView(QScrollArea):
    """The listing of a session; `line_clicked(int)` is emitted with the index of the line's first group."""

    line_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click takes the focus from a text field
        self._voice: Voice | None = None
        self._lines: tuple[ListingLine, ...] = ()  # of this voice
        self._unused = 0  # pixels below the last whole line
        self._page = _Page(self)
        self.setWidget(self._page)
        self.setAccessibleName("NumPy listing")

    def render_session(self, session: Session) -> None:
        """Show a session's listing and scroll to its current line."""
        voice = voice_of(session)
        if voice != self._voice:  # steps do not change the lines
            self._voice, self._lines = voice, listing_lines(session)
        self._page.show_listing(listing(session, self._lines), session)
        current = self._page.listing.current
        line = "" if current is None else f"Line {current + 1}: {self._page.listing.lines[current].code}"
        self.setAccessibleDescription(line)
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        current = self._page.listing.current
        if current is None:
            self.verticalScrollBar().setValue(0)
            return
        height = self._page.line_height()
        self.ensureVisible(0, int((current + 0.5) * height), 0, int(height * 1.5))
        self._begin_with_a_whole_line(current)

    def _begin_with_a_whole_line(self, current: int) -> None:
        """Scroll to the start of a line: the next one, if the current line stays in sight."""
        bar, height = self.verticalScrollBar(), self._page.line_height()
        line = ceil(bar.value() / height)
        bar.setValue(round(height * (line if line <= current else current)))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._page.set_theme(palette, scale)
        ground(self.viewport(), self._page, color=palette.card)
        self._show_whole_lines()

    def shown(self) -> Listing:
        """Return the listing being shown."""
        return self._page.listing

    def groups_under(self, point: QPoint) -> tuple[int, ...]:
        """Return the groups that the line at a point of the page computes."""
        row = int(point.y() / self._page.line_height())
        lines = self._page.listing.lines
        return lines[row].groups if 0 <= row < len(lines) else ()

    def is_gutter(self, point: QPoint) -> bool:
        """Return whether a point of the page is left of the code, where breakpoints are shown."""
        return point.x() < GUTTER * self._page.line_height() / LINE_HEIGHT

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole_lines()
        self._bring_into_sight()

    def _show_whole_lines(self) -> None:
        """Leave the room below the last whole line empty."""
        unused = int((self.viewport().height() + self._unused) % self._page.line_height())
        if unused != self._unused:
            self._unused = unused
            self.setViewportMargins(0, 0, 0, unused)


class _Page(QWidget):
    def __init__(self, view: ListingView) -> None:
        super().__init__()
        self._view = view
        self._palette: Palette | None = None
        self._scale = 1.0
        self._phase = ""
        self._lexer: PythonLexer | None = None
        self._tokens: dict[str, list[tuple[str, str]]] = {}
        self.listing = Listing((), None)
        self._marks = NO_MARKS
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def line_height(self) -> float:
        return LINE_HEIGHT * self._scale

    def show_listing(self, shown: Listing, session: Session) -> None:
        """Show a listing; only the lines that have changed are painted again."""
        before, is_same = self._rows(), shown.lines == self.listing.lines
        self.listing = shown
        self._marks = marked_lines(session, shown)
        step = session.pointed
        self._phase = "" if step is None else step.phase
        if not is_same:
            self._fit()
        for row, (old, new) in enumerate(zip_longest(before, self._rows())):
            if old != new:
                top = row * self.line_height()
                self.update(QRectF(0, top, self.width(), self.line_height()).toAlignedRect())

    def _rows(self) -> list[tuple[str, str | None, bool | None]]:
        """Return what is painted of each line: its code, the phase that highlights it, and its breakpoint."""
        current = self.listing.current
        return [
            (line.code, self._phase if row == current else None, self._marks.get(row))
            for row, line in enumerate(self.listing.lines)
        ]

    def set_theme(self, palette: Palette, scale: float) -> None:
        self._palette, self._scale = palette, scale
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setMinimumHeight(int(len(self.listing.lines) * self.line_height()))
        self._view.verticalScrollBar().setSingleStep(round(self.line_height()))
        longest = max((line.code for line in self.listing.lines), key=len, default="")
        width = text_width(mono_font(TEXT_SIZE * self._scale, QFont.Weight.DemiBold), longest)
        self.setMinimumWidth(int(width + 60 * self._scale))
        self.updateGeometry()

    def _pieces(self, code: str) -> list[tuple[str, str]]:
        if self._lexer is None:
            return [(code, "code_name")]  # the lexer is built after the first frame
        if code not in self._tokens:
            pairs = [(text.rstrip("\n"), _role(kind)) for kind, text in self._lexer.get_tokens(code)]
            self._tokens[code] = [pair for pair in pairs if pair[0]]
        return self._tokens[code]

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), self.minimumHeight())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        row = int(event.position().y() / self.line_height())
        if 0 <= row < len(self.listing.lines) and self.listing.lines[row].groups:
            self._view.line_clicked.emit(self.listing.lines[row].groups[0])

    def _highlight(self) -> None:
        if self._lexer is None:
            from pygments.lexers.python import PythonLexer

            self._lexer = PythonLexer()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        if self._lexer is None:
            QTimer.singleShot(0, self, self._highlight)
        painter = QPainter(self)
        height = self.line_height()
        plain = mono_font(TEXT_SIZE * self._scale)
        strong = mono_font(TEXT_SIZE * self._scale, QFont.Weight.DemiBold)
        for row, line in enumerate(self.listing.lines):
            current = row == self.listing.current
            top = row * height
            if not event.rect().top() - height <= top <= event.rect().bottom():
                continue
            if current:
                self._light(painter, top, height)
            baseline = top + height * 0.68
            if line.code:
                painter.setFont(plain)
                painter.setPen(QColor(self._palette.code_line_number))
                number = str(row + 1)
                right = 28 * self._scale
                painter.drawText(QPointF(right - text_width(plain, number), baseline), number)
                self._line(painter, line.code, strong if current else plain, baseline)
            if row in self._marks:
                self._dot(painter, QPointF(10 * self._scale, top + height / 2), self._marks[row])
        painter.end()

    def _dot(self, painter: QPainter, center: QPointF, enabled: bool) -> None:
        assert self._palette is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_dot(painter, center, 4.2 * self._scale, self._palette, enabled)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _light(self, painter: QPainter, top: float, height: float) -> None:
        phase = self._phase or "forward"
        painter.fillRect(QRectF(0, top, self.width(), height), QColor(str(getattr(self._palette, f"{phase}_wash"))))
        painter.fillRect(QRectF(0, top, 3 * self._scale, height), QColor(str(getattr(self._palette, phase))))

    def _line(self, painter: QPainter, code: str, font: QFont, baseline: float) -> None:
        x = 42 * self._scale
        painter.setFont(font)
        for text, role in self._pieces(code):
            painter.setPen(QColor(str(getattr(self._palette, role))))
            painter.drawText(QPointF(x, baseline), text)
            x += text_width(font, text)


def _role(kind: _TokenType) -> str:
    return next((role for parent, role in _ROLES if kind in parent), "code_name")
