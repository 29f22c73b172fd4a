"""A figure: one view of a session, or a strip of the views of several steps, each in a panel with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnviz.debugger.state.session import Session
from nnviz.present.places.label import Rect
from nnviz.present.runs.boundary import boundary_obstacle
from nnviz.present.words.card import card

VIEWS = ("network", "graph", "formula", "loss", "boundary", "stage")
OF_RUN = ("loss", "boundary")  # the views of a run, which are the same at every step of a pass
MARGIN = 0.02  # of the height, around a view
SIZE = (1600, 900)  # of a picture in pixels
STRIP_WIDTH = 2400  # of a strip, whose numbers would otherwise be small
MOST_PANELS = 24
GAP = 0.01  # of the width of a strip, around each panel
LABEL, LABEL_TYPE = 0.085, 0.046  # of the height of a panel: the room of its label, and its type


@dataclass(frozen=True, kw_only=True)
class FigureLook:
    """How a figure looks: its view, its size in pixels, its theme, and whether its background is transparent."""

    view: str = VIEWS[0]
    width: int = SIZE[0]
    height: int = SIZE[1]
    theme: str = "light"
    is_transparent: bool = False


@dataclass(frozen=True)
class FigurePanel:
    """One step of a figure: its session, the rectangle of its view, and its label with the label's rectangle."""

    session: Session
    rect: Rect
    label: str
    label_rect: Rect


def panels(sessions: Sequence[Session], size: tuple[float, float]) -> tuple[FigurePanel, ...]:
    """Return the panels of a figure: the whole of it without a label for one session, rows of equal ones for more."""
    width, height = size
    if len(sessions) == 1:
        return (FigurePanel(sessions[0], (0.0, 0.0, width, height), "", (0.0, 0.0, 0.0, 0.0)),)
    columns, rows = _grid(len(sessions), size)
    gap = GAP * width
    wide, high = (width - gap * (columns + 1)) / columns, (height - gap * (rows + 1)) / rows
    made = []
    for index, session in enumerate(sessions):
        left, top = gap + (wide + gap) * (index % columns), gap + (high + gap) * (index // columns)
        head = LABEL * high
        made.append(
            FigurePanel(session, (left, top + head, wide, high - head), label_of(session), (left, top, wide, head))
        )
    return tuple(made)


def figure_size(count: int) -> tuple[int, int]:
    """Return the size of a figure that none was chosen for: that of one picture, or as high as its rows need."""
    if count == 1:
        return SIZE
    width = STRIP_WIDTH
    columns = next((columns for most, columns in ((3, count), (4, 2), (9, 3)) if count <= most), 4)
    rows = -(-count // columns)
    gap = GAP * width
    wide = (width - gap * (columns + 1)) / columns
    return width, round(gap + rows * (wide * SIZE[1] / SIZE[0] / (1 - LABEL) + gap))


def check_figure(sessions: Sequence[Session], view: str, has_run: bool) -> None:
    """Raise ValueError if a view cannot be shown: of too many steps, without a run, or without a boundary."""
    if view not in VIEWS:
        raise ValueError(f"there is no view {view!r}; known are {', '.join(VIEWS)}")
    if len(sessions) > MOST_PANELS:
        raise ValueError(f"{len(sessions)} steps; a figure has at most {MOST_PANELS}")
    if len(sessions) > 1 and view in OF_RUN:
        raise ValueError(f"the view {view} is the same at every step; choose one")
    if view == "loss" and not has_run:
        raise ValueError("there is no loss curve before an epoch of training has ended")
    obstacle = boundary_obstacle(sessions[0].lesson.network, sessions[0].lesson.dataset)
    if view == "boundary" and obstacle:
        raise ValueError(f"{obstacle[:1].lower()}{obstacle[1:].rstrip('.')}")


def label_of(session: Session) -> str:
    """Return the label of a step: its number and what it computes."""
    step = session.step
    return "Before the first step" if step is None else f"{step.index + 1} · {card(session).title}"


def _grid(count: int, size: tuple[float, float]) -> tuple[int, int]:
    """Return the columns and rows in which panels in the shape of one picture are the largest."""

    def scale(columns: int) -> float:
        rows = -(-count // columns)
        return min(size[0] / columns / SIZE[0], size[1] / rows / SIZE[1] * (1 - LABEL))

    columns = max(range(1, count + 1), key=scale)
    return columns, -(-count // columns)
