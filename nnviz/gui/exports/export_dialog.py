"""The dialog that exports the present pass or a walk: as a page, picture, slides or worksheet, with a preview."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.state.session import Session
from nnviz.formats.worksheet.worksheet import make_worksheet
from nnviz.formats.worksheet.worksheet_files import MissingTypstError, first_page
from nnviz.gui.dialogs.text_dialogs import file_to_write, unwritten_dialog
from nnviz.gui.exports.export_job import KINDS, ExportOrder, export_work
from nnviz.gui.exports.worksheet_fields import WorksheetFields
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.kit.making import add_themes, name_fields, offer, prepare_preview, show_preview
from nnviz.gui.kit.making_dialog import MakingDialog
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.lessons.data_file import files_of
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.present.stage.figure import SIZE, VIEWS, FigureLook, check_figure, figure_size
from nnviz.present.stage.stage import StageRun
from nnviz.present.words.card import card
from nnviz.render.stills import figure_image
from nnviz.shell.positions import sessions_at
from nnviz.shell.shell import ShellError
from nnviz.walks.walk import Walk

VIEW_TITLES = {
    "network": "Network",
    "graph": "Computation graph",
    "formula": "Formula of the step",
    "loss": "Loss curve",
    "boundary": "Decision boundary",
    "stage": "Network, formula and timeline",
}
SIDES = (64, 7680)
PREVIEW = QSize(480, 270)


class ExportDialog(MakingDialog):
    """The dialog of exports."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Export", "Export…")
        self._session: Session | None = None
        self._walk: Walk | None = None
        self._run = StageRun()
        self._steps: tuple[Session, ...] = ()
        self._fault = ""  # of the steps
        self._path = ""  # of the file that is written
        self._own_size = SIZE  # of a figure of these steps
        self.source, self.kind, self.view, self.theme = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.across, self.down = WholeNumberBox(), WholeNumberBox()
        self.transparent = QCheckBox("Without a background")
        self.at = QLineEdit()
        self._work = BackgroundWork(self, report=self.show_progress, end=self._show_end, leave=self.show_cancelled)
        self.worksheet = WorksheetFields(self.repaint_soon)
        self._fill()
        self._build()
        self._connect()

    def begin(self, session: Session, walk: Walk | None, run: StageRun, theme: str) -> None:
        """Offer the pass of a session with its run, and a walk if there is one."""
        if self.is_making:
            return
        self._session, self._walk, self._run = session, walk, run
        offer(self.source, ["The present pass"] if walk is None else ["The present pass", f"The walk {walk.title}"])
        self.theme.setCurrentIndex(max(0, self.theme.findData(theme)))
        self._read_steps()
        self.show_idle()
        self._show_choices()
        self.show_preview()

    def _fill(self) -> None:
        for name, kind in KINDS.items():
            self.kind.addItem(kind.title, name)
        for name in VIEWS:
            self.view.addItem(VIEW_TITLES[name], name)
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
            (self.at, "Steps", "The steps of a strip: 3, 7, 12, or 1-6, or names of values such as delta_2"),
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
        self.at.setPlaceholderText("the present step")
        self._form.addRow("Steps", self.at)
        self._size = QWidget()
        size.setContentsMargins(0, 0, 0, 0)
        self._size.setLayout(size)
        self._form.addRow("Size", self._size)
        self._form.addRow("Theme", self.theme)
        self._form.addRow("", self.transparent)
        self.worksheet.add_to(self._form)
        for choice in (self.source, self.kind, self.view):
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        prepare_preview(self.preview, PREVIEW)
        self.place.setWordWrap(True)
        right, columns = QVBoxLayout(), QHBoxLayout()
        right.addWidget(self.preview)
        right.addWidget(self.place)
        right.addStretch(1)
        columns.setSpacing(24)
        left = QWidget()
        left.setMinimumWidth(300)
        left.setLayout(self._form)
        columns.addWidget(left, 1)
        columns.addLayout(right)
        self.stack(columns)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._show_choices)
        for choice in (self.source, self.kind, self.view, self.theme):
            choice.currentIndexChanged.connect(self.repaint_soon)
        for box in (self.across, self.down):
            box.valueChanged.connect(self.repaint_soon)
        self.transparent.toggled.connect(self.repaint_soon)
        self.at.textChanged.connect(self._read_steps)
        self.make.clicked.connect(self._ask_for_file)

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
            sessions=self._steps,
            look=self._look(),
            run=self._run,
            worksheet=self.worksheet.options(),
        )

    def _is_walk(self) -> bool:
        return self.source.currentIndex() == 1 and KINDS[self.chosen_kind].has_walks

    def _look(self) -> FigureLook:
        view = self.view.currentData() if KINDS[self.chosen_kind].has_views else "stage"
        return FigureLook(
            view=view,
            width=self.across.value(),
            height=self.down.value(),
            theme=self.theme.currentData(),
            is_transparent=self.transparent.isChecked() and self.transparent.isEnabled(),
        )

    def _read_steps(self) -> None:
        """Read the steps; a strip has its own size, unless one was chosen."""
        if self._session is None:
            return
        text = self.at.text().strip()
        try:
            self._steps = sessions_at(self._session, text) if text else (self._session,)
        except ShellError as error:
            self._steps, self._fault = (), one_line(str(error))
            self.state.setText(self._fault)
        else:
            self._fault = ""
            self.state.setText("")
            before, self._own_size = self._own_size, figure_size(len(self._steps))
            if (self.across.value(), self.down.value()) == before:
                self.across.setValue(self._own_size[0])
                self.down.setValue(self._own_size[1])
        self.judge()
        self.repaint_soon()

    def _show_choices(self) -> None:
        """Show and enable what the kind of file has."""
        kind = KINDS[self.chosen_kind]
        is_page = self.chosen_kind == "html"
        self.source.setEnabled(kind.has_walks and self.source.count() > 1)
        for row in (self.view, self.at, self._size, self.theme, self.transparent):
            self._form.setRowVisible(row, not kind.is_worksheet)
        self.worksheet.show_in(self._form, kind.is_worksheet)
        for widget in (self.view, self.at, self.transparent):
            widget.setEnabled(kind.has_views)
        for choice in (self.across, self.down, self.theme):
            choice.setEnabled(not is_page)

    def show_preview(self) -> None:
        """Paint what will be written: of a page or slides the present step, of a worksheet the top of a page."""
        if self._session is None:
            return
        self.judge()
        try:
            if problem := self.problem():
                raise ValueError(problem)
            image, where = self._sheet_preview() if KINDS[self.chosen_kind].is_worksheet else self._figure_preview()
        except (ValueError, MissingTypstError) as error:
            self.preview.setText(one_line(str(error)))
            self.place.setText("")
            return
        show_preview(self.preview, image)
        self.place.setText(where)
        self.preview.setAccessibleDescription(where)

    def problem(self) -> str:
        if not KINDS[self.chosen_kind].has_views or self._fault:
            return self._fault
        try:
            check_figure(self._steps, self._look().view, any(len(run.epochs) for run in self._run.runs))
        except ValueError as error:
            return one_line(str(error))
        return ""

    def _figure_preview(self) -> tuple[QImage, str]:
        assert self._session is not None
        look, kind = self._look(), self.chosen_kind
        steps = self._steps if KINDS[kind].has_views else (self._session,)
        where = card(steps[0]).where if len(steps) == 1 else f"A strip of {len(steps)} steps"
        of = "scene of the walk, from " if self._is_walk() else "step: "
        words = {"html": f"Every {of}" if self._is_walk() else "Every step, with keys, search and both themes: "}
        words["slides"] = f"A page for each {of}"
        size = "" if kind == "html" else f", {look.width} × {look.height}"
        return figure_image(steps, look, self._run), f"{words.get(kind, '')}{where}{size}"

    def _sheet_preview(self) -> tuple[QImage, str]:
        assert self._session is not None
        options = self.worksheet.options()
        sheet = make_worksheet(self._session, replace(options, variants=min(1, options.variants)))
        page = QImage.fromData(first_page(sheet, round(PREVIEW.width() * self.devicePixelRatioF())))
        top = page.copy(0, 0, page.width(), round(page.width() * PREVIEW.height() / PREVIEW.width()))
        return top, "The top of the first page"

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
        self._path = path
        self._work.begin(self._guarded(order), order)
        self.show_begun()

    def _guarded(self, order: ExportOrder) -> Generator[float, None, str]:
        """Do the work, and return why nothing was written; empty if the file was."""
        try:
            yield from export_work(order)
        except OSError as error:
            return error.strerror or str(error)
        except (LessonError, ValueError, MissingTypstError) as error:
            return str(error)
        return ""

    def _show_end(self, reason: str) -> None:
        if reason:
            self.show_failed(reason)
        else:
            self.show_made(self._path)

    @property
    def is_making(self) -> bool:
        return self._work.is_under_way

    def cancel_work(self) -> None:
        self._work.cancel()
