"""The dialog that makes a film of the present pass or of a walk: its options, a preview, and the progress."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.state.session import Session
from nnviz.gui.dialogs.text_dialogs import file_to_write, unwritten_dialog
from nnviz.gui.kit.making import add_themes, name_fields, offer, prepare_preview, show_preview
from nnviz.gui.kit.making_dialog import MakingDialog
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.gui.walks.film_job import FilmJob, FilmOrder
from nnviz.gui.walks.film_source import FilmSource, PassSource, WalkSource
from nnviz.lessons.faults import LessonError
from nnviz.present.core.palette import load_palette
from nnviz.present.stage.regions import LAYOUTS
from nnviz.present.stage.shots import BESIDE, BURNT, NONE, PACE, FilmLook
from nnviz.present.stage.stage import StageLook
from nnviz.present.text.capital import capital
from nnviz.render.film.frames import painted
from nnviz.render.film.recording import FOLDER, KINDS, FilmError, FilmFile, check_film
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.walks.walk import Walk

SIZES = {"1280 × 720": (1280, 720), "1920 × 1080": (1920, 1080), "3840 × 2160": (3840, 2160), "Own size": (0, 0)}
OWN = "Own size"
SIDES, RATES, PACES = (64, 7680), (1, 120), (0.05, 600.0)
CAPTIONS = {"In the picture": BURNT, "In a file beside it (.vtt)": BESIDE, "None": NONE}
PREVIEW = QSize(560, 315)
WIDE = 250  # of the lists


def missing_extra(kind: str) -> str:
    """Return the command that installs what a kind of film needs; empty if it is there."""
    row = KINDS[kind]
    is_there = not row.module or importlib.util.find_spec(row.module) is not None
    return "" if is_there else f"pip install 'nnviz-debugger[{row.extra}]'"


class FilmDialog(MakingDialog):
    """The dialog of films."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Record film", "Record…")
        self._sources: Sequence[FilmSource] = ()
        self.job = FilmJob(self)
        self.source, self.kind, self.size_choice, self.theme = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.layout_choice, self.captions = QComboBox(), QComboBox()
        self.across, self.down, self.rate = WholeNumberBox(), WholeNumberBox(), WholeNumberBox()
        self.first, self.last = WholeNumberBox(), WholeNumberBox()
        self.pace = QLineEdit()
        self.note = QLabel()
        self.moment = QSlider(Qt.Orientation.Horizontal)
        self._fault = ""  # of the walk
        self._theme = "light"  # of the window
        self._fill()
        self._build()
        self._connect()

    def begin(self, session: Session, walk: Walk | None, theme: str, is_saved: bool = True) -> None:
        """Offer the pass of a session, in a theme, and a walk if there is one, which is then chosen."""
        if self.is_making:
            return
        walks = () if walk is None else (WalkSource(walk, is_saved),)
        self._sources = (PassSource(session), *walks)
        self._theme = theme
        offer(self.source, [source.title for source in self._sources])
        self.source.setCurrentIndex(len(self._sources) - 1)
        self._show_source()
        self.show_idle()

    @property
    def chosen(self) -> FilmSource:
        """What the film is made of."""
        return self._sources[max(0, self.source.currentIndex())]

    # The parts

    def _fill(self) -> None:
        for kind, row in KINDS.items():
            self.kind.addItem(capital(row.title), kind)
            self._mark_missing(self.kind.count() - 1, missing_extra(kind))
        known = [at for at in range(self.kind.count()) if not missing_extra(self.kind.itemData(at))]
        self.kind.setCurrentIndex(known[0])
        self.size_choice.addItems(list(SIZES))
        self.size_choice.setCurrentIndex(1)
        add_themes(self.theme)
        for name, title in LAYOUTS.items():
            if name != "text":
                self.layout_choice.addItem(title, name)
        for title, name in CAPTIONS.items():
            self.captions.addItem(title, name)
        for box, (least, most), value in (
            (self.across, SIDES, 1920),
            (self.down, SIDES, 1080),
            (self.rate, RATES, 30),
            (self.first, (1, 1), 1),
            (self.last, (1, 1), 1),
        ):
            box.setRange(least, most)
            box.setValue(value)
        self.pace.setText(f"{PACE:g}")

    def _mark_missing(self, at: int, command: str) -> None:
        """Disable a kind of film whose extra is missing, and say what installs it."""
        model = self.kind.model()
        if command and isinstance(model, QStandardItemModel):
            item = model.item(at)
            item.setEnabled(False)
            item.setText(f"{item.text()}: {command}")
            item.setToolTip(f"Not available: {command}")

    def _build(self) -> None:
        names = (
            (self.source, "Film of", "The present pass, or the walk opened last"),
            (self.kind, "Format", "The kind of file"),
            (self.size_choice, "Size", "Width and height in pixels"),
            (self.across, "Width", "Width in pixels"),
            (self.down, "Height", "Height in pixels"),
            (self.rate, "Pictures a second", "Pictures a second"),
            (self.theme, "Theme", "The colors of the film"),
            (self.layout_choice, "Layout", "What is shown"),
            (self.captions, "Captions", "Where the captions are"),
            (self.first, "First scene", "The first scene of the film"),
            (self.last, "Last scene", "The last scene of the film"),
            (self.pace, "Seconds a step", "How long a step is shown"),
            (self.moment, "Moment of the preview", "Choose the moment that the picture shows"),
        )
        name_fields(names)
        form = QFormLayout()
        form.setVerticalSpacing(9)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow("Film of", self.source)
        form.addRow("Format", self.kind)
        form.addRow("Size", self.size_choice)
        self._own = _row(self.across, QLabel("×"), self.down)
        form.addRow("", self._own)
        form.addRow("Pictures a second", self.rate)
        form.addRow("Theme", self.theme)
        form.addRow("Layout", self.layout_choice)
        form.addRow("Captions", self.captions)
        form.addRow("Scenes", _row(self.first, QLabel("to"), self.last))
        form.addRow("Seconds a step", self.pace)
        for wide in (self.source, self.kind):
            wide.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            wide.setMinimumWidth(WIDE)
        prepare_preview(self.preview, PREVIEW)
        self.note.setWordWrap(True)
        left, right, columns = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addLayout(form)
        left.addWidget(self.note)
        left.addStretch(1)
        right.addWidget(self.preview)
        right.addWidget(self.moment)
        right.addWidget(self.place)
        right.addStretch(1)
        columns.setSpacing(24)
        columns.addLayout(left, 1)
        columns.addLayout(right)
        self.stack(columns)

    def _connect(self) -> None:
        self.source.activated.connect(self._show_source)
        self.size_choice.currentIndexChanged.connect(self._show_size)
        for choice in (self.size_choice, self.theme, self.layout_choice, self.captions):
            choice.currentIndexChanged.connect(self.repaint_soon)
        for box in (self.across, self.down):
            box.valueChanged.connect(self.repaint_soon)
        self.kind.currentIndexChanged.connect(self.judge)
        self.pace.textEdited.connect(self.judge)
        self.first.valueChanged.connect(lambda first: self.last.setMinimum(first))
        self.moment.valueChanged.connect(self._show_place)
        self.moment.valueChanged.connect(self.repaint_soon)
        self.make.clicked.connect(self._ask_for_file)
        self.job.progressed.connect(self.show_progress)
        self.job.made.connect(self.show_made)
        self.job.failed.connect(self.show_failed)
        self.job.cancelled.connect(self.show_cancelled)

    # What is chosen

    def film(self) -> FilmLook:
        """Return how the film looks."""
        width, height = SIZES[self.size_choice.currentText()]
        if not width:
            width, height = self.across.value(), self.down.value()
        look = StageLook(layout=self.layout_choice.currentData())
        return FilmLook(width=width, height=height, look=look, pace=self._pace(), captions=self.captions.currentData())

    def order(self, out: str) -> FilmOrder:
        """Return the order for a film that is written to a file."""
        film, chosen = self.film(), self.chosen
        options = ["--size", f"{film.width}x{film.height}", "--fps", str(self.rate.value())]
        options += ["--theme", self.theme.currentData(), "--captions", film.captions]
        if chosen.scenes:
            options += ["--scenes", f"{self.first.value()}-{self.last.value()}"]
        else:
            options += ["--layout", film.look.layout, "--pace", f"{film.pace:g}"]
        return FilmOrder(out=out, options=(*options, *chosen.options), write_source=chosen.write)

    def _pace(self) -> float:
        try:
            pace = read_numeral(self.pace.text()).value
        except NumeralError:
            return PACE
        return min(max(pace, PACES[0]), PACES[1])

    def problem(self) -> str:
        """Return why no film can be made as it is chosen; empty if it can."""
        if self._fault:
            return self._fault
        if not self.chosen.scenes:
            try:
                pace = read_numeral(self.pace.text()).value
            except NumeralError as error:
                return f"Seconds a step: {error}."
            if not PACES[0] <= pace <= PACES[1]:
                return f"Seconds a step: {self.pace.text()} is not in the range {PACES[0]:g} to {PACES[1]:g}."
        try:
            check_film(FilmFile(path=f"film{self._ending()}"), self.film())
        except FilmError as error:
            return f"{capital(str(error))}."
        return ""

    def _ending(self) -> str:
        kind = str(self.kind.currentData())
        return "-frames/" if kind == FOLDER else kind

    def judge(self) -> None:
        """Offer to make a film if it can be made, and say why not, or what it will lack."""
        super().judge()
        problem, kind = self.problem(), KINDS[self.kind.currentData()]
        remark = kind.silence if self.chosen.is_narrated and not kind.has_sound else ""
        self.note.setText(problem or remark)
        self.note.setVisible(bool(problem or remark))

    # What is shown

    def _show_source(self) -> None:
        chosen = self.chosen
        is_walk = bool(chosen.scenes)
        for widget in (self.first, self.last):
            widget.setEnabled(is_walk)
            widget.setRange(1, max(1, chosen.scenes))
        self.first.setValue(1)
        self.last.setValue(max(1, chosen.scenes))
        own: tuple[QWidget, ...] = (self.layout_choice, self.pace)
        for other in own:
            other.setEnabled(not is_walk)
            other.setToolTip("The walk has its own" if is_walk else other.accessibleName())
        self.theme.setCurrentIndex(self.theme.findData(chosen.theme or self._theme))
        self.moment.setRange(0, max(0, chosen.length() - 1))
        self.moment.setValue(0 if is_walk else chosen.length() // 3)
        self._show_size()
        self._show_place()
        self.show_preview()

    def _show_size(self) -> None:
        self._own.setVisible(self.size_choice.currentText() == OWN)
        self.judge()

    def _show_place(self) -> None:
        text = self.chosen.place(self.moment.value())
        self.place.setText(capital(text))

    def show_preview(self) -> None:
        """Paint the chosen moment as the film will show it."""
        film, self._fault = self.film(), ""
        try:
            stage = self.chosen.stage(self.moment.value(), film)
        except LessonError as error:
            self._fault = f"The walk has a mistake: {error.faults[0].message}."
            return
        finally:
            self.judge()
        show_preview(self.preview, painted(stage, load_palette(self.theme.currentData())))
        self.preview.setAccessibleDescription(f"{self.place.text()}, {film.width} × {film.height}")

    # Making it

    def _ask_for_file(self) -> None:
        ending = self._ending()
        proposed = f"{self.chosen.name}{ending}"
        if self.kind.currentData() == FOLDER:
            folder = QFileDialog.getExistingDirectory(self, "Folder in which the folder of pictures is made")
            path = f"{folder}/{proposed}" if folder else ""
        else:
            path = file_to_write("Record film", proposed, f"{self.kind.currentText()} (*{ending})", self)
        if path:
            self.record(path)

    def record(self, path: str) -> None:
        """Make the film and write it to a file, or to a folder whose name ends with a slash."""
        try:
            check_film(FilmFile(path=path), self.film())
            self.job.start(self.order(path))
        except FilmError as error:
            self.show_failed(str(error))
            return
        except OSError as error:
            unwritten_dialog("The film", f"{path}: {error.strerror or error}", self).exec()
            return
        self.show_begun()

    @property
    def is_making(self) -> bool:
        return self.job.is_running

    def cancel_work(self) -> None:
        self.job.cancel()


def _row(*widgets: QWidget) -> QWidget:
    """Return widgets beside one another as one widget."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
    return holder
