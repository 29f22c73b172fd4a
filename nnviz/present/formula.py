"""The formula of a step: in symbols, with its numbers put in, and the result; in TeX and in plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nnviz.engine.arrays import FloatArray
from nnviz.present.formula_backward import dE_da, delta, gradient, slope
from nnviz.present.formula_forward import activation, error, loss, weighted_sum
from nnviz.present.formula_pieces import DECIMALS, FormulaOperand, Piece, Writer, alone, literal, plain_product
from nnviz.present.formula_update import moving, updated
from nnviz.present.numbers import array_text, fixed, pretty, tex_number
from nnviz.present.text import linear
from nnviz.present.voice import Voice
from nnviz.present.whole import whole_expression
from nnviz.trace.provenance import operands
from nnviz.trace.steps import Grain, Kind, Quantity, Step, Value
from nnviz.trace.trace import Trace

# About how many characters of plain text the card has room for on one line.
ROW_SYMBOLS = 44

ROW_NUMBERS = 40

COMMA = r",\ "

_CHANGING = (Kind.W_NEW, Kind.B_NEW, Kind.MOVING, Kind.UPDATE_PASS)

Rule = Callable[[Writer, Quantity], list[Piece]]

_RULES: dict[Kind, Rule] = {
    Kind.PRODUCT: plain_product,
    Kind.BIAS_TERM: alone,
    Kind.Z: weighted_sum,
    Kind.A: activation,
    Kind.ERROR: error,
    Kind.LOSS: loss,
    Kind.DE_DA_TERM: plain_product,
    Kind.DE_DA: dE_da,
    Kind.SLOPE: slope,
    Kind.DELTA: delta,
    Kind.DZ_DW: alone,
    Kind.DZ_DB: lambda writer, q: [literal("1")],
    Kind.DZ_DA: alone,
    Kind.DW_TERM: gradient,
    Kind.DW: gradient,
    Kind.DB_TERM: gradient,
    Kind.DB: gradient,
    Kind.MOVING: moving,
    Kind.W_NEW: updated,
    Kind.B_NEW: updated,
}


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


def formula(trace: Trace, step: Step, voice: Voice) -> Formula:
    """The formula of any step of a trace, told by a voice."""
    value = voice.value(step.quantity)
    relation = r"\leftarrow" if step.kind in _CHANGING else "="
    symbol = voice.tex(step.quantity)
    if step.grain < Grain.NEURON:
        symbols = whole_expression(voice, step.quantity)
        told = Formula(symbol, relation, symbols, "", _array_tex(value), value, (), (), ())
        return replace(told, symbol_rows=(told.symbols_line,))
    writer = Writer(trace, voice, operands(trace, step))
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
