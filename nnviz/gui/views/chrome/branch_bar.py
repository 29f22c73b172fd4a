"""The note about edits and the branches, in the heading of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTabBar, QToolButton, QWidget

from nnviz.debugger.branches import LONGEST_NAME, Branches, compare_obstacle
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.buttons import MenuButton, button_sheet
from nnviz.gui.kit.icons import icon
from nnviz.gui.views.chrome.name_editor import NameEditor
from nnviz.present.core.palette import Palette
from nnviz.present.text.numbers import marked
from nnviz.present.words.edit_text import edit_names, edits_text
from nnviz.render.fonts import ui_font

COMPARE = "Compare with…"
COMPARE_TIP = "Mark the numbers of this pass that differ from another branch"


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
        self.label.setToolTip(marked("\n".join(edit_names(session)[:20])))
        self.setVisible(bool(text))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.label.setFont(ui_font(12 * scale))
        self.reset.setFont(ui_font(12 * scale))
        self.label.setStyleSheet(f"color: {palette.convention};")
        self.reset.setStyleSheet(button_sheet(palette, scale, pad=2, wide=9, radius=6))


class BranchTabs(QTabBar):
    """Tabs with the names of the branches; a double click renames one."""

    rename_asked = Signal(int)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.rename_asked.emit(at)


class BranchBar(QWidget):
    """The branches, shown while there is more than one."""

    chosen = Signal(int)
    renamed = Signal(int, str)
    closed = Signal(int)
    compared = Signal(int)
    comparing = Signal(str)  # the name of the branch with which the pass is compared, or ""
    shown = Signal(bool)  # whether there is more than one branch

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._branches: Branches | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._filling = False
        self._compared = ""
        self.tabs, self.compare = BranchTabs(), MenuButton(side=8)
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
        self.compare.setText(COMPARE)
        self.compare.setToolTip(COMPARE_TIP)
        self.field.finished.connect(self._on_named)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.compare)
        self.hide()

    def show_branches(self, branches: Branches) -> None:
        """Show the branches and mark the current one."""
        before, self._branches = self._branches, branches
        self._show_compared(branches)
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
        self.shown.emit(len(names) > 1)

    def _show_compared(self, branches: Branches) -> None:
        """Say with which branch the pass is compared, and what the dots are."""
        compared = branches.here.session.compared
        others = [branch for branch in branches.all if branch is not branches.here]
        name = next(
            (branch.name for branch in others if compared is not None and branch.session.record is compared.record), ""
        )
        if name != self._compared:
            self._compared = name
            self.compare.setText(f"Comparing with {name}" if name else COMPARE)
            self.compare.setToolTip(f"Dots mark the numbers that differ from {name}" if name else COMPARE_TIP)
            self.compare.set_dot(self._palette.convention if name and self._palette is not None else "")
            self.comparing.emit(name)

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
            f"QTabBar::tab {{ background: {palette.control}; color: {palette.muted};"
            f" border: 1px solid {palette.control_edge}; border-radius: {radius}px;"
            f" padding: {pad - 1}px 0 {pad - 1}px {2 * pad}px; margin: 2px 4px 2px 0; }}"
            f"QTabBar::tab:selected {{ background: {palette.selection}; color: {palette.text}; }}"
            f"QLineEdit {{ background: {palette.control}; color: {palette.text};"
            f" border: 1px solid {palette.forward}; border-radius: {radius}px; }}"
        )
        self.compare.set_theme(palette, scale)
        self.compare.set_dot(palette.convention if self._compared else "")
        self.compare.setStyleSheet(button_sheet(palette, scale, pad=2, wide=9, radius=6))

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
            beside = round(8 * self._scale)  # between the cross and the end of its tab
            cross.setStyleSheet(f"QToolButton {{ border: none; background: transparent; padding: 0 {beside}px 0 0; }}")

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
