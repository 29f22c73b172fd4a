"""Which of a person's arrays are wrong, in the order of the pass, and which only because an earlier one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nnviz.api.checking.explaining import explain
from nnviz.api.checking.given_array import GivenArray
from nnviz.debugger.finder.pass_program import PassProgram, StepEdit, constant_step, program_of
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.text.numbers import array_text

RIGHT, WRONG, FOLLOWS, SHAPE = "right", "wrong", "follows", "shape"
_DECIMALS = 6


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """An array with its status and one line on it; a wrong one also has an explanation, which may be empty."""

    given: GivenArray
    status: str
    text: str
    difference: float | None = None
    place: tuple[int, ...] = ()
    cause: str = ""
    explanation: str = ""


def judge(session: Session, given: Sequence[GivenArray]) -> list[Judged]:
    """Return the arrays, in the order of the pass, with what is to be said of each.

    What follows from what is worked out in networks of up to NODE_LIMIT numbers, as the finder does.
    """
    judged: list[Judged] = []
    edits: dict[int, StepEdit] = {}
    causes: list[str] = []
    program = None
    for each in given:
        if each.values is None:
            judged.append(Judged(given=each, status=SHAPE, text=_shape_text(each)))
            continue
        wrong = each.wrong_in(each.expected)
        if not wrong.any():
            judged.append(_judged(each, RIGHT, f"right{_in(each.note)}"))
            continue
        if program is None:
            program = program_of(session.record)
        followed = None if program is None or not edits else _expected_after(program, each, edits)
        if followed is not None and not each.wrong_in(followed).any():
            cause = " and ".join(causes)
            judged.append(_judged(each, FOLLOWS, f"wrong only because of {cause}{_in(each.note)}", cause))
            continue
        perhaps = f"; it may follow from {' and '.join(causes)}" if program is None and causes else ""
        judged.append(_judged(each, WRONG, _wrong_text(each, wrong) + perhaps))
        causes.append(each.name)
        edits |= {} if program is None else _edits(program, each)
    return _with_explanations(session, judged)


def _judged(given: GivenArray, status: str, text: str, cause: str = "") -> Judged:
    assert given.values is not None
    difference = np.abs(given.values - given.expected)
    largest = float(np.max(difference)) if difference.size else 0.0
    place = tuple(int(index) + 1 for index in np.unravel_index(int(np.argmax(difference)), difference.shape))
    if status == RIGHT and given.printed is None:
        text += f", to {largest:.1g}" if largest else ", exactly"
    return Judged(given=given, status=status, text=text, difference=largest, place=place, cause=cause)


def _in(note: str) -> str:
    return f" ({note})" if note else ""


def _shape_text(given: GivenArray) -> str:
    wanted = f"the shape {given.expected.shape}" if given.expected.ndim else "one number"
    return f"has the shape {given.shape}, but {given.name} has {wanted}"


def _wrong_text(given: GivenArray, wrong: np.ndarray) -> str:
    """Return what is wrong: the number and the right one, or the first of several with its place."""
    assert given.values is not None
    first = tuple(int(index[0]) for index in np.nonzero(wrong)) if wrong.ndim else ()
    own, right = (array_text(np.asarray(part)[first], _DECIMALS) for part in (given.values, given.expected))
    if given.printed is not None:
        own = given.printed[int(np.flatnonzero(wrong)[0])].text
    where = f"[{','.join(str(index + 1) for index in first)}] is " if first else ""
    count = int(wrong.sum())
    several = f"; {count} of {wrong.size} differ" if wrong.size > 1 else ""
    return f"wrong: {where}{own}, where the pass has {right}{several}{_in(given.note)}"


def _expected_after(program: PassProgram, given: GivenArray, edits: dict[int, StepEdit]) -> FloatArray | None:
    """Return the values as they follow from wrong ones; None if they are not single numbers of the pass."""
    if given.elements is None:
        return None
    changed = program.changed(edits)
    after = given.expected.copy()
    for place, quantity in np.ndenumerate(given.elements):
        at = program.index.get(quantity)
        if at is not None and at in changed:
            after[place] = changed[at] * given.factor
    return after


def _edits(program: PassProgram, given: GivenArray) -> dict[int, StepEdit]:
    """Return the steps of a pass that give the numbers of an array."""
    edits: dict[int, StepEdit] = {}
    if given.elements is None or given.values is None or not given.factor:
        return edits
    for place, quantity in np.ndenumerate(given.elements):
        at = program.index.get(quantity)
        if at is not None:
            edits[at] = constant_step(float(given.values[place]) / given.factor)
    return edits


def _with_explanations(session: Session, judged: list[Judged]) -> list[Judged]:
    """Return the arrays, of which the wrong ones say what they are instead, with those that follow as evidence."""
    explained = []
    for each in judged:
        if each.status == WRONG:
            following = [other.given for other in judged if other.cause == each.given.name]
            each = replace(each, explanation=explain(session, each.given, following))
        explained.append(each)
    return explained
