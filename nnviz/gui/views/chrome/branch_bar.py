"""The note about edits and the bar of branches above the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTabBar, QToolButton, QWidget

from nnviz.debugger.branches import LONGEST_NAME, Branches, compare_obstacle
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.icons import icon
from nnviz.gui.views.chrome.name_editor import NameEditor
from nnviz.gui.views.chrome.panel import INSET
from nnviz.present.core.palette import Palette
from nnviz.present.words.edit_text import edit_names, edits_text
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen


class EditNote(QWidget):
    """A note that the session is edited, with a button that restores the lesson's values; hidden without edits."""

    reset_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label, self.reset = QLabel(), QToolButton()
        self.reset.setObjectName("reset_edits_button")
        self.reset.setText("Restore")
        self.reset.setAccessibleName("Restore the lesson's values")
        self.reset.setToolTip("Restore the lesson's weights, data and conventions (can be undone)")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.clicked.connect(self.reset_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.reset)
        self.hide()

    def render_session(self, session: Session) -> None:
        """Show the number of a session's edits."""
        text = edits_text(session)
        self.label.setText(f"Edited: {text}")
        self.label.setToolTip("\n".join(edit_names(session)[:20]))
        self.setVisible(bool(text))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.label.setFont(ui_font(12 * scale))
        self.reset.setFont(ui_font(12 * scale))
        self.label.setStyleSheet(f"color: {palette.convention};")
        self.reset.setStyleSheet(_button_sheet(palette, scale))


class BranchTabs(QTabBar):
    """Tabs with the names of the branches; a double click renames one."""

    rename_asked = Signal(int)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.rename_asked.emit(at)


class BranchBar(QWidget):
    """A slim row of branches, shown while there is more than one."""

    chosen = Signal(int)
    renamed = Signal(int, str)
    closed = Signal(int)
    compared = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._branches: Branches | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._filling = False
        self.tabs, self.compare = BranchTabs(), QToolButton()
        self.field = NameEditor("Branch name", LONGEST_NAME, self)
        self.tabs.setAccessibleName("Branches")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.currentChanged.connect(self._on_current)
        self.tabs.rename_asked.connect(self._rename)
        menu = QMenu(self.compare)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.compare.setMenu(menu)
        self.compare.setText("Compare with…")
        self.compare.setToolTip("Mark the numbers of this pass that differ from another branch")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.field.finished.connect(self._on_named)
        row = QHBoxLayout(self)
        row.setContentsMargins(INSET + 10, 0, INSET + 10, 4)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.compare)
        self.hide()

    def show_branches(self, branches: Branches) -> None:
        """Show the branches and mark the current one."""
        before, self._branches = self._branches, branches
        names = [branch.name for branch in branches.all]
        same = before is not None and names == [branch.name for branch in before.all]
        if same and before is not None and before.current == branches.current:
            return
        self._filling = True
        while self.tabs.count() > len(names):
            self.tabs.removeTab(self.tabs.count() - 1)
        for at, name in enumerate(names):
            if at >= self.tabs.count():
                self.tabs.addTab("")
                self.tabs.setTabButton(at, QTabBar.ButtonPosition.RightSide, self._cross())
            self.tabs.setTabText(at, name.replace("&", "&&"))
            self.tabs.setTabToolTip(at, f"{name} (Alt+{at + 1})\nDouble-click to rename")
        self.tabs.setCurrentIndex(branches.current)
        self._filling = False
        self.setVisible(len(names) > 1)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        for at in range(self.tabs.count()):
            self._tint(self.tabs.tabButton(at, QTabBar.ButtonPosition.RightSide))
        self.tabs.setFont(ui_font(12 * scale))
        self.compare.setFont(ui_font(12 * scale))
        self.field.setFont(ui_font(12 * scale))
        pad, radius = round(4 * scale), round(6 * scale)
        self.setStyleSheet(
            f"QTabBar::tab {{ background: {palette.control}; color: {palette.muted}; border: none;"
            f" border-radius: {radius}px; padding: {pad}px {2 * pad}px; margin: 2px 4px 2px 0; }}"
            f"QTabBar::tab:selected {{ background: {palette.selection}; color: {palette.text}; }}"
            f"QLineEdit {{ background: {palette.control}; color: {palette.text};"
            f" border: 1px solid {palette.forward}; border-radius: {radius}px; }}"
        )
        self.compare.setStyleSheet(_button_sheet(palette, scale))

    def _cross(self) -> QToolButton:
        """Return a button that closes a branch."""
        cross = QToolButton(self.tabs)
        cross.setToolTip("Close this branch")
        cross.setAccessibleName("Close this branch")
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = QTabBar.ButtonPosition.RightSide
        cross.clicked.connect(
            lambda: self.closed.emit(
                next(at for at in range(self.tabs.count()) if self.tabs.tabButton(at, side) is cross)
            )
        )
        self._tint(cross)
        return cross

    def _tint(self, cross: QWidget | None) -> None:
        if isinstance(cross, QToolButton) and self._palette is not None:
            size = round(12 * self._scale)
            cross.setIcon(icon("x", self._palette.muted))
            cross.setIconSize(QSize(size, size))
            cross.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; }")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the network's card, which continues under the row."""
        if self._palette is None:
            return
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(INSET + 0.5, 0, -INSET - 0.5, 0)
        painter.fillRect(rect, QColor(self._palette.card))
        painter.setPen(pen(self._palette.border))
        painter.drawLine(rect.topLeft(), rect.bottomLeft())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.end()

    def _on_current(self, at: int) -> None:
        if not self._filling and at >= 0:
            self.chosen.emit(at)

    def _fill(self) -> None:
        menu = self.compare.menu()
        menu.clear()
        if self._branches is None:
            return
        here = self._branches.here.session
        for at, branch in enumerate(self._branches.all):
            if at == self._branches.current:
                continue
            action = menu.addAction(branch.name.replace("&", "&&"))
            obstacle = compare_obstacle(here, branch.session)
            action.setEnabled(not obstacle)
            action.setToolTip(obstacle)
            action.triggered.connect(lambda checked=False, at=at: self.compared.emit(at))

    def _rename(self, at: int) -> None:
        assert self._branches is not None
        rect = self.tabs.tabRect(at)
        corner = self.tabs.mapTo(self, QPoint(rect.left(), rect.top()))
        self.field.setProperty("branch", at)
        self.field.setText(self._branches.all[at].name)
        self.field.setGeometry(QRect(corner, rect.size().expandedTo(self.field.minimumSizeHint())))
        self.field.show()
        self.field.raise_()
        self.field.selectAll()
        self.field.setFocus()

    def _on_named(self, taken: bool) -> None:
        if taken:
            self.renamed.emit(int(self.field.property("branch")), self.field.text())


def _button_sheet(palette: Palette, scale: float) -> str:
    pad = round(3 * scale)
    return (
        f"QToolButton {{ background: {palette.control}; color: {palette.control_text}; border: none;"
        f" border-radius: {round(6 * scale)}px; padding: {pad}px {3 * pad}px; }}"
        f"QToolButton:hover {{ background: {palette.control_hover}; }}"
        "QToolButton::menu-indicator { image: none; width: 0; }"
    )
