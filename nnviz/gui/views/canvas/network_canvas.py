"""The network canvas: a picture of graphics items with pan, zoom, fit, hover and selection."""

from __future__ import annotations

from dataclasses import replace
from operator import is_

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.views.canvas.zoom_view import Place, Rows, ZoomView
from nnviz.present.core.palette import Palette
from nnviz.present.core.voice import voice_of
from nnviz.present.network.breakpoint_dots import break_dots
from nnviz.present.network.breakpoints_at import break_rows
from nnviz.present.network.editable import editable, editable_at, place_of
from nnviz.present.network.hit import hit
from nnviz.present.network.hover_details import edge_details, hover_places, unit_details
from nnviz.present.network.layout import layout
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import picture, words_of
from nnviz.present.network.unfold import Unfolding, unfolding_of
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.network.why_rings import canvas_marks, number_at
from nnviz.present.places.label import Rect, Room
from nnviz.present.text.numbers import digits
from nnviz.render.canvas.maps_item import Maps
from nnviz.render.canvas.network_scene import NO_MAPS, NetworkItems
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import has_quantity

FOLLOWED = (40, 30)  # pixels around the step that are visible too


class NetworkCanvas(ZoomView):
    """The canvas of the session's picture. `selected` is emitted on a click; the store decides what that does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Network")
        self.setAccessibleDescription("Neurons and edges; the Values panel lists the same numbers as text.")
        self._session: Session | None = None
        self._picture: Picture | None = None
        self.is_folded = False
        self._items = NetworkItems(self._scene)
        self._unfolding = Unfolding()
        self._laid_out: Room | None = None  # the room of the picture being shown, and the same without scroll bars
        self._plan_room: Room | None = None
        self._has_maps = False
        self._maps_of: tuple[object, ...] = ()  # what the maps were computed from
        self._maps = NO_MAPS
        self._palette: Palette | None = None

    def render_session(self, session: Session) -> None:
        """Show the picture of a session."""
        self._session = session
        self._draw()
        if self._picture is not None:
            self.set_content(self._picture.width, self._picture.height)
        self._follow()
        self.refresh_details()

    def unfolds_selected(self) -> bool:
        """Return whether the selection has unfolded a part of a folded layer."""
        return self._picture is not None and any(mark.selected for lens in self._picture.lenses for mark in lens.units)

    def zoom(self, factor: float, around: QPoint | None = None) -> None:
        """Magnify; neurons unfold when there is room for them."""
        super().zoom(factor, around)
        self._look_again()

    def fit(self) -> None:
        """Show the whole network in the room of the view; one that needs more room is scrolled."""
        super().fit()
        is_unfolded, self._unfolding = bool(self._unfolding.ranges), Unfolding()
        if self._session is not None and (is_unfolded or self._laid_out != self._wanted_room()):
            self.render_session(self._session)

    def set_folded(self, on: bool) -> None:
        """Draw a recurrent network once with its loop (`on`), or once for each time step."""
        self.is_folded = on
        if self._session is not None:
            self.render_session(self._session)

    def set_maps(self, on: bool) -> None:
        """Draw maps inside the hidden neurons: their responses for two inputs, their weights for images."""
        self._has_maps = on
        if self._session is not None:
            self.render_session(self._session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Paint everything in other colors; `scale` is not used, because the canvas has its own zoom."""
        self._palette = palette
        self.setBackgroundBrush(QColor(palette.card))
        self._items.set_palette(palette)
        if self._has_maps and self._session is not None:
            self._draw()

    def quantity_at(self, x: float, y: float) -> Quantity | None:
        """Return the neuron or edge at a point of the scene."""
        return None if self._picture is None else hit(self._picture, x, y)

    def number_at(self, x: float, y: float) -> Quantity | None:
        """Return the number at a point of the scene."""
        if self._picture is None or self._session is None:
            return None
        return number_at(self._session, self._picture, x, y)

    def editable_at(self, x: float, y: float) -> Quantity | None:
        """Return the editable number at a point of the scene."""
        if self._picture is None or self._session is None:
            return None
        return editable_at(self._picture, self._session.record.architecture, x, y)

    def editable_of(self, selected: Quantity | None) -> Quantity | None:
        """Return the editable number of a selected neuron or edge."""
        return editable(selected)

    def place_of(self, quantity: Quantity) -> Place | None:
        """Return the position of an editable number in the scene; None if it is not drawn."""
        return None if self._picture is None else place_of(self._picture, quantity)

    def details(self, quantity: Quantity) -> Rows:
        """Return the numbers of the hovered neuron or edge with all digits."""
        if self._session is None:
            return ()
        return (*details_rows(self._session, quantity), *break_rows(self._session, quantity))

    def places_of(self, quantity: Quantity) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
        """Return the rectangles of a hovered neuron, edge, bias or target, and those of the other neurons."""
        return ((), ()) if self._picture is None else hover_places(self._picture, quantity)

    def shown(self) -> Picture | None:
        """Return the picture being shown."""
        return self._picture

    def _draw(self) -> None:
        assert self._session is not None
        self._laid_out = room = self._wanted_room()
        drawn = self._made(self._session, room)
        if room is not None and drawn.width > room[0] + 1.0 and drawn.height <= room[1] + 1.0:
            # A picture that is too wide has a scroll bar, which takes a part of the height.
            bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.horizontalScrollBar())
            room = (room[0], room[1] - bar)
            drawn = self._made(self._session, room)
        self._picture, self._plan_room = drawn, room
        self._show(drawn)

    def _made(self, session: Session, room: Room | None) -> Picture:
        if session.record.architecture.is_recurrent and not self.is_folded:
            return unrolled_picture(session, room)
        return picture(session, room, self._unfolding, bool(self._neuron_maps(session)))

    def _follow(self) -> None:
        """Scroll to the step in a picture that is larger than the view, unless the user has zoomed or moved it."""
        place = None if self._picture is None else self._picture.step_rect
        if self._fitted and place is not None:
            self.ensureVisible(QRectF(*place), *FOLLOWED)

    def _wanted_room(self) -> Room | None:
        """Return the room to lay the picture out in; a zoomed picture keeps its own.

        A view without an explicit size has no room yet, so nothing is laid out for its temporary size.
        """
        if not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            return None
        return self.room() if self._fitted or self._laid_out is None else self._laid_out

    def _look_again(self) -> None:
        """Unfold other parts of folded layers after the view has changed; only folded layers can unfold."""
        if self._session is None or self._picture is None or not self._picture.strips or self._fitted:
            return
        if self._session.record.architecture.is_recurrent:
            return
        view = self.mapToScene(self.viewport().rect()).boundingRect()
        sizes = self._session.record.architecture.sizes
        plan = layout(sizes, room=self._plan_room, words=words_of(self._session, bool(self._maps)))
        unfolding = unfolding_of(plan, self.transform().m11(), (view.x(), view.y(), view.width(), view.height()))
        if unfolding != self._unfolding:
            self._unfolding = unfolding
            self._draw()

    def _show(self, drawn: Picture) -> None:
        assert self._session is not None
        session = self._session
        maps = self._neuron_maps(session)
        self._items.show_picture(drawn, canvas_marks(session, drawn), break_dots(session, drawn), maps)

    def _neuron_maps(self, session: Session) -> Maps:
        """Return the maps of the neurons, which steps within a pass leave as they are."""
        if not self._has_maps or self._palette is None:
            return NO_MAPS
        sources = (session.checkpoint, session.lesson, self._palette)
        if not all(map(is_, sources, self._maps_of)) or not self._maps_of:
            from nnviz.present.runs.responses import neuron_maps  # imported late to keep the start fast
            from nnviz.render.canvas.maps_item import map_images

            network = session.lesson.network.with_vector(session.checkpoint.parameters)
            self._maps_of = sources
            self._maps = map_images(neuron_maps(network, session.lesson.dataset), self._palette)
        return self._maps

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._look_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look_again()


def details_rows(session: Session, quantity: Quantity) -> Rows:
    """Return the numbers of the hovered neuron or edge with all digits."""
    if quantity.kind in (Kind.WEIGHT, Kind.WEIGHT_H):
        return edge_details(session, quantity)
    if quantity.kind in (Kind.BIAS, Kind.BIAS_H, Kind.TARGET):
        voice = voice_of(session)
        return ((voice.text(quantity), digits(voice.number(quantity))),)
    if quantity.kind is Kind.STATE:
        return ((voice_of(session).text(quantity), "0"),)
    return unit_details(session, -1 if quantity.layer is None else quantity.layer, quantity.unit or 0, quantity.time)


def select(session: Session, quantity: Quantity | None) -> Session:
    """Return the session with a neuron or edge selected; selecting it again deselects it.

    A quantity of another network, whose picture or card was still shown, is not selected.
    """
    if quantity == session.selection or (quantity is not None and not has_quantity(session.record, quantity)):
        quantity = None
    return replace(session, selection=quantity)
