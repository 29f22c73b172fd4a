"""What a search has found so far: the explanations of each number in all passes compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from math import log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.cases import COSTS, Case, change_cost, setup_of
from nnviz.debugger.finder.near_misses import NearMiss, near_misses, nearest
from nnviz.debugger.finder.number_table import (
    GIVEN,
    SIGNED,
    Columns,
    NumberTable,
    SortedValues,
    TableLayout,
    agreement,
    kind_cost,
)
from nnviz.debugger.finder.pass_program import PassProgram, programs_of
from nnviz.debugger.finder.pass_tables import passes_of
from nnviz.debugger.finder.pasted import Paste, Pasted
from nnviz.debugger.finder.results import Answer, Result
from nnviz.debugger.finder.sharing import SURE, Sharing
from nnviz.debugger.finder.slip_passes import SlipPass, Work, slip_passes
from nnviz.debugger.finder.slip_search import SlipTable, carried_values, likely_slips, slip_table
from nnviz.debugger.finder.table_forms import Form, Variant, forms_of, goes_with_slip, hits_of
from nnviz.debugger.state.found import LIKELY, NONE, ROUNDING, Found, Miss, PassChange
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import value_of

KEPT = 8
_ROUNDING_COSTS = {"operands": 1.6, "output": 1.5, "activations": 1.8, "carried": 2.0}
MISSES = 400  # near misses of a number
MOST_SLIPPED = 40  # numbers for which slips are looked for
MISS_COST, MISSED = 3.0, 8.0  # the least cost of a near miss, and how many count


@dataclass(frozen=True, eq=False)
class _Compared:
    """A form of a pass that numbers are compared with; `changed` are the values that the own pass does not have."""

    case: Case
    table: NumberTable
    variant: Variant
    changed: NDArray[np.bool_]


class _Tried:
    """What was tried besides the session's own pass: as much as it is likely, by its cost. Mutable."""

    def __init__(self) -> None:
        self._likely: dict[float, float] = {}
        self._charges: dict[float, float] = {}

    def add(self, cost: float, share: float = 1.0) -> None:
        """Add a pass of a cost in bits, of which a share of the numbers differs from those of the session's own."""
        tier = round(cost, 1)
        self._likely[tier] = self._likely.get(tier, 0.0) + share * 2.0**-cost
        self._charges.clear()

    def charge(self, cost: float) -> float:
        """Return what a match proves less, in bits, because of all that was tried and is at least as likely."""
        found = self._charges.get(cost)
        if found is None:
            likely = sum(likely for tier, likely in self._likely.items() if tier <= cost + 0.05)
            found = self._charges[cost] = log2(1.0 + likely)
        return found


