"""The formula of a step: in symbols, with numbers, and the result; in TeX and in plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.present.core.missing_cells import MissingCells, missing_cells
from nnviz.present.core.phases import known_values
from nnviz.present.core.voice import Voice
from nnviz.present.formula.backward import (
    dE_da_rule,
    dE_dx_rule,
    delta_rule,
    gradient_rule,
    output_gradient_rule,
    slope_rule,
)
from nnviz.present.formula.forward import a_rule, error_rule, loss_rule, z_rule
from nnviz.present.formula.softmax import delta_term_rule, exponential_rule, exponential_sum_rule
from nnviz.present.formula.sums import DECIMALS, FormulaOperand, Writer, product_of
from nnviz.present.formula.update import (
    adjusted_rule,
    clip_rule,
    corrected_rule,
    memory_rule,
    new_value_rule,
    norm_rule,
    penalty_rule,
)
from nnviz.present.formula.vector_formula import vector_expression
from nnviz.present.text.formula_pieces import Piece, literal
from nnviz.present.text.numbers import ASKED, array_text, fixed, pretty, separator, tex_number
from nnviz.present.text.plain_text import linear
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, Quantity, Step, Value
from nnviz.tracing.trace import Trace

# About the number of characters of plain text that fit on one line of the card.
ROW_SYMBOLS = 44
ROW_NUMBERS = 40
STRUCK = r"\cancel{"  # in TeX, around a formula that is wrong
BESIDE = r"\qquad "  # in TeX, between a correct formula and the wrong one beside it
# Kinds whose value is that of a weight or bias, old or new.
_WEIGHTS = {Kind.BIAS_TERM, Kind.BIAS_H_TERM, Kind.DZ_DA}
_WEIGHTS |= {kind for kinds in PARAMETER_KINDS.values() for kind in (kinds.value, kinds.new)}
_FORWARD = {Kind.Z, Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.A, Kind.STATE}
_FORWARD |= {Kind.PRODUCT, Kind.PRODUCT_H, Kind.DZ_DW}
_CHANGING = (*(kinds.new for kinds in PARAMETER_KINDS.values()), Kind.MOVING, Kind.UPDATE_PASS)
_SPACE = r"\ "
Rule = Callable[[Writer, Quantity], list[Piece]]


@dataclass(frozen=True, kw_only=True)
class StepFormula:
    """`symbol` `relation` `symbols` = `numbers` = `result`, each in TeX; operands have their id as a color.

    `numbers` is empty if there is nothing to substitute; `value` has the sign and orientation of the document.
    The rows are the same two lines, with a long sum broken before its plus signs. `is_hidden`: the user predicts
    the result. `parts` are the formulas of the terms of a new weight or bias, such as the optimizer's memory.
    """

    symbol: str
    relation: str
    symbols: str
    numbers: str
    result: str
    value: Value = field(compare=False)  # may be an array, or nan; what is shown of it is in `result`
    operands: tuple[FormulaOperand, ...]
    symbol_rows: tuple[str, ...]
    number_rows: tuple[str, ...]
    missing: MissingCells = field(default=None, compare=False)
    is_hidden: bool = False
    parts: tuple[StepFormula, ...] = ()

    @property
    def whole_line(self) -> str:
        """The formula in one row of TeX: its symbol, the numbers that are put in, and the result."""
        numbers = f"{self.numbers} = " if self.numbers else ""
        return f"{self.symbol} {self.relation} {numbers}{self.result}"

    @property
    def symbols_line(self) -> str:
        """The first line in TeX; a product or bias that is its own symbol is not repeated."""
        if linear(self.symbols) == linear(self.symbol):
            return self.symbols
        return f"{self.symbol} {self.relation} {self.symbols}"

    @property
    def flat_result(self) -> str:
        """The result in TeX on one line, a matrix as its first rows."""
        if self.is_hidden or isinstance(self.value, float) or self.value.ndim < 2 or self.value.size == 1:
            return self.result
        between = separator().replace(" ", _SPACE)
        rows = [rf"\left[{cells}\right]" for cells in _rows_of_cells(self.value, self.missing, between, 2)]
        more = [r"\cdots"] if len(self.value) > len(rows) else []
        return rf"\left[{between.join([*rows, *more])}\right]"

    def texts(self, scripts: bool = True) -> tuple[str, str, str, str]:
        """Return symbol, first line, numbers and result in plain text; in ASCII without `scripts`."""
        line = linear(self.symbols_line, scripts)
        numbers = linear(self.numbers, scripts)
        result = ASKED if self.is_hidden else _plain_value(self.value, scripts, self.missing)
        return linear(self.symbol, scripts), line, numbers, result


def _plain_value(value: Value, scripts: bool, missing: MissingCells) -> str:
    text = array_text(value, DECIMALS, missing=missing)
    return pretty(text) if scripts else text


def formula(trace: Trace, step: Step, voice: Voice) -> StepFormula:
    """Return the formula of any step of a trace, written by a voice."""
    relation = r"\leftarrow" if step.kind in _CHANGING else "="
    if step.grain < Grain.NEURON:
        value = known_values(trace, voice.record.architecture, step, voice.value(step.quantity))
        return _of_array(step.quantity, value, relation, voice)
    whole = _of_number(trace, step, relation, voice)
    terms = tuple(formula(trace, part, voice) for part in _terms(trace, step))
    return replace(whole, parts=terms) if terms else whole


def _terms(trace: Trace, step: Step) -> Iterator[Step]:
    """Yield the terms of a new weight or bias at grain neuron; a frozen one has none that are computed."""
    if step.grain is Grain.NEURON and step.kind in NEW_KINDS and len(operands(trace, step)) > 1:
        yield from (trace.step(Grain.TERM, place) for place in range(step.start, step.end - 1))


def _of_array(quantity: Quantity, value: Value, relation: str, voice: Voice) -> StepFormula:
    """Return the formula of a whole vector or matrix: symbols only."""
    symbols, missing = vector_expression(voice, quantity), missing_cells(voice, quantity)
    unbroken = StepFormula(
        symbol=voice.tex(quantity),
        relation=relation,
        symbols=symbols,
        numbers="",
        result=_array_tex(value, missing),
        value=value,
        operands=(),
        symbol_rows=(),
        number_rows=(),
        missing=missing,
    )
    return replace(unbroken, symbol_rows=(unbroken.symbols_line,))


def _of_number(trace: Trace, step: Step, relation: str, voice: Voice) -> StepFormula:
    """Return the formula of one number: the rule of its kind writes the expression, piece by piece."""
    value = voice.value(step.quantity)
    assert isinstance(value, float)
    kinds = PARAMETER_OF.get(step.kind)
    # The rule of a gradient finds the few terms that it writes out of the thousands that a large batch has.
    parts = () if kinds is not None and step.kind is kinds.gradient else operands(trace, step)
    writer = Writer(trace, voice, parts)
    pieces = _RULES[step.kind](writer, step.quantity)
    symbols = "".join(piece.symbols for piece in pieces)
    numbers = "".join(piece.numbers for piece in pieces)
    if len(pieces) == 1 and (not writer.operands or numbers.startswith(r"\textcolor")):
        numbers = ""  # a single operand, or none: the numbers would repeat the result
    symbol, result = voice.tex(step.quantity), tex_number(fixed(value, DECIMALS))
    unbroken = StepFormula(
        symbol=symbol,
        relation=relation,
        symbols=symbols,
        numbers=numbers,
        result=result,
        value=value,
        operands=tuple(writer.operands),
        symbol_rows=(),
        number_rows=(),
    )
    front = unbroken.symbols_line.removesuffix(symbols)
    return replace(
        unbroken,
        symbol_rows=_rows([front, *(p.symbols for p in pieces)], [False, *(p.breakable for p in pieces)], ROW_SYMBOLS),
        number_rows=_rows([p.numbers for p in pieces], [p.breakable for p in pieces], ROW_NUMBERS) if numbers else (),
    )


def product_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the product of all operands."""
    return product_of(writer, writer.parts, first=True)


