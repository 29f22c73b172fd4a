"""The finder's answers in plain sentences, in the notation's symbols: what a number is, and under which changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.debugger.finder.pasted import Pasted
from nnviz.debugger.finder.search import EXACT, ROUNDED, TRUNCATED, Answer, Found, Joint, Result, WholeMatch
from nnviz.debugger.state.found import NEAR, SLIP, PassChange
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import count_of
from nnviz.present.core.examples import example_text
from nnviz.present.core.voice import ALL_TIMES, Voice, voice_of
from nnviz.present.finding.finder_phrases import COMPOSED, FACTORS, NOUNS, PLAIN, TOTALS, UPDATES
from nnviz.present.finding.slip_phrases import follows_slip, is_first_wrong, is_slip, short, slip_phrase
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.text.numbers import digits, echoed, fixed, marked, pretty
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Kind, Quantity

LINES = 4
_CHANCE_LINES = 3
_SHARED_LINES = 2
# In bits: how much more an explanation may cost than the best, and the most costly match by chance that is shown.
_NO_WORSE = 3.0
_FAR_FETCHED = 8.0
# How much more a slip may cost than a value of another pass to be offered beside it, where both may be chance.
_GUESS = 1.5
_SHARES = {"%": " of percent", "‰": " of per mille"}
_PARTS = {"%": 100.0, "‰": 1000.0}
# With more decimals than this, a printed number has digits that no float has.
_ALL_DECIMALS = 17


@dataclass(frozen=True)
class FoundLine:
    """One explanation: a sentence, the quantity with all its digits, and the place to go to on a click.

    `mark` is "match", "change" (true under another convention or in another pass), "miss" or "chance".
    """

    text: str
    value: str
    mark: str
    found: Found


@dataclass(frozen=True)
class FoundText:
    """The texts about one number: a note on the number, which may be empty, and its explanations."""

    number: str
    note: str
    lines: tuple[FoundLine, ...]


@dataclass(frozen=True)
class Report:
    """The texts about all numbers: a verdict on them together, which may be empty, and one text for each."""

    verdict: str
    answers: tuple[FoundText, ...]
    is_finished: bool
    is_found: bool

    def text(self) -> str:
        """Return the report as plain lines."""
        lines = [self.verdict] if self.verdict else []
        for answer in self.answers:
            lines += [answer.note] if answer.note else []
            lines += [f"{line.text}  ({line.value})" if line.value else line.text for line in answer.lines]
        return "\n".join(lines)


def example_of(session: Session) -> str:
    """Return a number to try: the first printed result of the document, else an output to four decimals."""
    if session.lesson.printed:
        return marked(session.lesson.printed[0].value)
    return marked(fixed(float(session.record.a[-1][-1, session.record.row, 0]), 4))


def report(session: Session, result: Result) -> Report:
    """Return the result of a search, in words."""
    writer = _Writer(session)
    verdict = "" if result.joint is None else writer.verdict(result.joint, len(result.paste.numbers))
    return Report(
        verdict,
        tuple(writer.answer(place, answer) for place, answer in enumerate(result.answers)),
        result.is_finished,
        result.is_found,
    )


def conditions(session: Session, found: Found) -> str:
    """Return the other pass and the changes of an explanation, to be appended to a sentence; may be empty."""
    return _Writer(session)._conditions(found)


def shared_slip(session: Session, result: Result) -> tuple[str, tuple[int, ...]]:
    """Return the one slip that explains several numbers, in words, and the indices of these; empty if none does."""
    joint = result.joint
    slips = [] if joint is None else [change for change in joint.changes if change.name == SLIP]
    if joint is None or not slips or len(joint.explained) < 2:
        return "", ()
    return slip_phrase(voice_of(session), slips[0], Quantity(Kind.LOSS)), joint.explained


class _Writer:
    """Writes about the numbers of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._voice: Voice = voice_of(session)
        self._joint: Joint | None = None
        self._shared: tuple[PassChange, ...] | None = None
        self._is_whole = False

    def verdict(self, joint: Joint, count: int) -> str:
        """Return the sentence about all numbers together."""
        self._joint = joint
        self._shared, self._is_whole = joint.changes, joint.whole is not None
        where = self._place(joint.example, joint.update)
        phrases = [self._phrase(change, Quantity(Kind.LOSS)) for change in joint.changes]
        if joint.whole is not None:
            whole = self._whole(joint.whole, joint.changes)
            return f"Together they form {whole}{where}{', ' * bool(phrases)}{' and '.join(phrases)}."
        explained = len(joint.explained)
        some = ("Both" if count == 2 else f"All {count}") if explained == count else f"{explained} of the {count}"
        verb = "is" if explained == 1 else "are"
        pass_ = "values of this pass" if not joint.update else "values of a pass"
        if joint.examples and not joint.update:
            pass_ = "values of this pass and of other examples with the same weights"
        if phrases:
            return f"{some} {verb} {pass_}{where}, {' and '.join(phrases)}."
        return f"{some} {verb} {pass_}{where}, under the present conventions."

    def answer(self, place: int, answer: Answer) -> FoundText:
        """Return one number with its explanations."""
        shown = number_text(answer.number)
        kept = self._worth_showing(place, answer)
        notes = (answer.number.note, "" if self._is_whole else self._note(answer, shown, kept))
        lines = {line.text: line for line in (self._line(shown, answer, found) for found in reversed(kept))}
        return FoundText(shown, " ".join(filter(None, notes)), tuple(reversed(lines.values())))

    def _is_shared(self, found: Found) -> bool:
        """Return whether an explanation belongs to the pass that all numbers share, or to the session's own."""
        assert self._joint is not None
        places = ((self._joint.example, self._joint.update), (self._session.example, 0))
        of_others = found.update == self._joint.update and found.example in self._joint.examples
        here = of_others or (found.example, found.update) in places
        return here and found.miss is None and set(found.changes) <= set(self._joint.changes)

    def _worth_showing(self, place: int, answer: Answer) -> list[Found]:
        """Return the explanations that the best one does not make unlikely."""
        if not answer.found or self._is_whole:
            return list(answer.found[:1])
        best = answer.found[0]
        if self._joint is not None and place in self._joint.explained:
            return [found for found in answer.found if self._is_shared(found)][:_SHARED_LINES]
        likely = [found for found in answer.found if found.certainty != "chance"]
        if likely:
            return [found for found in likely if found.cost <= best.cost + _NO_WORSE][:LINES]
        # A guess that chance would give as well is not offered: neither a slip nor a rare change for a few digits.
        offered = [found for found in answer.found if not found.is_slip and (found.miss or found.cost <= NEAR)]
        guess = best.cost + _GUESS if best.miss is None else _FAR_FETCHED
        far = [found for found in offered[1:] if found.cost <= (guess if found.miss else _FAR_FETCHED)]
        return [*offered[:1], *far][:_CHANCE_LINES]

    def _note(self, answer: Answer, shown: str, kept: list[Found]) -> str:
        if not kept:
            return f"{shown} is not a value of this pass."
        if kept[0].miss is not None:
            return f"{shown} is not a value of this pass."
        if all(found.certainty == "chance" for found in kept):
            is_shared = self._joint is not None and all(map(self._is_shared, kept))
            if is_shared and any(found.changes for found in kept):
                return ""
            if answer.matching > 1:
                return f"{answer.matching} values of this pass match {shown}: it has too few digits to decide which."
            if answer.matching == 0:
                return f"{shown} is not a value of this pass; these matches may be chance."
            return f"{shown} has so few digits that the match may be chance."
        return ""

    def _line(self, shown: str, answer: Answer, found: Found) -> FoundLine:
        if found.miss is not None:
            return FoundLine(self._miss(answer.number, found), self._value(found), "miss", found)
        if is_first_wrong(found):
            text = f"{shown} is the first wrong number: this pass has {self._own_text(found.quantity)} in its place."
            return FoundLine(text, self._own_text(found.quantity, full=True), "miss", found)
        where = self._conditions(found)
        precision = _nearly(answer.number, found) if found.is_carried else _precision(answer.number, found)
        text = f"{shown} is {self._named(found)}{precision}{where}."
        plain = not found.changes and not found.update and found.example == self._session.example
        mark = "chance" if found.certainty == "chance" and not plain else "match" if plain else "change"
        return FoundLine(text, self._value(found), mark, found)

    def _own_text(self, quantity: Quantity, *, full: bool = False) -> str:
        value = digits(self._voice.number(quantity)) if full else short(self._voice, quantity)
        return f"{self._voice.text(quantity)} = {value}"

    def _value(self, found: Found) -> str:
        return f"{self._symbol(found)} = {digits(found.value)}"

    # Names

    def _voice_of(self, changes: tuple[PassChange, ...]) -> Voice:
        """Return the voice that names the numbers of a changed pass; with the other sign, names have it, too."""
        if not any(change.name == "sign" for change in changes):
            return self._voice
        return replace(self._voice, form=replace(self._voice.form, sign=-self._voice.sign))

    def _named(self, found: Found) -> str:
        """Return the name of a quantity with its symbol: the change ΔW₂,₁."""
        quantity = found.quantity
        symbol = self._voice_of(found.changes).text(quantity)
        if any(change.name == "threshold" for change in found.changes):
            return _threshold(found, symbol)
        if found.total:
            return TOTALS[found.total].format(symbol=symbol)
        if quantity.kind in NEW_KINDS:
            return f"the new {symbol}"
        return f"the {self._noun(quantity)} {symbol}"

    def _symbol(self, found: Found) -> str:
        quantity, total = found.quantity, found.total
        symbol = self._voice_of(found.changes).text(quantity)
        if not total:
            return f"new {symbol}" if quantity.kind in NEW_KINDS else symbol
        names = {
            "mean_loss": f"mean {symbol}",
            "mean_loss_of_steps": f"mean {symbol} per time step",
            "sum_loss": f"sum of {symbol}",
            "change": f"change of {symbol}",
        }
        return names.get(total, total.replace("_", " "))

    def _noun(self, quantity: Quantity) -> str:
        kinds = PARAMETER_OF.get(quantity.kind)
        if quantity.slot is not None:
            corrected = "corrected " if quantity.kind is Kind.CORRECTED else ""
            rule = self._voice.record.rule
            return corrected + OPTIMIZER_TEXTS[rule.optimizer].memories[quantity.slot].title.lower()
        if kinds is None or quantity.kind in NOUNS:
            return NOUNS.get(quantity.kind, quantity.kind.value)
        if quantity.kind is kinds.value:
            return "weight" if kinds.is_matrix else "bias"
        what = "change" if self._voice.gradients_as_changes else "gradient"
        return f"example's part of the {what}" if quantity.kind is kinds.gradient_term else what

    def _whole(self, whole: WholeMatch, changes: tuple[PassChange, ...]) -> str:
        kinds = PARAMETER_OF.get(whole.quantity.kind)
        if whole.quantity.kind in UPDATE_TERMS:
            kinds = PARAMETER_KINDS[whole.quantity.of]
        is_matrix = kinds is not None and kinds.is_matrix
        symbol = self._voice_of(changes).text(whole.quantity)
        is_new = whole.quantity.kind in NEW_KINDS and not whole.total
        name = f"of new values {symbol}" if is_new else f"of changes of {symbol}" if whole.total else symbol
        return f"{'the matrix' if is_matrix else 'the vector'} {name}, {'transposed' if whole.turned else 'in order'}"

    # Conditions

    def _place(self, example: int, update: int) -> str:
        """Return the other pass; empty for the session's own."""
        text = f", {UPDATES[update]}" if update else ""
        session = self._session
        if example != session.example:
            text += f", in example {example + 1}, {example_text(session.lesson, example)}"
        return text

    def _conditions(self, found: Found) -> str:
        """Return the other pass and the changes; changes that all numbers share are in the verdict instead."""
        phrases = [self._phrase(change, found.quantity) for change in found.changes]
        if self._shared and set(found.changes) <= set(self._shared) and any(map(is_slip, found.changes)):
            follows = ", which follows from it" if follows_slip(found) else ""
            return f"{self._place(found.example, found.update)}{follows}"
        if found.changes == self._shared or found.miss is not None:
            phrases = [phrase.partition(":")[0] for phrase in phrases]
        where = self._place(found.example, found.update)
        return f"{where}, {' and '.join(phrases)}" if phrases else where

    def _phrase(self, change: PassChange, quantity: Quantity) -> str:
        if change.name in COMPOSED:
            return COMPOSED[change.name](self._voice, change, quantity)
        return PLAIN[change.name, change.value]

    # Misses

    def _miss(self, number: Pasted, found: Found) -> str:
        miss = found.miss
        assert miss is not None
        named, where = self._named(found), self._conditions(found)
        comma = "," if where else ""
        decimals, exact = f"{int(miss.amount)} decimals", _to_digits(found.value, number)
        exactly = f"; the exact value is {exact}"
        if miss.name == "factor":
            return f"It is {self._times(miss.amount, named)}{where}."
        if miss.name == "nearest":
            return f"The nearest value is {named}{where}: {exact}, off by {pretty(f'{abs(miss.amount):.2g}')}."
        return {
            "operands": f"It is {named}{where}{comma} with its operands rounded to {decimals}{exactly}.",
            "activations": f"It is {named}{where}{comma} with the activations rounded to {decimals}{exactly}.",
            "output": f"It is {named}{where}{comma} with {self._output()} rounded to {decimals}{exactly}.",
            "carried": f"It is {named}{where}{comma} with every earlier number rounded to {decimals}{exactly}.",
            "sign": f"It is {named}{where} with the opposite sign.",
            "complement": f"It is 1 − {self._symbol(found)}{where}.",
            "square": f"It is the square of {named}{where}.",
            "swapped": f"Two digits are swapped: {named}{where} is {exact}.",
            "last_digit": f"It differs by {int(miss.amount)} in the last digit: {named}{where} is {exact}.",
        }[miss.name]

    def _output(self) -> str:
        """Return the output's symbol, of all units if there are several."""
        return self._voice.text(Quantity(Kind.A, self._voice.record.architecture.depth - 1, time=ALL_TIMES))

    def _times(self, amount: float, named: str) -> str:
        """Return a quantity times a factor, with the factor named."""
        record = self._voice.record
        rate, examples = record.rule.rates.learning_rate, float(len(record.examples))
        minus = "minus " if amount < 0 else ""
        for factor, text in (*FACTORS, (rate, "the learning rate times {}"), (examples, "{}, times the batch size")):
            if abs(amount) == factor:
                return minus + text.format(named)
        divided = "learning rate" if rate and abs(amount) == 1.0 / rate else "batch size"
        return f"{minus}{named}, divided by the {divided}"


