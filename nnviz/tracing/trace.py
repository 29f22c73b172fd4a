"""A pass as steps: a lazy sequence at every grain, with its length and items found by arithmetic."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import overload

from nnviz.engine.record import PassRecord
from nnviz.tracing.groups import Group, contribution_at, groups_of, term_counts
from nnviz.tracing.steps import PARAMETER_OF, PASS_KINDS, Grain, Kind, Phase, Quantity, Step

# Terms that are operands of later steps, and the kind of the group that contains each.
_GROUP_OF_TERM = {Kind.EXPONENTIAL: Kind.A, Kind.EXPONENTIAL_SUM: Kind.A, Kind.DELTA_TERM: Kind.DELTA}


class Trace:
    """The steps of one pass record at all grains; they are computed only on access.

    A *position* is the number of known steps of grain term, from 0 to `end`. The steps of coarser grains end at some of
    these positions, so a position is the same place at every grain.
    """

    def __init__(self, record: PassRecord, chain_rule: bool = False) -> None:
        self.record = record
        self.chain_rule = chain_rule
        self.groups: tuple[Group, ...] = groups_of(record, chain_rule)
        self._neuron_ends = list(accumulate(group.items for group in self.groups))
        self._ends = list(accumulate(group.length for group in self.groups))
        self._places = {(g.kind, g.layer, g.time): i for i, g in enumerate(self.groups)}
        runs = groupby(range(len(self.groups)), key=lambda i: self.groups[i].phase)
        self._phase_lasts = [list(indices)[-1] for _, indices in runs]

    @property
    def end(self) -> int:
        """The last position, at which every step is known."""
        return self._ends[-1]

    def at(self, grain: Grain) -> StepSequence:
        """Return the steps of one grain as a sequence."""
        return StepSequence(self, grain)

    def length(self, grain: Grain) -> int:
        """Return the number of steps of a grain."""
        counts = (len(self._phase_lasts), len(self.groups), self._neuron_ends[-1], self._ends[-1])
        return counts[grain]

    def step(self, grain: Grain, index: int) -> Step:
        """Return the step of a grain by its index, from 0. Raises IndexError."""
        if not 0 <= index < self.length(grain):
            raise IndexError(f"step {index} of {self.length(grain)}")
        if grain is Grain.PASS:
            return self._phase_step(index)
        if grain is Grain.LAYER:
            group = self.groups[index]
            quantity = Quantity(group.kind, group.layer, time=group.time)
            return Step(index, grain, group.phase, quantity, self._start(index), self._ends[index])
        if grain is Grain.NEURON:
            place = bisect_right(self._neuron_ends, index)
            item = index - (self._neuron_ends[place] - self.groups[place].items)
            return self._item_step(index, place, item)
        place = bisect_right(self._ends, index)
        item, term = self.groups[place].split(index - self._start(place))
        quantity = self._item_quantity(self.groups[place], item)
        if term < self.groups[place].terms_of(item):
            quantity = self._term_quantity(quantity, term)
        return Step(index, grain, self.groups[place].phase, quantity, index, index + 1)

    def count(self, grain: Grain, position: int) -> int:
        """Return how many steps of a grain are completely known at a position."""
        if grain is Grain.TERM:
            return position
        place = bisect_right(self._ends, position)
        if grain is Grain.PASS:
            return bisect_left(self._phase_lasts, place)
        if grain is Grain.LAYER:
            return place
        if place == len(self.groups):
            return self._neuron_ends[-1]
        group = self.groups[place]
        return self._neuron_ends[place] - group.items + group.split(position - self._start(place))[0]

    def current(self, grain: Grain, position: int) -> Step | None:
        """Return the step that ends at a position, of this grain or else of the next finer one; None at the start."""
        if position <= 0:
            return None
        for candidate in Grain:
            if candidate >= grain:
                index = self.count(candidate, position) - 1
                if index >= 0:
                    step = self.step(candidate, index)
                    if step.end == position:
                        return step
        raise AssertionError("every position ends a step of grain term")

    def enclosing(self, grain: Grain, position: int) -> Step:
        """Return the step of a grain that contains the step of grain term ending at a position (>= 1)."""
        return self.step(grain, self.count(grain, position - 1))

    def known(self, kind: Kind, layer: int | None, position: int, time: int = 0) -> int:
        """Return how many cells of a vector or matrix are known at a position; 0 if it is not in the trace.

        Cells go unit by unit. Those of missing connections are known with the item before them.
        """
        place = self._places.get((kind, layer, time))
        if place is None:
            return 0
        group = self.groups[place]
        offset = min(max(position - self._start(place), 0), group.length)
        return group.cells_before(group.split(offset)[0])

    def is_known(self, quantity: Quantity, position: int) -> bool:
        """Return whether a quantity, one item or a whole group, is known at a position."""
        end = self.find(quantity)
        return end is not None and end <= position

    def find(self, quantity: Quantity) -> int | None:
        """Return the position at which a quantity becomes known, or None if it is not in the trace."""
        if quantity.kind in _GROUP_OF_TERM:
            return self._find_term(quantity)
        place = self._places.get((quantity.kind, quantity.layer, quantity.time))
        if place is None:
            return None
        group = self.groups[place]
        if quantity.unit is None and quantity.source is None:
            return self._ends[place]
        item = group.item_at(quantity.unit or 0, quantity.source or 0)
        return None if item is None else self._start(place) + group.start_of(item + 1)

    def group_at(self, position: int) -> int | None:
        """Return the index of the group of the step that ends at a position; None at the start."""
        return bisect_left(self._ends, position) if position > 0 else None

    def _find_term(self, term: Quantity) -> int | None:
        """Return the position of a term of a softmax layer, which belongs to a unit's a or delta."""
        end = self.find(Quantity(_GROUP_OF_TERM[term.kind], term.layer, term.unit or 0, None, term.time))
        if end is None:
            return None
        place = bisect_left(self._ends, end)
        terms = self.groups[place].terms
        index = terms - 1 if term.kind is Kind.EXPONENTIAL_SUM else term.source or 0
        return end - terms + index if terms else None

    def _start(self, place: int) -> int:
        return self._ends[place] - self.groups[place].length

    def _phase_step(self, index: int) -> Step:
        last = self._phase_lasts[index]
        first = self._phase_lasts[index - 1] + 1 if index else 0
        phase = self.groups[last].phase
        return Step(index, Grain.PASS, phase, Quantity(PASS_KINDS[phase]), self._start(first), self._ends[last])

    def _item_step(self, index: int, place: int, item: int) -> Step:
        group = self.groups[place]
        start, end = (self._start(place) + group.start_of(number) for number in (item, item + 1))
        return Step(index, Grain.NEURON, group.phase, self._item_quantity(group, item), start, end)

    def _item_quantity(self, group: Group, item: int) -> Quantity:
        unit, source = group.place_of(item)
        if group.kind is Kind.DZ_DW:
            return Quantity(group.kind, group.layer, None, source, group.time)
        if group.kind in (Kind.DZ_DB, Kind.LOSS):
            return Quantity(group.kind, group.layer, time=group.time)
        return Quantity(group.kind, group.layer, unit, source if group.matrix else None, group.time)

    def _term_quantity(self, item: Quantity, term: int) -> Quantity:
        layer, unit, source = item.layer, item.unit, item.source
        assert layer is not None
        if item.kind is Kind.Z:
            return self._term_of_z(item, term)
        if item.kind is Kind.DE_DA:
            return self._term_of_dE_da(item, term)
        if item.kind is Kind.A:
            is_sum = term == self.record.architecture.sizes[layer + 1]
            kind = Kind.EXPONENTIAL_SUM if is_sum else Kind.EXPONENTIAL
            return Quantity(kind, layer, unit, None if is_sum else term, item.time)
        if item.kind is Kind.DELTA:
            return Quantity(Kind.DELTA_TERM, layer, unit, term, item.time)
        kinds = PARAMETER_OF[item.kind]
        if item.kind is kinds.new:
            return Quantity(Kind.MOVING, layer, unit, source, slot=term, of=kinds.name)
        return contribution_at(self.record, item, term)

    def _term_of_z(self, z: Quantity, term: int) -> Quantity:
        """Return a term of a weighted sum: products and bias, then the recurrent products and recurrent bias."""
        assert z.layer is not None
        assert z.unit is not None
        architecture = self.record.architecture
        of_layer, sources = architecture.layers[z.layer], architecture.sources_of(z.layer, z.unit)
        product, bias = Kind.PRODUCT, Kind.BIAS_TERM
        own = len(sources) + bool(of_layer.biases)
        if term >= own:
            term -= own
            sources, product, bias = range(of_layer.units), Kind.PRODUCT_H, Kind.BIAS_H_TERM
        if term == len(sources):
            return Quantity(bias, z.layer, z.unit, None, z.time)
        return Quantity(product, z.layer, z.unit, sources[term], z.time)

    def _term_of_dE_da(self, dE_da: Quantity, term: int) -> Quantity:
        """Return a term of dE/da: from the loss, a unit of the next layer, or a unit of the same layer later."""
        assert dE_da.layer is not None
        assert dE_da.unit is not None
        shares = term_counts(self.record, dE_da.layer, dE_da.time, dE_da.unit)
        for kind, count in zip((Kind.DE_DA_LOSS_TERM, Kind.DE_DA_TERM, Kind.DE_DA_LATER_TERM), shares, strict=True):
            if term < count:
                source = None if kind is Kind.DE_DA_LOSS_TERM else term
                if kind is Kind.DE_DA_TERM:
                    source = self.record.architecture.units_of(dE_da.layer + 1, dE_da.unit)[term]
                return Quantity(kind, dE_da.layer, dE_da.unit, source, dE_da.time)
            term -= count
        raise IndexError(f"dE/da has no term {term}")


class StepSequence(Sequence[Step]):
    """The steps of one trace at one grain; each is computed on access."""

    def __init__(self, trace: Trace, grain: Grain) -> None:
        self._trace = trace
        self._grain = grain

    def __len__(self) -> int:
        return self._trace.length(self._grain)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self._trace.step(self._grain, i) for i in range(*index.indices(len(self)))]
        return self._trace.step(self._grain, index + len(self) if index < 0 else index)


def phase_at(trace: Trace, position: int) -> Phase | None:
    """Return the phase of the step that ends at a position; None at the start."""
    place = trace.group_at(position)
    return None if place is None else trace.groups[place].phase