def single_operand_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the only operand."""
    return [writer.operand(writer.parts[0], bare=True)]


# The rule that writes the expression of each kind of number.
_RULES: dict[Kind, Rule] = {
    Kind.PRODUCT: product_rule,
    Kind.BIAS_TERM: single_operand_rule,
    Kind.PRODUCT_H: product_rule,
    Kind.BIAS_H_TERM: single_operand_rule,
    Kind.Z: z_rule,
    Kind.EXPONENTIAL: exponential_rule,
    Kind.EXPONENTIAL_SUM: exponential_sum_rule,
    Kind.A: a_rule,
    Kind.ERROR: error_rule,
    Kind.LOSS: loss_rule,
    Kind.DE_DA_LOSS_TERM: output_gradient_rule,
    Kind.DE_DA_TERM: product_rule,
    Kind.DE_DA_LATER_TERM: product_rule,
    Kind.DE_DA: dE_da_rule,
    Kind.SLOPE: slope_rule,
    Kind.DELTA_TERM: delta_term_rule,
    Kind.DELTA: delta_rule,
    Kind.DE_DX_TERM: product_rule,
    Kind.DE_DX: dE_dx_rule,
    Kind.DZ_DW: single_operand_rule,
    Kind.DZ_DB: lambda writer, q: [literal("1")],
    Kind.DZ_DA: single_operand_rule,
    Kind.DW_TERM: gradient_rule,
    Kind.DW: gradient_rule,
    Kind.DB_TERM: gradient_rule,
    Kind.DB: gradient_rule,
    Kind.DW_H_TERM: gradient_rule,
    Kind.DW_H: gradient_rule,
    Kind.DB_H_TERM: gradient_rule,
    Kind.DB_H: gradient_rule,
    Kind.NORM: norm_rule,
    Kind.CLIP: clip_rule,
    Kind.PENALTY: penalty_rule,
    Kind.ADJUSTED: adjusted_rule,
    Kind.MOVING: memory_rule,
    Kind.CORRECTED: corrected_rule,
    Kind.W_NEW: new_value_rule,
    Kind.B_NEW: new_value_rule,
    Kind.W_H_NEW: new_value_rule,
    Kind.B_H_NEW: new_value_rule,
}


def _rows(parts: Sequence[str], breakable: Sequence[bool], most: int) -> tuple[str, ...]:
    """Join parts to rows of at most about `most` characters of plain text, breaking only where it is allowed."""
    if not any(breakable):
        return ("".join(parts),)
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
    # An empty group before the plus sign keeps the space of a sign between two summands.
    return tuple(text if index == 0 else f"{{}}{text}" for index, text in enumerate([*rows, row]))


def _array_tex(value: Value, missing: MissingCells) -> str:
    """Return a small vector or matrix in TeX, otherwise the first entries of the vector or the shape of the matrix."""
    if isinstance(value, float):
        return tex_number(fixed(value, DECIMALS))
    if value.size == 1:
        return tex_number(fixed(value.item(), DECIMALS))
    if value.ndim == 1:
        return rf"\left({_cells(value, separator().replace(' ', _SPACE), 4)}\right)"
    if max(value.shape) > 4:
        return rf"\text{{a matrix of }} {value.shape[0]} \times {value.shape[1]}"
    rows = r"\\ ".join(_rows_of_cells(value, missing, " & ", 4))
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _rows_of_cells(value: FloatArray, missing: MissingCells, separator: str, most: int) -> list[str]:
    """Return the first rows of a matrix, at most `most`, each with its first entries."""
    gone = np.zeros(value.shape, dtype=bool) if missing is None else missing
    rows = zip(*(array.reshape(-1, value.shape[-1])[:most] for array in (value, gone)), strict=True)
    return [_cells(row, separator, most, cut) for row, cut in rows]


def _cells(row: FloatArray, separator: str, most: int, missing: MissingCells = None) -> str:
    cells = [tex_number(fixed(float(cell), DECIMALS if len(row) <= 2 else 4)) for cell in row[:most]]
    if missing is not None:
        cells = [r"\cdot" if gone else cell for cell, gone in zip(cells, missing, strict=False)]
    return separator.join([*cells, r"\cdots"] if len(row) > most else cells)


def role_of(quantity: Quantity, value: float) -> str:
    """Return the palette's name for the color of a number: weights by sign, deltas and gradients as backward, …"""
    if quantity.kind in _WEIGHTS:
        return "negative" if value < 0 else "positive"
    if quantity.kind in _FORWARD:
        return "forward"
    if quantity.kind in (Kind.ERROR, Kind.LOSS):
        return "error"
    if quantity.kind in (Kind.INPUT, Kind.TARGET, Kind.RATE):
        return "text"
    return "backward"
