"""The passes that one slip makes of a pass: where it happened, what it cost, and every number that follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnviz.debugger.finder.pass_program import PassProgram, StepEdit, programs_of
from nnviz.debugger.finder.slip_rules import SlipRule, rules_of
from nnviz.debugger.state.found import SLIP, PassChange
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import Kind

WORK = 40_000  # numbers that are recomputed at most, in a pass or in all others together
SCANNED = 0.1  # of the work of recomputing a number: to see that it need not be
SINGLE_COST = 1.4  # of a slip at one unit only
EVERYWHERE_COST = 0.4  # of a slip in every layer
CARRIED_COST = 6.0


@dataclass
class Work:
    """How many numbers may still be recomputed. Mutable: it is used up."""

    left: float = WORK


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


@dataclass(frozen=True, eq=False)
class SlippedProgram:
    """A program with the passes that slips make of it, and the work that is left after them."""

    program: PassProgram
    passes: tuple[SlipPass, ...]
    left: float


def slipped_programs(record: PassRecord) -> Iterator[SlippedProgram]:
    """Yield the programs of a pass with their slips."""
    for program in programs_of(record):
        work = Work()
        passes = tuple(slip_passes(program, work))
        yield SlippedProgram(program, passes, work.left)


def slip_passes(program: PassProgram, work: Work) -> Iterator[SlipPass]:
    """Yield the numbers that each slip makes, the likeliest slips first, until the work is used up."""
    by_kind: dict[Kind, list[int]] = {}
    for place, node in enumerate(program.nodes):
        by_kind.setdefault(node.quantity.kind, []).append(place)
    slips = [entry for rule in rules_of(program) for entry in _places(program, rule, by_kind)]
    for slip, edits in sorted(slips, key=lambda entry: entry[0].cost):
        if work.left <= 0:
            return
        found = program.changed(edits)
        work.left -= len(found) + SCANNED * (len(program.nodes) - min(edits))
        if found:
            yield SlipPass(slip, found)


def _places(
    program: PassProgram, rule: SlipRule, by_kind: dict[Kind, list[int]]
) -> Iterator[tuple[SlipName, dict[int, StepEdit]]]:
    """Yield where a slip can happen: in one layer or in all, and, if the rule says so, at one unit."""
    fitting: dict[int, StepEdit] = {}
    for place in (place for kind in rule.kinds for place in by_kind.get(kind, ())):
        node = program.nodes[place]
        # The same step of another example comes after that of the stepped one.
        edit = rule.fit(program, node) if node.own is node.quantity else fitting.get(program.index[node.own])
        if edit is not None:
            fitting[place] = edit
    layers: dict[tuple[Kind, int | None], dict[int, StepEdit]] = {}
    for place, edit in fitting.items():
        quantity = program.nodes[place].quantity
        kind = rule.kinds[0] if len(rule.kinds) > 1 else quantity.kind
        layers.setdefault((kind, quantity.layer), {})[place] = edit
    if rule.everywhere and len(layers) > 1:
        cost = rule.cost + EVERYWHERE_COST
        yield SlipName(name=rule.name, kind=rule.kinds[0], detail=rule.detail, cost=cost), fitting
    for (kind, layer), edits in layers.items():
        yield SlipName(name=rule.name, kind=kind, layer=layer, detail=rule.detail, cost=rule.cost), edits
        units: dict[int | None, dict[int, StepEdit]] = {}
        for place, edit in edits.items() if rule.single else ():
            units.setdefault(program.nodes[place].quantity.unit, {})[place] = edit
        for unit, own in units.items() if len(units) > 1 else ():
            cost = rule.cost + SINGLE_COST
            yield SlipName(name=rule.name, kind=kind, layer=layer, unit=unit, detail=rule.detail, cost=cost), own
