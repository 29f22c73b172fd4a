"""The Conventions panel: a control for each convention, and what the last choice changed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.choices import choose, choose_frozen
from nnviz.debugger.commands import Move
from nnviz.debugger.state.session import Session, restore_lesson_conventions
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.chrome.choice_segments import (
    BUTTON_KEYS,
    COMBO_KEYS,
    LIST_KEYS,
    SEGMENT_KEYS,
    ChoiceSegments,
    KeptKeys,
    choice_tip,
    wrapped,
)
from nnviz.gui.views.chrome.controls import QuietCombo
from nnviz.present.core.changes import WhatChanged, what_changed
from nnviz.present.core.palette import Palette
from nnviz.present.words.convention_choices import (
    Control,
    FrozenMark,
    convention_controls,
    count_differences,
    frozen_marks,
)
from nnviz.render.fonts import mono_font, ui_font

FROZEN_TITLE = "Frozen"
OWN = " · lesson"  # after the lesson's own entry of a list
MOST_FROZEN = 24  # layers whose parameters are listed individually
COMBOS = ("loss",)
SIDES = 18  # the margins at left and right


class ConventionsView(QScrollArea):
    """The conventions of a session, built when first visible; `move_asked(Move)` is emitted on each choice."""

    move_asked = Signal(object)  # a Move
    position_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._seen = False
        self._shown: tuple[object, ...] | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._inner: QWidget | None = None
        self._controls: dict[str, ChoiceSegments | QuietCombo] = {}
        self._titles: list[QLabel] = []
        self._checks: dict[str, QCheckBox] = {}
        self._filters = {
            kind: KeptKeys(keys, self)
            for kind, keys in (("s", SEGMENT_KEYS), ("b", BUTTON_KEYS), ("c", COMBO_KEYS), ("l", LIST_KEYS))
        }
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Tab continues from here, and step keys still step
        self.setAccessibleName("Conventions")

    def render_session(self, session: Session) -> None:
        """Show a session's choices, if the panel is visible."""
        self._session = session
        if self._seen:
            self._show()

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is in front; a covered panel is not updated, because Qt only moves it away."""
        self._seen = seen
        if seen:
            self._show()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._tint()

    def take_focus(self) -> None:
        """Focus the panel: Tab continues from here, and step keys still step."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def control(self, name: str) -> ChoiceSegments | QuietCombo:
        """Return the control of a convention by its id."""
        return self._controls[name]

    def check(self, name: str) -> QCheckBox:
        """Return the check box that freezes a parameter, or all "weights" or "biases"."""
        return self._checks[name]

    def last_change(self) -> WhatChanged | None:
        """Return what the last choice changed, as it is shown."""
        return None if self._session is None else what_changed(self._session)

    def _show(self) -> None:
        self._build()
        session = self._session
        if session is None:
            return
        shown = (
            *(session.lesson, session.convention, session.loss, session.notation),
            *(session.training, session.compared, session.compared and session.trace),
        )
        before, self._shown = self._shown, shown
        if before is not None and all(old is new for old, new in zip(before, shown, strict=True)):
            return
        for control in convention_controls(session):
            self._show_control(control)
        self._show_frozen(frozen_marks(session))
        differing = count_differences(session)
        self.reset.setEnabled(differing > 0)
        count = {0: "No choice differs", 1: "One choice differs"}.get(differing, f"{differing} choices differ")
        self.reset.setToolTip(f"Restore the lesson's own choices in this panel. {count} from them now.")
        self._show_changes(what_changed(session))

    def _show_control(self, control: Control) -> None:
        shown = self._controls[control.id]
        if isinstance(shown, ChoiceSegments):
            shown.show_control(control)
        else:
            _fill_combo(shown, control)
        if control.id == "update_after":
            value = control.choices[control.current].value
            with QSignalBlocker(self.mini_batch):
                self.mini_batch.setValue(value if isinstance(value, int) else int(str(control.choices[-1].value)))
            self.mini_batch.setVisible(isinstance(value, int))
            self._fit()

    def _show_frozen(self, marks: tuple[FrozenMark, ...]) -> None:
        names = [mark.name for mark in marks[: 2 + 2 * MOST_FROZEN]]
        if names != list(self._checks):
            self._make_checks(names)
        for mark in marks[: len(names)]:
            box = self._checks[mark.name]
            with QSignalBlocker(box):
                box.setChecked(mark.on)
            box.setText(f"{mark.word} ·" if mark.own else mark.word)
            box.setAccessibleName(f"Freeze {mark.word}")
            own = " Frozen in the lesson." if mark.own else ""
            box.setToolTip(f"Keep {mark.word} unchanged by updates.{own}")

    def _show_changes(self, changed: WhatChanged | None) -> None:
        self._heading.setVisible(changed is not None)
        self._sentences.setVisible(changed is not None and bool(changed.sentences))
        self._sentences.setText("" if changed is None else " ".join(changed.sentences))
        self.list.clear()
        for change in () if changed is None else changed.changes:
            item = QListWidgetItem(change.text)
            item.setData(Qt.ItemDataRole.UserRole, change.position)
            item.setToolTip("Go to this step")
            self.list.addItem(item)
        self.list.setVisible(self.list.count() > 0)
        self._size_list()
        self._hint.setVisible(changed is None)
        self.more.setVisible(changed is not None)
        self.more.setText(f"{self.list.count()} changed" if self.list.count() else "nothing changed")

    def _build(self) -> None:
        if self._inner is not None or self._session is None:
            return
        self._inner = QWidget()
        self.reset = QPushButton("Lesson defaults")
        self.reset.clicked.connect(lambda: self.move_asked.emit(restore_lesson_conventions))
        self.reset.installEventFilter(self._filters["b"])
        top = QHBoxLayout()
        top.addWidget(self.reset)
        top.addStretch(1)
        self.more = QPushButton()
        self.more.setFlat(True)
        self.more.setToolTip("Show what the last choice changed")
        self.more.clicked.connect(self._show_more)
        self.more.installEventFilter(self._filters["b"])
        top.addWidget(self.more)
        self._form = form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(5)
        for control in convention_controls(self._session):
            form.addRow(self._title(control.title), self._row(control))
            if control.id == "update":
                self._frozen = QWidget()
                self._grid = QGridLayout(self._frozen)
                self._grid.setContentsMargins(0, 2, 0, 2)
                self._grid.setHorizontalSpacing(14)
                self._grid.setVerticalSpacing(3)
                form.addRow(self._title(FROZEN_TITLE), self._frozen)
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(SIDES - 4, 2, 4, 6)
        column.setSpacing(7)
        column.addLayout(top)
        column.addLayout(form)
        self._add_changes(column)
        column.addStretch(1)
        self.setWidget(self._inner)
        self._tint()

    def _title(self, words: str) -> QLabel:
        label = QLabel(words)
        self._titles.append(label)
        return label

    def _row(self, control: Control) -> QWidget:
        """Return the control of a convention; the batch size also has a field for the number of examples."""
        made = self._made(control)
        self._controls[control.id] = made
        if control.id != "update_after":
            return made
        self.mini_batch = QSpinBox()
        self.mini_batch.setAccessibleName("Mini-batch size, as a convention")
        self.mini_batch.setToolTip("Mini-batch size: examples per update")
        self.mini_batch.setKeyboardTracking(False)
        self.mini_batch.setRange(1, 1_000_000)
        self.mini_batch.installEventFilter(self._filters["c"])
        self.mini_batch.valueChanged.connect(
            lambda count: self._ask(lambda session: choose(session, control.id, count))
        )
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(5)
        line.addWidget(made)
        line.addWidget(self.mini_batch)
        return row

    def _made(self, control: Control) -> ChoiceSegments | QuietCombo:
        if control.id not in COMBOS:
            segments = ChoiceSegments(control)
            segments.chosen.connect(lambda index: self._choose(control.id, index))
            segments.installEventFilter(self._filters["s"])
            return segments
        combo = QuietCombo()
        combo.setAccessibleName(control.title)
        combo.activated.connect(lambda index: self._choose(control.id, index))
        combo.installEventFilter(self._filters["c"])
        return combo

    def _add_changes(self, column: QVBoxLayout) -> None:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFixedHeight(1)
        self._heading = QLabel("What this choice changed")
        self._sentences = QLabel()
        self._hint = QLabel(
            "Change a choice to recompute this pass at the same step; the differences are listed here. The lesson's "
            "captions and printed results are hidden until its own choices are restored."
        )
        for label in (self._sentences, self._hint):
            label.setWordWrap(True)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("What this choice changed")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.installEventFilter(self._filters["l"])
        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        for widget in (line, self._heading, self._sentences, self.list, self._hint):
            column.addWidget(widget)
        self._line = line

    def _make_checks(self, names: list[str]) -> None:
        for box in self._checks.values():
            box.deleteLater()
        self._checks = {}
        for index, name in enumerate(names):
            box = QCheckBox()
            box.installEventFilter(self._filters["b"])
            box.toggled.connect(self._freezer(name))
            self._grid.addWidget(box, index // 2, index % 2)
            self._checks[name] = box
        self._chain()
        self._tint()

    def _chain(self) -> None:
        """Set the tab order from the panel through its controls, from top to bottom."""
        order: list[QWidget] = [self, self.reset, self.more]
        more: dict[str, list[QWidget]] = {"update": [*self._checks.values()], "update_after": [self.mini_batch]}
        for name, control in self._controls.items():
            order += [control, *more.get(name, [])]
        for before, after in pairwise([*order, self.list]):
            QWidget.setTabOrder(before, after)

    def _freezer(self, name: str) -> Callable[[bool], None]:
        return lambda on: self._ask(lambda session: choose_frozen(session, name, on))

    def _choose(self, control: str, index: int) -> None:
        assert self._session is not None
        choice = next(each for each in convention_controls(self._session) if each.id == control).choices[index]
        if not choice.obstacle:
            self._ask(lambda session: choose(session, control, choice.value))

    def _ask(self, move: Move) -> None:
        self.move_asked.emit(move)

    def _go(self, item: QListWidgetItem) -> None:
        self.position_asked.emit(int(item.data(Qt.ItemDataRole.UserRole)))

    def _show_more(self) -> None:
        """Scroll to the list of changes, with its heading at the top."""
        self.verticalScrollBar().setValue(self._heading.y() - 4)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _size_list(self) -> None:
        rows = sum(self.list.sizeHintForRow(row) for row in range(self.list.count()))
        self.list.setFixedHeight(rows + 4)

    def _tint(self) -> None:
        if self._inner is None or self._palette is None:
            return
        palette, scale = self._palette, self._scale
        for control in self._controls.values():
            control.set_theme(palette, scale)
        for label in (*self._titles, self._hint, self._sentences):
            _dress(label, ui_font(13 * scale), palette.muted)
        _dress(self._heading, ui_font(13 * scale, QFont.Weight.DemiBold), palette.convention)
        for widget in (self.reset, self.more, self.mini_batch, *self._checks.values()):
            widget.setFont(ui_font(13 * scale))
        self.mini_batch.setFixedWidth(round(56 * scale))
        self.list.setFont(mono_font(12.5 * scale))
        ground(self._inner, self.viewport(), self.list.viewport(), color=palette.card)
        ink(self._line, palette.border)
        self._size_list()
        self._fit()

    def _fit(self) -> None:
        """Put titles beside their controls if there is room for all of them, or else above."""
        if self._inner is None:
            return
        titles = max(title.sizeHint().width() for title in self._titles)
        fields = [self._form.itemAt(row, QFormLayout.ItemRole.FieldRole) for row in range(self._form.rowCount())]
        widest = max(field.sizeHint().width() for field in fields if field is not None)
        room = self.viewport().width() - SIDES
        beside = titles + self._form.horizontalSpacing() + widest <= room
        policy = QFormLayout.RowWrapPolicy
        self._form.setRowWrapPolicy(policy.DontWrapRows if beside else policy.WrapAllRows)
        for title in self._titles:  # as high as the control beside it
            high = 0 if not beside else 20 if title.text() == FROZEN_TITLE else 32
            title.setMinimumHeight(round(high * self._scale))
        self.setMinimumWidth(widest + SIDES + self.verticalScrollBar().sizeHint().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(300, 260)


def _fill_combo(combo: QuietCombo, control: Control) -> None:
    """Fill a combo box with choices; impossible ones are disabled, with the reason as tool tip."""
    with QSignalBlocker(combo):
        combo.clear()
        model = combo.model()
        assert isinstance(model, QStandardItemModel)
        for index, choice in enumerate(control.choices):
            combo.addItem(f"{choice.word}{OWN}" if choice.own else choice.word, choice.value)
            combo.setItemData(index, wrapped(choice_tip(choice)), Qt.ItemDataRole.ToolTipRole)
            model.item(index).setEnabled(not choice.obstacle)
        combo.setCurrentIndex(control.current)
        combo.setToolTip(wrapped(choice_tip(control.choices[control.current])))
    combo.updateGeometry()


def _dress(label: QLabel, font: QFont, color: str) -> None:
    label.setFont(font)
    ink(label, color)
