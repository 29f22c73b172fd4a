"""The state of a learner who predicts each value: attempts at the open question, and the score by kind."""

from __future__ import annotations

from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nnviz.tracing.steps import Grain, Quantity
from nnviz.tracing.trace import Trace

if TYPE_CHECKING:
    from nnviz.debugger.state.found import Found

LEAST_DIGITS = 2  # significant digits that an answer needs, unless it is the exact value
MOST_HINTS = 2  # the formula in symbols, then with its numbers
MOST_COUNTED = 10**9  # of a kind of step


class State(StrEnum):
    """How an answer was judged."""

    RIGHT = "right"
    CUT = "cut"  # right, but truncated instead of rounded
    SHORT = "short"  # right so far, but with too few digits to judge
    WRONG = "wrong"
    UNREAD = "unread"  # no number, or the wrong count of numbers
    REVEALED = "revealed"


@dataclass(frozen=True)
class Slip:
    """The mistake in a wrong answer, by its name: sign, bias, product, other, factor, rounded, …

    `quantity` is the value that was given, or the part that was omitted; `amount` is a factor or a number of decimals.
    `found` is the finder's explanation, if only the finder has one.
    """

    name: str
    quantity: Quantity | None = None
    amount: float = 0.0
    found: Found | None = None


@dataclass(frozen=True)
class AnswerVerdict:
    """The verdict on the last answer. If several numbers are asked for, `entry` is the index of the first wrong one.

    `decimals` is the number of decimals of the answer, `slip` the mistake if it is recognized, `expected` how many
    numbers are asked for, and `reason` why the answer could not be read.
    """

    state: State
    text: str = ""
    _: KW_ONLY
    decimals: int = 0
    entry: int = 0
    wrong: int = 0
    expected: int = 1
    slip: Slip | None = None
    reason: str = ""


@dataclass(frozen=True)
class Tally:
    """How often a kind of step was asked, and the outcomes: right at the first try, right later, or revealed."""

    asked: int = 0
    first: int = 0
    later: int = 0
    revealed: int = 0

    @property
    def right(self) -> int:
        """Right without having been revealed."""
        return self.first + self.later


Score = tuple[tuple[str, Tally], ...]  # by the kind of step, in the order in which they were first asked


@dataclass(frozen=True)
class QuestionPlace:
    """The place of a question, which is open nowhere else. Two passes are never the same place."""

    trace: Trace
    grain: Grain
    position: int


@dataclass(frozen=True)
class Prediction:
    """The state of predicting. Attempts, hints and verdict belong to the question at `where`.

    `is_revealed`: the value before `where` has just been found or revealed, and the next question waits for the
    learner.
    `skips_trivial`: values that need no arithmetic are not asked for. `counted` are the positions of `where.trace` that
    were already asked for, so that going back to a revealed value does not count.
    """

    score: Score = ()
    skips_trivial: bool = True
    where: QuestionPlace | None = None
    is_revealed: bool = False
    attempts: tuple[str, ...] = ()
    hints: int = 0
    verdict: AnswerVerdict | None = None
    counted: frozenset[int] = field(default_factory=frozenset)

    def at(self, where: QuestionPlace) -> Prediction:
        """Return the state at a place: without attempts if it is another place."""
        if self.where == where:
            return self
        same_pass = self.where is not None and self.where.trace is where.trace
        counted = self.counted if same_pass else frozenset()
        return Prediction(self.score, self.skips_trivial, where, counted=counted)


@dataclass(frozen=True)
class Predicted:
    """The predictions in a session file: the score made in this session, and `now` while the learner is predicting."""

    score: Score = ()
    now: Prediction | None = None


def add_to_score(score: Score, kind: str, *, first: bool = False, later: bool = False, revealed: bool = False) -> Score:
    """Return the score with one more question of a kind."""
    tallies = dict(score)
    old = tallies.get(kind, Tally())
    tallies[kind] = replace(
        old,
        asked=old.asked + 1,
        first=old.first + first,
        later=old.later + later,
        revealed=old.revealed + revealed,
    )
    return tuple(tallies.items())


def carry_score(score: Score, before: Score, after: Score) -> Score:
    """Add to a score what another gained from `before` to `after`; return none if that one was cleared."""
    if not after:
        return ()
    mine, was = dict(score), dict(before)
    for kind, tally in after:
        if tally != was.get(kind):
            counts, own, old = asdict(tally), asdict(mine.get(kind, Tally())), asdict(was.get(kind, Tally()))
            mine[kind] = Tally(**{name: own[name] + count - old[name] for name, count in counts.items()})
    return tuple(mine.items())


def score_data(score: Score) -> dict[str, dict[str, int]]:
    """Return a score as a file holds it."""
    return {kind: asdict(tally) for kind, tally in score}


def tally_of(counts: Any) -> Tally:
    """Read the tally that a file holds. Raises ValueError saying what is wrong with the counts."""
    names = list(asdict(Tally()))
    if not isinstance(counts, dict) or sorted(counts) != sorted(names):
        raise ValueError("cannot be read")
    if not all(type(count) is int and 0 <= count <= MOST_COUNTED for count in counts.values()):
        raise ValueError("cannot be read")
    tally = Tally(**counts)
    if tally.right + tally.revealed != tally.asked:
        raise ValueError("do not add up")
    return tally
