"""The views that are hidden at first: each is imported when it is built, to keep the start fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas
    from nnviz.gui.views.lab.build_view import BuildView
    from nnviz.gui.views.lab.layer_plots_view import LayerPlotsView
    from nnviz.gui.views.lab.runs_view import RunsView
    from nnviz.gui.views.lab.surface_view import SurfaceView
    from nnviz.gui.views.panels.breakpoints_view import BreakpointsView
    from nnviz.gui.views.panels.conventions_view import ConventionsView
    from nnviz.gui.views.panels.find_view import FindView
    from nnviz.gui.views.panels.gradient_view import GradientView
    from nnviz.gui.views.panels.health_view import HealthView
    from nnviz.gui.views.panels.lesson_view import LessonView


def graph_canvas() -> GraphCanvas:
    """Build the computation graph."""
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas

    return GraphCanvas()


def conventions_view() -> ConventionsView:
    """Build the controls of the conventions."""
    from nnviz.gui.views.panels.conventions_view import ConventionsView

    return ConventionsView()


def lesson_view() -> LessonView:
    """Build the notes on the lesson."""
    from nnviz.gui.views.panels.lesson_view import LessonView

    return LessonView()


def gradient_view() -> GradientView:
    """Build the gradient check."""
    from nnviz.gui.views.panels.gradient_view import GradientView

    return GradientView()


def find_view() -> FindView:
    """Build the finder."""
    from nnviz.gui.views.panels.find_view import FindView

    return FindView()


def health_view() -> HealthView:
    """Build the diagnostics of the network."""
    from nnviz.gui.views.panels.health_view import HealthView

    return HealthView()


def breakpoints_view() -> BreakpointsView:
    """Build the list of breakpoints, with the field for a condition or a watch."""
    from nnviz.gui.views.panels.breakpoints_view import BreakpointsView

    return BreakpointsView()


def build_view() -> BuildView:
    """Build the panel in which a network is built."""
    from nnviz.gui.views.lab.build_view import BuildView

    return BuildView()


def layer_plots_view() -> LayerPlotsView:
    """Build the gradients by layer."""
    from nnviz.gui.views.lab.layer_plots_view import LayerPlotsView

    return LayerPlotsView()


def surface_view() -> SurfaceView:
    """Build the slice of the loss surface."""
    from nnviz.gui.views.lab.surface_view import SurfaceView

    return SurfaceView()


def runs_view() -> RunsView:
    """Build the table of runs."""
    from nnviz.gui.views.lab.runs_view import RunsView

    return RunsView()
