"""Find which quantity of which pass a printed number is, to its printed digits, and under which convention.

The session's own pass is searched first, then every pass that one or two changes would have produced (see
finder_cases). Each pass is also compared with the opposite sign, without the learning rate, or with another logarithm.
A change costs bits, and a number contributes the bits of its digits. The explanation that covers all numbers with the
fewest changes comes first. A match that chance alone would give is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import expm1, log, log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.cases import COSTS, Case, cases
from nnviz.debugger.finder.near_misses import NearMiss, near_misses, nearest, rounded_passes
from nnviz.debugger.finder.number_table import (
    ERRORS,
    GRADIENTS,
    SIGNED,
    NumberTable,
    agreement,
    kind_cost,
    table_of,
    totals_of,
)
from nnviz.debugger.finder.pasted import Paste, Pasted, read_paste
from nnviz.debugger.finder.results import Answer, Joint, Result, WholeMatch
from nnviz.debugger.state.document_form import DocumentForm
from nnviz.debugger.state.found import EXACT, LIKELY, NONE, ROUNDED, TRUNCATED, Found, Miss, PassChange
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.tracing.steps import Quantity
from nnviz.tracing.values import value_of

__all__ = ["EXACT", "ROUNDED", "TRUNCATED", "Answer", "Found", "Joint", "Result", "WholeMatch", "find", "search"]

KEPT = 8
HITS = 200
_ROUNDING_COSTS = {"operands": 1.6, "output": 1.5, "activations": 1.8, "carried": 2.0}
_AGREEMENT_COSTS = {EXACT: 0.0, ROUNDED: 0.3, TRUNCATED: 1.5}


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


class Finding:
    """What a search has found so far. Mutable: it adds one pass after another."""

    def __init__(self, session: Session, paste: Paste) -> None:
        self._session = session
        self._paste = paste
        self._form = session.form
        self._own: NumberTable | None = None
        self._found: list[dict[object, Found]] = [{} for _ in paste.numbers]
        self._matching = [0] * len(paste.numbers)
        self._joint: Joint | None = None
        self._shared: list[list[Found]] = [[] for _ in paste.numbers]

    def result(self, *, is_finished: bool = False) -> Result:
        """Return the answers so far, the best first; those of the shared explanation precede all others."""
        joint = self._joint if self._joint is not None and len(self._joint.explained) > 1 else None
        answers = []
        for place, number in enumerate(self._paste.numbers):
            first = self._shared[place] if joint is not None else []
            ranked = sorted(self._found[place].values(), key=lambda found: found.cost)
            ordered = {_key(found): found for found in (*first, *ranked)}
            answers.append(Answer(number, _leading(list(ordered.values())), self._matching[place]))
        return Result(self._paste, tuple(answers), joint, is_finished)

    @np.errstate(all="ignore")  # a pass may hold inf and nan
    def search_pass(self, case: Case) -> None:
        """Compare every number with every value of a pass, in each form."""
        table = table_of(case.record, self._form.factor_in, rows=case.with_rows)
        if case.with_totals:
            record, accuracy = case.setup.record_of_all_data()
            totals = totals_of(record, self._form.factor_in, accuracy)
            table = NumberTable(table.record, (*totals, *table.blocks))
        if self._own is None:
            self._own = table
            changed = np.ones(table.values.size, dtype=bool)
        else:
            changed = table.changed_from(self._own)
        if not changed.any():
            return
        for variant in _variants(table, self._form):
            self._compare(case, table, variant, changed)

    def _compare(self, case: Case, table: NumberTable, variant: _Variant, changed: NDArray[np.bool_]) -> None:
        """Add what one form of a pass explains, if it explains anything that the session's own pass does not."""
        is_own = table is self._own and not variant.changes
        of_case = variant.differs if variant.changes else changed
        explained: list[int] = []
        hits: list[list[Found]] = []
        news = is_own
        for place, number in enumerate(self._paste.numbers):
            codes = agreement(variant.values, number)
            matched = np.flatnonzero(codes)[:HITS]
            if is_own:
                self._matching[place] = int((codes[: table.stepped] != NONE).sum())
            if matched.size:
                explained.append(place)
            found = [
                self._found_at(
                    case,
                    table,
                    variant,
                    index=int(index),
                    code=int(codes[index]),
                    bits=number.bits,
                    is_changed=bool(changed[index]),
                )
                for index in matched
            ]
            hits.append(sorted(found, key=lambda entry: entry.cost))
            for index, entry in zip(matched, found, strict=True):
                if of_case[index]:
                    news = True
                    self._keep(place, entry)
        if news:
            self._weigh(case, table, variant, explained, hits)

    def _found_at(
        self, case: Case, table: NumberTable, variant: _Variant, *, index: int, code: int, bits: float, is_changed: bool
    ) -> Found:
        block, place = table.block_at(index)
        quantity, row = block.item(place)
        changes = variant.changes if variant.differs[index] else ()
        example, update = self._session.example, 0
        cost = _AGREEMENT_COSTS[code] + kind_cost(quantity, block.total)
        if is_changed:  # otherwise it is the unchanged quantity of the session's own pass
            changes = (*case.changes, *changes)
            example, update = case.setup.example if row is None else case.record.examples[row], case.update
            cost += COSTS["update"] * abs(update)
        elif row is not None:
            example = case.record.examples[row]
        if example != self._session.example and update == 0:
            cost += COSTS["example"]
        cost += sum(COSTS[change.name] for change in changes)
        margin = bits - log2(table.stepped if row is None else table.values.size) - cost
        plain = replace(quantity, example=None)
        return Found(
            plain,
            float(variant.values[index]),
            example,
            update=update,
            changes=changes,
            agreement=code,
            total=block.total,
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
        self, case: Case, table: NumberTable, variant: _Variant, explained: list[int], hits: list[list[Found]]
    ) -> None:
        """Keep this pass and form as the shared explanation if it explains the numbers better than any before."""
        numbers = self._paste.numbers
        score = -case.cost(self._session.example) - sum(COSTS[change.name] for change in variant.changes)
        whole = _whole(table, variant, self._paste, self._form.units_first) if len(explained) == len(numbers) else None
        if whole is not None:
            score += sum(number.bits for number in numbers) - log2(2 * len(table.blocks)) - whole.turned
        else:
            score += sum(_evidence(numbers[place].bits, table.stepped) for place in explained)
            score -= sum(kind_cost(hits[place][0].quantity, hits[place][0].total) for place in explained)
        if explained and (self._joint is None or score > self._joint.score + 1e-9):
            changes = (*case.changes, *variant.changes)
            self._joint = Joint(tuple(explained), case.setup.example, case.update, changes, whole, score)
            self._shared = hits if whole is None else [_of_whole(entries, whole) for entries in hits]

    @np.errstate(all="ignore")
    def search_misses(self) -> None:
        """For each number without a good explanation, look for slips that lead to it, and for the nearest value."""
        assert self._own is not None
        for place, number in enumerate(self._paste.numbers):
            if self._is_explained(place):
                continue
            for miss in near_misses(self._own, number):
                self._keep(place, self._missed(number, miss))
            if all(found.margin < LIKELY for found in self._found[place].values()):
                closest = nearest(self._own, number)
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
        for place, number in enumerate(self._paste.numbers):
            if self._is_explained(place):
                continue
            for sign in (1.0, -1.0):
                may = signed | (sign > 0)
                is_new = (agreement(rounded * sign, number) != NONE) & (agreement(exact * sign, number) == NONE)
                for index in np.flatnonzero(is_new & may):
                    miss = Miss(where, digits, float(rounded[index] * sign))
                    self._keep(place, self._rounded(number, miss, quantities[index], float(exact[index] * sign), sign))

    def _is_explained(self, place: int) -> bool:
        """Return whether a number is a value of some pass, and the match is unlikely to be chance."""
        return any(found.miss is None and found.margin >= LIKELY for found in self._found[place].values())

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

    def _missed(self, number: Pasted, miss: NearMiss) -> Found:
        assert self._own is not None
        block, place = self._own.block_at(miss.index)
        quantity, row = block.item(place)
        example = self._session.example if row is None else self._session.record.examples[row]
        cost = miss.cost + kind_cost(quantity, block.total) + COSTS["example"] * (example != self._session.example)
        value = float(self._own.values[miss.index])
        margin = number.bits - log2(self._own.stepped) - cost
        plain = replace(quantity, example=None)
        return Found(
            plain,
            value,
            example,
            update=0,
            changes=(),
            agreement=NONE,
            total=block.total,
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


def _other_variants(table: NumberTable, form: DocumentForm) -> Iterator[tuple[tuple[PassChange, ...], FloatArray]]:
    signed = np.where(table.mask(SIGNED), -1.0, 1.0)
    yield (PassChange("sign"),), signed
    rate = table.record.rule.rates.learning_rate
    if rate not in (0.0, 1.0):
        rated = np.where(table.mask(GRADIENTS), 1.0 / rate if form.gradients_as_changes else rate, 1.0)
        change = PassChange("rate", "left_out" if form.gradients_as_changes else "applied")
        yield (change,), rated
        yield (PassChange("sign"), change), rated * signed
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
