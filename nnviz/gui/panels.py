"""The table of panels: docks, menu, commands, themes and covers while predicting follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from nnviz.gui import hidden_views
from nnviz.gui.views.card.card_sides import CardSides
from nnviz.gui.views.chrome.lazy_session_view import LazySessionView
from nnviz.gui.views.panels.listing_view import ListingView
from nnviz.gui.views.panels.values_view import ValuesView
from nnviz.gui.views.panels.watch_list import ValuesPage
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import LossPlot

View = TypeVar("View", bound=QWidget)


class DockPlace(Enum):
    """Where a panel is docked in the default arrangement."""

    SIDE = "at the right, one above the other"
    TAB = "at the right, a tab in the place of the values, and but for the first panel hidden at first"
    BELOW = "at the bottom, side by side"


@dataclass(frozen=True, kw_only=True)
class PanelRow(Generic[View]):
    """A panel.

    `id` is the dock's object name, which saved layouts contain. `guide` is the page and heading of the guide that
    its "?" opens. `make` returns the view, which has `set_theme` and, with `shows_session`, `render_session`. A
    view may have `take_focus()`, `set_seen(bool)` (whether its panel is visible) and a signal `left` (it gives the
    keyboard focus back). `hides_answers` is true if the view shows values of later steps: it is covered while the
    user predicts. `command` is the id of the window's command that opens and closes the panel; an open one gets the
    focus in `field` first, if there is such a widget. `size` is the height at first, or for a panel at the bottom
    the width. `in_heading` returns a widget of the view that belongs in the panel's heading. `leads` is true for the
    panel that is in front of the others of its place at first.
    """

    id: str
    title: str
    guide: str
    make: Callable[[], View]
    place: DockPlace
    hides_answers: bool
    margins: tuple[int, int, int, int] = (2, 0, 2, 8)
    size: int = 0
    shows_session: bool = True
    command: str = ""
    field: Callable[[View], QWidget] | None = None
    in_heading: Callable[[View], QWidget] | None = None
    leads: bool = False

    @property
    def shown_at_first(self) -> bool:
        """Whether the default arrangement shows the panel."""
        return self.place is not DockPlace.TAB or self.leads


STEP = PanelRow(
    id="step",
    title="Step",
    guide="stepping#the-step-panel",
    make=CardSides,
    place=DockPlace.SIDE,
    size=330,
    hides_answers=False,
    in_heading=lambda sides: sides.card.note,
)
NUMPY = PanelRow(
    id="numpy",
    title="NumPy",
    guide="stepping#the-numpy-panel",
    make=ListingView,
    place=DockPlace.SIDE,
    size=240,
    hides_answers=False,
)
VALUES = PanelRow(
    id="values",
    title="Values",
    guide="stepping#the-values-panel",
    make=lambda: ValuesPage(ValuesView()),
    place=DockPlace.SIDE,
    size=260,
    margins=(12, 0, 2, 8),
    hides_answers=False,
)
CONVENTIONS = PanelRow(
    id="conventions",
    title="Conventions",
    guide="conventions#the-conventions-panel",
    make=lambda: LazySessionView(hidden_views.conventions_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="conventions",
)
LESSON = PanelRow(
    id="lesson",
    title="Lesson",
    guide="conventions#the-lesson-panel",
    make=lambda: LazySessionView(hidden_views.lesson_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="notes",
    leads=True,
)
GRADIENTS = PanelRow(
    id="gradients",
    title="Gradient check",
    guide="stepping#gradient-check",
    make=lambda: LazySessionView(hidden_views.gradient_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="gradients",
)
FIND = PanelRow(
    id="find",
    title="Find a number",
    guide="stepping#find-a-number",
    make=lambda: LazySessionView(hidden_views.find_view),
    place=DockPlace.TAB,
    margins=(12, 2, 12, 10),
    hides_answers=True,
    command="find",
    field=lambda frame: frame.view.field,
)
HEALTH = PanelRow(
    id="health",
    title="Health",
    guide="stepping#diagnostics",
    make=lambda: LazySessionView(hidden_views.health_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="health",
)
BREAKPOINTS = PanelRow(
    id="breakpoints",
    title="Breakpoints",
    guide="stepping#breakpoints",
    make=lambda: LazySessionView(hidden_views.breakpoints_view),
    place=DockPlace.TAB,
    margins=(12, 2, 12, 10),
    hides_answers=False,
    command="breakpoints",
)
BUILD = PanelRow(
    id="build",
    title="Build",
    guide="own-networks#the-build-panel",
    make=lambda: LazySessionView(hidden_views.build_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="build",
)
LAYERS = PanelRow(
    id="layers",
    title="Gradients by layer",
    guide="what-if#gradients-by-layer",
    make=lambda: LazySessionView(hidden_views.layer_plots_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="layers",
)
SURFACE = PanelRow(
    id="surface",
    title="Loss surface",
    guide="what-if#the-loss-surface",
    make=lambda: LazySessionView(hidden_views.surface_view),
    place=DockPlace.TAB,
    hides_answers=True,
    command="surface",
)
RUNS = PanelRow(
    id="runs",
    title="Runs",
    guide="what-if#the-table-of-runs",
    make=lambda: LazySessionView(hidden_views.runs_view),
    place=DockPlace.TAB,
    margins=(12, 2, 12, 10),
    hides_answers=False,
    command="runs",
)
LOSS = PanelRow(
    id="loss",
    title="Loss",
    guide="what-if#the-loss-plot",
    make=LossPlot,
    place=DockPlace.BELOW,
    size=450,
    shows_session=False,  # but runs
    hides_answers=False,
    in_heading=lambda plot: plot.controls,
)
BOUNDARY = PanelRow(
    id="boundary",
    title="Decision boundary",
    guide="what-if#the-decision-boundary",
    make=BoundaryPlot,
    place=DockPlace.BELOW,
    size=450,
    hides_answers=False,
    in_heading=lambda plot: plot.choice,
)

# In the order of the docks, of View > Panels and of the Tab key. Names and positions are part of saved layouts.
PANELS: tuple[PanelRow[Any], ...] = (
    *(STEP, NUMPY, VALUES),
    *(CONVENTIONS, LESSON, GRADIENTS, FIND, HEALTH, BREAKPOINTS, BUILD, LAYERS, SURFACE, RUNS),
    *(LOSS, BOUNDARY),
)
