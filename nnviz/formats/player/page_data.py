"""The data of a page: tables, and what each frame shows, as plain lists for JSON."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from nnviz.debugger.state.session import Session
from nnviz.formats.pictures.graph_shapes import graph_shapes
from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.plot_shapes import plot_shapes
from nnviz.formats.pictures.shapes import DiscShape, PathShape, RectShape, Shape, TextShape
from nnviz.formats.player.page_frames import PageContent, PageFrame
from nnviz.formats.player.page_numbers import PageNumbers
from nnviz.formats.player.page_tables import EntryTable, PageTables, changes
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.listing.listing import listing
from nnviz.present.network.marks import Picture
from nnviz.present.network.unrolled import whole_picture
from nnviz.present.network.why_rings import BOX, DISC, number_at, places_of
from nnviz.present.places.label import Room
from nnviz.present.stage.regions import PLOTTED
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.present.words.card_blocks import FormulaBlock, formula_blocks
from nnviz.tracing.steps import Grain

# The rooms in which the network is laid out, on a screen and on a narrow one.
ROOMS: dict[str, Room] = {"network": (1040.0, 600.0), "narrow": (390.0, 480.0)}
PLOTS: Room = (1040.0, 440.0)


def page_data(content: PageContent) -> Generator[int, None, dict[str, Any]]:
    """Make the data of a page frame by frame: yield the number of frames that are done, and return the data."""
    made = _Made(content)
    for index, frame in enumerate(content.frames):
        made.add(frame)
        yield index + 1
    return made.data()


class _Made:
    """The data while it is made, frame by frame."""

    def __init__(self, content: PageContent) -> None:
        self.content = content
        self.tables, self.numbers = PageTables(), PageNumbers()
        self.rows, self.lines, self.texts = EntryTable(), EntryTable(), EntryTable()
        names = (*ROOMS, "graph", *(("plots",) if any(map(_has_plots, content.frames)) else ()))
        self.canvases: dict[str, list[list[int]]] = {name: [] for name in names}
        self.sizes: dict[str, list[float]] = {name: [0.0, 0.0] for name in names}
        self.values: list[list[int]] = []
        self.code: list[list[int]] = []
        self.frames: list[list[Any]] = []

    def add(self, frame: PageFrame) -> None:
        """Add a frame."""
        session = frame.session
        for canvas, room in ROOMS.items():
            self._network(frame, canvas, room)
        self._graph(session)
        if "plots" in self.canvases:
            shapes = plot_shapes(session, frame.runs, PLOTS) if _has_plots(frame) else ()
            self._keep("plots", [self.tables.shape(shape, 0) for shape in shapes], PLOTS)
        rows = ([row.name, row.shape, row.text, int(row.active)] for row in value_rows(session))
        self.values.append([self.rows.keep(tuple(row), row) for row in rows])
        shown = listing(session)
        self.code.append([self.lines.keep(line.code, line.code) for line in shown.lines])
        current = -1 if shown.current is None else shown.current
        self.frames.append([*self._card(session), current, *self._place(frame)])

    def data(self) -> dict[str, Any]:
        """Return what has been made."""
        tables = self.tables
        last = self.content.frames[-1].session
        return {
            "title": self.content.title,
            "about": self.content.about,
            "scenes": list(self.content.scenes),
            "paints": tables.paints.entries,
            "glyphs": tables.glyphs.entries,
            "formulas": tables.formulas.entries,
            "shapes": tables.shapes.entries,
            "numbers": self.numbers.entries,
            "canvases": {
                name: {"size": self.sizes[name], "frames": changes(frames)} for name, frames in self.canvases.items()
            },
            "rows": self.rows.entries,
            "values": changes(self.values),
            "lines": self.lines.entries,
            "code": changes(self.code),
            "texts": self.texts.entries,
            "frames": self.frames,
            "stops": {} if self.content.scenes else _stops(last),
        }

    def _network(self, frame: PageFrame, canvas: str, room: Room) -> None:
        session = frame.session
        drawn = whole_picture(session, room)
        shapes = [*network_shapes(drawn), *_rings(frame, drawn)]
        places = [self.tables.shape(shape, self._number(session, drawn, shape)) for shape in shapes]
        self._keep(canvas, places, (drawn.width, drawn.height))

    def _graph(self, session: Session) -> None:
        drawn = graph_picture(session)
        number = partial(self.numbers.place, session)
        places = [self.tables.shape(shape, number(shape.of)) for shape in graph_shapes(drawn)]
        self._keep("graph", places, (drawn.width, drawn.height))

    def _keep(self, canvas: str, places: list[int], size: tuple[float, float]) -> None:
        self.canvases[canvas].append(places)
        held = self.sizes[canvas]
        self.sizes[canvas] = [max(held[0], round(size[0], 1)), max(held[1], round(size[1], 1))]

    def _number(self, session: Session, drawn: Picture, shape: Shape) -> int:
        """Return the number that a shape of the network shows."""
        quantity = shape.of
        if isinstance(shape, TextShape) and shape.face == "mono":
            quantity = number_at(session, drawn, shape.x, shape.y)
        return self.numbers.place(session, quantity)

    def _card(self, session: Session) -> list[Any]:
        """Return the card of a frame: place, title, phase, formula, chips, sentence, note and the step's number."""
        made = card(session)
        blocks: list[Any] = []
        operands: dict[int, int] = {}
        if made.formula is not None:
            blocks = [self._block(block) for block in formula_blocks(made.formula, made.phase)]
            number = partial(self.numbers.place, session)
            operands = {operand.id: number(operand.quantity) for operand in made.formula.operands}
        chips = [[chip.text, chip.state] for chip in made.chips]
        step = session.step
        is_number = step is not None and step.grain >= Grain.NEURON and session.asked is None
        number_of_step = self.numbers.place(session, step.quantity) if step is not None and is_number else 0
        texts = [self._text(text) for text in (made.where, made.title, made.phase, made.text, made.note)]
        return [*texts, blocks, [[one, place] for one, place in operands.items()], chips, number_of_step]

    def _block(self, block: FormulaBlock) -> list[Any]:
        rows = [self.tables.formula(row) for row in block.rows]
        inks = [[operand, self.tables.paint(paint)] for operand, paint in block.colors]
        return [rows, int(block.equals), self.tables.paint(block.ink), inks]

    def _place(self, frame: PageFrame) -> list[Any]:
        """Return the place of a frame in the page: pass, position, scene, caption, layout, seconds and question."""
        of_pass = self.numbers.pass_of(frame.session)
        texts = [self._text(text) for text in (frame.caption, frame.layout, frame.question)]
        return [of_pass, frame.session.position, frame.scene, *texts, round(frame.seconds, 2)]

    def _text(self, text: str) -> int:
        return self.texts.keep(text, text)


def _has_plots(frame: PageFrame) -> bool:
    return frame.layout in PLOTTED or bool(frame.runs)


def _rings(frame: PageFrame, drawn: Picture) -> Sequence[Shape]:
    """Return rings around the numbers that a scene points at."""
    rings: list[Shape] = []
    for quantity in frame.rings:
        for shape, rect in places_of(drawn, quantity):
            left, top, width, height = rect
            if shape == DISC:
                rings.append(DiscShape(left + width / 2, top + height / 2, width / 2, "", stroke="why", width=2.5))
            elif shape == BOX:
                rings.append(RectShape(rect, "", "why", 2.5, 5))
            else:
                rings.append(PathShape(f"M{left:.1f} {top:.1f}L{width:.1f} {height:.1f}", "why", 3.0))
    return list(dict.fromkeys(rings))


def _stops(session: Session) -> dict[str, list[int]]:
    """Return where the steps of coarser grains end, counted in steps of the session's grain."""
    trace = session.trace
    return {
        grain.word: [trace.count(session.grain, trace.step(grain, index).end) for index in range(trace.length(grain))]
        for grain in Grain
        if grain < session.grain
    }
