"""`nnviz.trace`: one pass of a lesson, with its values by the document's names and its steps with their formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from nnviz.api.sources import check_example, opened_lesson
from nnviz.debugger.commands import last
from nnviz.debugger.conditions.expressions import evaluate, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.conditions.names import describe_names, scope_of
from nnviz.debugger.state.session import Session, start_session
from nnviz.formats.trace_json import step_tables
from nnviz.lessons.notation import load_notation
from nnviz.tracing.codec import record_arrays
from nnviz.tracing.steps import Grain, Quantity

SVG_ROOM = (900.0, 480.0)  # of the network in a notebook
_FRAME = "width:100%;height:860px;border:0"


@dataclass(frozen=True, kw_only=True)
class TracedStep:
    """A step of a pass. Its places are counted from 1, and None where they do not apply; texts are ASCII.

    `value` is a number, or nested lists for a vector or matrix, in the document's sign and orientation. `printed` is
    the comparison with the document's printed figure, or None.
    """

    index: int
    phase: str
    kind: str
    layer: int | None
    unit: int | None
    source: int | None
    time: int | None
    symbol: str
    formula: str
    numbers: str
    value: Any
    printed: dict[str, str] | None


class TracedPass:
    """One finished pass of a network. `pass_["h"]` is a value by its name in the document, as in `nnviz debug`.

    `arrays` and `steps` are those of `nnviz trace --format json`; `session` is the session at the end of the pass.
    """

    def __init__(self, session: Session) -> None:
        self.session = last(session)

    def __getitem__(self, name: str) -> Any:
        """Return the value of a name or an expression: a float, a truth value, or an array. Raises KeyError."""
        try:
            value = evaluate(read_expression(name, self.session), self.session)
        except ExpressionError as error:
            raise KeyError(str(error)) from None
        if value is None:
            raise KeyError(f"{name} has no value in this pass")
        return value.copy() if isinstance(value, np.ndarray) else value

    @cached_property
    def arrays(self) -> dict[str, Any]:
        """The arrays x, t, z, a, delta, dW, db, W, b, W_new, b_new and loss, with true gradients, as nested lists."""
        return record_arrays(self.session.record)

    @cached_property
    def steps(self) -> tuple[TracedStep, ...]:
        """Every step at the pass's level of detail, in order."""
        return tuple(_steps(self.session))

    def step(self, name: str) -> TracedStep:
        """Return the step that computes a quantity by name: `delta_2`, or `h[1]` for one number. Raises KeyError."""
        quantity = self._quantity(name)
        for grain in (Grain.NEURON, Grain.LAYER) if quantity.unit is not None else (Grain.LAYER, Grain.NEURON):
            found = next((step for step in self._at(grain) if step[0] == quantity), None)
            if found is not None:
                return found[1]
        raise KeyError(f"{name} is not computed by a step")

    @property
    def names(self) -> tuple[str, ...]:
        """The names that `pass_[...]` knows."""
        return tuple(name for name, _ in describe_names(scope_of(self.session)))

    def _quantity(self, name: str) -> Quantity:
        try:
            found = read_expression(name, self.session).quantities
        except ExpressionError as error:
            raise KeyError(str(error)) from None
        if len(found) != 1:
            raise KeyError(f"{name} is not the name of one quantity")
        return found[0]

    def _at(self, grain: Grain) -> Iterator[tuple[Quantity, TracedStep]]:
        session = replace(self.session, grain=grain)
        trace = session.trace
        quantities = (trace.step(grain, index).quantity for index in range(trace.length(grain)))
        return zip(quantities, _steps(session), strict=True)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.names)

    def _repr_svg_(self) -> str:
        """Return the network at the end of the pass, for a notebook."""
        from nnviz.formats.pictures.network_svg import network_svg
        from nnviz.present.core.palette import load_palette
        from nnviz.present.network.unrolled import whole_picture

        drawn = whole_picture(self.session, SVG_ROOM)
        return network_svg(drawn, load_palette("light"), title=self.session.lesson.title, description=repr(self))

    def _repr_html_(self) -> str:
        """Return the page of the pass with its player, in a frame of a notebook."""
        from nnviz.formats.player.page import pass_page
        from nnviz.formats.player.page_frames import in_few_steps

        page = escape(pass_page(in_few_steps(self.session)))
        return f'<iframe srcdoc="{page}" title="{escape(self.session.lesson.title)}" style="{_FRAME}"></iframe>'

    def __repr__(self) -> str:
        session = self.session
        count = session.trace.length(session.grain)
        return f"<pass of {session.lesson.name}, example {session.example}: {count} steps>"


def _steps(session: Session) -> Iterator[TracedStep]:
    return (TracedStep(**table) for table in step_tables(session))


def trace(
    source: Any,
    x: object = None,
    t: object = None,
    *,
    example: int | None = None,
    update: int = 0,
    grain: str = "neuron",
    notation: str | None = None,
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
) -> TracedPass:
    """Return one pass of a lesson or model: of an example from 0, after some updates of training.

    `source`, `x`, `t`, `loss` and `training` are as for `opened_lesson`. `grain` is pass, layer, neuron or term;
    `notation` the name of another document's. Raises LessonError for a faulty file, ModelError for a model that nnviz
    cannot step, IndexError for an example that does not exist, and ValueError for an unknown grain or notation.
    """
    opened = opened_lesson(source, x, t, loss=loss, training=training)
    check_example(opened, example)
    if grain.upper() not in Grain.__members__:
        raise ValueError(
            f"there is no grain {grain!r}; known are {', '.join(name.lower() for name in Grain.__members__)}"
        )
    written = opened.notation if notation is None else load_notation(notation)
    return TracedPass(
        start_session(opened, example=example, update=update, grain=Grain[grain.upper()], notation=written)
    )
