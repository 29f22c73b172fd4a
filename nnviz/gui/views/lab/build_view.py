"""The Build panel: data, layers, loss and weights of a network; each choice asks for a change of the lesson."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.engine.initializers import SCHEMES
from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.theme import Themed
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.gui.views.chrome.controls import QuietCombo, tool_button
from nnviz.gui.views.lab.layer_rows import LayerRows
from nnviz.gui.views.lab.preset_tiles import PresetGrid
from nnviz.gui.views.lab.slider_row import SliderRow
from nnviz.gui.views.panels.notes_view import PanelPage
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.making.building import (
    Build,
    class_targets,
    data_keys,
    with_activation,
    with_data,
    with_layer,
    with_loss,
    with_preset,
    with_units,
    with_weights,
    without_layer,
)
from nnviz.present.core.palette import Palette
from nnviz.present.lab.build_text import loss_names, percent, shown_loss
from nnviz.present.runs.boundary import boundary_obstacle
from nnviz.present.text.capital import capital
from nnviz.presets.preset_table import PRESETS
from nnviz.render.fonts import ui_font

MOST_POINTS, MOST_NOISE, MOST_HELD_OUT, MOST_SEED = 500, 50, 60, 99  # noise and the part held out in hundredths
DRAWING = "In the decision boundary: click to add a point of this class, drag to move one, right click to remove one."
LARGEST_SEED = 999_999  # of the weights, that can be typed here


class BuildView(PanelPage):
    """The panel.

    `change_asked(change, name, key)` is emitted with a function from a lesson to another, the change in words, and a
    key that is the same for all changes of one slider. `file_asked`, `save_asked`, `drawing_chosen(bool)` and `left`
    are emitted by buttons.
    """

    change_asked = Signal(object, str, str)
    file_asked = Signal()
    save_asked = Signal()
    drawing_chosen = Signal(bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Build", parent)
        self.presets, self.layers = PresetGrid(), LayerRows()
        self.data = {
            "points": SliderRow("Points", 4, MOST_POINTS, str, "How many examples are drawn"),
            "noise": SliderRow("Noise", 0, MOST_NOISE, lambda part: f"{part / 100:.2f}", "Spread of the noise"),
            "held_out": SliderRow("Held out", 0, MOST_HELD_OUT, percent, "Examples that are not trained on"),
            "seed": SliderRow("Seed", 0, MOST_SEED, str, "Seed of points, noise, and what is held out"),
        }
        self.loss, self.scheme, self.weights_seed = QuietCombo(), QuietCombo(), WholeNumberBox()
        self.report, self.problem = QLabel(), QLabel()
        self.drawing = QLabel(
            "Click in the decision boundary to add a point of the class, drag to move one, right click to remove one."
        )
        self.save = tool_button("Save as lesson", "Write this network and its data as a lesson file (TOML)")
        self.draw = tool_button("Draw points", "Draw points on the decision boundary with the mouse")
        self.draw.setCheckable(True)
        self.point_class = QuietCombo()
        self.done = tool_button("Step and train", "Close this panel and show the steps of a pass again")
        self._headings = [QLabel(words) for words in ("Data", "Layers", "Loss and weights")]
        self._titles = [QLabel(words) for words in ("Loss", "Weights", "Seed")]
        self._losses: list[str] = []
        self._build()
        self._connect()

    def render_session(self, session: Session) -> None:
        """Show the network and data of a session."""
        self._session = session
        if self._is_seen:
            self._show(session)

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self._is_seen = seen
        if seen and self._session is not None:
            self._show(self._session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        ground(self, self._page, color=palette.card)
        for heading in self._headings:
            heading.setFont(ui_font(12 * scale, QFont.Weight.DemiBold))
            ink(heading, palette.muted)
        for title in self._titles:
            title.setFont(ui_font(13 * scale))
            ink(title, palette.text)
        for label in (self.report, self.drawing):
            label.setFont(ui_font(12.5 * scale))
            ink(label, palette.muted)
        self.problem.setFont(ui_font(13 * scale))
        ink(self.problem, palette.differs)
        self.weights_seed.setFont(ui_font(13 * scale))
        themed: tuple[Themed, ...] = (
            self.presets,
            self.layers,
            *self.data.values(),
            self.loss,
            self.scheme,
            self.point_class,
        )
        for part in themed:
            part.set_theme(palette, scale)
        for button in (self.draw, self.save, self.done):
            button.setFont(ui_font(13 * scale, QFont.Weight.Medium))
            button.setStyleSheet(button_sheet(palette, scale))

    def show_problem(self, reason: str) -> None:
        """Show why a change was refused, until the next one; the controls show the network as it is."""
        if self._session is not None:
            self._show(self._session)
        self.problem.setText(capital(reason))
        self.problem.show()

    def take_focus(self) -> None:
        """Give the keyboard focus to the data in use, or to the first control."""
        tiles = self.presets.children_in_order()
        next((tile for tile in tiles if tile.isChecked()), tiles[0]).setFocus()

    def _build(self) -> None:
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 2, 12, 12)
        column.setSpacing(9)
        for scheme in SCHEMES:
            self.scheme.addItem(scheme.capitalize(), scheme)
        self.weights_seed.setRange(0, LARGEST_SEED)
        for combo, name in ((self.loss, "Loss"), (self.scheme, "Weights"), (self.weights_seed, "Seed of the weights")):
            combo.setAccessibleName(name)
        self.scheme.setPlaceholderText("As given")
        self.scheme.setToolTip("How the initial weights are drawn; as given: the lesson has its own")
        self.weights_seed.setToolTip("Seed of the initial weights")
        self.weights_seed.setKeyboardTracking(False)
        self.report.setWordWrap(True)
        self.problem.setWordWrap(True)
        self.problem.hide()
        column.addWidget(self._headings[0])
        column.addWidget(self.presets)
        column.addWidget(self.problem)
        column.addWidget(self.report)
        for row in self.data.values():
            column.addWidget(row)
        self.draw.setText("Draw points")
        self.point_class.setAccessibleName("Class of the points that are drawn")
        line = QHBoxLayout()
        line.addWidget(self.draw)
        line.addWidget(self.point_class)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.drawing)
        self.drawing.setWordWrap(True)
        column.addWidget(self._headings[1])
        column.addWidget(self.layers)
        column.addWidget(self._headings[2])
        for title, control in zip(self._titles, (self.loss, self.scheme, self.weights_seed), strict=True):
            line = QHBoxLayout()
            line.addWidget(title, 1)
            line.addWidget(control)
            column.addLayout(line)
        line = QHBoxLayout()
        self.save.setText("Save as lesson…")
        self.done.setText("Step · Train")
        line.addWidget(self.save)
        line.addStretch(1)
        line.addWidget(self.done)
        column.addLayout(line)
        column.addStretch(1)
        self.setWidget(self._page)

    def _connect(self) -> None:
        self.presets.preset_chosen.connect(lambda name: self._ask(with_preset(name), f"data: {name}"))
        self.presets.file_asked.connect(self.file_asked)
        self.save.clicked.connect(self.save_asked)
        self.done.clicked.connect(self.left)
        for key, row in self.data.items():
            row.chosen.connect(lambda number, key=key: self._ask_data(key, number))
        self.layers.units_chosen.connect(
            lambda layer, units: self._ask(with_units(layer, units), f"{_units(units)} in layer {layer + 1}")
        )
        self.layers.activation_chosen.connect(
            lambda layer, name: self._ask(with_activation(layer, name), f"{name} in layer {layer + 1}")
        )
        self.draw.toggled.connect(self.drawing_chosen)
        self.layers.removed.connect(lambda layer: self._ask(without_layer(layer), f"layer {layer + 1} removed"))
        self.layers.added.connect(lambda layer: self._ask(with_layer(layer), f"layer {layer + 1} added"))
        self.loss.activated.connect(lambda at: self._ask(with_loss(self._losses[at]), f"loss: {self._losses[at]}"))
        self.scheme.activated.connect(lambda _: self._ask_weights())
        self.weights_seed.valueChanged.connect(lambda _: self._ask_weights())

    def _ask(self, change: Build, name: str, key: str = "") -> None:
        self.change_asked.emit(change, name, key)

    def _ask_data(self, key: str, number: int) -> None:
        value = number / 100 if key in ("noise", "held_out") else number
        self._ask(with_data(key, value), f"{self.data[key].name.text().lower()} {value}", key)

    def _ask_weights(self) -> None:
        scheme, seed = self.scheme.currentData(), self.weights_seed.value()
        self._ask(with_weights(scheme, seed), f"{scheme} weights, seed {seed}")

    def _show(self, session: Session) -> None:
        lesson = session.lesson
        keys = data_keys(lesson)
        self.problem.hide()
        self.presets.show_chosen(str(keys.get("generator", "")), "file" in keys)
        self.report.setText(lesson.report or f"{len(lesson.dataset)} examples of the lesson")
        self._show_data(lesson)
        self._show_drawing(lesson)
        self.layers.show_network(session.record.architecture)
        self._losses = loss_names(lesson)
        self.loss.clear()
        self.loss.addItems([shown_loss(name) for name in self._losses])
        self.loss.setCurrentIndex(self._losses.index(session.loss) if session.loss in self._losses else -1)
        drawn = lesson.initializer
        self.scheme.setCurrentIndex(self.scheme.findData(drawn.scheme) if drawn is not None else -1)
        self.weights_seed.blockSignals(True)
        self.weights_seed.setValue(drawn.seed if drawn is not None else 0)
        self.weights_seed.blockSignals(False)

    def _show_drawing(self, lesson: Lesson) -> None:
        """Show whether points can be drawn, and the classes that they may have."""
        classes = [] if boundary_obstacle(lesson.network, lesson.dataset) else class_targets(lesson)
        chosen = max(0, self.point_class.currentIndex())
        self.point_class.clear()
        for number, target in enumerate(classes):
            self.point_class.addItem(f"class {number + 1}", target)
        self.point_class.setCurrentIndex(min(chosen, len(classes) - 1))
        self.draw.setVisible(bool(classes))
        for widget in (self.point_class, self.drawing):
            widget.setVisible(bool(classes) and self.draw.isChecked())
        if not classes:
            self.draw.setChecked(False)

    def _show_data(self, lesson: Lesson) -> None:
        keys = data_keys(lesson)
        preset = PRESETS.get(str(keys.get("generator", "")))
        total = len(lesson.dataset) + (0 if lesson.held_out is None else len(lesson.held_out))
        numbers = {
            "points": total,
            "noise": round(100 * keys.get("noise", 0.0)),
            "held_out": round(100 * keys.get("held_out", 0.0)),
            "seed": keys.get("seed") or 0,
        }
        for key, row in self.data.items():
            row.show_number(int(numbers[key]))
            row.setVisible(preset is not None or (key in ("held_out", "seed") and "file" in keys))
        if preset is not None:
            self.data["points"].slider.setMaximum(min(MOST_POINTS, preset.points) if preset.licence else MOST_POINTS)
            self.data["points"].show_number(total)


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
