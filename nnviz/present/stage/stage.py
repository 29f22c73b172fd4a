"""The stage: everything that presentation mode shows of a session, as plain data that any medium draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.present.core.examples import example_text
from nnviz.present.core.timeline_cells import Timeline, timeline
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.listing.listing import Listing, listing
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import Picture, UnitMark
from nnviz.present.network.unrolled import whole_picture
from nnviz.present.network.why_rings import WhyMark, canvas_marks
from nnviz.present.places.label import Label, centered
from nnviz.present.runs.boundary import BoundaryPicture, boundary_obstacle, boundary_picture
from nnviz.present.runs.curve import LossRun, accuracy_text, grouped, loss_text, reward_of, reward_text
from nnviz.present.runs.measures import LOSS, REWARD
from nnviz.present.runs.responses import Codes, unit_responses
from nnviz.present.runs.run_metrics import measure
from nnviz.present.stage.regions import DEFAULT_LAYOUT, PLOTTED, Regions, regions
from nnviz.present.words.captions import place
from nnviz.present.words.card import Card, card
from nnviz.tracing.steps import Grain, Quantity

CELLS = 160  # per side of the decision boundary


@dataclass(frozen=True)
class StageLook:
    """How a stage is shown: its layout, the user's scale of the type, and whether all but the step is dimmed.

    With `is_zoomed`, the network is enlarged around the active neuron, or around `zoom` if it is set. With `is_folded`,
    a recurrent network is drawn once with its loops instead of once for each time step.
    """

    layout: str = DEFAULT_LAYOUT
    scale: float = 1.0
    is_spotlit: bool = True
    is_zoomed: bool = False
    is_folded: bool = False
    zoom: Quantity | None = None


@dataclass(frozen=True, eq=False)
class StageRun:
    """The run as the stage shows it: its curves, whether it is being trained, and its last epoch if that is known."""

    runs: tuple[LossRun, ...] = ()
    is_running: bool = False
    epochs: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class StagePlots:
    """The plots: curves with the marked epoch and the measure's value in words, and the boundary or why there is none.

    `responses` are the maps of the hidden neurons, `progress` the share of the run's epochs that are done.
    """

    runs: tuple[LossRun, ...]
    marker: int
    measure: str
    value: str
    accuracy: str
    boundary: BoundaryPicture | None
    obstacle: str
    responses: Mapping[tuple[int, int], Codes]
    example: int
    progress: float


@dataclass(frozen=True)
class SceneLine:
    """The scenes of a walk as its progress line shows them: their titles, the present one, the shown share of it."""

    titles: tuple[str, ...]
    at: int
    share: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Stage:
    """The content of a stage. Parts that the layout does not show are None.

    `title` is the lesson's, `about` its source, `example` the stepped one, `where` the place in the pass or the run.
    `phase` colors what is lit. `heading` is a title in the middle of the layout of text, over the caption. `scenes` is
    a walk's progress line, instead of the line of the pass.
    """

    width: float
    height: float
    look: StageLook
    regions: Regions
    title: str
    about: str
    example: str
    where: str
    phase: str
    picture: Picture | None = None
    rings: tuple[WhyMark, ...] = ()
    graph: GraphPicture | None = None
    card: Card | None = None
    line: Timeline | None = None
    listing: Listing | None = None
    plots: StagePlots | None = None
    caption: str = ""
    heading: str = ""
    scenes: SceneLine | None = None


def stage(
    session: Session,
    look: StageLook,
    width: float,
    height: float,
    run: StageRun = StageRun(),
) -> Stage:
    """Return the stage of a session at a size in pixels."""
    layout = look.layout
    if run.is_running and layout not in PLOTTED:
        layout = "network+plots"
    places = regions(layout, width, height, look.scale)
    drawn, graph = None, None
    if places.network is not None:
        is_run = layout in PLOTTED
        drawn = _run_picture(session, places, layout, look.is_folded) if is_run else None
        drawn = drawn or network_picture(session, places, look.is_folded)
    if places.graph is not None:
        graph = graph_picture(session)
    is_plotted = layout in PLOTTED
    plots = stage_plots(session, run) if is_plotted else None
    lesson = session.lesson
    return Stage(
        width=width,
        height=height,
        look=look,
        regions=places,
        title=lesson.title,
        about=lesson.source,
        example=f"example {example_text(lesson, session.example)}",
        where="" if places.text is not None else _where(session, run, is_plotted),
        phase="update" if is_plotted else "" if session.step is None else session.step.phase,
        picture=drawn,
        rings=() if drawn is None else canvas_marks(session, drawn),
        graph=graph,
        card=card(session) if places.band is not None else None,
        line=None if is_plotted else timeline(session),
        listing=listing(session) if places.code is not None else None,
        plots=plots,
        caption=_caption(session, run) if is_plotted else "",
        heading=lesson.title if places.text is not None else "",
    )


def network_picture(session: Session, places: Regions, is_folded: bool) -> Picture:
    """Return the picture of the network for its region."""
    assert places.network is not None
    _, _, width, height = places.network
    return whole_picture(session, (width / places.picture_scale, height / places.picture_scale), is_folded)


def _run_picture(session: Session, places: Regions, layout: str, is_folded: bool) -> Picture:
    """Return the picture of the network beside plots: neurons and edges alone, over the whole region.

    It is laid out in a room that is larger by what the boxes of errors take, and beside large plots so large that the
    neurons are discs.
    """
    assert places.network is not None
    scale = places.picture_scale * (0.5 if layout == "plots" else 1.0)
    wide, high = places.network[2] / scale, places.network[3] / scale
    there = replace(session, position=session.trace.step(Grain.PASS, 0).end)
    drawn = whole_picture(there, (wide, high), is_folded)
    drawn = whole_picture(there, (wide * drawn.width / _right_end(drawn), high), is_folded)
    right = _right_end(drawn)
    return replace(calm(drawn, has_numbers=layout != "plots"), width=right)


def _right_end(drawn: Picture) -> float:
    """Return where the neurons of a picture end at the right, with the margin that they have at the left."""
    rects = [(unit.x - unit.radius, unit.x + unit.radius) for unit in drawn.units]
    rects += [(unit.plate[0], unit.plate[0] + unit.plate[2]) for unit in drawn.units if unit.plate is not None]
    rects += [(strip.x - STRIP_WIDTH, strip.x + STRIP_WIDTH) for strip in drawn.strips]
    rects += [(panel.rect[0], panel.rect[0] + panel.rect[2]) for panel in drawn.panels]
    return min(drawn.width, max(end for _, end in rects) + min(start for start, _ in rects))


def calm(drawn: Picture, has_numbers: bool) -> Picture:
    """Return a picture without a lit step and small numbers, for a network in training beside its plots.

    With `has_numbers` a neuron keeps its name, and its activation, which is then in its middle.
    """
    edges = tuple(replace(mark, labels=(), lit=np.zeros_like(mark.lit)) for mark in drawn.edges)
    units = tuple(
        replace(mark, active=False, operand=False, biases=(), labels=tuple(_calm_labels(mark, has_numbers)))
        for mark in drawn.units
    )
    return replace(drawn, edges=edges, units=units, captions=())


def _calm_labels(mark: UnitMark, has_numbers: bool) -> Iterator[Label]:
    for label in mark.labels if has_numbers else ():
        if label.role == "a" and mark.plate is None:
            yield replace(label, rect=centered(mark.x, mark.y, *label.rect[2:]))
        elif label.role in ("a", "name"):
            yield label


def _where(session: Session, run: StageRun, is_plotted: bool) -> str:
    """Return the place in the run for plots, or else the place in the pass."""
    if is_plotted:
        epoch = session.checkpoint.epoch
        doing = "training" if run.is_running else "run"
        end = f" of {grouped(run.epochs)}" if run.is_running and epoch <= run.epochs else ""
        return f"{doing} · epoch {grouped(epoch)}{end if run.epochs else ''}"
    step = session.asked or session.step
    if step is None:
        return f"{session.trace.length(session.grain)} steps ahead"
    return place(session.record, step)


def stage_plots(session: Session, run: StageRun, cells: int = CELLS) -> StagePlots:
    """Return the plots of a session with its run; the boundary has `cells` in a row and in a column."""
    reading, examples = measure(session), len(session.lesson.dataset)
    network, dataset = session.lesson.network.with_vector(session.checkpoint.parameters), session.lesson.dataset
    obstacle = boundary_obstacle(network, dataset) or ""
    is_reward = session.notation.reward
    value = reading.loss
    if value is None and run.runs and len(run.runs[0].losses):
        value = float(run.runs[0].losses[-1])
    if is_reward and value is not None:
        value = float(reward_of(value, examples))
    runs = run.runs
    if reading.loss is not None and not any(len(each.losses) for each in runs):
        start = LossRun("", 0, np.array([session.checkpoint.epoch]), np.array([reading.loss]), examples=examples)
        runs = (start,)
    return StagePlots(
        runs=runs,
        marker=session.checkpoint.epoch,
        measure=REWARD if is_reward else LOSS,
        value=(reward_text if is_reward else loss_text)(value),
        accuracy=accuracy_text(reading.accuracy, examples) if reading.accuracy is not None else "",
        boundary=None if obstacle else boundary_picture(network, dataset, cells),
        obstacle=obstacle,
        responses=unit_responses(network, dataset),
        example=session.example,
        progress=min(1.0, session.checkpoint.epoch / run.epochs) if run.epochs else 0.0,
    )


def _caption(session: Session, run: StageRun) -> str:
    """Return the line under plots."""
    if run.is_running:
        return f"Training {session.lesson.title}"
    epoch = session.checkpoint.epoch
    return f"After {grouped(epoch)} epoch{'' if epoch == 1 else 's'} of training" if epoch else "Before training"
