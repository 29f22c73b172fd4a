"""What a wrong array is instead, and which slip gives it, as the finder says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from nnviz.api.checking.given_array import GivenArray
from nnviz.debugger.finder.pasted import read_paste
from nnviz.debugger.finder.search import Result, search
from nnviz.debugger.state.session import Session
from nnviz.present.finding.finder_text import report, shared_slip

MOST_NUMBERS = 24  # that are searched
MOST_PARAMETERS = 500  # of a network of which other passes are tried as well as its own
_DIGITS = 9  # significant ones, fewer than what rounding changes
_PRECISION = re.compile(r" to [0-9]+ decimals?")


def explain(session: Session, first: GivenArray, following: Sequence[GivenArray]) -> str:
    """Return a sentence on the first wrong array, with those that follow from it as evidence; empty if none is sure."""
    own = list(_texts(first))[:MOST_NUMBERS]
    more = [text for given in following for text in _texts(given)][: MOST_NUMBERS - len(own)]
    return (_explained(session, [*own, *more], is_slip=True) if more else "") or _explained(session, own)


def _explained(session: Session, texts: Sequence[str], *, is_slip: bool = False) -> str:
    """Return what numbers are together, or the first of them; with `is_slip`, only the change that gives them all."""
    result = _search(session, " ; ".join(texts))
    phrase, explained = shared_slip(session, result)
    if phrase and 0 in explained:
        return f"This is what comes out {phrase}."
    shown, joint = report(session, result), result.joint
    if joint is not None and 0 in joint.explained and (joint.changes or (joint.whole is not None and not is_slip)):
        return _PRECISION.sub("", shown.verdict)
    if is_slip:
        return ""
    lines = [line for line in shown.answers[0].lines if line.mark in ("match", "change")]
    return _PRECISION.sub("", lines[0].text) if lines and lines[0].found.certainty != "chance" else ""


def _search(session: Session, text: str) -> Result:
    """Return what numbers are in the pass, and in a small network in the passes that some change makes of it."""
    passes = search(session, read_paste(text))
    if session.record.architecture.parameter_count > MOST_PARAMETERS:
        return next(passes).result(is_finished=True)
    *_, finding = passes
    return finding.result(is_finished=True)


def _texts(given: GivenArray) -> Iterator[str]:
    """Yield the wrong numbers of an array as they would be printed."""
    if given.values is None:
        return
    wrong = np.ravel(given.wrong_in(given.expected)).tolist()
    texts = [f"{value:.{_DIGITS}g}" for value in np.ravel(given.values).tolist()]
    if given.printed is not None:
        texts = [number.text for number in given.printed]
    yield from (text for text, is_wrong in zip(texts, wrong, strict=True) if is_wrong)
