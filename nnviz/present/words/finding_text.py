"""The findings on a run and its data in words: the figures, what they mean, and what to try."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.debugger.diagnosis.findings import RunProblem
from nnviz.debugger.diagnosis.health import HealthProblem
from nnviz.debugger.diagnosis.remedies import Remedy
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import count_of
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import brief
from nnviz.present.words.captions import layer_name

FINDING_NAMES = {
    HealthProblem.DIVERGING: "diverging",
    HealthProblem.UPHILL: "stepping uphill",
    HealthProblem.PLATEAU: "plateau",
    HealthProblem.OVERFITTING: "overfitting",
    HealthProblem.SYMMETRIC: "symmetric neurons",
    HealthProblem.INPUTS: "badly scaled inputs",
    HealthProblem.IMBALANCED: "imbalanced classes",
}


_REMEDIES = {
    "rate": "Try learning rate {value}",
    "draw": "Try new initial weights ({scheme})",
    "decay": "Try weight decay {value} (AdamW)",
    "downhill": "Try steps downhill",
    "scale": "Try inputs scaled to mean 0 and deviation 1",
    "balance": "Try classes of equal size, with copies of the rare ones",
}


def finding_place(session: Session, finding: RunProblem) -> str:
    """Return where a finding is: a layer, the run, or the data."""
    if finding.layer is not None:
        return layer_name(session.record, finding.layer)
    of_data = (HealthProblem.INPUTS, HealthProblem.IMBALANCED)
    return "data" if finding.problem in of_data else "run"


def finding_sentence(finding: RunProblem) -> str:
    """Return the figures of a finding, what they mean, and what to try."""
    return _SENTENCES[finding.problem](finding)


def finding_text(session: Session, finding: RunProblem) -> str:
    """Return a finding in a line."""
    name = FINDING_NAMES[finding.problem]
    return f"{finding_place(session, finding)}: {name}. {finding_sentence(finding)}"


def remedy_text(remedy: Remedy) -> str:
    """Return the label of a change to try."""
    return _REMEDIES[remedy.kind].format(value=brief(remedy.value), scheme=remedy.scheme.capitalize())


def branch_name(remedy: Remedy) -> str:
    """Return the name of the branch in which a change is tried."""
    name = remedy_text(remedy).removeprefix("Try ")
    return capital(name)


def _diverging(finding: RunProblem) -> str:
    before, after, updates, rate, largest = finding.figures
    limit = ""
    if largest > 0.0:
        more = "above" if rate > largest else "below"
        limit = (
            f", {more} {brief(largest)}, the largest that would not diverge for this batch at the start of the "
            "run (an estimate: 2 over the largest curvature of its loss)"
        )
    return (
        f"The loss grew from {brief(before)} to {brief(after)} in {count_of(int(updates), 'update')}. "
        f"The learning rate is {brief(rate)}{limit}: each step goes beyond the minimum, further than the last. "
        "Try a smaller learning rate."
    )


def _uphill(finding: RunProblem) -> str:
    before, after, updates, rate = finding.figures
    return (
        f"The loss grew from {brief(before)} to {brief(after)} in {count_of(int(updates), 'update')}. The step adds "
        f"the gradient of the loss, which leads uphill: at any learning rate, not only {brief(rate)}, the loss grows, "
        "so there is no largest rate. Try steps downhill, which subtract it."
    )


def _plateau(finding: RunProblem) -> str:
    updates, before, now, moved, constant, size = finding.figures
    return (
        f"In the last {count_of(int(updates), 'update')} the loss went from {brief(before)} to "
        f"{brief(now)} and the weights moved by {brief(100 * moved)} % of their size, which is "
        f"{brief(size)}. The best constant answer has the loss {brief(constant)}: the network has learned "
        "little more, and hardly moves. Try other or larger initial weights, or a larger learning rate."
    )


def _overfitting(finding: RunProblem) -> str:
    update, lowest, now, then, train = finding.figures
    return (
        f"On the examples held out the loss was lowest at update {int(update)}, {brief(lowest)}, and is now "
        f"{brief(now)}, while on the training data it fell from {brief(then)} to {brief(train)}: the "
        "network learns what only its training data have. Try to stop there, weight decay, fewer neurons, or more data."
    )


def _symmetric(finding: RunProblem) -> str:
    units = [str(unit + 1) for unit in finding.units]
    names = f"{', '.join(units[:-1])} and {units[-1]}"
    return (
        f"Neurons {names} have the same weights in and the same weights out, so they get the same gradients and stay "
        f"copies of each other: {len(units)} neurons do the work of one. Try other initial weights, drawn at random."
    )


def _inputs(finding: RunProblem) -> str:
    column, low, high, size, unequal, smallest = finding.figures
    spread = f"; the spreads of the inputs differ by a factor of {brief(unequal)}" if unequal > 10.0 else ""
    return (
        f"Input {int(column)} runs from {brief(low)} to {brief(high)}, its size is {brief(size)}, "
        f"where about 1 is usual and the smallest input has {brief(smallest)}{spread}. Large inputs saturate "
        "neurons and allow only a tiny learning rate. Try to scale each input to mean 0 and deviation 1."
    )


def _imbalanced(finding: RunProblem) -> str:
    number, share, examples, rarest = finding.figures
    return (
        f"Class {int(number)} has {brief(100 * share)} % of the {int(examples)} examples, and the rarest class "
        f"{brief(100 * rarest)} %: the same answer for every example is right that often, and accuracy says "
        "little. Try more examples of the rare class, each of them several times, or judge each class by itself."
    )


_SENTENCES: dict[HealthProblem, Callable[[RunProblem], str]] = {
    HealthProblem.DIVERGING: _diverging,
    HealthProblem.UPHILL: _uphill,
    HealthProblem.PLATEAU: _plateau,
    HealthProblem.OVERFITTING: _overfitting,
    HealthProblem.SYMMETRIC: _symmetric,
    HealthProblem.INPUTS: _inputs,
    HealthProblem.IMBALANCED: _imbalanced,
}