class Finding:
    """What a search has found so far. Mutable: it adds one pass after another."""

    def __init__(self, session: Session, paste: Paste) -> None:
        self._session = session
        self._paste = paste
        self._form = session.form
        self._own: NumberTable | None = None
        self.passes = passes_of(session)
        self._forms: dict[TableLayout, tuple[Form, ...]] = {}
        # Equal numbers are searched once: `_places` holds the index in `_numbers` of each number of the paste.
        self._numbers = tuple(dict.fromkeys(replace(number, text="", note="") for number in paste.numbers))
        self._columns = Columns.of(self._numbers)
        self._places = [self._numbers.index(replace(number, text="", note="")) for number in paste.numbers]
        self._found: list[dict[object, Found]] = [{} for _ in self._numbers]
        self._matching: list[int] = []
        self._spelled = [paste.numbers[self._places.index(own)] for own in range(len(self._numbers))]
        self._sharing = Sharing(session, paste, self._numbers, self._places)
        self._slips: SlipTable | None = None
        self._tried = _Tried()

    def result(self, *, is_finished: bool = False) -> Result:
        """Return the answers so far, the best first; those of the shared explanation precede all others."""
        shared = self._sharing.best(self._tried.charge)
        answers = []
        for place, number in enumerate(self._paste.numbers):
            own = self._places[place]
            ranked = sorted(map(self._charged, self._found[own].values()), key=lambda found: found.cost)
            first = [] if shared is None else shared.entries[place]
            ordered: dict[object, Found] = {}
            for found in (*first, *ranked):
                ordered.setdefault(_key(found), found)
            matching = self._matching[own] if self._matching else 0
            answers.append(Answer(number, _leading(list(ordered.values())), matching))
        return Result(self._paste, tuple(answers), None if shared is None else shared.joint, is_finished)

    def _charged(self, found: Found) -> Found:
        """Return an explanation with the evidence that is left after all that was tried."""
        if found.example == self._session.example and not found.is_changed:
            return found
        cost = sum(map(change_cost, found.changes)) + COSTS["update"] * abs(found.update)
        cost += COSTS["example"] * (found.example != self._session.example and not found.update)
        cost = max(cost, found.cost) if found.miss is not None else cost
        return replace(found, margin=found.margin - self._tried.charge(cost) - SURE)

    @np.errstate(all="ignore")  # a pass may hold inf and nan
    def search_pass(self, case: Case, table: NumberTable) -> None:
        """Compare every number with every value of a pass, in each form."""
        if self._own is None:
            self._own = table
            changed = np.ones(table.values.size, dtype=bool)
        else:
            changed = table.changed_from(self._own)
        if not changed.any():
            return
        share, cost, forms = float(changed.mean()), case.cost(self._session.example), self._forms_of(table)
        if table is not self._own:
            self._tried.add(cost, share)
        for form in forms:
            self._tried.add(cost + form.cost, share)
        values = [table.values[changed], *(form.changed(table) for form in forms)]
        is_near, *are_near = self._near(values)
        if is_near:
            self._compare(_Compared(case, table, Variant.own(table), changed))
        else:
            self._sharing.note(case)
        for form, is_form_near in zip(forms, are_near, strict=True):
            if is_form_near:
                self._compare(_Compared(case, table, form.variant(table), changed))

    def _forms_of(self, table: NumberTable) -> tuple[Form, ...]:
        found = self._forms.get(table.layout)
        if found is None:
            found = self._forms[table.layout] = tuple(forms_of(table, self._form))
        return found

    def _near(self, parts: Sequence[FloatArray]) -> list[bool]:
        """Return for each of several arrays whether any of its values may agree with a number."""
        ends = np.cumsum([part.size for part in parts])
        _, places = SortedValues.of(np.concatenate(parts)).near(self._columns)
        near = np.zeros(len(parts), dtype=bool)
        near[np.searchsorted(ends, places, side="right")] = True
        found: list[bool] = near.tolist()
        return found

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

    def likely_cases(self) -> Iterator[Case]:
        """Yield other passes in which slips may have happened."""
        return self._sharing.likely_cases()

    @property
    def is_explained(self) -> bool:
        """Whether one explanation covers all numbers, and no slip could make another convention of it."""
        shared = self._sharing.best(self._tried.charge)
        if shared is None or len(shared.joint.explained) < len(self._paste.numbers):
            return False
        return not shared.joint.changes or shared.joint.is_slip

    @np.errstate(all="ignore")
    def search_slips(self, case: Case, elsewhere: Work) -> None:
        """Compare the numbers that are not explained with the values that a slip would lead to.

        `elsewhere` is the work that is left for all other passes than the session's own.
        """
        if case.record is self._session.record:
            for slipped in self.passes.slipped:
                self._search_program(case, slipped.program, slipped.passes, Work(slipped.left))
            return
        for program in programs_of(case.record):
            self._search_program(case, program, tuple(slip_passes(program, elsewhere)), elsewhere)

    def _search_program(self, case: Case, program: PassProgram, tried: tuple[SlipPass, ...], work: Work) -> None:
        assert self._own is not None
        is_own = case.record is self._session.record
        factor = self._form.factor_in
        table = self._own if is_own else self.passes.tables.table_of(case.record, rows=case.with_rows)
        whole, numbers = slip_table(table, program, factor), self._open()[:MOST_SLIPPED]
        self._slips = whole if is_own else self._slips
        changed = np.ones(table.values.size, dtype=bool) if is_own else table.changed_from(self._own)
        ones = np.ones(table.values.size)
        others = [] if case.changes else [form for form in self._forms_of(table) if goes_with_slip(form)]
        forms = [((), ones), *((form.changes, table.layout.of_each(form.factors)) for form in others)]
        for changes, _ in forms:
            cost = case.cost(self._session.example) + sum(map(change_cost, changes))
            for found in tried:
                self._tried.add(cost + found.slip.cost)
        for slipped, form in likely_slips(whole, tried, numbers, [factors for _, factors in forms]):
            changes, factors = forms[form]
            differs = slipped.differs | (factors != 1.0)
            variant = Variant((slipped.change, *changes), slipped.values * factors, differs)
            # What is the same in both passes differs after the slip.
            self._compare(_Compared(case, table, variant, changed | slipped.differs))
        for slipped in carried_values(whole, numbers, work):
            variant = Variant((slipped.change,), slipped.values, slipped.differs)
            self._compare(_Compared(case, table, variant, changed | slipped.differs), is_loose=True)

    def _compare(self, compared: _Compared, *, is_loose: bool = False, is_kept: bool = True) -> None:
        """Add what one form of a pass explains, if it explains anything that the session's own pass does not.

        If `is_loose`, what follows from a rounded number may be wrong by less than a unit of the last digit. Unless
        `is_kept`, only what several numbers share is of interest.
        """
        case, table, variant, changed = compared.case, compared.table, compared.variant, compared.changed
        is_own = table is self._own and not variant.changes
        of_case = variant.differs if variant.changes else changed
        in_order = SortedValues.of(variant.values)
        agreeing = in_order.agreeing(self._columns, is_loose=is_loose)
        if is_own:
            is_stepped = agreeing.indices < table.layout.stepped
            self._matching = np.bincount(agreeing.places[is_stepped], minlength=len(self._numbers)).tolist()
        hits = hits_of(case, table, variant, changed, agreeing, self._session.example)
        news = is_own
        for place, found in enumerate(hits):
            for index, code, cost in zip(*found.where(of_case), strict=True):
                news = True
                if is_kept:
                    self._keep(place, self._found_at(compared, place, index, code, cost))
        if not news:
            if not variant.changes:
                self._sharing.note(case)
            return

        def entries(own: int) -> list[Found]:
            by_cost = zip(*hits[own].by_cost(), strict=True)
            return [self._found_at(compared, own, index, code, cost) for index, code, cost in by_cost]

        self._sharing.weigh(case, table, variant, hits, entries)

    def _found_at(self, compared: _Compared, place: int, index: int, code: int, cost: float) -> Found:
        case, table, variant = compared.case, compared.table, compared.variant
        quantity, total = table.layout.quantity_at(index)
        row = int(table.rows[index])
        changes = variant.changes if variant.differs[index] else ()
        example, update = self._session.example, 0
        if compared.changed[index]:  # otherwise it is the unchanged quantity of the session's own pass
            changes = (*case.changes, *changes)
            example, update = case.setup.example if row < 0 else table.examples[row], case.update
        elif row >= 0:
            example = table.examples[row]
        margin = self._numbers[place].bits - log2(table.layout.stepped) - cost
        return Found(
            quantity,
            float(variant.values[index]),
            example,
            update=update,
            changes=changes,
            agreement=code,
            total=total,
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

    @np.errstate(all="ignore")
    def search_misses(self) -> None:
        """For each number without a good explanation, look for slips that lead to it, and for the nearest value."""
        assert self._own is not None
        places = [place for place in range(len(self._spelled)) if not self._is_explained(place)]
        numbers = [self._spelled[place] for place in places]
        self._tried.add(MISS_COST, MISSED)
        kinds = self._kinds_asked()
        for place, number, misses in zip(places, numbers, near_misses(self._own, numbers), strict=True):
            # Of very many only the likeliest are looked at: no more than a few can be shown.
            for miss in nsmallest(MISSES, misses, key=self._missed_cost):
                self._keep(place, self._missed(number, miss))
            if all(self._charged(found).margin < LIKELY for found in self._found[place].values()):
                closest = nearest(self._own, number, kinds)
                if closest is not None:
                    self._keep(place, self._missed(number, closest))

    @np.errstate(all="ignore")
    def search_rounded(self, where: str, digits: int, values: dict[Quantity, float]) -> None:
        """Compare the unexplained numbers with a pass whose intermediate results were rounded."""
        self._search_shared_rounding(where, digits, values)
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

    def _search_shared_rounding(self, where: str, digits: int, values: dict[Quantity, float]) -> None:
        """Compare all numbers at once with a pass of rounded results, if there is more than one."""
        whole, index = self._slips, {} if self._slips is None else self._slips.program.index
        if whole is None or len(self._numbers) < 2:
            return
        changed = {index[quantity]: value for quantity, value in values.items() if quantity in index}
        slipped = whole.values_after(PassChange(ROUNDING, f"{where} {digits}"), changed)
        variant = Variant((slipped.change,), slipped.values, slipped.differs)
        case = Case(setup_of(self._session), self._session.record)
        changed_at = np.ones(slipped.values.size, dtype=bool)
        self._compare(_Compared(case, whole.table, variant, changed_at), is_kept=False)

    def _kinds_asked(self) -> frozenset[Kind]:
        """Return the kinds of the other numbers of the paste that are known; none if no kind is sure."""
        shared = self._sharing.best(self._tried.charge)
        if shared is None:
            return frozenset()
        found = (hits[0].quantity.kind for place in shared.joint.explained for hits in (shared.entries[place],) if hits)
        return frozenset(found) - GIVEN

    def _is_explained(self, place: int) -> bool:
        """Return whether a number is a value of some pass without a slip, and the match is unlikely to be chance."""
        found = (each for each in self._found[place].values() if each.miss is None and not each.is_slip)
        return any(each.margin >= LIKELY and self._charged(each).margin >= LIKELY for each in found)

    def _rounded(self, number: Pasted, miss: Miss, quantity: Quantity, exact: float, sign: float) -> Found:
        kept = (5 - miss.amount) * 0.3 + _ROUNDING_COSTS[miss.name]
        changes = (PassChange("sign"),) if sign < 0 else ()
        cost = kind_cost(quantity, "") + kept + (COSTS["sign"] if changes else 0.0)
        found = Found(quantity, exact, self._session.example, changes=changes, miss=miss, cost=cost)
        return self._no_match(number, found)

    def _missed_cost(self, miss: NearMiss) -> float:
        assert self._own is not None
        row = int(self._own.rows[miss.index])
        is_other = row >= 0 and self._own.examples[row] != self._session.example
        return miss.cost + float(self._own.kind_costs[miss.index]) + COSTS["example"] * is_other

    def _missed(self, number: Pasted, miss: NearMiss) -> Found:
        assert self._own is not None
        quantity, total = self._own.layout.quantity_at(miss.index)
        row = int(self._own.rows[miss.index])
        example = self._session.example if row < 0 else self._own.examples[row]
        value = float(self._own.values[miss.index])
        found = Found(quantity, value, example, total=total, miss=miss.miss, cost=self._missed_cost(miss))
        return self._no_match(number, found)

    def _no_match(self, number: Pasted, found: Found) -> Found:
        """Return an explanation by a slip with the evidence that the number gives for it in the own pass."""
        assert self._own is not None
        return replace(found, agreement=NONE, margin=number.bits - log2(self._own.layout.stepped) - found.cost)


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
