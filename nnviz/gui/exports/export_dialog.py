"""The dialog that exports the present pass or a walk: as a page, a picture or slides, with a preview and progress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.state.session import Session
from nnviz.gui.dialogs.text_dialogs import file_to_write, unwritten_dialog
from nnviz.gui.exports.export_job import KINDS, ExportOrder, export_work
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.kit.making import add_themes, name_fields, offer, open_folder_of, prepare_preview, show_preview, stack
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.lessons.data_file import files_of
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.present.stage.stage import StageRun
from nnviz.present.words.card import card
from nnviz.render.stills import StillLook, still_image
from nnviz.walks.walk import Walk

VIEW_TITLES = {
    "network": "Network",
    "graph": "Computation graph",
    "formula": "Formula of the step",
    "loss": "Loss curve",
    "boundary": "Decision boundary",
    "stage": "Network, formula and timeline",
}
SIDES, SIZE = (64, 7680), (1600, 900)
PREVIEW = QSize(480, 270)
REPAINT_MS = 80
SHOWN_AS = {"html": "stage", "slides": "stage"}  # the view that the preview of a file without views shows


class ExportDialog(QDialog):
    """A dialog beside the window, which can be used while a file is made."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._session: Session | None = None
        self._walk: Walk | None = None
        self._run = StageRun()
        self._made = ""
        self.source, self.kind, self.view, self.theme = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.across, self.down = WholeNumberBox(), WholeNumberBox()
        self.transparent = QCheckBox("Without a background")
        self.preview, self.place, self.state = QLabel(), QLabel(), QLabel()
        self.bar = QProgressBar()
        self.make, self.cancel, self.folder = (
            QPushButton("Export…"),
            QPushButton("Cancel"),
            QPushButton("Show in folder"),
        )
        self._work = BackgroundWork(self, report=self._show_progress, end=self._show_made, leave=self._show_cancelled)
        self._repainting = QTimer(self)
        self._repainting.setSingleShot(True)
        self._repainting.setInterval(REPAINT_MS)
        self._repainting.timeout.connect(self.show_preview)
        self._fill()
        self._build()
        self._connect()

    def begin(self, session: Session, walk: Walk | None, run: StageRun, theme: str) -> None:
        """Offer the pass of a session with its run, and a walk if there is one."""
        if self._work.is_under_way:
            return
        self._session, self._walk, self._run = session, walk, run
        offer(self.source, ["The present pass"] if walk is None else ["The present pass", f"The walk {walk.title}"])
        self.theme.setCurrentIndex(max(0, self.theme.findData(theme)))
        self._made = ""
        self.state.setText("")
        self._show_running(False)
        self._show_choices()
        self.show_preview()

    def _fill(self) -> None:
        for name, kind in KINDS.items():
            self.kind.addItem(kind.title, name)
        add_themes(self.theme)
        for box, value in ((self.across, SIZE[0]), (self.down, SIZE[1])):
            box.setRange(*SIDES)
            box.setValue(value)

    def _build(self) -> None:
        names = (
            (self.source, "Export of", "The present pass, or the walk opened last"),
            (self.kind, "Format", "The kind of file"),
            (self.view, "View", "What the picture shows"),
            (self.across, "Width", "Width in pixels"),
            (self.down, "Height", "Height in pixels"),
            (self.theme, "Theme", "The colors of the picture"),
            (self.transparent, "Without a background", "The picture has no background of its own"),
        )
        name_fields(names)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(9)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        size = QHBoxLayout()
        for part in (self.across, QLabel("×"), self.down):
            size.addWidget(part, 0 if isinstance(part, QLabel) else 1)
        self._form.addRow("Export of", self.source)
        self._form.addRow("Format", self.kind)
        self._form.addRow("View", self.view)
        self._form.addRow("Size", size)
        self._form.addRow("Theme", self.theme)
        self._form.addRow("", self.transparent)
        for choice in (self.source, self.kind, self.view):
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        prepare_preview(self.preview, PREVIEW)
        self.place.setWordWrap(True)
        right, columns, buttons = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        right.addWidget(self.preview)
        right.addWidget(self.place)
        right.addStretch(1)
        columns.setSpacing(24)
        left = QWidget()
        left.setMinimumWidth(300)
        left.setLayout(self._form)
        columns.addWidget(left, 1)
        columns.addLayout(right)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        self.make.setDefault(True)
        self.make.setToolTip("Choose a file and write it (Enter)")
        self.folder.setToolTip("Open the folder of the file")
        self.cancel.setToolTip("End the export; nothing is left of it")
        self.state.setWordWrap(True)
        buttons.addWidget(self.state, 1)
        for button in (self.folder, self.cancel, close, self.make):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        stack(self, "Export", columns, self.bar, buttons)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._show_choices)
        for choice in (self.source, self.kind, self.view, self.theme):
            choice.currentIndexChanged.connect(self._repaint_soon)
        for box in (self.across, self.down):
            box.valueChanged.connect(self._repaint_soon)
        self.transparent.toggled.connect(self._repaint_soon)
        self.make.clicked.connect(self._ask_for_file)
        self.cancel.clicked.connect(self._work.cancel)
        self.folder.clicked.connect(lambda: open_folder_of(self._made))

    # What is chosen

    @property
    def chosen_kind(self) -> str:
        """The kind of file, a key of KINDS."""
        return str(self.kind.currentData())

    def order(self, path: str) -> ExportOrder:
        """Return what is chosen, to be written to a file."""
        assert self._session is not None
        return ExportOrder(
            kind=self.chosen_kind,
            path=path,
            session=self._session,
            walk=self._walk if self._is_walk() else None,
            look=self._look(),
            run=self._run,
        )

    def _is_walk(self) -> bool:
        return self.source.currentIndex() == 1 and KINDS[self.chosen_kind].has_walks

    def _look(self) -> StillLook:
        view = self.view.currentData() if KINDS[self.chosen_kind].views else SHOWN_AS[self.chosen_kind]
        return StillLook(
            view=view or "network",
            width=self.across.value(),
            height=self.down.value(),
            theme=self.theme.currentData(),
            is_transparent=self.transparent.isChecked() and self.transparent.isEnabled(),
        )

    def _show_choices(self) -> None:
        """Enable what the kind of file has, and list its views."""
        kind = KINDS[self.chosen_kind]
        before = self.view.currentData()
        self.view.blockSignals(True)
        self.view.clear()
        for name in kind.views:
            self.view.addItem(VIEW_TITLES[name], name)
        self.view.setCurrentIndex(max(0, self.view.findData(before)) if kind.views else -1)
        self.view.blockSignals(False)
        is_page = self.chosen_kind == "html"
        self.source.setEnabled(kind.has_walks and self.source.count() > 1)
        self.view.setEnabled(bool(kind.views))
        self.transparent.setEnabled(bool(kind.views))
        for widget in (self.across, self.down, self.theme):
            widget.setEnabled(not is_page)

    def _repaint_soon(self, *_: object) -> None:
        """Show the preview after the last of several choices. A signal's number must not become the timer's."""
        self._repainting.start()

    def show_preview(self) -> None:
        """Paint what will be written; of a page or slides, the present step."""
        if self._session is None:
            return
        look = self._look()
        show_preview(self.preview, still_image(self._session, look, self._run))
        made = card(self._session)
        words = {"html": "Every step, with keys, search and both themes: ", "slides": "A page for each step: "}
        if self._is_walk():
            words = {"html": "Every scene of the walk, from ", "slides": "A page for each scene of the walk, from "}
        where = f"{words.get(self.chosen_kind, '')}{made.where}"
        self.place.setText(where)
        self.preview.setAccessibleDescription(f"{where}, {look.width} × {look.height}")

    # Making it

    def _ask_for_file(self) -> None:
        order, kind = self.order(""), KINDS[self.chosen_kind]
        name = order.walk.name or "walk" if order.walk is not None else order.session.lesson.name
        path = file_to_write("Export", f"{name}{kind.ending}", f"{kind.title} (*{kind.ending})", self)
        if path:
            self.export(path)

    def export(self, path: str) -> None:
        """Write what is chosen to a file."""
        from nnviz.formats.atomic_files import check_writable, is_one_of

        order = self.order(path)
        if is_one_of(path, files_of(order.session.lesson)):
            unwritten_dialog("The file", f"{path}: this is a file of the lesson; choose another one", self).exec()
            return
        try:
            check_writable(path)
        except OSError as error:
            unwritten_dialog("The file", f"{path}: {error.strerror or error}", self).exec()
            return
        self._made = ""
        self.state.setText("")
        self._show_running(True)
        self._work.begin(self._guarded(order), order)

    def _guarded(self, order: ExportOrder) -> Iterator[float]:
        """Do the work and return the path, or the reason why nothing was written, after a line feed."""
        try:
            yield from export_work(order)
        except OSError as error:
            self.state.setText(f"Nothing was written: {one_line(error.strerror or str(error))}")
        except (LessonError, ValueError) as error:
            self.state.setText(f"Nothing was written: {one_line(str(error))}")
        else:
            self._made = order.path

    def _show_running(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.bar.setRange(0, 1000)
        self.bar.setValue(0)
        self.cancel.setVisible(on)
        self.make.setEnabled(not on)
        self.folder.setVisible(bool(self._made) and not on)

    def _show_progress(self, share: float) -> None:
        self.bar.setValue(round(1000 * share))
        self.state.setText(f"{share:.0%}")

    def _show_made(self, result: object) -> None:
        if self._made:
            self.state.setText(f"Written: {one_line(Path(self._made).name)}")
        self._show_running(False)

    def _show_cancelled(self) -> None:
        self.state.setText("Cancelled; nothing was written.")
        self._show_running(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._work.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Close on Esc; an export that is under way is cancelled first."""
        if not self._work.cancel():
            super().reject()
