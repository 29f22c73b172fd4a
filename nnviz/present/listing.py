"""The pass as NumPy in the document's names, a line for each group of steps, with the current line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from nnviz.debugger.session import Session
from nnviz.engine.conventions import is_frozen
from nnviz.engine.losses import LOSSES, is_fused
from nnviz.present.voice import TIMED, Voice, voice_of
from nnviz.trace.groups import Group
from nnviz.trace.steps import PARAMETER_OF, Grain, Kind, Quantity


@dataclass(frozen=True)
class ListingLine:
    """A line of code and the trace's groups that it computes; blank between phases.

    `opens` are groups whose terms of the kinds `terms` it computes, where another line computes the rest.
    """

    code: str
    groups: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()
    terms: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Listing:
    """The lines of a pass. `current` is the index of the line being computed, None before the first step."""

    lines: tuple[ListingLine, ...]
    current: int | None


def listing(session: Session) -> Listing:
    """The listing of a session's pass in its notation and orientation."""
    lines = listing_lines(session)
    group = session.trace.group_at(session.position)
    if group is None:
        return Listing(lines, None)
    kind = session.trace.enclosing(Grain.TERM, session.position).kind
    opening = [i for i, line in enumerate(lines) if group in line.opens and kind in line.terms]
    whole = [i for i, line in enumerate(lines) if group in line.groups]
    current = next(iter(opening + whole), None)
    if current is not None and lines[current].code.startswith(" "):
        head = max(i for i in range(current) if lines[i].code.startswith("for "))
        told = replace(lines[head], code=f"{lines[head].code}  # k = {session.trace.groups[group].time}")
        lines = (*lines[:head], told, *lines[head + 1 :])
    return Listing(lines, current)


def listing_lines(session: Session) -> tuple[ListingLine, ...]:
    """One line a group; what the document has no variable for is told by the line that uses it.

    In a recurrent network the groups of all time steps share the lines of a loop over `k`.
    """
    writer = _Code(voice_of(session))
    groups = session.trace.groups
    lines: list[ListingLine] = []
    phase = None
    # Local derivatives are told after the deltas, from the first time step on: in a loop of their own.
    runs = groupby(
        range(len(groups)), lambda i: (groups[i].phase, writer.is_looped(groups[i]), groups[i].kind is Kind.DZ_DW)
    )
    for (of_phase, looped, _), run in runs:
        if phase is not None and of_phase != phase:
            lines.append(ListingLine(""))
        phase = of_phase
        write = _loop_lines if looped else _lines
        lines += write(writer, groups, list(run))
    return tuple(lines)


def _lines(writer: _Code, groups: Sequence[Group], indices: Sequence[int]) -> Iterator[ListingLine]:
    """The lines of groups that follow one another."""
    waiting: tuple[int, ...] = ()
    for index in indices:
        statements = _STATEMENTS[groups[index].kind](writer, groups[index])
        waiting = (*waiting, index)
        if statements:
            # A rule with memory needs two statements: its groups light the last, where the parameter moves.
            *before, last = statements
            terms = _OPENED.get(groups[index].kind, ())
            yield from (ListingLine(code, (), (index,) if terms else (), terms) for code in before)
            yield ListingLine(last, waiting)
            waiting = ()


def _loop_lines(writer: _Code, groups: Sequence[Group], indices: Sequence[int]) -> Iterator[ListingLine]:
    """A loop over time whose lines tell the groups of every time step."""
    steps = writer.record.time_steps
    times = f"range({steps})"
    first = groups[indices[0]].time
    yield ListingLine(f"for k in {f'reversed({times})' if first == steps - 1 > 0 else times}:")

    def of_all_times(some: tuple[int, ...]) -> tuple[int, ...]:
        told = {(groups[index].kind, groups[index].layer) for index in some}
        return tuple(index for index in indices if (groups[index].kind, groups[index].layer) in told)

    body = [index for index in indices if groups[index].time == first]
    for line in _lines(writer, groups, body):
        yield ListingLine(f"    {line.code}", of_all_times(line.groups), of_all_times(line.opens), line.terms)


