"""The forms in which the numbers of a pass are compared with a page's: sign, rate, logarithm, and where they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.cases import COSTS, Case, change_cost
from nnviz.debugger.finder.number_table import ERRORS, GRADIENTS, SIGNED, Agreeing, NumberTable
from nnviz.debugger.state.document_form import DocumentForm
from nnviz.debugger.state.found import EXACT, ROUNDED, TRUNCATED, PassChange
from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES

HITS = 200
FORMS = frozenset({"sign", "rate", "threshold", "reward", "logarithm"})  # the changes of `variants_of`
_AGREEMENT_COSTS = {EXACT: 0.0, ROUNDED: 0.3, TRUNCATED: 1.5}
_AGREEMENT_COSTS_BY_CODE = [_AGREEMENT_COSTS.get(code, 0.0) for code in range(max(_AGREEMENT_COSTS) + 1)]


@dataclass(frozen=True, eq=False)
class Variant:
    """The values of a table in one form: the changes that lead to it, and the values that differ from the own form."""

    changes: tuple[PassChange, ...]
    values: FloatArray
    differs: NDArray[np.bool_]

    @property
    def cost(self) -> float:
        """How unlikely its changes are, in bits."""
        return float(sum(map(change_cost, self.changes)))


@dataclass(frozen=True, eq=False)
class Hits:
    """Where the values of a table agree with one number: their indices, in order, agreements and costs."""

    indices: NDArray[np.intp]
    codes: NDArray[np.int8]
    costs: FloatArray

    @property
    def best(self) -> int:
        """The index of the likeliest."""
        return int(self.indices[np.argmin(self.costs)])

    def where(self, flags: NDArray[np.bool_]) -> tuple[list[int], list[int], list[float]]:
        """Return those at which a flag is set."""
        chosen = flags[self.indices]
        return self.indices[chosen].tolist(), self.codes[chosen].tolist(), self.costs[chosen].tolist()

    def by_cost(self) -> tuple[list[int], list[int], list[float]]:
        """Return all of them, the likeliest first."""
        order = np.argsort(self.costs, kind="stable")
        return self.indices[order].tolist(), self.codes[order].tolist(), self.costs[order].tolist()


def hits_of(
    case: Case,
    table: NumberTable,
    variant: Variant,
    changed: NDArray[np.bool_],
    agreeing: Agreeing,
    example: int,
) -> list[Hits]:
    """Return where the values agree with each number, at most HITS of each; `example` is the session's."""
    places, indices, codes = agreeing.places, agreeing.indices, agreeing.codes
    starts = np.searchsorted(places, np.arange(agreeing.numbers + 1))
    costs = np.array(_AGREEMENT_COSTS_BY_CODE)[codes] + table.kind_costs[indices]
    is_changed, differs, rows = changed[indices], variant.differs[indices], table.rows[indices]
    costs = costs + np.where(is_changed, COSTS["update"] * abs(case.update), 0.0)
    examples = np.array(table.examples)[rows]
    examples = np.where(rows >= 0, examples, np.where(is_changed, case.setup.example, example))
    is_here = ~is_changed | (case.update == 0)
    costs = costs + np.where((examples != example) & is_here, COSTS["example"], 0.0)
    of_case, of_variant = ([change_cost(change) for change in changes] for changes in (case.changes, variant.changes))
    both = np.where(differs, float(sum((*of_case, *of_variant))), float(sum(of_case)))
    costs = costs + np.where(is_changed, both, np.where(differs, float(sum(of_variant)), 0.0))
    found = []
    for start, end in pairwise(starts.tolist()):
        part = slice(start, min(end, start + HITS))
        found.append(Hits(indices[part], codes[part], costs[part]))
    return found


def variants_of(table: NumberTable, form: DocumentForm) -> Iterator[Variant]:
    """Yield the values in the document's form, and with each property of that form changed."""
    values = table.values
    yield Variant((), values, np.ones(values.size, dtype=bool))
    for changes, factors in _other_variants(table, form):
        with np.errstate(all="ignore"):
            yield Variant(changes, values * factors, (factors != 1.0) & (values != 0.0))


def slip_forms(table: NumberTable, form: DocumentForm) -> Iterator[tuple[tuple[PassChange, ...], FloatArray]]:
    """Yield the forms that go together with a slip: another sign, or the learning rate."""
    for changes, factors in _other_variants(table, form):
        if len(changes) == 1 and changes[0].name in ("sign", "rate"):
            yield changes, factors


def _other_variants(table: NumberTable, form: DocumentForm) -> Iterator[tuple[tuple[PassChange, ...], FloatArray]]:
    signed = np.where(table.mask(SIGNED), -1.0, 1.0)
    yield (PassChange("sign"),), signed
    rate = table.record.rule.rates.learning_rate
    if rate not in (0.0, 1.0):
        rated = np.where(table.mask(GRADIENTS), 1.0 / rate if form.gradients_as_changes else rate, 1.0)
        change = PassChange("rate", "left_out" if form.gradients_as_changes else "applied")
        yield (change,), rated
        yield (PassChange("sign"), change), rated * signed
    biases = table.of_biases
    if biases.any():
        yield (PassChange("threshold"),), np.where(biases, -1.0, 1.0)
    errors = table.mask(ERRORS, ("mean_loss", "sum_loss"))
    yield (PassChange("reward"),), np.where(errors, -1.0, 1.0)
    if LOSSES[table.record.architecture.loss].logarithmic:
        for base in (2, 10):
            yield (PassChange("logarithm", str(base)),), np.where(errors, 1.0 / log(base), 1.0)
