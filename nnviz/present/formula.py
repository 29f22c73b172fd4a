"""The formula of a step: in symbols, with its numbers put in, and the result; in TeX and in plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.present.numbers import array_text, fixed, pretty, short, tex_number
from nnviz.present.text import linear
from nnviz.present.voice import ANY_I, ANY_K, Voice, raised
from nnviz.present.whole import whole_expression
from nnviz.trace.provenance import Operand, operands, operands_of, source_quantity
from nnviz.trace.steps import Grain, Kind, Quantity, Step, Value
from nnviz.trace.trace import Trace

DECIMALS = 6
# A longer sum is written with a sum sign, and its numbers are cut to the first ones and the last.
MOST_TERMS = 5
# About how many characters of plain text the card has room for on one line.
ROW_SYMBOLS = 44
ROW_NUMBERS = 40


@dataclass(frozen=True)
class FormulaOperand:
    """One operand as it stands in the formula: its id there (from 1), what it is, its symbol and document value."""

    id: int
    quantity: Quantity
    symbol: str
    value: float
    origin: int | None


@dataclass(frozen=True)
class Formula:
    """`symbol` `relation` `symbols` = `numbers` = `result`, each in TeX; operands carry their id as a color.

    `numbers` is empty where nothing is put in; `value` is the document's, in its sign and orientation.
    The rows are the same two lines, a long sum broken before its plus signs.
    """

    symbol: str
    relation: str
    symbols: str
    numbers: str
    result: str
    value: Value
    operands: tuple[FormulaOperand, ...]
    symbol_rows: tuple[str, ...]
    number_rows: tuple[str, ...]

    @property
    def symbols_line(self) -> str:
        """The whole first line in TeX; a product or bias that is its own symbol is not written twice."""
        if linear(self.symbols) == linear(self.symbol):
            return self.symbols
        return f"{self.symbol} {self.relation} {self.symbols}"

    def texts(self, scripts: bool = True) -> tuple[str, str, str, str]:
        """Symbol, the first line, the numbers and the result in plain text; machine text without `scripts`."""
        line = linear(self.symbols_line, scripts)
        numbers = linear(self.numbers, scripts)
        result = _plain_value(self.value, scripts)
        return linear(self.symbol, scripts), line, numbers, result


def _plain_value(value: Value, scripts: bool) -> str:
    text = array_text(value, DECIMALS)
    return pretty(text) if scripts else text


@dataclass(frozen=True)
class Piece:
    """A part of an expression, written once with symbols and once with numbers."""

    symbols: str
    numbers: str
    breakable: bool = False


class _Writer:
    """Collects the operands of one formula while its expression is written; lives for that one call."""

    def __init__(self, trace: Trace, voice: Voice, parts: Sequence[Operand]) -> None:
        self.trace = trace
        self.voice = voice
        self.parts = parts
        self.operands: list[FormulaOperand] = []

    def operand(self, part: Operand, bare: bool = False) -> Piece:
        """An operand; a negative number goes in parentheses unless it stands alone or first (`bare`)."""
        value = self.voice.number(part.quantity)
        symbol = self.voice.tex(part.quantity)
        number = len(self.operands) + 1
        self.operands.append(FormulaOperand(number, part.quantity, symbol, value, part.origin))
        text = tex_number(short(value, DECIMALS))
        if text.startswith("-") and not bare:
            text = rf"\left({text}\right)"
        color = rf"\textcolor{{#{number:06x}}}"
        return Piece(f"{color}{{{symbol}}}", f"{color}{{{text}}}")


def literal(tex: str) -> Piece:
    """The same in both lines."""
    return Piece(tex, tex)


COMMA = r",\ "
PLUS = Piece(" + ", " + ", breakable=True)
TIMES = Piece(r"\,", r" \cdot ")
_CHANGING = (Kind.W_NEW, Kind.B_NEW, Kind.MOVING, Kind.UPDATE_PASS)
Rule = Callable[[_Writer, Quantity], list[Piece]]


def formula(trace: Trace, step: Step, voice: Voice) -> Formula:
    """The formula of any step of a trace, told by a voice."""
    value = voice.value(step.quantity)
    relation = r"\leftarrow" if step.kind in _CHANGING else "="
    symbol = voice.tex(step.quantity)
    if step.grain < Grain.NEURON:
        symbols = whole_expression(voice, step.quantity)
        told = Formula(symbol, relation, symbols, "", _array_tex(value), value, (), (), ())
        return replace(told, symbol_rows=(told.symbols_line,))
    writer = _Writer(trace, voice, operands(trace, step))
    pieces = _RULES[step.kind](writer, step.quantity)
    symbols = "".join(piece.symbols for piece in pieces)
    numbers = "".join(piece.numbers for piece in pieces)
    assert isinstance(value, float)
    result = tex_number(fixed(value, DECIMALS))
    plain = len(pieces) == 1 and len(writer.operands) <= 1  # nothing is put in that the result does not say
    told = Formula(
        symbol, relation, symbols, "" if plain else numbers, result, value, tuple(writer.operands), (), ()
    )  # fmt: skip
    front = told.symbols_line.removesuffix(symbols)
    return replace(
        told,
        symbol_rows=_rows([front, *(p.symbols for p in pieces)], [False, *(p.breakable for p in pieces)], ROW_SYMBOLS),
        number_rows=() if plain else _rows([p.numbers for p in pieces], [p.breakable for p in pieces], ROW_NUMBERS),
    )


def _rows(parts: Sequence[str], breakable: Sequence[bool], most: int) -> tuple[str, ...]:
    """Join parts to rows of at most about `most` characters of plain text, breaking only where it is allowed."""
    rows, row, length = [], "", 0
    chunk, chunk_length = "", 0
    for part, may_break in zip([*parts, ""], [*breakable, True], strict=True):
        if may_break:
            if row and length + chunk_length > most:
                rows.append(row)
                row, length = "", 0
            row, length = row + chunk, length + chunk_length
            chunk, chunk_length = "", 0
        chunk += part
        chunk_length += len(linear(part))
    # An empty group before its plus sign keeps the room that a sign between two summands has.
    return tuple(text if index == 0 else f"{{}}{text}" for index, text in enumerate([*rows, row]))


def _array_tex(value: Value) -> str:
    if isinstance(value, float):
        return tex_number(fixed(value, DECIMALS))
    if value.size == 1:
        return tex_number(fixed(value.item(), DECIMALS))
    if value.ndim == 1:
        return rf"\left({_cells(value, COMMA, 4)}\right)"
    if max(value.shape) > 4:
        return rf"\text{{a matrix of }} {value.shape[0]} \times {value.shape[1]}"
    rows = r"\\ ".join(_cells(row, " & ", 4) for row in value)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _cells(row: FloatArray, separator: str, most: int) -> str:
    cells = [tex_number(fixed(float(cell), DECIMALS if len(row) <= 2 else 4)) for cell in row[:most]]
    return separator.join([*cells, r"\cdots"] if len(row) > most else cells)


def _sum_of(writer: _Writer, groups: Sequence[Sequence[Operand]], sigma: str) -> list[Piece]:
    """A sum of products, written out if it is short, else as `sigma` with its first two and last products."""
    if len(groups) <= MOST_TERMS:
        pieces: list[Piece] = []
        for index, group in enumerate(groups):
            pieces += [PLUS] * bool(index) + _product_of(writer, group, first=index == 0)
        return pieces
    shown = [_product_of(writer, group, first=i == 0) for i, group in enumerate((*groups[:2], groups[-1]))]
    numbers = ["".join(piece.numbers for piece in pieces) for pieces in shown]
    return [Piece(sigma, f"{numbers[0]} + {numbers[1]} + \\cdots + {numbers[2]}")]


def _product_of(writer: _Writer, group: Sequence[Operand], first: bool = False) -> list[Piece]:
    pieces: list[Piece] = []
    for index, part in enumerate(group):
        pieces += [TIMES] * bool(index) + [writer.operand(part, bare=first and index == 0)]
    return pieces


def _pairs(parts: Sequence[Operand]) -> list[Sequence[Operand]]:
    return [parts[i : i + 2] for i in range(0, len(parts) - 1, 2)]


def _plain_product(writer: _Writer, q: Quantity) -> list[Piece]:
    return _product_of(writer, writer.parts, first=True)


def _alone(writer: _Writer, q: Quantity) -> list[Piece]:
    return [writer.operand(writer.parts[0], bare=True)]


def _z(writer: _Writer, q: Quantity) -> list[Piece]:
    assert q.layer is not None
    *products, bias = writer.parts
    pairs = _pairs([*products, bias])
    weight, source = Quantity(Kind.WEIGHT, q.layer, q.unit, ANY_I), source_quantity(q.layer, ANY_I)
    sigma = _sigma("i", len(pairs), rf"{writer.voice.tex(weight)}\,{writer.voice.tex(source)}")
    return [*_sum_of(writer, pairs, sigma), PLUS, writer.operand(bias)]


def _sigma(index: str, count: int, term: str) -> str:
    return rf"\sum_{{{index}=1}}^{{{count}}} {term}"


def _a(writer: _Writer, q: Quantity) -> list[Piece]:
    assert q.layer is not None
    name = writer.voice.record.architecture.layers[q.layer].activation
    z = writer.operand(writer.parts[0], bare=True)
    if name == "linear":
        return [z]
    if name == "relu":
        return [literal(r"\max\left(0,\ "), z, literal(r"\right)")]
    if name == "softmax":
        others = [writer.operand(part, bare=True) for part in writer.parts[1:]]
        return _softmax(z, others, q.unit or 0)
    return [literal(rf"{writer.voice.function(q.layer)}\left("), z, literal(r"\right)")]


def _softmax(z: Piece, others: Sequence[Piece], unit: int) -> list[Piece]:
    ordered = [*others[:unit], z, *others[unit:]]
    if len(ordered) > MOST_TERMS:
        ordered = [*ordered[:2], literal(r"\cdots"), ordered[-1]]

    def exponentials(texts: Sequence[str]) -> str:
        return " + ".join(text if text == r"\cdots" else f"e^{{{text}}}" for text in texts)

    symbols = rf"\frac{{e^{{{z.symbols}}}}}{{{exponentials([p.symbols for p in ordered])}}}"
    numbers = rf"\frac{{e^{{{z.numbers}}}}}{{{exponentials([p.numbers for p in ordered])}}}"
    return [Piece(symbols, numbers)]


def _error(writer: _Writer, q: Quantity) -> list[Piece]:
    loss = writer.voice.record.architecture.loss
    t, y = (writer.operand(part) for part in writer.parts[:2])
    for part in writer.parts[2:]:
        writer.operand(part)  # a saturated output: the sum is taken from z, which the learner can follow
    squares, logarithms = ("-", []) if writer.voice.tells_reward else ("", [literal("-")])
    if loss == "cross_entropy":
        return [*logarithms, t, Piece(r"\,\ln ", r" \cdot \ln "), y]
    if loss == "binary_cross_entropy":
        one_minus = literal(r"\left(1 - ")
        close = literal(r"\right)")
        log = Piece(r"\,\ln ", r" \cdot \ln ")
        return [
            *logarithms, literal(r"\left["), t, log, y, literal(" + "), one_minus, t, close, log, one_minus, y, close,
            literal(r"\right]"),
        ]  # fmt: skip
    outputs = writer.voice.record.architecture.sizes[-1]
    factor = {"half_squared": r"\frac{1}{2}", "squared": "", "mean_squared": rf"\frac{{1}}{{{outputs}}}"}[loss]
    return [literal(rf"{squares}{factor}\left("), t, literal(" - "), y, literal(r"\right)^2")]


def _loss(writer: _Writer, q: Quantity) -> list[Piece]:
    if len(writer.parts) == 1:
        return _error(_retarget(writer, q), q)
    error = writer.voice.tex(Quantity(Kind.ERROR, None, ANY_K))
    return _sum_of(writer, [[part] for part in writer.parts], _sigma("k", len(writer.parts), error))


def _retarget(writer: _Writer, q: Quantity) -> _Writer:
    """With one output the total is its error, so the loss is written by target and output at once."""
    last = writer.voice.record.architecture.depth - 1
    quantities = (Quantity(Kind.TARGET, None, 0), Quantity(Kind.A, last, 0))
    writer.parts = [Operand(quantity, writer.trace) for quantity in quantities]
    return writer


def _dE_da(writer: _Writer, q: Quantity) -> list[Piece]:
    if writer.parts[0].quantity.kind is not Kind.TARGET:
        assert q.layer is not None
        voice = writer.voice
        weight = voice.tex(Quantity(Kind.WEIGHT, q.layer + 1, ANY_K, q.unit))
        term = rf"{weight}\,{voice.tex(Quantity(Kind.DELTA, q.layer + 1, ANY_K))}"
        pairs = [writer.parts[i : i + 2] for i in range(0, len(writer.parts), 2)]
        return _sum_of(writer, pairs, _sigma("k", len(pairs), term))
    return _output_gradient(writer)


def _output_gradient(writer: _Writer) -> list[Piece]:
    """dE/dy by the loss, turned round where the document's delta points downhill."""
    architecture = writer.voice.record.architecture
    t, y = (writer.operand(part, bare=True) for part in writer.parts[:2])
    down = writer.voice.sign < 0
    if architecture.loss == "cross_entropy":
        fraction = Piece(rf"\frac{{{t.symbols}}}{{{y.symbols}}}", rf"\frac{{{t.numbers}}}{{{y.numbers}}}")
        return [fraction] if down else [literal("-"), fraction]
    if architecture.loss == "binary_cross_entropy":
        lost = Piece(rf"\frac{{1 - {t.symbols}}}{{1 - {y.symbols}}}", rf"\frac{{1 - {t.numbers}}}{{1 - {y.numbers}}}")
        won = Piece(rf"\frac{{{t.symbols}}}{{{y.symbols}}}", rf"\frac{{{t.numbers}}}{{{y.numbers}}}")
        return [won, literal(" - "), lost] if down else [lost, literal(" - "), won]
    factor = {"half_squared": "", "squared": "2", "mean_squared": rf"\frac{{2}}{{{architecture.sizes[-1]}}}"}
    front, behind = (t, y) if down else (y, t)
    difference = [front, literal(" - "), _parenthesised(behind)]
    prefix = factor[architecture.loss]
    return [literal(rf"{prefix}\left("), *difference, literal(r"\right)")] if prefix else difference