def number_text(number: Pasted) -> str:
    """Return a pasted number with a typographic minus."""
    return echoed(number.text)


def _threshold(found: Found, symbol: str) -> str:
    """Return the name of a threshold, of its change or of its gradient."""
    quantity = found.quantity
    kinds = PARAMETER_OF[quantity.kind]
    if found.total:
        return f"the change of the threshold −{symbol}"
    if quantity.kind in NEW_KINDS:
        return f"the new threshold, −{symbol}"
    return f"the threshold −{symbol}" if quantity.kind is kinds.value else f"minus {symbol}, for a threshold"


def _decimals(number: Pasted) -> int:
    """Return how many decimals a number is printed with; for a percentage, its own."""
    mantissa = number.text.lower().partition("e")[0]
    return sum(char.isdigit() for char in mantissa.partition(".")[2])


def _places(number: Pasted) -> str:
    """Return to how many digits a number is printed; the decimals of a power of ten would not say it."""
    mantissa, exponent = number.text.lower().partition("e")[::2]
    decimals = _decimals(number)
    if exponent:
        return count_of(sum(map(str.isdigit, mantissa.lstrip("+-0."))) or 1, "digit")
    return count_of(decimals, "decimal") if decimals else "a whole number"


def _precision(number: Pasted, found: Found) -> str:
    """Return to which digits a number agrees."""
    if found.agreement == EXACT:
        return ""
    places, of = _places(number), _SHARES.get(number.text[-1], "")
    if found.agreement == TRUNCATED:
        return f" to {places}{of} (truncated{'' if number.cut else ', not rounded'})"
    return f" to {places}{of}"


def _nearly(number: Pasted, found: Found) -> str:
    """Return to which digits a number agrees that follows from a rounded one."""
    if abs(found.value - number.value) <= 0.5 * number.unit:
        return _precision(replace(number, cut=False), replace(found, agreement=ROUNDED))
    return " to a unit of its last digit"


def _to_digits(value: float, number: Pasted) -> str:
    """Return a value to the digits in which a number is printed."""
    if _decimals(number) > _ALL_DECIMALS:
        return digits(value)
    if "e" in number.text.lower():
        return pretty(f"{value:.{_decimals(number)}e}")
    if number.text[-1] in _SHARES:
        return f"{pretty(f'{value * _PARTS[number.text[-1]]:.{_decimals(number)}f}')} {number.text[-1]}"
    return pretty(f"{value:.{max(_decimals(number), 2)}f}" if not number.fraction else f"{value:.6f}")


def report_text(shown: Report) -> str:
    """Return the report as text: a paragraph per number, with the quantity's digits below its sentence."""
    paragraphs = [shown.verdict] if shown.verdict else []
    for answer in shown.answers:
        lines = [answer.note] if answer.note else []
        for line in answer.lines:
            lines += [line.text, f"    {line.value}"]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"
