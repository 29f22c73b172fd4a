"""Diagnose a run and its data: divergence, plateaus, overfitting, symmetric neurons, scale of inputs, rare classes.

Each finding holds the figures that it rests on, and a change to try, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.debugger.diagnosis.health import MEASURABLE, HealthProblem, health
from nnviz.debugger.diagnosis.remedies import DECAY, Remedy, class_of_examples, draw_for, larger_rate, smaller_rate
from nnviz.debugger.diagnosis.stability import largest_rate
from nnviz.debugger.state.session import Session, once_per_session, record_pass
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.engine.datasets import Dataset, given_targets
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Network
from nnviz.engine.training import Checkpoint, loss_of, start_checkpoint

PLACES = 9  # checkpoints of the run at which the loss of all data is computed
FEWEST_UPDATES = 20  # with fewer, a loss that hardly moves proves nothing
GROWN = 1.5  # times the lowest loss of the run: the loss has grown
STILL = 1e-3  # relative change of the loss over half of the run
STILL_WEIGHTS = 0.05  # relative change of the weights over half of the run
NOT_LEARNED = 0.3  # of the loss of a constant guess: below it, a run that no longer changes may be done
SMALL_WEIGHTS = 0.1  # rms: weights below it are called small
LARGE_INPUT = 50.0  # rms of a column; about 1 is usual
UNEQUAL = 100.0  # between the spreads of two columns, if one of them exceeds SPREAD
SPREAD = 5.0
COMMON = 0.8  # the share of the most frequent class
RARE = 0.1  # of the share of the most frequent class
FEWEST_CLASSED = 10  # examples that are enough for the shares of classes
OVERFIT = 1.1  # times the lowest loss on the held-out examples


@dataclass(frozen=True)
class RunProblem:
    """A problem of the run or the data, its figures in the order of its sentence, and what to try, if anything."""

    problem: HealthProblem
    figures: tuple[float, ...] = ()
    layer: int | None = None
    units: tuple[int, ...] = ()
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Course:
    """The mean loss of all examples at some updates of a run, and of those held out; the last is the present."""

    updates: tuple[int, ...]
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    moved: float  # relative change of the parameters from the middle of the run to its end


@once_per_session
def findings(session: Session) -> tuple[RunProblem, ...]:
    """Return the findings on the run and the data of a session."""
    with np.errstate(all="ignore"):
        course = course_of(session)
        return (
            *_diverging(session, course),
            *_plateau(session, course),
            *_overfitting(course),
            *_symmetric(session),
            *_inputs(session),
            *_classes(session),
        )


@once_per_session
def course_of(session: Session) -> Course:
    """Return the loss along the run up to the present pass; of a costly network only that of the present batch."""
    with np.errstate(all="ignore"):
        return _course(session)


def _course(session: Session) -> Course:
    marks = _marks(session)
    own, held = session.lesson.dataset, session.lesson.held_out
    size = session.record.architecture.parameter_count * len(own) * own.time_steps
    if size > MEASURABLE:
        loss = float(session.record.loss.mean())
        return Course((session.checkpoint.update,), (loss,), (), 0.0)
    networks = [session.record.network.with_vector(mark.parameters) for mark in marks]
    losses = tuple(loss_of(network, own) for network in networks)
    of_held = () if held is None else tuple(loss_of(network, held) for network in networks)
    middle = marks[len(marks) // 2].parameters
    moved = norm(marks[-1].parameters - middle) / max(norm(middle), 1e-300) if len(marks) > 1 else 0.0
    return Course(tuple(mark.update for mark in marks), losses, of_held, moved)


def norm(vector: FloatArray) -> float:
    """Return the length of a vector, without overflow."""
    largest = float(np.abs(vector).max())
    return largest * float(np.linalg.norm(vector / largest)) if 0.0 < largest < np.inf else largest


def _marks(session: Session) -> tuple[Checkpoint, ...]:
    """Return up to PLACES checkpoints of the run with the present data, evenly spread; the last is the present one."""
    here, data = session.checkpoint, session.lesson.dataset
    past = [
        mark
        for segment in session.run.segments
        if segment.dataset is data and segment.loss == session.loss
        for mark in segment.marks
        if mark.update < here.update
    ]
    places = sorted({round(place) for place in np.linspace(0, len(past) - 1, PLACES - 1)}) if past else []
    return (*(past[place] for place in places), here)


def constant_loss(session: Session) -> float:
    """Return the mean loss of the best constant answer for a squared error or a cross entropy: the mean target.

    NaN if there are no targets.
    """
    targets = given_targets(session.lesson.dataset.targets)
    if not targets.size or not LOSSES[session.loss].has_targets:
        return np.nan
    guess = np.broadcast_to(targets.mean(axis=0), targets.shape)
    out = np.empty(targets.shape)
    LOSSES[session.loss].terms(np.array(guess), targets, out)
    return float(out.sum() / len(session.lesson.dataset))


def _diverging(session: Session, course: Course) -> Iterator[RunProblem]:
    """Yield a finding if the loss grows, with the learning rate and the largest that would not diverge."""
    rate, losses = session.training.rates.learning_rate, course.losses
    low = min((loss for loss in losses if np.isfinite(loss)), default=0.0)
    is_run = len(losses) > 2
    if is_run and (not np.isfinite(losses[-1]) or (losses[-1] > GROWN * low and _rises(losses))):
        before, after, updates = low, losses[-1], course.updates[-1] - course.updates[int(np.argmin(losses))]
    elif not is_run and np.isfinite(session.record.updated.vector).all():
        (before, after), updates = _batch_losses(session), 1
    else:
        return
    if session.convention.step != "downhill":
        if after > before or not np.isfinite(after):
            yield RunProblem(HealthProblem.UPHILL, (before, after, updates, rate), remedy=Remedy("downhill"))
        return
    largest = _largest(session)
    if not is_run and (largest is None or rate <= largest or not after > before):
        return
    figures = (before, after, updates, rate, -1.0 if largest is None else largest)
    yield RunProblem(HealthProblem.DIVERGING, figures, remedy=smaller_rate(session, largest))


def _rises(losses: Sequence[float]) -> bool:
    """Return whether the loss rose at the last places."""
    return all(one < other for one, other in zip(losses[-3:], losses[-2:], strict=False))


def _largest(session: Session) -> float | None:
    """Return the largest rate at the start of the run, where another rate would begin."""
    start = session.run.segments[0].start
    if start.update or session.checkpoint.update == 0:
        return largest_rate(session.record)
    lesson, training = session.lesson, session.training
    begun = start_checkpoint(
        lesson.network.with_vector(start.parameters), training
    )  # with the memory of this optimizer
    return largest_rate(record_pass(lesson, training, session.convention, session.loss, begun, session.example))


def _batch_losses(session: Session) -> tuple[float, float]:
    """Return the loss of the batch before and after the update of this pass."""
    record = session.record
    updated = Network(record.architecture, record.updated)
    return float(record.loss.mean()), loss_of(updated, Dataset(record.x, record.t))


def _plateau(session: Session, course: Course) -> Iterator[RunProblem]:
    half = len(course.losses) // 2
    updates = course.updates[-1] - course.updates[half] if half else 0
    before, now = course.losses[half], course.losses[-1]
    if half == 0 or updates < FEWEST_UPDATES or not np.isfinite(now) or not before > 0.0:
        return
    constant = constant_loss(session)
    change = abs(now - before) / before
    if change > STILL or course.moved > STILL_WEIGHTS or now < NOT_LEARNED * constant or not constant > 0.0:
        return
    size = norm(session.record.parameters.vector) / session.record.parameters.vector.size**0.5
    remedy = draw_for(session) if size < SMALL_WEIGHTS or change < STILL / 100 else larger_rate(session)
    yield RunProblem(HealthProblem.PLATEAU, (updates, before, now, course.moved, constant, size), remedy=remedy)


def _overfitting(course: Course) -> Iterator[RunProblem]:
    if len(course.held_out) < 3:
        return
    best = int(np.nanargmin(course.held_out))
    lowest, now = course.held_out[best], course.held_out[-1]
    if best + 1 < len(course.held_out) and now > OVERFIT * lowest and course.losses[-1] < course.losses[best]:
        figures = (course.updates[best], lowest, now, course.losses[best], course.losses[-1])
        yield RunProblem(HealthProblem.OVERFITTING, figures, remedy=Remedy("decay", DECAY))


def _symmetric(session: Session) -> Iterator[RunProblem]:
    """Yield groups of hidden neurons with the same weights in and out: they stay copies of each other."""
    parameters, architecture = session.record.parameters, session.record.architecture
    for layer in range(architecture.depth - 1):
        if architecture.sizes[layer + 1] < 2 or is_frozen(session.convention, "W", layer):
            continue
        recurrent = parameters.W_h[layer]
        if recurrent is not None and architecture.sizes[layer + 1] > 2 and not _all_alike(recurrent):
            continue
        own = [parameters.b[layer][None]] if architecture.layers[layer].biases == architecture.sizes[layer + 1] else []
        rows = np.vstack([parameters.W[layer], *own, parameters.W[layer + 1].T])
        _, inverse = np.unique(np.round(rows, 12).T, axis=0, return_inverse=True)
        for group in range(int(inverse.max()) + 1):
            units = tuple(int(unit) for unit in np.flatnonzero(inverse.ravel() == group))
            if len(units) > 1:
                yield RunProblem(HealthProblem.SYMMETRIC, layer=layer, units=units, remedy=draw_for(session))


def _all_alike(matrix: FloatArray) -> bool:
    """Return whether a recurrent matrix treats all units alike: one number on its diagonal, one elsewhere."""
    other = matrix[~np.eye(len(matrix), dtype=bool)]
    return bool(np.ptp(np.diag(matrix)) == 0.0 and np.ptp(other) == 0.0)


def _inputs(session: Session) -> Iterator[RunProblem]:
    """Yield a finding if an input is far larger than 1, or its spread far from that of another."""
    inputs = session.lesson.dataset.inputs.reshape(-1, session.lesson.dataset.inputs.shape[-1])
    sizes, spreads = np.sqrt(np.mean(np.square(inputs), axis=0)), inputs.std(axis=0)
    largest = int(np.argmax(sizes))
    varied = spreads[spreads > 0.0]
    unequal = float(varied.max() / varied.min()) if varied.size > 1 else 1.0
    if sizes[largest] > LARGE_INPUT or (unequal > UNEQUAL and varied.max() > SPREAD):
        low, high = float(inputs[:, largest].min()), float(inputs[:, largest].max())
        figures = (float(largest + 1), low, high, float(sizes[largest]), unequal, float(sizes.min()))
        # Examples that are held out would have to be scaled, too, and are not the learner's to change.
        is_scalable = session.lesson.held_out is None
        remedy = Remedy("scale") if is_scalable else smaller_rate(session, _largest(session))
        yield RunProblem(HealthProblem.INPUTS, figures, remedy=remedy)


def _classes(session: Session) -> Iterator[RunProblem]:
    """Yield a finding if nearly all examples belong to one class, or hardly any to another."""
    targets = given_targets(session.lesson.dataset.targets)
    classes = class_of_examples(targets[np.newaxis])
    if len(classes) < FEWEST_CLASSED or classes.min() < 0:
        return
    shares = np.bincount(classes, minlength=max(2, targets.shape[-1])) / len(classes)
    if shares.max() > COMMON or shares.min() < RARE * shares.max():
        figures = (float(np.argmax(shares)), float(shares.max()), float(len(classes)), float(shares.min()))
        yield RunProblem(HealthProblem.IMBALANCED, figures, remedy=Remedy("balance"))


# What to try against a problem of a neuron or a layer.
_OF_MARKS: dict[HealthProblem, Callable[[Session], Remedy]] = {
    HealthProblem.DEAD: draw_for,
    HealthProblem.SATURATED: draw_for,
    HealthProblem.VANISHING: draw_for,
    HealthProblem.EXPLODING: draw_for,
    HealthProblem.STUCK: larger_rate,
}


def remedies(session: Session) -> tuple[Remedy, ...]:
    """Return what can be tried against all problems of a session, each change once, the findings' first."""
    wanted = [finding.remedy for finding in findings(session) if finding.remedy is not None]
    for mark in health(session.record, session.lesson.dataset):
        if (mark.problem, mark.between) == (HealthProblem.EXPLODING, "update"):
            if not any(remedy.kind == "rate" for remedy in wanted):
                wanted.append(smaller_rate(session, _largest(session)))
        else:
            is_unreached = mark.problem is HealthProblem.STUCK and mark.ratio == 0.0  # no rate helps without gradient
            wanted += [] if is_unreached else [_OF_MARKS[mark.problem](session)]
    return tuple(dict.fromkeys(wanted))