def _parenthesised(piece: Piece) -> Piece:
    """A number behind a minus sign: in parentheses if it is negative itself."""
    return Piece(piece.symbols, rf"\left({piece.numbers}\right)") if "}{-" in piece.numbers else piece


def _slope(writer: _Writer, q: Quantity) -> list[Piece]:
    assert q.layer is not None
    record = writer.voice.record
    v = writer.operand(writer.parts[0], bare=True)
    name = record.architecture.layers[q.layer].activation
    if name == "linear":
        return [literal("1")]
    guarded = Piece(v.symbols, rf"\left({v.numbers}\right)" if "}{-" in v.numbers else v.numbers)
    if record.convention.slope == "derivative_of_a" and name in ("sigmoid", "tanh"):
        function = writer.voice.function(q.layer)
        guarded = Piece(rf"{function}\left({v.symbols}\right)", rf"{function}\left({v.numbers}\right)")
    if name == "sigmoid":
        return [guarded, Piece(r"\left(1 - ", r"\cdot\left(1 - "), guarded, literal(r"\right)")]
    if name == "tanh":
        return [literal("1 - "), _squared(guarded)]
    below = "0" if name == "relu" else f"{record.architecture.leaky_slope:g}"
    return [literal(r"1 \text{ if } "), v, literal(rf" > 0\text{{, else }}{below}")]


