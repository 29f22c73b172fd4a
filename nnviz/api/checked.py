"""`nnviz.check`: one's own arrays compared with a pass: which is wrong first, what it is, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnviz.api.checking.given_array import read_given
from nnviz.api.checking.judging import Judged, judge
from nnviz.api.sources import opened_lesson
from nnviz.api.traced import TracedPass, trace
from nnviz.debugger.state.session import Session
from nnviz.models.opening import is_model


@dataclass(frozen=True, kw_only=True)
class CheckRow:
    """One array: `status` is right, wrong, follows (wrong only because of `cause`), or shape.

    `difference` is the largest one, None for another shape; `place` is where it is, with indices from 1. `text` says it
    in one line, and `explanation` what a wrong array is instead, where that is sure.
    """

    name: str
    status: str
    text: str
    difference: float | None
    place: tuple[int, ...]
    cause: str = ""
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """The arrays in the order of the pass. `first` is the first wrong one's name, None if all are right.

    The text of the report is `str(report)`.
    """

    heading: str
    rows: tuple[CheckRow, ...]
    first: str | None

    @property
    def explanation(self) -> str:
        """What the first wrong array is instead; empty if that is not sure."""
        return next((row.explanation for row in self.rows if row.name == self.first), "")

    @property
    def is_right(self) -> bool:
        """Whether all arrays are right."""
        return self.first is None

    def __str__(self) -> str:
        width = max(len(row.name) for row in self.rows)
        lines = [self.heading]
        for row in self.rows:
            lines.append(f"  {row.name:<{width}}  {row.text}")
            if row.explanation:
                lines.append(f"  {'':<{width}}  {row.explanation}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def check(
    source: Any,
    x: object = None,
    t: object = None,
    /,
    *,
    example: int | None = None,
    update: int = 0,
    training: Mapping[str, Any] | None = None,
    **values: Any,
) -> CheckReport:
    """Compare arrays of your own with a pass of a lesson or model, by the names of `print` in `nnviz debug`.

    check("koehn", example=1, h=my_h, delta_2=my_delta, dW2=my_dW2). Differences up to 1e-5 are accepted, absolute below
    1 and relative above; a number given as text, "0.0492", is right if it is to its digits. Arrays may be flat or
    transposed. `loss="cross_entropy"` is the loss of a model, as in `nnviz.trace`; a number is a value to compare.
    Raises ValueError for an unknown name, and what `nnviz.trace` raises.
    """
    session = _session(source, x, t, values, example=example, update=update, training=training)
    if not values:
        raise ValueError("name at least one value to check, as in check('koehn', h=my_h)")
    given = [read_given(session, name, value) for name, value in values.items()]
    judged = judge(session, sorted(given, key=lambda each: each.position))
    rows = tuple(_row(each) for each in judged)
    first = next((row.name for row in rows if row.status != "right"), None)
    return CheckReport(
        heading=_heading(session, rows, first),
        rows=rows,
        first=first,
    )


def _session(
    source: Any,
    x: object,
    t: object,
    values: dict[str, Any],
    *,
    example: int | None,
    update: int,
    training: Mapping[str, Any] | None,
) -> Session:
    """Return the finished pass; what of the values are data or the loss of a model is taken from them."""
    if isinstance(source, TracedPass):
        return source.session
    loss = None
    if is_model(source):
        x, t = (values.pop(name, own) for name, own in (("x", x), ("t", t)))
        if _is_choice(values.get("loss")):
            loss = values.pop("loss")
    lesson = opened_lesson(source, x, t, loss=loss, training=training)
    return trace(lesson, example=example, update=update).session


def _is_choice(loss: object) -> bool:
    """Return whether the value called loss is the loss of a model, and not a number to compare."""
    return is_model(loss) or (isinstance(loss, str) and not any(map(str.isdigit, loss)))


def _row(judged: Judged) -> CheckRow:
    given = judged.given
    return CheckRow(
        name=given.name,
        status=judged.status,
        text=judged.text,
        difference=judged.difference,
        place=judged.place,
        cause=judged.cause,
        explanation=judged.explanation,
    )


def _heading(session: Session, rows: tuple[CheckRow, ...], first: str | None) -> str:
    where = f"{session.lesson.name}, example {session.example}"
    right = sum(row.status == "right" for row in rows)
    if first is None:
        return f"{where}: {'the array is' if len(rows) == 1 else f'all {len(rows)} arrays are'} right."
    return f"{where}: {first} is the first that is wrong; {right} of {len(rows)} are right."
