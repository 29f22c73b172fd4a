"""The explanation that several numbers share: of all passes the one that accounts for most of them.

A change costs bits, and a number contributes the bits of its digits. All passes that are tried share one chance:
another pass than the session's own is preferred only if it explains more than any of them would by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import expm1, log2

import numpy as np

from nnviz.debugger.finder.cases import Case
from nnviz.debugger.finder.number_table import NumberTable, agreement
from nnviz.debugger.finder.pasted import Paste, Pasted
from nnviz.debugger.finder.results import Joint, WholeMatch
from nnviz.debugger.finder.table_forms import FORMS, Hits, Variant
from nnviz.debugger.state.found import NONE, Found
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray

_ROW_COST = 2.6  # of each other example: slightly more than a pass on that example alone
SURE = 1.5  # bits beyond chance that an explanation must have if it is not the session's own pass
WHOLE_PAGE = 2.0  # bits for a page of which every number is one of the session's own pass, in another form
ELSEWHERE = 8  # passes of other examples and updates in which slips are looked for

# The explanations of one number in the pass that is weighed, the best first.
Entries = Callable[[int], list[Found]]


@dataclass(frozen=True)
class Shared:
    """An explanation that numbers share, the bits of its changes, and for each number its own part, the best first."""

    joint: Joint
    cost: float
    entries: list[list[Found]]

    def is_beaten_by(self, other: Shared) -> bool:
        """Whether another one explains as much at no more cost."""
        return other.joint.score >= self.joint.score - 1e-9 and other.cost <= self.cost


class Sharing:
    """The best shared explanations so far. Mutable: passes are weighed one after another."""

    def __init__(self, session: Session, paste: Paste, numbers: Sequence[Pasted], places: Sequence[int]) -> None:
        self._session = session
        self._paste = paste
        self._numbers = numbers
        self._places = places
        self._here: Shared | None = None
        self._moved: list[Shared] = []  # none of which is beaten by another
        # How well other passes explain the numbers without a slip, and the best of another convention.
        self._plain: list[tuple[float, Case]] = []
        self._changed: tuple[float, Case] | None = None

    def best(self, charge: Callable[[float], float]) -> Shared | None:
        """Return the explanation of several numbers; of another pass only if it is not one that chance would give.

        `charge` returns the bits that have to be paid for all passes that were tried and are as likely as a cost.
        """
        here = self._here
        at_home = 0.0 if here is None else max(0.0, here.joint.score)
        for moved in sorted(self._moved, key=lambda shared: -shared.joint.score):
            bits = moved.joint.score - charge(moved.cost)
            if bits > at_home + SURE:
                return _proved(moved, bits)
        return here if here is not None and len(here.joint.explained) > 1 else None

    def likely_cases(self) -> Iterator[Case]:
        """Yield the passes in which slips may have happened: those that explain most numbers as they are."""
        likely = [] if self._changed is None else [self._changed]
        likely += sorted(self._plain, key=lambda entry: -entry[0])[:ELSEWHERE]
        yield from (replace(case, is_elsewhere=True) for _, case in likely)

    def note(self, case: Case, worth: float = 0.0) -> None:
        """Remember how well a pass explains the numbers without a slip, as a place to look for slips."""
        if case.record is self._session.record or case.is_elsewhere:
            return
        if not case.changes:
            self._plain.append((worth, case))
            return
        worth -= case.cost(self._session.example)
        if worth > (0.0 if self._changed is None else self._changed[0]):
            self._changed = (worth, case)

    def weigh(self, case: Case, table: NumberTable, variant: Variant, hits: list[Hits], entries: Entries) -> None:
        """Keep a pass and form as the shared explanation if it explains the numbers better than any before."""
        numbers, example = self._paste.numbers, self._session.example
        explained = [place for place, own in enumerate(self._places) if len(hits[own].indices)]
        once = [own for own, found in enumerate(hits) if len(found.indices)]
        plain = sum(_evidence(self._numbers[own].bits, table.layout.stepped) for own in once)
        if not variant.changes:
            self.note(case, plain)
        score = -case.cost(example) - variant.cost
        if len(explained) == len(numbers) and not case.is_moved(example) and _is_form(variant):
            score += WHOLE_PAGE
        whole = (
            _whole(table, variant, self._paste, self._session.form.units_first)
            if len(explained) == len(numbers)
            else None
        )
        if whole is not None:
            score += sum(number.bits for number in numbers) - log2(2 * len(table.layout.blocks)) - whole.turned
        else:
            best = [hits[own].best for own in once]
            others = {table.examples[table.rows[index]] for index in best if table.rows[index] >= 0}
            score += plain - sum(float(table.kind_costs[index]) for index in best)
            score -= _ROW_COST * len(others - {example})
        changes = (*case.changes, *variant.changes)
        is_here = not changes and not case.is_moved(example)
        if len(once) < (1 if is_here else 2):
            return
        of_rows = [table.rows[hits[own].best] for own in once]
        examples = tuple(sorted({table.examples[row] for row in of_rows if row >= 0} - {case.setup.example}))
        joint = Joint(
            tuple(explained), case.setup.example, case.update, changes, whole=whole, score=score, examples=examples
        )
        # A number that is carried on has paid for the places where it might have been.
        found = Shared(joint, 0.0 if joint.is_carried else case.cost(example) + variant.cost, [])
        before = [self._here] if is_here else self._moved
        if any(found.is_beaten_by(other) for other in before if other is not None):
            return
        shared = [entries(own) for own in range(len(hits))]
        if whole is not None:
            shared = [_of_whole(each, whole) for each in shared]
        found = replace(found, entries=[shared[own] for own in self._places])
        if is_here:
            self._here = found
        else:
            self._moved = [found, *(other for other in self._moved if not other.is_beaten_by(found))]


def _is_form(variant: Variant) -> bool:
    """Return whether the page only writes the numbers in another form."""
    return bool(variant.changes) and all(change.name in FORMS for change in variant.changes)


def _proved(shared: Shared, bits: float) -> Shared:
    """Return an explanation in which each number that differs from the own pass is as sure as all of them together."""
    entries = [
        [replace(found, margin=max(found.margin, bits)) if found.is_changed else found for found in each]
        for each in shared.entries
    ]
    return replace(shared, entries=entries)


def _evidence(bits: float, values: int) -> float:
    """Return the bits of evidence that a match with one of `values` candidates is not chance."""
    expected = values * 2.0**-bits
    return -log2(-expm1(-expected)) if expected > 0.0 else 0.0


def _whole(table: NumberTable, variant: Variant, paste: Paste, units_first: bool) -> WholeMatch | None:
    """Return the vector or matrix that all numbers form in order; None if they form none."""
    count = len(paste.numbers)
    if count < 2:
        return None
    for block, start in table.layout.items():
        if block.size != count or not block.shape:
            continue
        array = variant.values[start : start + count].reshape(block.shape)
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