def _delta(writer: _Writer, q: Quantity) -> list[Piece]:
    assert q.layer is not None
    record = writer.voice.record
    if record.architecture.layers[q.layer].activation != "softmax":
        return _carried_back(writer, q)
    if writer.parts[0].quantity.kind is Kind.A:
        y, t = (writer.operand(part, bare=True) for part in writer.parts[:2])
        total = sum(part.value for part in writer.parts[1:])
        if total != 1.0:
            targets = writer.voice.tex(Quantity(Kind.TARGET, None, ANY_K))
            y = Piece(rf"{y.symbols} \sum_k {targets}", rf"{y.numbers} \cdot {tex_number(short(total, DECIMALS))}")
        front, behind = (t, y) if writer.voice.sign < 0 else (y, t)
        return [front, literal(" - "), _parenthesised(behind)]
    return _softmax_pull_back(writer, q)


def _carried_back(writer: _Writer, q: Quantity) -> list[Piece]:
    """dE/da times the slope; where the document has no name for dE/da, what it is made of stands in its place."""
    dE_da, slope = writer.parts[:2]
    unnamed = not writer.voice.code(dE_da.quantity)
    inner = operands_of(writer.trace, dE_da.quantity)
    if not unnamed or len(inner) > 2 * MOST_TERMS:
        return _product_of(writer, (dE_da, slope), first=True)
    writer.parts = inner
    pieces = _dE_da(writer, dE_da.quantity)
    loss = writer.voice.record.architecture.loss
    if len(inner) > 2 or (inner[0].quantity.kind is Kind.TARGET and loss not in ("squared", "mean_squared")):
        pieces = [literal(r"\left("), *pieces, literal(r"\right)")]
    return [*pieces, TIMES, writer.operand(slope)]


