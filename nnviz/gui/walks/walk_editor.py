"""The walk editor: a window of its own with the scenes as a list, the fields of a scene, and the text of the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QColor, QKeySequence, QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnviz.gui.dialogs.text_dialogs import file_to_write, may_replace, unwritten_dialog
from nnviz.gui.fit import keep_on_screen
from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.walks.scene_fields import SceneFields
from nnviz.gui.walks.walk_fields import WalkFields
from nnviz.lessons.faults import Fault, LessonError, count_of
from nnviz.lessons.file_content import one_line
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import mono_font, ui_font
from nnviz.walks import walk_draft
from nnviz.walks.walk import SUFFIX, Scene, Walk
from nnviz.walks.walk_draft import DraftHistory, WalkDraft
from nnviz.walks.walk_verdicts import walk_verdicts

CHANGED = "has been changed by another program since it was opened"
TEXT_MS = 250  # after the last key, the text is read


class WalkEditor(QWidget):
    """Edits one walk. `preview_asked(walk, scene)` and `film_asked(walk, is_saved)` are for the window.

    `saved(path)` is emitted when the walk was written to a file.
    """

    preview_asked = Signal(object, int)
    film_asked = Signal(object, bool)
    saved = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAccessibleName("Walk editor")
        self.history: DraftHistory | None = None
        self._version: tuple[int, ...] = ()
        self._is_filling = False
        self._palette: Palette | None = None
        self.scenes, self.fields, self.walk_fields = QListWidget(), SceneFields(), WalkFields()
        self.text, self.told, self.tabs = QPlainTextEdit(), QListWidget(), QTabWidget()
        self.heading = QLabel("Scenes")
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(TEXT_MS)
        self._reading.timeout.connect(self.take_text)
        self.actions_by_name: dict[str, QAction] = {}
        self._buttons: list[tuple[QToolButton, str]] = []
        self._build()
        self._connect()
        self.resize(self.sizeHint())
        keep_on_screen(self)

    def begin(self, walk: Walk, text: str = "", *, is_new: bool = False) -> None:
        """Edit a walk; `text` is that of its file. A new one is not in its file yet."""
        draft = walk_draft.draft_of(walk, text)
        self.history = DraftHistory(draft, None if is_new else draft.text)
        self._version = () if is_new or walk.path is None else _version(walk.path)
        self._show(scene=0)
        self.scenes.setFocus()

    @property
    def draft(self) -> WalkDraft:
        """The walk as it is edited."""
        assert self.history is not None
        return self.history.draft

    @property
    def scene(self) -> int:
        """The scene that is chosen, counted from 0."""
        return max(0, self.scenes.currentRow())

    # The parts

    def _build(self) -> None:
        table: tuple[tuple[str, str, str, tuple[str, ...], str, Callable[[], object]], ...] = (
            ("add", "Add scene", "Add a scene after this one", ("Ctrl+N",), "file", self._add),
            ("duplicate", "Duplicate scene", "Add a copy of this scene", ("Ctrl+D",), "copy", self._duplicate),
            ("delete", "Delete scene", "Delete this scene", ("Ctrl+Backspace",), "x", self._delete),
            ("up", "Move up", "Move this scene up", ("Alt+Up",), "arrow-up", lambda: self._move(-1)),
            ("down", "Move down", "Move this scene down", ("Alt+Down",), "arrow-down", lambda: self._move(1)),
            ("undo", "Undo", "Undo the last change", ("Ctrl+Z",), "arrow-back-up", self._undo),
            ("redo", "Redo", "Redo what was undone last", ("Ctrl+Shift+Z", "Ctrl+Y"), "rotate-clockwise", self._redo),
            ("preview", "Preview", "Show the walk from this scene on the stage", ("F5",), "player-play", self._preview),
            ("check", "Check", "Play the walk without a window, as nnviz check does", ("F8",), "check", self.check),
            ("film", "Record film…", "Make a film of this walk", (), "video", self._film),
            ("save", "Save", "Save the walk", ("Ctrl+S",), "download", self.save),
            ("save_as", "Save as…", "Save the walk to another file", ("Ctrl+Shift+S",), "folder-open", self.save_as),
        )
        bar = QHBoxLayout()
        bar.setSpacing(4)
        for name, title, tip, keys, picture, run in table:
            action = QAction(title, self)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.triggered.connect(lambda _=False, run=run: run())
            self.addAction(action)
            self.actions_by_name[name] = action
            button = QToolButton()
            button.setText(title)
            button.setAccessibleName(title)
            button.setToolTip(f"{tip} ({' or '.join(keys)})" if keys else tip)
            has_text = name in ("preview", "check", "film", "save", "save_as")
            style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if has_text else Qt.ToolButtonStyle.ToolButtonIconOnly
            button.setToolButtonStyle(style)
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            self._buttons.append((button, picture))
            if name in ("undo", "preview", "save"):
                bar.addSpacing(14)
            bar.addWidget(button)
        bar.addStretch(1)
        self.scenes.setAccessibleName("Scenes")
        self.scenes.setToolTip("The scenes of the walk; drag one, or move it with Alt+↑ and Alt+↓")
        self.scenes.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.scenes.setMinimumWidth(220)
        self.text.setFont(mono_font(12.5))
        self.text.setUndoRedoEnabled(False)
        self.text.setAccessibleName("Text of the walk file")
        self.text.setToolTip("The walk file; the scenes follow it")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.told.setAccessibleName("Faults and verdicts")
        self.told.setToolTip("What is wrong with the walk, and what Check has found; a click goes to the line")
        self.told.setWordWrap(True)
        self.told.setFixedHeight(120)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.fields)
        self.tabs.addTab(area, "Scene")
        self.tabs.addTab(self.walk_fields, "Walk")
        self.tabs.addTab(self.text, "Text")
        self.tabs.setDocumentMode(True)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.scenes, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.tabs)
        split.setStretchFactor(1, 1)
        split.setSizes([280, 700])
        split.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 12, 16, 14)
        page.setSpacing(10)
        page.addLayout(bar)
        page.addWidget(split, 1)
        page.addWidget(self.told)
        self.told.hide()

    def _connect(self) -> None:
        self.scenes.currentRowChanged.connect(self._show_scene)
        self.scenes.model().rowsMoved.connect(lambda _a, at, _b, _c, to: self._reorder(at, to if to <= at else to - 1))
        self.fields.edited.connect(self._take_scene)
        self.walk_fields.edited.connect(
            lambda walk, key: self._change(lambda draft: walk_draft.with_walk(draft, walk), ("walk", key))
        )
        self.text.textChanged.connect(self._note_text)
        self.told.itemClicked.connect(lambda item: self._go_to_line(item.data(Qt.ItemDataRole.UserRole)))
        self.told.itemActivated.connect(lambda item: self._go_to_line(item.data(Qt.ItemDataRole.UserRole)))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        ground(self, color=palette.window)
        sheet = button_sheet(palette, scale)
        for button, picture in self._buttons:
            button.setStyleSheet(sheet)
            button.setIcon(icon(picture, palette.control_text))
        self.heading.setFont(ui_font(13 * scale))
        ink(self.heading, palette.muted)
        self.fields.set_palette(palette)

    # Changes

    def _change(self, change: Callable[[WalkDraft], WalkDraft], key: object = None, scene: int | None = None) -> None:
        assert self.history is not None
        if self.history.change(change, key):
            self._show(scene, key)

    def _take_scene(self, scene: Scene, key: str) -> None:
        at = self.scene
        self._change(lambda draft: walk_draft.with_scene(draft, at, scene), (at, key))

    def _note_text(self) -> None:
        if not self._is_filling:
            self._reading.start()

    def take_text(self) -> None:
        """Read the text, and let the scenes follow it."""
        self._reading.stop()
        text = self.text.toPlainText()
        assert self.history is not None
        if self.history.change(lambda draft: walk_draft.with_text(draft, text)):
            self._show(key="text")

    def _add(self) -> None:
        at = self.scene + 1
        self._change(lambda draft: walk_draft.add_scene(draft, at), scene=at)

    def _duplicate(self) -> None:
        at = self.scene
        copy = self.draft.walk.scenes[at]
        self._change(lambda draft: walk_draft.add_scene(draft, at + 1, copy), scene=at + 1)

    def _delete(self) -> None:
        at = self.scene
        self._change(lambda draft: walk_draft.delete_scene(draft, at), scene=at)

    def _move(self, by: int) -> None:
        at = self.scene
        if 0 <= at + by < len(self.draft.walk.scenes):
            self._change(lambda draft: walk_draft.move_scene(draft, at, at + by), scene=at + by)

    def _reorder(self, at: int, to: int) -> None:
        """Follow a scene that was dragged."""
        if not self._is_filling and at != to:
            self._change(lambda draft: walk_draft.move_scene(draft, at, to), scene=to)

    def _undo(self) -> None:
        assert self.history is not None
        self._take_pending()
        if self.history.undo():
            self._show()

    def _redo(self) -> None:
        assert self.history is not None
        if self.history.redo():
            self._show()

    def _take_pending(self) -> None:
        if self._reading.isActive():
            self.take_text()

    # What is shown

    def _show(self, scene: int | None = None, key: object = None) -> None:
        """Show the draft in list, fields and text; the field that is being edited keeps its cursor."""
        assert self.history is not None
        draft, at = self.draft, self.scene if scene is None else scene
        self._is_filling = True
        titles = [_title(number, each) for number, each in enumerate(draft.walk.scenes, start=1)]
        if [self.scenes.item(row).text() for row in range(self.scenes.count())] != titles:
            self.scenes.clear()
            self.scenes.addItems(titles)
        self.scenes.setCurrentRow(min(at, len(titles) - 1))
        if key != "text":
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(draft.text)
            self.text.verticalScrollBar().setValue(place)
        self.walk_fields.show_walk(draft.walk)
        self.fields.show_scene(draft.walk.scenes[self.scene])
        self._is_filling = False
        for widget in (self.scenes, self.fields, self.walk_fields):
            widget.setEnabled(draft.is_followed)
        for name in ("add", "duplicate", "delete", "up", "down"):
            self.actions_by_name[name].setEnabled(draft.is_followed)
        for name in ("preview", "check", "film"):
            self.actions_by_name[name].setEnabled(not draft.faults)
        self.actions_by_name["undo"].setEnabled(self.history.can_undo)
        self.actions_by_name["redo"].setEnabled(self.history.can_redo)
        self._show_faults(draft.faults)
        self._show_title()

    def _show_scene(self, row: int) -> None:
        if not self._is_filling and row >= 0:
            self._is_filling = True
            self.fields.show_scene(self.draft.walk.scenes[row])
            self._is_filling = False

    def _show_faults(self, faults: tuple[Fault, ...]) -> None:
        self.told.clear()
        for fault in faults:
            where = f"line {fault.line}: " if fault.line else ""
            self._tell(f"{where}{f'{fault.field}: ' if fault.field else ''}{fault.message}", fault.line, is_fault=True)
        self.told.setVisible(bool(faults))

    def _tell(self, words: str, line: int | None = None, *, is_fault: bool = False) -> None:
        self.told.addItem(words)
        item = self.told.item(self.told.count() - 1)
        item.setData(Qt.ItemDataRole.UserRole, line)
        if self._palette is not None:
            item.setForeground(QColor(self._palette.differs if is_fault else self._palette.text))

    def _show_title(self) -> None:
        assert self.history is not None
        path = self.draft.walk.path
        name = "new walk" if path is None else one_line(path.name)
        self.setWindowTitle(f"{name}[*] · {self.draft.walk.title} · walk editor")
        self.setWindowModified(self.history.is_changed)

    def _go_to_line(self, line: int | None) -> None:
        """Show a line of the text."""
        if line:
            self.tabs.setCurrentWidget(self.text)
            cursor = QTextCursor(self.text.document().findBlockByNumber(line - 1))
            self.text.setTextCursor(cursor)
            self.text.setFocus()

    # What the walk does

    def _preview(self) -> None:
        self._take_pending()
        if not self.draft.faults:
            self.preview_asked.emit(self.draft.walk, self.scene)

    def _film(self) -> None:
        assert self.history is not None
        self._take_pending()
        if not self.draft.faults:
            self.film_asked.emit(self.draft.walk, not self.history.is_changed)

    def check(self) -> None:
        """Play the walk without a window, and show the verdicts."""
        self._take_pending()
        if self.draft.faults:
            return
        self.told.clear()
        self.setCursor(Qt.CursorShape.WaitCursor)
        failures = 0
        try:
            for verdict in walk_verdicts(self.draft.walk):
                failures += verdict.failed
                self._tell(verdict.text, is_fault=verdict.failed)
            self._tell(count_of(failures, "failure") if failures else "ok", is_fault=bool(failures))
        except LessonError as error:
            self._show_faults(tuple(error.faults))
        finally:
            self.unsetCursor()
        self.told.show()
        self.told.scrollToBottom()

    # Files

    def save(self) -> None:
        """Save the walk to its file; ask for a file if it has none, or if it is a bundled walk."""
        self._take_pending()
        path = self.draft.walk.path
        if path is None or _is_bundled(path) or not path.parent.is_dir():
            self.save_as()
        elif _version(path) in ((), self._version) or may_replace(str(path), CHANGED, self, "Save walk"):
            self._write(path)

    def save_as(self) -> None:
        """Ask for a file and save the walk to it."""
        self._take_pending()
        path = self.draft.walk.path
        proposed = f"walk{SUFFIX}" if path is None else path.name if _is_bundled(path) else str(path)
        chosen = file_to_write("Save walk", proposed, f"Walks (*{SUFFIX})", self)
        if not chosen:
            return
        target = chosen if chosen.endswith(SUFFIX) else f"{chosen.removesuffix('.toml')}{SUFFIX}"
        if target == chosen or not os.path.exists(target) or may_replace(target, "exists", self, "Save walk"):
            self._write(Path(target))

    def _write(self, path: Path) -> None:
        from nnviz.formats.atomic_files import write_atomically

        assert self.history is not None
        try:
            write_atomically(path, self.draft.text)
        except OSError as error:
            unwritten_dialog("The walk", f"{path}: {error.strerror or error}", self).exec()
            return
        self.history.note_saved(path)
        self._version = _version(path)
        self._show_title()
        self.saved.emit(str(path))

    def may_leave(self) -> bool:
        """Ask what to do with changes that are not saved; return whether the walk may be left."""
        if self.history is None:
            return True
        self._take_pending()
        if not self.history.is_changed:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self,
            "Walk editor",
            "The walk has changes that are not saved.",
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            self.save()
            return not self.history.is_changed
        return answer == buttons.Discard

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_leave():
            self.history = None
            super().closeEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(1040, 760)


def _title(number: int, scene: Scene) -> str:
    name = scene.title or " · ".join(scene.do) or scene.say or scene.ask
    return f"{number}  {one_line(name)}"


def _version(path: Path) -> tuple[int, ...]:
    from nnviz.sessions.save import file_version

    return file_version(path)


def _is_bundled(path: Path) -> bool:
    from nnviz.resources import resource_path

    return path.parent == resource_path("walks", path.name).parent
