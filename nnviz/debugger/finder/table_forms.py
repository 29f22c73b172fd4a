"""The forms in which the numbers of a pass are compared with a page's: sign, rate, logarithm, and where they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
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
FORMS = frozenset({"sign", "rate", "threshold", "reward", "logarithm"})  # the changes of `forms_of`
_AGREEMENT_COSTS = {EXACT: 0.0, ROUNDED: 0.3, TRUNCATED: 1.5}
_AGREEMENT_COSTS_BY_CODE = [_AGREEMENT_COSTS.get(code, 0.0) for code in range(max(_AGREEMENT_COSTS) + 1)]


@dataclass(frozen=True, eq=False)
class Variant:
    """The values of a table in one form: the changes that lead to it, and the values that differ from the own form."""

    changes: tuple[PassChange, ...]
    values: FloatArray
    differs: NDArray[np.bool_]

    @classmethod
    def own(cls, table: NumberTable) -> Variant:
        """Return the values as the document writes them."""
        return cls((), table.values, np.ones(table.values.size, dtype=bool))

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


@dataclass(frozen=True, eq=False)
class Form:
    """Another form of a page's numbers: the changes that lead to it, and the factor of each block of a table."""

    changes: tuple[PassChange, ...]
    factors: FloatArray

    @cached_property
    def cost(self) -> float:
        """How unlikely its changes are, in bits."""
        return float(sum(map(change_cost, self.changes)))

    def changed(self, table: NumberTable) -> FloatArray:
        """Return the values of a table that are not those of the document's form."""
        layout = table.layout
        places = layout.of_each(self.factors != 1.0)
        found: FloatArray = table.values[places] * layout.of_each(self.factors)[places]
        return found

    def variant(self, table: NumberTable) -> Variant:
        """Return the values of a table in this form."""
        factors = table.layout.of_each(self.factors)
        return Variant(self.changes, table.values * factors, (factors != 1.0) & (table.values != 0.0))


def forms_of(table: NumberTable, form: DocumentForm) -> Iterator[Form]:
    """Yield the forms that differ from the document's in one property, or in sign and rate."""
    layout, architecture = table.layout, table.record.architecture
    signed = np.where(layout.of_kinds(SIGNED), -1.0, 1.0)
    yield Form((PassChange("sign"),), signed)
    rate = table.record.rule.rates.learning_rate
    if rate not in (0.0, 1.0):
        rated = np.where(layout.of_kinds(GRADIENTS), 1.0 / rate if form.gradients_as_changes else rate, 1.0)
        change = PassChange("rate", "left_out" if form.gradients_as_changes else "applied")
        yield Form((change,), rated)
        yield Form((PassChange("sign"), change), rated * signed)
    if layout.of_biases.any():
        yield Form((PassChange("threshold"),), np.where(layout.of_biases, -1.0, 1.0))
    errors = layout.of_kinds(ERRORS, ("mean_loss", "sum_loss"))
    yield Form((PassChange("reward"),), np.where(errors, -1.0, 1.0))
    if LOSSES[architecture.loss].logarithmic:
        for base in (2, 10):
            yield Form((PassChange("logarithm", str(base)),), np.where(errors, 1.0 / log(base), 1.0))


def goes_with_slip(form: Form) -> bool:
    """Whether a form goes together with a slip: another sign, or the learning rate."""
    return len(form.changes) == 1 and form.changes[0].name in ("sign", "rate")