def _softmax_pull_back(writer: _Writer, q: Quantity) -> list[Piece]:
    """delta_k = v_k (g_k - sum_j g_j v_j): the row of the softmax Jacobian times dE/da."""
    unit = q.unit or 0
    pairs = [writer.parts[i : i + 2] for i in range(0, len(writer.parts), 2)]
    g, v = pairs[unit]
    outer, own = writer.operand(v), writer.operand(g, bare=True)
    running = (writer.voice.tex(Quantity(part.quantity.kind, q.layer, ANY_K)) for part in pairs[0])
    shared = _sum_of(writer, pairs, _sigma("k", len(pairs), r"\,".join(running)))
    return [
        outer, Piece(r"\left(", r" \cdot \left("), own, literal(r" - \left["), *shared, literal(r"\right]\right)"),
    ]  # fmt: skip


def _gradient(writer: _Writer, q: Quantity) -> list[Piece]:
    """delta times what came in; over a batch the sum or mean of its examples'; with the rate where it is a change."""
    record = writer.voice.record
    size = 2 if q.kind in (Kind.DW, Kind.DW_TERM) else 1
    groups = [writer.parts[i : i + size] for i in range(0, len(writer.parts), size)]
    rate = []
    if writer.voice.tells_change:
        rate = [writer.operand(Operand(Quantity(Kind.RATE), writer.trace)), TIMES]
    if len(groups) == 1:
        return [*rate, *_product_of(writer, groups[0], first=not rate)]
    factors = [Quantity(Kind.DELTA, q.layer, q.unit), source_quantity(q.layer or 0, q.source or 0)][:size]
    product = r"\,".join(raised(writer.voice.tex(factor), "[n]") for factor in factors)
    terms = _sum_of(writer, groups, _sigma("n", len(groups), product))
    mean = [literal(rf"\frac{{1}}{{{len(record.examples)}}}")] if record.rule.reduce == "mean" else []
    if not (mean or rate):
        return terms
    return [*mean, *([TIMES] if mean and rate else []), *rate, literal(r"\left["), *terms, literal(r"\right]")]


