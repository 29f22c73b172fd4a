"""How often the finder names a slip: one random term of one random step of a random network is broken, by kind.

Each page has up to ten numbers: two that are right, then those of the broken step, then some that follow from it.
"named": the finder calls the slip by its name, at its layer. "placed": it gives the first wrong number. "same": another
slip that makes the very same numbers of the page. "wrong": it says something else. "chance": numbers that are nobody's,
and how often an explanation is offered for them.

    python tests/benchmarks/bench_slips.py [ROUNDS] [DECIMALS] [KIND …]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from nnviz.debugger.finder.pass_program import Node, PassProgram, StepEdit, program_of
from nnviz.debugger.finder.results import Result
from nnviz.debugger.finder.search import find
from nnviz.debugger.finder.slip_passes import read_slip
from nnviz.debugger.state.found import CARRIED, SLIP
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.loader import parse_lesson
from nnviz.tracing.steps import NEW_KINDS, Kind, Quantity

MOST = 10
WEIGHT_GRADIENTS, NEW = (Kind.DW,), tuple(NEW_KINDS)
ENTERING, WEIGHTS = (Kind.INPUT, Kind.A), (Kind.WEIGHT, Kind.W_NEW)

# The numbers of the operands of a step, changed; None if the slip cannot happen there.
Change = Callable[[PassProgram, Node, list[float]], list[float] | None]


@dataclass(frozen=True)
class Slip:
    """A slip to try: the kinds of its steps, the change, the names that the finder may give it, and where it happens.

    `at` is "layer" (every unit of one layer) or "unit" (one unit alone). `result` changes the result instead.
    """

    kinds: tuple[Kind, ...]
    names: frozenset[str]
    change: Change | None = None
    result: Callable[[PassProgram, Node, float], float] | None = None
    at: str = "layer"


def replaced(kinds: Sequence[Kind], value: Callable[[PassProgram, Node, int, list[float]], float | None]) -> Change:
    def change(program: PassProgram, node: Node, values: list[float]) -> list[float] | None:
        new = list(values)
        for place, part in enumerate(node.operands):
            if part.kind in kinds:
                other = value(program, node, place, values)
                if other is None:
                    return None
                new[place] = other
        return new if new != list(values) else None

    return change


def at_pair(at: int, change: Callable[[float, float], tuple[float, float]]) -> Change:
    def of_pair(program: PassProgram, node: Node, values: list[float]) -> list[float] | None:
        first = 2 * at + 2 * (node.operands[0].kind is Kind.TARGET)
        if first + 3 >= len(values):
            return None
        new = list(values)
        new[first : first + 2] = change(values[first], values[first + 1])
        return new

    return of_pair


def value(program: PassProgram, kind: Kind, layer: int | None, unit: int | None, source: int | None = None) -> float:
    quantity = Quantity(kind, layer, unit, source)
    return float(program.recorded(quantity))


def swapped(program: PassProgram, node: Node, values: list[float]) -> list[float] | None:
    start = 2 * (node.operands[0].kind is Kind.TARGET)
    if len(values) < start + 4:
        return None
    new = list(values)
    new[start], new[start + 2] = values[start + 2], values[start]
    return new


def turned(program: PassProgram, node: Node, place: int, values: list[float]) -> float | None:
    part, sizes = node.operands[place], program.record.architecture.sizes
    if part.layer is None or sizes[part.layer] != sizes[part.layer + 1]:
        return None
    return value(program, part.kind, part.layer, part.source, part.unit)


def own_weight(program: PassProgram, node: Node, place: int, values: list[float]) -> float:
    q = node.quantity
    return value(program, Kind.WEIGHT, q.layer, q.unit, q.source)


def own_output(program: PassProgram, node: Node, place: int, values: list[float]) -> float:
    return program.recorded(
        Quantity(Kind.A, node.quantity.layer, node.quantity.unit, None, 0, node.operands[place].example)
    )


def of_kind(kind: Kind) -> Callable[[PassProgram, Node, int, list[float]], float | None]:
    def other(program: PassProgram, node: Node, place: int, values: list[float]) -> float | None:
        part = node.operands[place]
        if part.kind is not Kind.A and kind is Kind.Z:
            return None
        return program.recorded(Quantity(kind, part.layer, part.unit, None, 0, part.example))

    return other


def constant(number: float) -> Callable[[PassProgram, Node, int, list[float]], float]:
    return lambda program, node, place, values: number


def operand(place: int, number: Callable[[list[float]], float]) -> Change:
    def change(program: PassProgram, node: Node, values: list[float]) -> list[float] | None:
        if len(values) <= place:
            return None
        new = list(values)
        new[place] = number(values)
        return new if new != list(values) else None

    return change


def derivative(name: str) -> Callable[[PassProgram, Node, float], float]:
    def slope(program: PassProgram, node: Node, before: float) -> float:
        q = node.quantity
        a, z = (program.recorded(Quantity(kind, q.layer, q.unit, None, 0, q.example)) for kind in (Kind.A, Kind.Z))
        return {"sigmoid": a * (1 - a), "tanh": 1 - a * a, "relu": float(z > 0), "a": a, "1 - a": 1 - a}[name]

    return slope


def names(*each: str) -> frozenset[str]:
    return frozenset(each)


def scaled(factor: float) -> Callable[[PassProgram, Node, float], float]:
    return lambda program, node, before: factor * before


SIGN = ("sign", "minus", "step", "uphill")
SLIPS: dict[str, Slip] = {
    "product left out of z": Slip((Kind.Z,), names("term_out"), at_pair(0, lambda w, x: (0.0, 0.0)), at="unit"),
    "product subtracted in z": Slip((Kind.Z,), names("term_minus"), at_pair(1, lambda w, x: (-w, x)), at="unit"),
    "operands of z exchanged": Slip((Kind.Z,), names("exchanged"), swapped, at="unit"),
    "bias left out, layer": Slip((Kind.Z,), names("bias_out", "bias"), replaced((Kind.BIAS,), constant(0.0))),
    "bias left out, unit": Slip((Kind.Z,), names("bias_out"), replaced((Kind.BIAS,), constant(0.0)), at="unit"),
    "bias subtracted": Slip(
        (Kind.Z,), names("bias_minus", "bias"), replaced((Kind.BIAS,), lambda p, n, place, v: -v[place])
    ),
    "inputs left out": Slip((Kind.Z,), names("inputs_out"), replaced(ENTERING, constant(0.0))),
    "weights transposed forward": Slip((Kind.Z,), names("forward_transposed", "transposed"), replaced(WEIGHTS, turned)),
    "z for a in the next sum": Slip((Kind.Z,), names("z_for_a", "activation_out"), replaced(ENTERING, of_kind(Kind.Z))),
    "weight for input, w·w": Slip(
        (Kind.Z,), names("weight_for_input"), replaced(ENTERING, lambda p, n, place, v: v[place - 1])
    ),
    "input for weight, x·x": Slip(
        (Kind.Z,), names("input_for_weight"), replaced(WEIGHTS, lambda p, n, place, v: v[place + 1])
    ),
    "activation left out": Slip(
        (Kind.A,),
        names("activation_out", "activation", "z_for_a"),
        result=lambda p, n, before: p.given[p.index[n.quantity]][0],
    ),
    "activation left out, unit": Slip(
        (Kind.A,), names("activation_out"), result=lambda p, n, before: p.given[p.index[n.quantity]][0], at="unit"
    ),
    "tanh for the activation": Slip(
        (Kind.A,),
        names("other_activation"),
        result=lambda p, n, before: float(np.tanh(p.given[p.index[n.quantity]][0])),
    ),
    "derivative left out, layer": Slip((Kind.DELTA,), names("slope_out", "loss"), operand(1, lambda v: 1.0)),
    "derivative left out, unit": Slip((Kind.DELTA,), names("slope_out"), operand(1, lambda v: 1.0), at="unit"),
    "error left out of delta": Slip((Kind.DELTA,), names("error_out"), operand(0, lambda v: 1.0)),
    "sigmoid's derivative": Slip((Kind.SLOPE,), names("other_slope"), result=derivative("sigmoid")),
    "tanh's derivative, unit": Slip((Kind.SLOPE,), names("other_slope"), result=derivative("tanh"), at="unit"),
    "a for the derivative": Slip((Kind.SLOPE,), names("slope_a"), result=derivative("a")),
    "1 - a for the derivative": Slip((Kind.SLOPE,), names("slope_1_a"), result=derivative("1 - a")),
    "weights transposed back": Slip((Kind.DE_DA,), names("back_transposed", "exchanged"), replaced(WEIGHTS, turned)),
    "hidden error unweighted": Slip((Kind.DE_DA,), names("back_unweighted"), replaced(WEIGHTS, constant(1.0))),
    "hidden error from raw error": Slip((Kind.DE_DA,), names("back_raw"), replaced((Kind.DELTA,), of_kind(Kind.DE_DA))),
    "product left out on the way back": Slip(
        (Kind.DE_DA,), names("term_out"), at_pair(0, lambda w, d: (0.0, 0.0)), at="unit"
    ),
    "operands exchanged on the way back": Slip(
        (Kind.DE_DA,), names("exchanged", "back_transposed"), swapped, at="unit"
    ),
    "error's sign": Slip((Kind.DE_DA,), names(*SIGN), result=scaled(-1.0)),
    "delta's sign, unit": Slip((Kind.DELTA,), names("minus"), result=scaled(-1.0), at="unit"),
    "error twice": Slip((Kind.DE_DA,), names("factor", "loss"), result=scaled(2.0)),
    "delta ten times": Slip((Kind.DELTA,), names("factor"), result=scaled(10.0)),
    "gradient half": Slip((Kind.DW, Kind.DB), names("factor", "step_factor"), result=scaled(0.5)),
    "gradient without its input": Slip(WEIGHT_GRADIENTS, names("input_out"), replaced(ENTERING, constant(1.0))),
    "gradient with the weight": Slip(WEIGHT_GRADIENTS, names("gradient_weight"), replaced(ENTERING, own_weight)),
    "gradient with its own output": Slip(WEIGHT_GRADIENTS, names("gradient_output"), replaced(ENTERING, own_output)),
    "gradient with z": Slip(WEIGHT_GRADIENTS, names("gradient_z"), replaced((Kind.A,), of_kind(Kind.Z))),
    "gradient of the raw error": Slip(
        WEIGHT_GRADIENTS, names("gradient_raw"), replaced((Kind.DELTA,), of_kind(Kind.DE_DA))
    ),
    "update added": Slip(NEW, names(*SIGN), result=lambda p, n, before: 2.0 * p.given[p.index[n.quantity]][0] - before),
    "learning rate left out": Slip(NEW, names("rate_out", "rate"), operand(1, lambda v: 1.0)),
    "step ten times": Slip(NEW, names("step_factor", "rate"), operand(1, lambda v: 10.0 * v[1])),
    "momentum with 1 - beta": Slip(
        (Kind.MOVING,),
        names("damped"),
        result=lambda p, n, before: 0.9 * p.given[p.index[n.quantity]][0] + 0.1 * p.given[p.index[n.quantity]][1],
    ),
    "weight decay 0.01": Slip((Kind.W_NEW,), names("decay"), operand(2, lambda v: v[2] + 0.01 * v[0])),
    "any number wrong, carried on": Slip(
        (Kind.Z, Kind.A, Kind.DE_DA, Kind.DELTA),
        names("placed"),
        result=lambda p, n, before: round(before * 1.17 + 0.013, 4),
        at="unit",
    ),
}


def random_session(rng: np.random.Generator) -> Session:
    """A session of a random network: one to three layers, several losses, one to three examples."""
    depth, size = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    sizes = [size] + [int(rng.choice((size, size, int(rng.integers(1, 4))))) for _ in range(depth)]
    losses = (("half_squared", ""), ("squared", ""), ("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid"))
    loss, last = losses[int(rng.choice(4, p=(0.6, 0.1, 0.15, 0.15)))]
    hidden = [
        str(rng.choice(("sigmoid", "tanh", "relu", "softplus"), p=(0.5, 0.3, 0.1, 0.1))) for _ in range(depth - 1)
    ]
    activations = [*hidden, last or str(rng.choice(("sigmoid", "tanh", "linear")))]
    if last == "softmax" and sizes[-1] < 2:
        sizes[-1] = 2
    layers = ""
    for layer, activation in enumerate(activations):
        weights = np.round(rng.uniform(-1.2, 1.2, (sizes[layer], sizes[layer + 1])), 2)
        bias = np.round(rng.uniform(0.1, 0.9, sizes[layer + 1]) * rng.choice((-1, 1), sizes[layer + 1]), 2)
        layers += f'[[network.layers]]\nunits = {sizes[layer + 1]}\nactivation = "{activation}"\n'
        layers += f"W = {weights.tolist()}\nb = {bias.tolist()}\n"
    examples = int(rng.choice((1, 1, 2, 3)))
    x = np.round(rng.uniform(-1.5, 1.5, (examples, size)), 2).tolist()
    t = (
        np.eye(sizes[-1])[rng.integers(0, sizes[-1], examples)]
        if last
        else np.round(rng.random((examples, sizes[-1])), 1)
    )
    if last == "sigmoid":
        t = rng.integers(0, 2, (examples, sizes[-1]))
    optimizer = 'optimizer = "momentum"\nmomentum = 0.9\n' if rng.random() < 0.2 else ""
    after = 'update_after = "batch"\n' if rng.random() < 0.5 else ""
    text = (
        f'format = 1\ntitle = "random"\n[network]\ninputs = {size}\nloss = "{loss}"\n{layers}'
        f"[data]\ninputs = {x}\ntargets = {t.tolist()}\n[training]\nlearning_rate = 0.3\n{optimizer}{after}"
    )
    update = int(rng.choice((0, 0, 2))) if not optimizer else 2
    return start_session(parse_lesson(text, "random.toml"), example=int(rng.integers(0, examples)), update=update)


def broken(rng: np.random.Generator, slip: Slip) -> tuple[Session, PassProgram, dict[int, StepEdit]]:
    """A random pass in which the slip can happen, and the edits of its steps."""
    for _ in range(200):
        session = random_session(rng)
        program = program_of(session.record)
        assert program is not None
        fitting: dict[object, dict[int, StepEdit]] = {}
        for place, node in enumerate(program.nodes):
            edit = edit_of(program, node, slip) if node.quantity.kind in slip.kinds else None
            if edit is not None:
                q = node.quantity
                fitting.setdefault((q.layer, q.unit if slip.at == "unit" else None), {})[place] = edit
        groups = [edits for edits in fitting.values() if len(program.changed(edits)) >= 2]
        if groups:
            return session, program, groups[int(rng.integers(len(groups)))]
    raise AssertionError("no pass")


def edit_of(program: PassProgram, node: Node, slip: Slip) -> StepEdit | None:
    change, result = slip.change, slip.result
    if result is not None:
        if node.quantity.kind is Kind.MOVING and node.quantity.slot:
            return None
        if node.quantity.kind in NEW and len(node.parts) < 2:
            return None
        if (
            node.quantity.kind in (Kind.SLOPE, Kind.A)
            and abs(result(program, node, 0.0) - program.recorded(node.quantity)) < 1e-9
        ):
            return None
        return lambda look, at, values: result(program, at, at.compute(values))
    assert change is not None
    if change(program, node, list(program.given[program.index[node.quantity]])) is None:
        return None
    if node.quantity.kind is Kind.DELTA and Kind.SLOPE not in [part.kind for part in node.operands]:
        return None
    return lambda look, at, values: at.compute(change(program, at, list(values)) or values)


def page_of(program: PassProgram, edits: dict[int, StepEdit], session: Session) -> list[float]:
    """The numbers of a page in which the slip was made: two right ones, the broken step's, and some that follow."""
    wrong = program.changed(edits)
    form = session.form.factor_in
    own = [place for place, node in enumerate(program.nodes) if node.quantity.example is None]
    right = [place for place in own if place not in wrong and program.nodes[place].quantity.kind in (Kind.Z, Kind.A)][
        :2
    ]
    where = [place for place in own if place in edits and place in wrong][:2]
    follow: list[int] = []
    seen: Counter[object] = Counter()
    for place in own:
        quantity = program.nodes[place].quantity
        if place in wrong and place not in where and seen[quantity.kind, quantity.layer] < 2:
            seen[quantity.kind, quantity.layer] += 1
            follow.append(place)
    room = MOST - len(right) - len(where)
    spread = sorted({round(at) for at in np.linspace(0, len(follow) - 1, room)}) if follow else []
    places = [*right, *where, *(follow[at] for at in spread)]
    return [
        form(program.record, program.nodes[place].quantity) * wrong.get(place, program.values[place])
        for place in places
    ]


