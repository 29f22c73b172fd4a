"""Find which quantity of which pass a printed number is, to its printed digits, and under which convention.

The session's own pass is searched first, then every pass that one or two changes would have produced (see
cases.py). Each pass is also compared with the opposite sign, without the learning rate, or with another logarithm.
A change costs bits, and a number contributes the bits of its digits. The explanation that covers all numbers with the
fewest changes comes first. A match that chance alone would give is marked as such.

Numbers that are still open are then looked for among those that slips would lead to, in the own pass and in the passes
that explain most of the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nnviz.debugger.finder.cases import slip_cases
from nnviz.debugger.finder.finding import Finding
from nnviz.debugger.finder.near_misses import rounded_passes
from nnviz.debugger.finder.pasted import Paste, read_paste
from nnviz.debugger.finder.results import Answer, Joint, Result, WholeMatch
from nnviz.debugger.finder.slip_passes import Work
from nnviz.debugger.state.found import EXACT, ROUNDED, TRUNCATED, Found
from nnviz.debugger.state.session import Session

__all__ = [
    "EXACT",
    "ROUNDED",
    "TRUNCATED",
    "Answer",
    "Finding",
    "Found",
    "Joint",
    "Result",
    "WholeMatch",
    "find",
    "search",
]


def find(session: Session, text: str) -> Result:
    """Search for the numbers of a text to the end. Raises PasteError if there are none."""
    *_, finding = search(session, read_paste(text))
    return finding.result(is_finished=True)


def search(session: Session, paste: Paste) -> Iterator[Finding]:
    """Search for numbers pass by pass; the finding yielded after each pass can return its result so far.

    To cancel the search, stop iterating.
    """
    finding = Finding(session, paste)
    for case, table in finding.passes:
        finding.search_pass(case, table)
        yield finding
    elsewhere = Work()
    for case in chain(slip_cases(session), finding.likely_cases()) if finding.is_open else ():
        if case.is_elsewhere and (elsewhere.left <= 0 or finding.is_explained):
            break
        finding.search_slips(case, elsewhere)
        yield finding
    finding.search_misses()
    yield finding
    for where, digits, values in rounded_passes(session.trace):
        finding.search_rounded(where, digits, values)
        yield finding
