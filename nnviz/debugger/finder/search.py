"""Find which quantity of which pass a printed number is, to its printed digits, and under which convention.

The session's own pass is searched first, then every pass that one or two changes would have produced (see
finder_cases). Each pass is also compared with the opposite sign, without the learning rate, or with another logarithm.
A change costs bits, and a number contributes the bits of its digits. The explanation that covers all numbers with the
fewest changes comes first. A match that chance alone would give is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import pairwise
from math import expm1, log, log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.cases import COSTS, EXAMPLES_ALONE, Case, cases, change_cost, slip_cases
from nnviz.debugger.finder.near_misses import NearMiss, near_misses, nearest, rounded_passes
from nnviz.debugger.finder.number_table import (
    ERRORS,
    GIVEN,
    GRADIENTS,
    SIGNED,
    Agreeing,
    NumberTable,
    SortedValues,
    agreement,
    kind_cost,
    rows_of,
    table_of,
    totals_of,
)
from nnviz.debugger.finder.pass_program import program_of
from nnviz.debugger.finder.pasted import Paste, Pasted, read_paste
from nnviz.debugger.finder.results import Answer, Joint, Result, WholeMatch
from nnviz.debugger.finder.slip_search import carried_values, slip_table, slip_values
from nnviz.debugger.state.document_form import DocumentForm
from nnviz.debugger.state.found import EXACT, LIKELY, NONE, ROUNDED, TRUNCATED, Found, Miss, PassChange
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import value_of

__all__ = ["EXACT", "ROUNDED", "TRUNCATED", "Answer", "Found", "Joint", "Result", "WholeMatch", "find", "search"]

KEPT = 8
_ROW_COST = 2.6  # of each other example: slightly more than a pass on that example alone
HITS = 200
_ROUNDING_COSTS = {"operands": 1.6, "output": 1.5, "activations": 1.8, "carried": 2.0}
_AGREEMENT_COSTS = {EXACT: 0.0, ROUNDED: 0.3, TRUNCATED: 1.5}
_AGREEMENT_COSTS_BY_CODE = [_AGREEMENT_COSTS.get(code, 0.0) for code in range(max(_AGREEMENT_COSTS) + 1)]
MISSES = 400  # near misses of a number


def find(session: Session, text: str) -> Result:
    """Search for the numbers of a text to the end. Raises PasteError if there are none."""
    *_, finding = search(session, read_paste(text))
    return finding.result(is_finished=True)


def search(session: Session, paste: Paste) -> Iterator[Finding]:
    """Search for numbers pass by pass; the finding yielded after each pass can return its result so far.

    To cancel the search, stop iterating.
    """
    finding = Finding(session, paste)
    for case in cases(session):
        finding.search_pass(case)
        yield finding
    if finding.is_open:
        for case in slip_cases(session):
            finding.search_slips(case)
            yield finding
    finding.search_misses()
    yield finding
    for where, digits, values in rounded_passes(session.trace):
        finding.search_rounded(where, digits, values)
        yield finding


@dataclass(frozen=True, eq=False)
class _Variant:
    """The values of a table in one form: the changes that lead to it, and the values that differ from the own form."""

    changes: tuple[PassChange, ...]
    values: FloatArray
    differs: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Hits:
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


def _hits(
    case: Case,
    table: NumberTable,
    variant: _Variant,
    changed: NDArray[np.bool_],
    agreeing: Agreeing,
    example: int,
) -> list[_Hits]:
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
        found.append(_Hits(indices[part], codes[part], costs[part]))
    return found


class Finding:
    """What a search has found so far. Mutable: it adds one pass after another."""

    def __init__(self, session: Session, paste: Paste) -> None:
        self._session = session
        self._paste = paste
        self._form = session.form
        self._own: NumberTable | None = None
        # Equal numbers are searched once: `_places` holds the index in `_numbers` of each number of the paste.
        self._numbers = tuple(dict.fromkeys(replace(number, text="", note="") for number in paste.numbers))
        self._places = [self._numbers.index(replace(number, text="", note="")) for number in paste.numbers]
        self._found: list[dict[object, Found]] = [{} for _ in self._numbers]
        self._matching: list[int] = []
        self._spelled = [paste.numbers[self._places.index(own)] for own in range(len(self._numbers))]
        self._joint: Joint | None = None
        self._shared: list[list[Found]] = [[] for _ in paste.numbers]

    def result(self, *, is_finished: bool = False) -> Result:
        """Return the answers so far, the best first; those of the shared explanation precede all others."""
        joint = self._joint if self._joint is not None and len(self._joint.explained) > 1 else None
        answers = []
        for place, number in enumerate(self._paste.numbers):
            first = self._shared[place] if joint is not None else []
            own = self._places[place]
            ranked = sorted(self._found[own].values(), key=lambda found: found.cost)
            ordered = {_key(found): found for found in (*first, *ranked)}
            matching = self._matching[own] if self._matching else 0
            answers.append(Answer(number, _leading(list(ordered.values())), matching))
        return Result(self._paste, tuple(answers), joint, is_finished)

    @np.errstate(all="ignore")  # a pass may hold inf and nan
    def search_pass(self, case: Case) -> None:
        """Compare every number with every value of a pass, in each form."""
        table = table_of(case.record, self._form.factor_in, rows=case.with_rows)
        if case.with_totals:
            record, accuracy = case.setup.record_of_all_data()
            totals = totals_of(record, self._form.factor_in, accuracy)
            # A page that prints a mean or a sum also prints the numbers of the examples.
            alone = case.with_rows and len(case.record.examples) == 1 < len(record.examples) <= EXAMPLES_ALONE
            rows, of_rows = (rows_of(record, self._form.factor_in), record.examples) if alone else ((), ())
            table = NumberTable(table.record, (*totals, *table.blocks, *rows), of_rows)
        if self._own is None:
            self._own = table
            changed = np.ones(table.values.size, dtype=bool)
        else:
            changed = table.changed_from(self._own)
        if not changed.any():
            return
        for variant in _variants(table, self._form):
            self._compare(case, table, variant, changed)

    @property
    def is_open(self) -> bool:
        """Whether any number is not surely a value of the session's own pass."""
        return bool(self._open())

    def _open(self) -> list[Pasted]:
        """Return the numbers that the session's own pass does not explain."""
        return [number for place, number in enumerate(self._spelled) if not self._is_own(place)]

    def _is_own(self, place: int) -> bool:
        return any(
            found.miss is None and not found.changes and not found.update and found.margin >= LIKELY
            for found in self._found[place].values()
        )

    @np.errstate(all="ignore")
    def search_slips(self, case: Case) -> None:
        """Compare the numbers that are not explained with the values that a slip would lead to."""
        assert self._own is not None
        program = program_of(case.record)
        if program is None:
            return
        is_own = not case.changes
        factor = self._form.factor_in
        table = self._own if is_own else table_of(case.record, factor, rows=case.with_rows)
        whole, numbers = slip_table(table, program, factor), self._open()
        changed = np.ones(table.values.size, dtype=bool) if is_own else table.changed_from(self._own)
        ones = np.ones(table.values.size)
        forms = [((), ones), *(_slip_forms(table, self._form) if is_own else ())]
        for slipped in slip_values(whole, numbers, [factors for _, factors in forms]):
            for changes, factors in forms:
                differs = slipped.differs | (factors != 1.0)
                variant = _Variant((slipped.change, *changes), slipped.values * factors, differs)
                self._compare(case, table, variant, changed)
        for slipped in carried_values(whole, numbers) if is_own else ():
            variant = _Variant((slipped.change,), slipped.values, slipped.differs)
            self._compare(case, table, variant, changed, is_loose=True)

    def _compare(
        self,
        case: Case,
        table: NumberTable,
        variant: _Variant,
        changed: NDArray[np.bool_],
        *,
        is_loose: bool = False,
    ) -> None:
        """Add what one form of a pass explains, if it explains anything that the session's own pass does not.

        If `is_loose`, what follows from a rounded number may be wrong by less than a unit of the last digit.
        """
        is_own = table is self._own and not variant.changes
        of_case = variant.differs if variant.changes else changed
        in_order = SortedValues.of(variant.values)
        agreeing = in_order.loosely_agreeing(self._numbers) if is_loose else in_order.agreeing(self._numbers)
        if is_own:
            is_stepped = agreeing.indices < table.stepped
            self._matching = np.bincount(agreeing.places[is_stepped], minlength=len(self._numbers)).tolist()
        hits = _hits(case, table, variant, changed, agreeing, self._session.example)
        news = is_own
        for place, found in enumerate(hits):
            for index, code, cost in zip(*found.where(of_case), strict=True):
                news = True
                kept = self._found_at(case, table, variant, place, index=index, code=code, cost=cost, changed=changed)
                self._keep(place, kept)
        if news:
            self._weigh(case, table, variant, hits, changed)

    def _found_at(
        self,
        case: Case,
        table: NumberTable,
        variant: _Variant,
        place: int,
        index: int,
        code: int,
        cost: float,
        changed: NDArray[np.bool_],
    ) -> Found:
        quantity, total = table.quantity_at(index)
        row = int(table.rows[index])
        changes = variant.changes if variant.differs[index] else ()
        example, update = self._session.example, 0
        if changed[index]:  # otherwise it is the unchanged quantity of the session's own pass
            changes = (*case.changes, *changes)
            example, update = case.setup.example if row < 0 else table.examples[row], case.update
        elif row >= 0:
            example = table.examples[row]
        margin = self._numbers[place].bits - log2(table.stepped if row < 0 else table.values.size) - cost
        return Found(
            quantity,
            float(variant.values[index]),
            example,
            update=update,
            changes=changes,
            agreement=code,
            total=total,
            miss=None,
            cost=cost,
            margin=margin,
        )

    def _keep(self, place: int, found: Found) -> None:
        entries = self._found[place]
        key = _key(found)
        if key not in entries or entries[key].cost > found.cost:
            entries[key] = found
        if len(entries) > 20 * KEPT:
            best = sorted(entries.items(), key=lambda item: item[1].cost)[: 10 * KEPT]
            self._found[place] = dict(best)

    def _weigh(
        self, case: Case, table: NumberTable, variant: _Variant, hits: list[_Hits], changed: NDArray[np.bool_]
    ) -> None:
        """Keep this pass and form as the shared explanation if it explains the numbers better than any before."""
        numbers = self._paste.numbers
        explained = [place for place, own in enumerate(self._places) if len(hits[own].indices)]
        score = -case.cost(self._session.example) - sum(map(change_cost, variant.changes))
        whole = _whole(table, variant, self._paste, self._form.units_first) if len(explained) == len(numbers) else None
        if whole is not None:
            score += sum(number.bits for number in numbers) - log2(2 * len(table.blocks)) - whole.turned
        else:
            score += sum(_evidence(numbers[place].bits, table.stepped) for place in explained)
            best = [hits[self._places[place]].best for place in explained]
            score -= sum(float(table.kind_costs[index]) for index in best)
            others = {table.examples[table.rows[index]] for index in best if table.rows[index] >= 0}
            score -= _ROW_COST * len(others - {self._session.example})
        if not explained or (self._joint is not None and score <= self._joint.score + 1e-9):
            return
        changes = (*case.changes, *variant.changes)
        of_rows = [table.rows[hits[own].best] for own in self._places if len(hits[own].indices)]
        examples = tuple(sorted({table.examples[row] for row in of_rows if row >= 0} - {case.setup.example}))
        self._joint = Joint(
            tuple(explained), case.setup.example, case.update, changes, whole=whole, score=score, examples=examples
        )
        shared = [
            [
                self._found_at(case, table, variant, own, index=index, code=code, cost=cost, changed=changed)
                for index, code, cost in zip(*found.by_cost(), strict=True)
            ]
            for own, found in enumerate(hits)
        ]
        if whole is not None:
            shared = [_of_whole(entries, whole) for entries in shared]
        self._shared = [shared[own] for own in self._places]

    @np.errstate(all="ignore")
    def search_misses(self) -> None:
        """For each number without a good explanation, look for slips that lead to it, and for the nearest value."""
        assert self._own is not None
        places = [place for place in range(len(self._spelled)) if not self._is_explained(place)]
        numbers = [self._spelled[place] for place in places]
        for place, number, misses in zip(places, numbers, near_misses(self._own, numbers), strict=True):
            # Of very many only the likeliest are looked at: no more than a few can be shown.
            for miss in nsmallest(MISSES, misses, key=self._missed_cost):
                self._keep(place, self._missed(number, miss))
            if all(found.margin < LIKELY for found in self._found[place].values()):
                closest = nearest(self._own, number, self._kinds_asked())
                if closest is not None:
                    self._keep(place, self._missed(number, closest))

    @np.errstate(all="ignore")
    def search_rounded(self, where: str, digits: int, values: dict[Quantity, float]) -> None:
        """Compare the unexplained numbers with a pass whose intermediate results were rounded."""
        factor, record = self._form.factor_in, self._session.record
        quantities = list(values)
        factors = np.array([factor(record, quantity) for quantity in quantities])
        rounded = factors * np.array(list(values.values()))
        exact = factors * np.array([value_of(record, quantity) for quantity in quantities])
        signed = np.array([quantity.kind in SIGNED for quantity in quantities])
        for place, number in enumerate(self._spelled):
            if self._is_explained(place):
                continue
            for sign in (1.0, -1.0):
                may = signed | (sign > 0)
                is_new = (agreement(rounded * sign, number) != NONE) & (agreement(exact * sign, number) == NONE)
                for index in np.flatnonzero(is_new & may):
                    miss = Miss(where, digits, float(rounded[index] * sign))
                    self._keep(place, self._rounded(number, miss, quantities[index], float(exact[index] * sign), sign))

    def _kinds_asked(self) -> frozenset[Kind]:
        """Return the kinds of the other numbers of the paste that are known; none if no kind is sure."""
        if self._joint is None:
            return frozenset()
        found = (hits[0].quantity.kind for place in self._joint.explained for hits in (self._shared[place],) if hits)
        return frozenset(found) - GIVEN

    def _is_explained(self, place: int) -> bool:
        """Return whether a number is a value of some pass without a slip, and the match is unlikely to be chance."""
        return any(
            found.miss is None and found.margin >= LIKELY and not found.is_slip for found in self._found[place].values()
        )

    def _rounded(self, number: Pasted, miss: Miss, quantity: Quantity, exact: float, sign: float) -> Found:
        assert self._own is not None
        kept = (5 - miss.amount) * 0.3 + _ROUNDING_COSTS[miss.name]
        changes = (PassChange("sign"),) if sign < 0 else ()
        cost = kind_cost(quantity, "") + kept + (COSTS["sign"] if changes else 0.0)
        margin = number.bits - log2(self._own.stepped) - cost
        return Found(
            quantity,
            exact,
            self._session.example,
            update=0,
            changes=changes,
            agreement=NONE,
            total="",
            miss=miss,
            cost=cost,
            margin=margin,
        )

    def _missed_cost(self, miss: NearMiss) -> float:
        assert self._own is not None
        row = int(self._own.rows[miss.index])
        is_other = row >= 0 and self._own.examples[row] != self._session.example
        return miss.cost + float(self._own.kind_costs[miss.index]) + COSTS["example"] * is_other

    def _missed(self, number: Pasted, miss: NearMiss) -> Found:
        assert self._own is not None
        quantity, total = self._own.quantity_at(miss.index)
        row = int(self._own.rows[miss.index])
        example = self._session.example if row < 0 else self._own.examples[row]
        cost = self._missed_cost(miss)
        value = float(self._own.values[miss.index])
        margin = number.bits - log2(self._own.stepped) - cost
        return Found(
            quantity,
            value,
            example,
            update=0,
            changes=(),
            agreement=NONE,
            total=total,
            miss=miss.miss,
            cost=cost,
            margin=margin,
        )


