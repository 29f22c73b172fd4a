"""The passes that one slip makes of a pass: where it happened, what it cost, and every number that follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnviz.debugger.finder.pass_program import PassProgram, StepEdit
from nnviz.debugger.finder.slip_rules import SlipRule, rules_of
from nnviz.debugger.state.found import PassChange
from nnviz.tracing.steps import Kind

SLIP, CARRIED = "slip", "carried"
WORK = 25_000  # numbers that are recomputed at most
SINGLE_COST = 1.4  # of a slip at one unit only
EVERYWHERE_COST = 0.4  # of a slip in every layer
CARRIED_COST = 7.0
SINGLE_NODES = 400


@dataclass(frozen=True, kw_only=True)
class SlipName:
    """A slip as the value of a PassChange: its name, its step (None: every layer or unit), and a detail."""

    name: str
    kind: Kind
    layer: int | None = None
    unit: int | None = None
    detail: str = ""
    cost: float = 4.0

    @property
    def text(self) -> str:
        """The one-line form, which `read_slip` reads."""
        places = ("" if place is None else str(place) for place in (self.layer, self.unit))
        return "|".join((self.name, self.kind.value, *places, self.detail, f"{self.cost:.2f}"))

    @property
    def change(self) -> PassChange:
        """The slip as a change of the pass."""
        return PassChange(SLIP, self.text)


def read_slip(text: str) -> SlipName:
    """Read the value of a PassChange that is a slip."""
    name, kind, layer, unit, detail, cost = text.split("|")
    return SlipName(
        name=name,
        kind=Kind(kind),
        layer=int(layer) if layer else None,
        unit=int(unit) if unit else None,
        detail=detail,
        cost=float(cost),
    )


@dataclass(frozen=True, eq=False)
class SlipPass:
    """The numbers that differ after a slip, by their place in the program."""

    slip: SlipName
    values: dict[int, float]


def slip_passes(program: PassProgram) -> Iterator[SlipPass]:
    """Yield the numbers that each slip makes, the slips of whole layers first."""
    work = WORK
    by_kind: dict[Kind, list[int]] = {}
    for place, node in enumerate(program.nodes):
        by_kind.setdefault(node.quantity.kind, []).append(place)
    rules = list(rules_of(program))
    for is_single in (False, True):
        if is_single and len(program.nodes) > SINGLE_NODES:
            return
        for rule in rules:
            for slip, edits in _places(program, rule, by_kind, is_single=is_single):
                found = program.changed(edits)
                work -= len(program.nodes) - min(edits)
                if found:
                    yield SlipPass(slip, found)
                if work < 0:
                    return


def _places(
    program: PassProgram, rule: SlipRule, by_kind: dict[Kind, list[int]], *, is_single: bool
) -> Iterator[tuple[SlipName, dict[int, StepEdit]]]:
    """Yield where a slip can happen: in one layer or in all, or, if asked for, at one unit."""
    fitting: dict[int, StepEdit] = {}
    for kind in rule.kinds:
        for place in by_kind.get(kind, ()):
            edit = rule.fit(program, program.nodes[place])
            if edit is not None:
                fitting[place] = edit
    layers: dict[tuple[Kind, int | None], dict[int, StepEdit]] = {}
    for place, edit in fitting.items():
        quantity = program.nodes[place].quantity
        kind = rule.kinds[0] if len(rule.kinds) > 1 else quantity.kind
        layers.setdefault((kind, quantity.layer), {})[place] = edit
    if not is_single:
        if rule.everywhere and len(layers) > 1:
            cost = rule.cost + EVERYWHERE_COST
            yield SlipName(name=rule.name, kind=rule.kinds[0], detail=rule.detail, cost=cost), fitting
        for (kind, layer), edits in layers.items():
            yield SlipName(name=rule.name, kind=kind, layer=layer, detail=rule.detail, cost=rule.cost), edits
        return
    for (kind, layer), edits in layers.items() if rule.single else ():
        units: dict[int | None, dict[int, StepEdit]] = {}
        for place, edit in edits.items():
            units.setdefault(program.nodes[place].quantity.unit, {})[place] = edit
        if len(units) > 1:
            for unit, own in units.items():
                cost = rule.cost + SINGLE_COST
                yield SlipName(name=rule.name, kind=kind, layer=layer, unit=unit, detail=rule.detail, cost=cost), own


def carried_passes(program: PassProgram, place: int, values: Sequence[float]) -> Iterator[dict[int, float]]:
    """Yield the numbers that follow if one number of the pass is taken to be another."""
    for value in values:
        yield program.changed({place: _fixed(value)})


def _fixed(value: float) -> StepEdit:
    return lambda look, node, values: value
