"""The canvas of the computation graph: a picture of graphics items that follows the step in a large graph."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QLabel, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.canvas.overview import Overview
from nnviz.gui.views.canvas.zoom_view import Place, Rows, ZoomView
from nnviz.present.core.palette import Palette
from nnviz.present.graph.editable_graph import graph_editable, graph_editable_at, graph_place_of
from nnviz.present.graph.graph_details import graph_hover_places
from nnviz.present.graph.graph_layout import CAPTION_SIZE
from nnviz.present.graph.graph_marks import GraphBox, GraphLabel
from nnviz.present.graph.graph_picture import GraphPicture, graph_details, graph_hit, graph_picture
from nnviz.present.graph.graph_scene import natural_size
from nnviz.present.graph.why_graph import graph_marks, graph_number_at
from nnviz.present.network.breakpoints_at import break_rows
from nnviz.present.places.label import Rect, Room
from nnviz.render.canvas.graph_drawing import CAPTION_HEIGHT, CAPTION_LEFT, GraphItems
from nnviz.render.fonts import ui_font
from nnviz.tracing.steps import Quantity

# A graph that is larger than its view is drawn a little smaller, down to the size at which its smallest type has
# 11 pixels; if it is still larger, it is scrolled.
READABLE = 0.85
MARGINS = (90, 50)
EDGES = (12, 8)
OF_STEP = 20.0  # how much worse it is to cover a part of the step than another one


class GraphCanvas(ZoomView):
    """The canvas of the computation graph. `selected` is emitted on a click; the store decides what that does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Computation graph")
        self.setAccessibleDescription("Operations; the Values panel lists the same numbers as text.")
        self._session: Session | None = None
        self._picture: GraphPicture | None = None
        self._whole = False  # the user has asked to see the whole graph, even if small
        self._laid_out: Room | None = None  # the room of the picture being shown
        self._clicked: Quantity | None = None  # the editable number that was clicked last
        self._items = GraphItems(self._scene)
        # A recurrent network's time step, in a separate strip that does not move with the graph.
        self.caption = QLabel(self)
        self.caption.setFont(ui_font(CAPTION_SIZE, QFont.Weight.DemiBold))
        self.caption.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.caption.move(CAPTION_LEFT, 0)
        self.caption.hide()
        self.overview = Overview(self)
        self.overview.moved.connect(self._look_at)

    def render_session(self, session: Session) -> None:
        """Show the graph of a session."""
        self._session = session
        self._laid_out = self._wanted_room()
        drawn = graph_picture(session, self._laid_out)
        self._picture = drawn
        self._show(drawn, session)
        self.set_content(drawn.width, drawn.height)
        self._follow()
        self._show_overview()
        self.refresh_details()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Paint everything in other colors; `scale` is not used, because the canvas has its own zoom."""
        self.setBackgroundBrush(QColor(palette.card))
        ink(self.caption, palette.muted)
        self._items.set_palette(palette)
        self.overview.set_theme(palette)

    def fit(self) -> None:
        """Show the whole graph, in smaller type if it is larger than the view."""
        self._whole = True
        self._arrange()

    def refit(self) -> None:
        """Show the whole graph if that is readable, or else the part around the step."""
        self._arrange()
        self._follow()

    def _arrange(self) -> None:
        """Draw the graph at the size for the view; lay it out again if the view has another size."""
        self._fitted = True
        if self._session is not None and self._laid_out != self._wanted_room():
            self.render_session(self._session)
        scale = self._scale()
        self.setTransform(QTransform.fromScale(scale, scale))
        self._show_overview()

    def _scale(self) -> float:
        """Return the size of a graph that is not zoomed: 1, or less if it is larger than the view."""
        if self._session is None:
            return 1.0
        (width, height), (wide, high) = self.room(), natural_size(self._session)
        whole = min(1.0, width / wide, height / high)
        return whole if self._whole else max(whole, READABLE)

    def _wanted_room(self) -> Room | None:
        """Return the room to lay the graph out in; a zoomed graph keeps its own."""
        if not self._fitted:
            return self._laid_out
        scale, (width, height) = self._scale(), self.room()
        return width / scale, height / scale

    def _look_at(self, point: QPointF) -> None:
        """Move the view to a point that the user has chosen in the overview."""
        self._fitted = False
        self.centerOn(point)

    def _covered(self, place: QRectF) -> float:
        """Return how much of a rectangle of the view is taken by boxes and labels; those of the step count most."""
        assert self._picture is not None
        corner = QPointF(self.viewport().geometry().topLeft())
        marks: tuple[GraphBox | GraphLabel, ...] = (*self._picture.boxes, *self._picture.labels)
        taken = 0.0
        for mark in marks:
            over = place.intersected(self.viewportTransform().mapRect(QRectF(*mark.rect)).translated(corner))
            taken += over.width() * over.height() * (OF_STEP if mark.active or mark.operand else 1.0)
        return taken

    def _show_overview(self) -> None:
        if self._picture is not None:
            visible = self.mapToScene(self.viewport().rect()).boundingRect()
            self.overview.show_picture(self._picture, visible, QRectF(self.viewport().geometry()), self._covered)

    def shown(self) -> GraphPicture | None:
        """Return the picture being shown."""
        return self._picture

    def quantity_at(self, x: float, y: float) -> Quantity | None:
        """Return the whole quantity whose box or label is at a point of the scene."""
        return None if self._picture is None else graph_hit(self._picture, x, y)

    def number_at(self, x: float, y: float) -> Quantity | None:
        """Return the number whose cell is at a point of the scene, or else the whole quantity there."""
        found = None if self._picture is None else graph_number_at(self._picture, x, y)
        return self.quantity_at(x, y) if found is None else found

    def editable_at(self, x: float, y: float) -> Quantity | None:
        """Return the editable number at a point of the scene."""
        return None if self._picture is None else graph_editable_at(self._picture, x, y)

    def editable_of(self, selected: Quantity | None) -> Quantity | None:
        """Return the editable number of the selected box: the one clicked, or else the first."""
        return None if self._picture is None else graph_editable(self._picture, selected, self._clicked)

    def place_of(self, quantity: Quantity) -> Place | None:
        """Return the position of an editable number in the scene; None if it is not shown."""
        return None if self._picture is None else graph_place_of(self._picture, quantity)

    def details(self, quantity: Quantity) -> Rows:
        """Return the numbers of the hovered quantity with all digits."""
        if self._session is None:
            return ()
        return (*graph_details(self._session, quantity), *break_rows(self._session, quantity))

    def places_of(self, quantity: Quantity) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
        """Return the rectangles of a hovered box or label, and those of the other boxes."""
        return ((), ()) if self._picture is None else graph_hover_places(self._picture, quantity)

    def _follow(self) -> None:
        """Scroll to the step, unless the user has zoomed or moved the graph."""
        drawn = self._picture
        if drawn is None or not self._fitted:
            return
        if drawn.active_rect is None:
            self.ensureVisible(0, 0, 1, 1, 0, 0)
            return
        margins = MARGINS
        if drawn.caption and drawn.step_rect is not None:
            # A loop is below its layer: show as much of the step's operands as there is room for.
            self.ensureVisible(QRectF(*drawn.step_rect), *EDGES)
            margins = EDGES
        self.ensureVisible(QRectF(*drawn.active_rect), *margins)

    def _show(self, drawn: GraphPicture, session: Session) -> None:
        self._items.show_picture(drawn, graph_marks(session, drawn))
        self.caption.setText(drawn.caption)
        self.caption.adjustSize()
        self.caption.setVisible(bool(drawn.caption))
        self.setViewportMargins(0, CAPTION_HEIGHT if drawn.caption else 0, 0, 0)

    def zoom(self, factor: float, around: QPoint | None = None) -> None:
        """Magnify, and show in the overview what is visible then."""
        super().zoom(factor, around)
        self._show_overview()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._show_overview()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_overview()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.mapToScene(event.position().toPoint())
        self._clicked = self.editable_at(place.x(), place.y())
        super().mousePressEvent(event)