def _evidence(bits: float, values: int) -> float:
    """Return the bits of evidence that a match with one of `values` candidates is not chance."""
    expected = values * 2.0**-bits
    return -log2(-expm1(-expected)) if expected > 0.0 else 0.0


def _leading(ranked: list[Found]) -> tuple[Found, ...]:
    """Return the first few explanations, without those that only add a change to an earlier one."""
    kept: list[Found] = []
    for found in ranked:
        if len(kept) == KEPT:
            break
        if not any(_adds_nothing(found, before) for before in kept):
            kept.append(found)
    return tuple(kept)


def _adds_nothing(found: Found, before: Found) -> bool:
    if found.miss is not None or before.miss is not None:
        return found.miss is not None and before.miss is not None and found.quantity == before.quantity
    same = abs(found.value - before.value) <= 1e-12 * abs(before.value)
    is_place_more = (found.example, found.update) == (before.example, before.update)
    more = set(before.changes) < set(found.changes) or found.update != before.update
    return same and more and is_place_more


def _key(found: Found) -> object:
    """Return the key of an explanation: of one quantity and pass, only the one with the fewest changes is kept."""
    miss = (found.miss.name, found.miss.amount) if found.miss is not None else None
    return found.quantity, found.total, found.example, found.update, found.changes, miss


