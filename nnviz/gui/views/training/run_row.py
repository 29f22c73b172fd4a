"""A row of the legend of runs: its line, its name, its value, and a button that removes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.gui.views.chrome.name_editor import NameEditor
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.run_book import LONGEST_NAME
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pen, text_width
from nnviz.render.run_pens import run_pen
from nnviz.render.text_lines import wrapped

HEIGHT, SWATCH, CROSS, GAP = 21.0, 24.0, 16.0, 6.0
NEXT = 15.0  # from line to line, if there is no room for the value beside the name
MOST_LINES = 3  # of a name


class Swatch(QToolButton):
    """A button with the line of a run, muted if the run is hidden; a click shows or hides the run."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.series = 0
        self.palette_used: Palette | None = None
        self.scale_factor = 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.palette_used is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        hidden = pen(self.palette_used.border, 1.5 * self.scale_factor)
        painter.setPen(run_pen(self.palette_used, self.series, 2.5 * self.scale_factor) if self.isChecked() else hidden)
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))
        if self.hasFocus():
            painter.setPen(pen(self.palette_used.forward))
            painter.drawRoundedRect(self.rect().adjusted(0, 2, -1, -3), 4, 4)
        painter.end()


def _words(run: LossRun) -> tuple[str, str, bool, bool]:
    return run.name, run.made, run.shown, run.faint


class RunRow(QWidget):
    """The row of one run: a double click or F2 edits its name, Delete or the cross removes it."""

    shown_changed = Signal(int, bool)
    renamed = Signal(int, str)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: LossRun | None = None
        self._value = ""
        self._is_stacked = False
        self._palette: Palette | None = None
        self._scale = 1.0
        self.swatch, self.cross, self.editor = (
            Swatch(self),
            QToolButton(self),
            NameEditor("Run name", LONGEST_NAME, self),
        )
        self.cross.setCursor(Qt.CursorShape.PointingHandCursor)
        self.cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.swatch.clicked.connect(lambda on: self.shown_changed.emit(self.run.number, on))
        self.cross.clicked.connect(lambda: self.removed.emit(self.run.number))
        self.editor.finished.connect(self._on_named)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def run(self) -> LossRun:
        """The run being shown."""
        assert self._run is not None
        return self._run

    @property
    def value(self) -> str:
        """The value at the right."""
        return self._value

    def show_run(self, run: LossRun, value: str) -> None:
        """Show a run and one of its values."""
        before, self._run = self._run, run
        if before is None or _words(before) != _words(run):
            self.swatch.setAccessibleName(f"{'Hide' if run.shown else 'Show'} {run.name}")
            self.swatch.setToolTip(f"{'Hide' if run.shown else 'Show'} this run")
            self.cross.setAccessibleName(f"Remove {run.name}")
            self.cross.setToolTip("Remove this run")
            self.setToolTip(f"{run.name if run.faint else f'{run.name} (current run)'}\n{run.made}")
            self.swatch.setChecked(run.shown)
            self.cross.setVisible(run.faint)
            self._place()
        self.swatch.series = run.series
        self._value = value
        self.setAccessibleName(f"{run.name}: {value}")
        self.swatch.update()
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.swatch.palette_used, self.swatch.scale_factor = palette, scale
        self.cross.setIcon(icon("x", palette.muted))
        self.cross.setIconSize(QSize(round(12 * scale), round(12 * scale)))
        self.cross.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; }")
        self.editor.setFont(ui_font(12 * scale))
        self._place()
        self.update()

    def needed_width(self, value: str) -> float:
        """Return the width of the row with its whole name and a value."""
        fixed = (SWATCH + CROSS + 3 * GAP) * self._scale
        return fixed + text_width(self._name_font(), self.run.name) + text_width(self._value_font(), value)

    def stacked_width(self, value: str) -> float:
        """Return the width that a value needs below the name."""
        return (SWATCH + 2 * GAP) * self._scale + text_width(self._value_font(), value)

    def stack(self, on: bool) -> None:
        """Show the value below the name, or beside it."""
        if on != self._is_stacked:
            self._is_stacked = on
            self._place()
            self.update()

    def edit(self) -> None:
        """Open the field for another name."""
        self.editor.setText(self.run.name)
        self.editor.setGeometry(self._name_rect())
        self.editor.show()
        self.editor.selectAll()
        self.editor.setFocus()

    def _on_named(self, taken: bool) -> None:
        if taken and self.editor.text() != self.run.name:
            self.renamed.emit(self.run.number, self.editor.text())
        self.update()

    def _place(self) -> None:
        swatch, cross, line = (round(length * self._scale) for length in (SWATCH, CROSS, HEIGHT))
        top = self._value_top()
        self.setFixedHeight(top + line)
        self.swatch.setGeometry(0, 0, swatch, line)
        self.cross.setGeometry(self.width() - cross, top, cross, line)
        self.editor.setGeometry(self._name_rect())

    def _value_top(self) -> int:
        """Return the top of the line with the value and the cross."""
        return round(NEXT * self._scale) * len(self._name_lines()) if self._is_stacked else 0

    def _name_rect(self) -> QRect:
        left, right = round((SWATCH + GAP) * self._scale), self.width()
        if not self._is_stacked:
            right -= round((CROSS + 2 * GAP) * self._scale + text_width(self._value_font(), self._value))
        return QRect(left, 0, max(0, right - left), round(HEIGHT * self._scale))

    def _name_lines(self) -> tuple[str, ...]:
        """Return the lines of the name: one, or as many as it takes if the value is below it."""
        name = "" if self._run is None else self._run.name
        most = MOST_LINES if self._is_stacked else 1
        return wrapped(name, self._name_font(), self._name_rect().width(), most)

    def _name_font(self) -> QFont:
        bold = self._run is not None and not self._run.faint
        return ui_font(12 * self._scale, QFont.Weight.DemiBold if bold else QFont.Weight.Normal)

    def _value_font(self) -> QFont:
        return mono_font(11.5 * self._scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.edit()

    def event(self, event: QEvent) -> bool:
        # F2 edits the name, not the number selected on the canvas.
        return reserve_keys(event, (Qt.Key.Key_F2,)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.edit()
        elif event.key() == Qt.Key.Key_Delete and self.run.faint:
            self.removed.emit(self.run.number)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None or self._run is None:
            return
        painter = QPainter(self)
        baseline, left = (HEIGHT / 2 + 4.2) * self._scale, float(self._name_rect().left())
        painter.setPen(QColor(self._palette.text if self._run.shown else self._palette.faint))
        if self.editor.isHidden():
            painter.setFont(self._name_font())
            for place, line in enumerate(self._name_lines()):
                painter.drawText(QPointF(left, baseline + place * round(NEXT * self._scale)), line)
        font = self._value_font()
        painter.setFont(font)
        painter.setPen(QColor(self._palette.muted))
        if not self._is_stacked:
            left = self.width() - (CROSS + GAP / 2) * self._scale - text_width(font, self._value)
        painter.drawText(QPointF(left, baseline + self._value_top()), self._value)
        painter.end()