def group_expressions(session: Session) -> tuple[str, ...]:
    """For each group of the trace, the expression that holds its numbers as soon as its line has run.

    A variable of the listing, or what the line works out for itself where the document has no variable. In a batch
    the numbers of units are rows, one for each example.
    """
    writer = _Code(voice_of(session))
    return tuple(_expression(writer, group) for group in session.trace.groups)


def _expression(code: _Code, group: Group) -> str:
    kind = group.kind
    if kind is Kind.ERROR and code.record.architecture.sizes[-1] == 1 and not code.is_recurrent:
        kind = Kind.LOSS
    return code.name(kind, group.layer) or _UNNAMED[kind](code, _layer(group))


class _Code:
    """Names and expressions of one voice; lives for one call of a function above."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.record = voice.record
        self.batch = len(voice.record.examples) > 1
        self.is_recurrent = voice.record.architecture.is_recurrent

    def name(self, kind: Kind, layer: int | None = None, step: str = "k") -> str:
        """The variable of a quantity; in a recurrent network its row at a time step, of those that have one."""
        name = self.voice.code(Quantity(kind, layer))
        return f"{name}[{step}]" if name and self.is_recurrent and kind in TIMED else name

    def is_looped(self, group: Group) -> bool:
        """Whether a group is told once for all time steps, in a loop."""
        return self.is_recurrent and group.kind in TIMED

    def source(self, layer: int, step: str = "k") -> str:
        return self.name(Kind.INPUT, None, step) if layer == 0 else self.name(Kind.A, layer - 1, step)

    def activation(self, layer: int) -> str:
        return self.record.architecture.layers[layer].activation

    def function(self, layer: int) -> str:
        return self.voice.notation.functions_code[self.activation(layer)]

    def slope(self, layer: int) -> str:
        """The slope's expression: the document's function of z or of the activation, fed as the convention says."""
        function = self.voice.notation.slopes_code[self.activation(layer)]
        if self.voice.notation.slope_of == "a":
            return f"{function}({self.fed(layer)})"
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        convention = self.record.convention.slope
        if convention == "product_of_z" and self.activation(layer) in ("sigmoid", "tanh"):
            return f"{z} * (1 - {z})" if self.activation(layer) == "sigmoid" else f"(1 - {z}**2)"
        return f"{function}({a if convention == 'derivative_of_a' else z})"

    def fed(self, layer: int) -> str:
        """What a slope written of the activation is fed, as the convention says."""
        z, a = self.name(Kind.Z, layer), self.name(Kind.A, layer)
        twice = f"{self.function(layer)}({a})"
        return {"exact": a, "product_of_z": z, "derivative_of_a": twice}[self.record.convention.slope]

    def carried_back(self, layer: int) -> str:
        """The expression of dE/da of a layer."""
        if layer == self.record.architecture.depth - 1:
            own = self.output_gradient()
        else:
            own = self.sent_back(self.name(Kind.WEIGHT, layer + 1), self.name(Kind.DELTA, layer + 1))
        share = self.through_time(layer)
        return f"{own} + {share}" if share else own

    def through_time(self, layer: int) -> str:
        """What a recurrent layer sends back to itself from the next time step; empty where nothing is."""
        if not (self.record.time_steps > 1 and self.record.goes_back_in_time(layer, 0)):
            return ""
        return self.sent_back(self.name(Kind.WEIGHT_H, layer), self.name(Kind.DELTA, layer, "k + 1"))

    def is_fused(self, layer: int) -> bool:
        """Whether delta of a layer is output minus target: of an output whose loss fits its activation."""
        architecture = self.record.architecture
        pair = (architecture.loss, architecture.layers[layer].activation, self.record.convention.slope)
        return layer == architecture.depth - 1 and is_fused(*pair)

    @property
    def shares_targets(self) -> bool:
        """Whether some targets do not add up to 1."""
        return not np.all(self.record.t.sum(axis=-1) == 1.0)

    def sent_back(self, weights: str, delta: str) -> str:
        """Deltas carried back through a matrix."""
        if not self.voice.units_first:
            return f"{delta} @ {weights}.T"
        return f"{delta} @ {weights}" if self.batch else f"{weights}.T @ {delta}"

    def sent_on(self, weights: str, source: str) -> str:
        """What enters a layer, through a matrix."""
        if not self.voice.units_first:
            return f"{source} @ {weights}"
        return f"{source} @ {weights}.T" if self.batch else f"{weights} @ {source}"

    def output_gradient(self) -> str:
        t, y = self.name(Kind.TARGET), self.name(Kind.A, self.record.architecture.depth - 1)
        down = self.voice.sign < 0
        loss = self.record.architecture.loss
        if loss == "cross_entropy":
            return f"ratio({t}, {y})" if down else f"-ratio({t}, {y})"
        if loss == "binary_cross_entropy":
            won, lost = f"ratio({t}, {y})", f"ratio(1 - {t}, 1 - {y})"
            return f"{won} - {lost}" if down else f"{lost} - {won}"
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        if loss == "half_squared":
            return difference
        factor = "2" if loss == "squared" else f"2 / {self.record.architecture.sizes[-1]}"
        return f"{factor} * ({difference})"


def _z(code: _Code, group: Group) -> list[str]:
    layer = _layer(group)
    total = f"{code.sent_on(code.name(Kind.WEIGHT, layer), code.source(layer))} + {code.name(Kind.BIAS, layer)}"
    if code.record.architecture.layers[layer].recurrent:
        past = code.sent_on(code.name(Kind.WEIGHT_H, layer), code.name(Kind.A, layer, "k - 1"))
        total = f"{total} + ({past} + {code.name(Kind.BIAS_H, layer)})"
    return [f"{code.name(Kind.Z, layer)} = {total}"]


def _layer(group: Group) -> int:
    assert group.layer is not None
    return group.layer


def _a(code: _Code, group: Group) -> list[str]:
    layer = _layer(group)
    z, a = code.name(Kind.Z, layer), code.name(Kind.A, layer)
    if code.activation(layer) == "softmax" and (e := code.name(Kind.EXPONENTIAL, layer)):
        along = "axis=-1, keepdims=True" if code.batch else ""
        return [f"{e} = np.exp({z} - {z}.max({along}))", f"{a} = {e} / {e}.sum({along})"]
    return [f"{a} = {code.function(layer)}({z})"]


def _error(code: _Code, group: Group) -> list[str]:
    if code.record.architecture.sizes[-1] == 1 and not code.is_recurrent:
        return []  # the one output's error is the total, which the next line tells
    return [f"{code.name(Kind.ERROR)} = {_error_expression(code)}"]


def _error_expression(code: _Code) -> str:
    last = code.record.architecture.depth - 1
    t, y = code.name(Kind.TARGET), code.name(Kind.A, last)
    squares, logarithms = ("-", "") if code.voice.tells_reward else ("", "-")
    one, both = _logarithms(code, t, y, code.name(Kind.Z, last))
    return {
        "half_squared": f"{squares}0.5 * ({t} - {y})**2",
        "squared": f"{squares}({t} - {y})**2",
        "mean_squared": f"{squares}({t} - {y})**2 / {code.record.architecture.sizes[-1]}",
        "cross_entropy": f"{logarithms}{one}",
        "binary_cross_entropy": f"-({both})" if logarithms else both,
    }[code.record.architecture.loss]


def _logarithms(code: _Code, t: str, y: str, z: str) -> tuple[str, str]:
    """t ln y, and t ln y + (1 - t) ln(1 - y): of z where the engine takes them so, as y may be rounded to 0 or 1."""
    activation, loss = code.activation(code.record.architecture.depth - 1), code.record.architecture.loss
    if LOSSES[loss].fused == activation:
        return f"{t} * log_softmax({z})", f"{t} * log_sigmoid({z}) + (1 - {t}) * log_sigmoid(-{z})"
    return f"times_log({t}, {y})", f"times_log({t}, {y}) + times_log(1 - {t}, 1 - {y})"


def _loss(code: _Code, group: Group) -> list[str]:
    if code.is_recurrent:
        axes = "axis=(0, 2)" if code.batch else ""
        return [f"{code.name(Kind.LOSS)} = {code.voice.code(Quantity(Kind.ERROR))}.sum({axes})"]
    if code.record.architecture.sizes[-1] == 1:
        return [f"{code.name(Kind.LOSS)} = {_error_expression(code)}"]
    axis = "axis=-1" if code.batch else ""
    return [f"{code.name(Kind.LOSS)} = {code.name(Kind.ERROR)}.sum({axis})"]


def _delta(code: _Code, group: Group) -> list[str]:
    layer = _layer(group)
    name, dE_da, slope = code.name(Kind.DELTA, layer), code.name(Kind.DE_DA, layer), code.name(Kind.SLOPE, layer)
    if code.is_fused(layer):
        return [f"{name} = {_fused_delta(code, layer, slope)}"]
    if code.activation(layer) == "softmax":
        return [f"{name} = softmax_pull_back({code.fed(layer)}, {dE_da or code.carried_back(layer)})"]
    front = dE_da or _grouped(code.carried_back(layer))
    return [f"{name} = {front} * {slope or code.slope(layer)}"]


def _fused_delta(code: _Code, layer: int, slope: str) -> str:
    """Output minus target, and in a recurrent layer what comes back through time."""
    softmax = code.activation(layer) == "softmax"
    t, y = code.name(Kind.TARGET), code.name(Kind.A, layer)
    product = f"{y} * {t}.sum(axis=-1, keepdims=True)" if softmax and code.shares_targets else y
    own = f"{t} - {product}" if code.voice.sign < 0 else f"{product} - {t}"
    share = code.through_time(layer)
    if not share:
        return own
    through = f"softmax_pull_back({y}, {share})" if softmax else f"({share}) * {slope or code.slope(layer)}"
    return f"{own} + {through}"


def _grouped(expression: str) -> str:
    """In parentheses where something else than a product binds it together."""
    loose = any(sign in expression for sign in (" - ", " + ", " @ "))
    return f"({expression})" if loose else expression


def _factor(code: _Code) -> str:
    return f"{code.name(Kind.RATE)} * " if code.voice.tells_change else ""


def _mean(code: _Code) -> str:
    return f" / {len(code.record.examples)}" if code.batch and code.record.rule.reduce == "mean" else ""


def _of_weights(code: _Code, group: Group) -> list[str]:
    layer = _layer(group)
    delta = code.name(Kind.DELTA, layer)
    source = code.name(Kind.A, layer, "k - 1") if group.kind is Kind.DW_H else code.source(layer)
    first, second = (delta, source) if code.voice.units_first else (source, delta)
    product = f"{first}.T @ {second}" if code.batch else f"np.outer({first}, {second})"
    return [f"{code.name(group.kind, layer)} = {_factor(code)}{_over_time(code, product)}{_mean(code)}"]


def _of_biases(code: _Code, group: Group) -> list[str]:
    layer = _layer(group)
    delta = code.name(Kind.DELTA, layer)
    total = f"{delta}.sum(axis=0)" if code.batch else delta
    return [f"{code.name(group.kind, layer)} = {_factor(code)}{_over_time(code, total)}{_mean(code)}"]


def _over_time(code: _Code, term: str) -> str:
    return f"sum({term} for k in range({code.record.time_steps}))" if code.is_recurrent else term


def _derivative(code: _Code, group: Group) -> list[str]:
    name = code.name(group.kind, group.layer)
    return [f"{name} = {_UNNAMED[group.kind](code, _layer(group))}"] if name else []


def _updated(code: _Code, group: Group) -> list[str]:
    kinds = PARAMETER_OF[group.kind]
    name, gradient = code.name(kinds.held, group.layer), code.name(kinds.gradient, group.layer)
    if is_frozen(code.record.convention, kinds.name, _layer(group)):
        return [f"{name} = {name}  # frozen"]
    sign = code.voice.update_sign
    if code.voice.tells_change:
        return [f"{name} = {name} {sign} {gradient}"]
    before, change = _change(code, name, gradient)
    return [*before, f"{name} = {name} {sign} {code.name(Kind.RATE)} * {change}"]


def _digits(value: float) -> str:
    """A constant in as few digits as hold all but its last bits: 0.01 for 1 - 0.99, which is a little more."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 17))
    return next((text for text in texts if abs(float(text) - value) <= 2e-15 * abs(value)), repr(value))