def _variants(table: NumberTable, form: DocumentForm) -> Iterator[_Variant]:
    """Yield the values in the document's form, and with each property of that form changed."""
    values = table.values
    yield _Variant((), values, np.ones(values.size, dtype=bool))
    for changes, factors in _other_variants(table, form):
        with np.errstate(all="ignore"):
            yield _Variant(changes, values * factors, (factors != 1.0) & (values != 0.0))


def _slip_forms(table: NumberTable, form: DocumentForm) -> Iterator[tuple[tuple[PassChange, ...], FloatArray]]:
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


def _whole(table: NumberTable, variant: _Variant, paste: Paste, units_first: bool) -> WholeMatch | None:
    """Return the vector or matrix that all numbers form in order; None if they form none."""
    count = len(paste.numbers)
    if count < 2:
        return None
    for place, block in enumerate(table.blocks):
        if block.array.size != count or block.array.ndim == 0:
            continue
        start = int(table.starts[place])
        array = variant.values[start : start + count].reshape(block.array.shape)
        shown = array.T if units_first and "source" in block.axes and array.ndim == 2 else array
        for turned, tried in ((False, shown), (True, shown.T)):
            if turned and (array.ndim < 2 or 1 in array.shape):
                continue
            if _in_order(tried, paste):
                return WholeMatch(replace(block.quantity, example=None), block.total, turned)
    return None


def _of_whole(hits: list[Found], whole: WholeMatch) -> list[Found]:
    """Return the matches of one number that are entries of the vector or matrix."""
    asked = replace(whole.quantity, unit=None)
    return [
        hit
        for hit in hits
        if hit.total == whole.total
        and asked in (replace(hit.quantity, unit=None, source=None), replace(hit.quantity, unit=None))
    ][:1]


def _in_order(array: FloatArray, paste: Paste) -> bool:
    """Return whether an array's entries are the numbers, one by one, in rows of the same length."""
    if paste.shape is not None and array.ndim == 2 and 1 not in array.shape and paste.shape != array.shape:
        return False
    flat = np.ascontiguousarray(array).ravel()
    return all(agreement(flat[i : i + 1], number)[0] != NONE for i, number in enumerate(paste.numbers))
