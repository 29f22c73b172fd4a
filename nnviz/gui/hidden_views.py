"""The views that are not seen at first: each is imported when it is made, which a start need not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas
    from nnviz.gui.views.panels.breakpoints_view import BreakpointsView
    from nnviz.gui.views.panels.conventions_view import ConventionsView
    from nnviz.gui.views.panels.find_view import FindView
    from nnviz.gui.views.panels.gradient_view import GradientView
    from nnviz.gui.views.panels.health_view import HealthView
    from nnviz.gui.views.panels.lesson_view import LessonView


def graph_canvas() -> GraphCanvas:
    """The computation graph."""
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas

    return GraphCanvas()


def conventions_view() -> ConventionsView:
    """How the pass is counted."""
    from nnviz.gui.views.panels.conventions_view import ConventionsView

    return ConventionsView()


def lesson_view() -> LessonView:
    """The notes on the lesson."""
    from nnviz.gui.views.panels.lesson_view import LessonView

    return LessonView()


def gradient_view() -> GradientView:
    """The gradient check."""
    from nnviz.gui.views.panels.gradient_view import GradientView

    return GradientView()


def find_view() -> FindView:
    """The finder."""
    from nnviz.gui.views.panels.find_view import FindView

    return FindView()


def health_view() -> HealthView:
    """What ails the network."""
    from nnviz.gui.views.panels.health_view import HealthView

    return HealthView()


def breakpoints_view() -> BreakpointsView:
    """The breakpoints, and the field for a condition or a watch."""
    from nnviz.gui.views.panels.breakpoints_view import BreakpointsView

    return BreakpointsView()