def _change(code: _Code, name: str, gradient: str) -> tuple[list[str], str]:
    """The statements that bring an optimizer's memory up to date, and what the rate is multiplied by."""
    rates, count = code.record.rule.rates, code.record.count
    depth = code.record.architecture.depth

    def memory(kind: str) -> str:
        return f"{code.voice.notation.code_name(kind, None, depth)}_{name}"

    optimizer = code.record.rule.optimizer
    if optimizer == "momentum":
        v = memory("velocity")
        return [f"{v} = {_digits(rates.momentum)} * {v} + {gradient}"], v
    if optimizer == "rmsprop":
        s = memory("mean_square")
        squares = f"{s} = {_digits(rates.alpha)} * {s} + {_digits(1 - rates.alpha)} * {gradient}**2"
        return [squares], f"{gradient} / (np.sqrt({s}) + {_digits(rates.eps)})"
    if optimizer == "adam":
        m, v = memory("first_moment"), memory("second_moment")
        held = [
            f"{m} = {_digits(rates.beta1)} * {m} + {_digits(1 - rates.beta1)} * {gradient}",
            f"{v} = {_digits(rates.beta2)} * {v} + {_digits(1 - rates.beta2)} * {gradient}**2",
        ]
        first, second = f"{m} / (1 - {_digits(rates.beta1)}**{count})", f"{v} / (1 - {_digits(rates.beta2)}**{count})"
        return held, f"({first}) / (np.sqrt({second}) + {_digits(rates.eps)})"
    return [], gradient


# What a document may have no variable for: the expression, by the group's layer.
_UNNAMED: dict[Kind, Callable[[_Code, int], str]] = {
    Kind.DE_DA: _Code.carried_back,
    Kind.SLOPE: _Code.slope,
    Kind.DZ_DW: _Code.source,
    Kind.DZ_DB: lambda code, layer: "1",
    Kind.DZ_DA: lambda code, layer: code.name(Kind.WEIGHT, layer),
}
# Of a group that needs two statements, the terms that the first one computes.
_OPENED = {Kind.A: (Kind.EXPONENTIAL,)}

_STATEMENTS: dict[Kind, Callable[[_Code, Group], list[str]]] = {
    Kind.Z: _z,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA: _derivative,
    Kind.SLOPE: _derivative,
    Kind.DELTA: _delta,
    Kind.DZ_DW: _derivative,
    Kind.DW: _of_weights,
    Kind.DZ_DB: _derivative,
    Kind.DB: _of_biases,
    Kind.DW_H: _of_weights,
    Kind.DB_H: _of_biases,
    Kind.DZ_DA: _derivative,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.W_H_NEW: _updated,
    Kind.B_H_NEW: _updated,
}