def _moving(writer: _Writer, q: Quantity) -> list[Piece]:
    rule = writer.voice.record.rule
    rates = rule.rates
    held, g = writer.parts
    if is_frozen(writer.voice.record.convention, "b" if q.of_bias else "W", q.layer or 0):
        return [writer.operand(held, bare=True)]
    decay, squared = {
        ("momentum", 0): (rates.momentum, False),
        ("rmsprop", 0): (rates.alpha, True),
        ("adam", 0): (rates.beta1, False),
        ("adam", 1): (rates.beta2, True),
    }[rule.optimizer, q.slot or 0]
    before = [literal(f"{decay:g}"), TIMES, writer.operand(held), literal(" + ")]
    gradient = writer.operand(g)
    if rule.optimizer == "momentum":
        return [*before, gradient]
    return [*before, literal(f"{1 - decay:.6g}"), TIMES, _squared(gradient) if squared else gradient]


def _squared(piece: Piece) -> Piece:
    """The square; of a fraction or a power of ten it needs parentheses."""

    def square(tex: str) -> str:
        loose = r"\frac" in tex or (r"\times" in tex and r"\left(" not in tex)
        return rf"\left({tex}\right)^2" if loose else f"{tex}^2"

    return Piece(square(piece.symbols), square(piece.numbers))