@dataclass
class Tally:
    """What came of the tries of one kind."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def verdict(result: Result, slip: Slip, program: PassProgram, edits: dict[int, StepEdit]) -> tuple[str, str]:
    """What the finder says of a page, judged."""
    changes = [] if result.joint is None else list(result.joint.changes)
    said = ", ".join(f"{change.name} {change.value}" for change in changes)
    own = [program.nodes[place].quantity for place in edits]
    layers = {q.layer for q in own}
    for change in changes:
        if change.name == CARRIED:
            at = read_slip(change.value)
            is_there = any((at.kind, at.layer, at.unit) == (q.kind, q.layer, q.unit) for q in own)
            return ("placed" if is_there else "wrong"), said
        if change.name == SLIP:
            at = read_slip(change.value)
            is_there = at.layer is None or at.layer in layers or at.kind is Kind.A
            return ("named" if at.name in slip.names and is_there else "wrong"), said
        if change.name in slip.names:
            return "named", said
    return ("wrong" if changes else "missed"), said


def attempts(rounds: int, decimals: int, kinds: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    rng = np.random.default_rng(12)
    for _ in range(rounds):
        for kind in kinds:
            slip = SLIPS[kind]
            session, program, edits = broken(rng, slip)
            numbers = " ".join(f"{number:.{decimals}f}" for number in page_of(program, edits, session))
            start = process_time()
            result = find(session, numbers)
            seconds = process_time() - start
            found, said = verdict(result, slip, program, edits)
            if found == "wrong" and result.joint is not None and len(result.joint.explained) == len(result.answers):
                found = "same"
            if found in ("same", "wrong", "missed"):
                sizes, q = program.record.architecture.sizes, program.nodes[min(edits)].quantity
                print(f"  {kind}: {found} {said} | {q.kind} {q.layer},{q.unit} of {sizes}: {numbers}", file=sys.stderr)
            yield kind, found, seconds
    for digits in (3, 4, 5, 6) if len(kinds) in (0, len(SLIPS)) else ():
        for _ in range(max(rounds, 3)):
            session = random_session(rng)
            for count in (1, 3):
                numbers = " ".join(f"{number:.{digits}f}" for number in rng.uniform(0.1, 1.0, count))
                start = process_time()
                result = find(session, numbers)
                is_claimed = result.joint is not None and bool(result.joint.changes)
                best = [answer.found[0] for answer in result.answers if answer.found]
                is_claimed |= any(each.certainty != "chance" and (each.changes or each.miss) for each in best)
                if is_claimed:
                    said = [(each.certainty, each.changes, each.miss, round(each.margin, 1)) for each in best]
                    print(f"  chance: {numbers} | {result.joint and result.joint.changes} {said}", file=sys.stderr)
                yield f"chance, {count} of {digits} digits", "wrong" if is_claimed else "missed", process_time() - start


def main() -> None:
    rounds, decimals = (int(word) for word in [*sys.argv[1:3], "3", "6"][:2]) if len(sys.argv) > 2 else (3, 6)
    kinds = [kind for kind in SLIPS if not sys.argv[3:] or any(word in kind for word in sys.argv[3:])]
    tallies: dict[str, Tally] = {}
    for kind, found, seconds in attempts(rounds, decimals, kinds):
        tally = tallies.setdefault(kind, Tally())
        tally.counts[found] += 1
        tally.seconds.append(seconds)
    words = ("named", "placed", "same", "wrong", "missed")
    print(f"{'slip':36}{'tried':>7}" + "".join(f"{word:>8}" for word in words) + f"{'most s':>8}")
    total: Counter[str] = Counter()
    for kind, tally in tallies.items():
        total.update(tally.counts if not kind.startswith("chance") else {})
        counts = "".join(f"{tally.counts[word]:8}" for word in words)
        print(f"{kind:36}{len(tally.seconds):7}{counts}{max(tally.seconds):8.2f}")
    tried = sum(total.values())
    right = total["named"] + total["placed"] + total["same"]
    print(f"named {total['named']}, named, placed or the same numbers {right} of {tried}")


if __name__ == "__main__":
    main()