def _updated(writer: _Writer, q: Quantity) -> list[Piece]:
    voice, rule, count = writer.voice, writer.voice.record.rule, writer.voice.record.count
    held = writer.operand(writer.parts[0], bare=True)
    if len(writer.parts) == 1:
        return [held, Piece(r"\quad\text{(frozen)}", "")]
    _, rate_part, gradient_part, *memory = writer.parts
    downhill = voice.record.convention.step == "downhill"
    sign = literal(" - " if downhill == (voice.sign > 0) else " + ")
    if voice.tells_change:
        return [held, sign, writer.operand(gradient_part)]
    rate = writer.operand(rate_part)
    if rule.optimizer == "sgd":
        return [held, sign, rate, TIMES, writer.operand(gradient_part)]
    if rule.optimizer == "momentum":
        return [held, sign, rate, TIMES, writer.operand(memory[0])]
    eps = tex_number(f"{rule.rates.eps:.0e}")
    if rule.optimizer == "rmsprop":
        g, s = writer.operand(gradient_part, bare=True), writer.operand(memory[0], bare=True)
        return [held, sign, rate, TIMES, _quotient(g, s, r"\epsilon", eps)]
    m, v = (writer.operand(part, bare=True) for part in memory)
    first = _over(m, rf"1 - {rule.rates.beta1:g}^{{{count}}}")
    second = _over(v, rf"1 - {rule.rates.beta2:g}^{{{count}}}")
    return [held, sign, rate, TIMES, _quotient(first, second, r"\epsilon", eps)]


def _over(piece: Piece, below: str) -> Piece:
    return Piece(rf"{piece.symbols} / \left({below}\right)", rf"{piece.numbers} / \left({below}\right)")


def _quotient(above: Piece, below: Piece, symbol: str, number: str) -> Piece:
    return Piece(
        rf"\frac{{{above.symbols}}}{{\sqrt{{{below.symbols}}} + {symbol}}}",
        rf"\frac{{{above.numbers}}}{{\sqrt{{{below.numbers}}} + {number}}}",
    )


_RULES: dict[Kind, Rule] = {
    Kind.PRODUCT: _plain_product,
    Kind.BIAS_TERM: _alone,
    Kind.Z: _z,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA_TERM: _plain_product,
    Kind.DE_DA: _dE_da,
    Kind.SLOPE: _slope,
    Kind.DELTA: _delta,
    Kind.DZ_DW: _alone,
    Kind.DZ_DB: lambda writer, q: [literal("1")],
    Kind.DZ_DA: _alone,
    Kind.DW_TERM: _gradient,
    Kind.DW: _gradient,
    Kind.DB_TERM: _gradient,
    Kind.DB: _gradient,
    Kind.MOVING: _moving,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
}


def role_of(quantity: Quantity, value: float) -> str:
    """The palette's name for the color of a number: weights by sign, deltas and gradients as backward, …"""
    if quantity.kind in (Kind.WEIGHT, Kind.BIAS, Kind.BIAS_TERM, Kind.W_NEW, Kind.B_NEW, Kind.DZ_DA):
        return "negative" if value < 0 else "positive"
    if quantity.kind in (Kind.Z, Kind.A, Kind.PRODUCT, Kind.DZ_DW):
        return "forward"
    if quantity.kind in (Kind.ERROR, Kind.LOSS):
        return "error"
    if quantity.kind in (Kind.INPUT, Kind.TARGET, Kind.RATE):
        return "text"
    return "backward"
