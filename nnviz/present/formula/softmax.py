"""The formulas of a softmax layer: exponentials, their sum, the quotient, and the product with the Jacobian."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nnviz.present.core.voice import ANY_K, Voice
from nnviz.present.formula.sums import DECIMALS, MOST_TERMS, Writer, pairs_of, sum_of, sum_sign
from nnviz.present.text.formula_pieces import TIMES, Piece, literal, parenthesised
from nnviz.present.text.numbers import short, tex_number
from nnviz.tracing.provenance import Operand, is_fused_softmax
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import jacobian_argument

_COLOR = re.compile(r"\\textcolor\{#[0-9a-f]{6}\}")
# An equals sign before a second form of the symbols, which has no numbers.
EQUALS = Piece(" = ", "", breakable=True)


def exponential_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the exponential of a weighted sum minus the largest of the layer."""
    z, highest = writer.parts
    own = writer.operand(z, bare=True)
    most = parenthesised(writer.operand(highest, bare=True, symbol=writer.voice.largest(q)))
    return [Piece(rf"e^{{{own.symbols} - {most.symbols}}}", rf"e^{{{own.numbers} - {most.numbers}}}")]


def exponential_sum_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the sum of all exponentials of the layer."""
    return sum_of(writer, [[part] for part in writer.parts], writer.voice.tex(q))


def quotient_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the exponential of a unit divided by the sum of all."""
    above, below = (writer.operand(part, bare=True) for part in writer.parts)
    return [Piece(rf"\frac{{{above.symbols}}}{{{below.symbols}}}", rf"\frac{{{above.numbers}}}{{{below.numbers}}}")]


def softmax_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the exponential of a unit's z over the sum of those of the layer, in one step."""
    unit = q.unit or 0
    z, *others = (writer.operand(part, bare=True) for part in writer.parts)
    ordered = [*others[:unit], z, *others[unit:]]
    if len(ordered) > MOST_TERMS:
        ordered = [*ordered[:2], literal(r"\cdots"), ordered[-1]]

    def exponentials(texts: Sequence[str]) -> str:
        return " + ".join(text if text == r"\cdots" else f"e^{{{text}}}" for text in texts)

    symbols = rf"\frac{{e^{{{z.symbols}}}}}{{{exponentials([p.symbols for p in ordered])}}}"
    numbers = rf"\frac{{e^{{{z.numbers}}}}}{{{exponentials([p.numbers for p in ordered])}}}"
    return [Piece(symbols, numbers)]


def delta_term_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the term of one output: the derivative of the loss times an entry of the Jacobian."""
    assert q.layer is not None
    if is_fused_softmax(writer.voice.record, q.layer):
        return _fused_term(writer, q)
    carried, at_source, at_unit = writer.parts[:3]
    writer.named = _arguments(writer.voice, q)
    return [
        writer.operand(carried, bare=True), TIMES, writer.operand(at_source),
        Piece(r"\left(", r" \cdot \left("), _entry(writer.voice, q), literal(" - "),
        parenthesised(writer.operand(at_unit, bare=True)), literal(r"\right)"),
    ]  # fmt: skip


def _entry(voice: Voice, q: Quantity) -> Piece:
    """Return the Kronecker delta of a term: 1 if its output belongs to the unit itself."""
    return Piece(voice.kronecker(q), "1" if q.unit == q.source else "0")


def _fused_term(writer: Writer, q: Quantity) -> list[Piece]:
    """Write a term with cross entropy: t/y times y(I - y), in which y cancels, so it is valid if y has rounded to 0."""
    t, own = (writer.operand(part, bare=True) for part in writer.parts)
    entry, down = _entry(writer.voice, q), writer.voice.sign < 0
    output = writer.voice.tex(Quantity(Kind.A, q.layer, q.source, None, q.time))
    product = rf"\frac{{{t.symbols}}}{{{output}}} \cdot {output}\left({entry.symbols} - {own.symbols}\right)"
    minuend, subtrahend = (entry, own) if down else (own, entry)
    return [
        Piece(product if down else f"-{product}", ""),
        EQUALS,
        t, Piece(r"\left(", r" \cdot \left("), minuend, literal(" - "), subtrahend, literal(r"\right)"),
    ]  # fmt: skip


def _cancelled(voice: Voice, q: Quantity) -> str:
    """Return the symbols of a fused term after y has cancelled: t_2(y_1 - I_12)."""
    t, own = Quantity(Kind.TARGET, None, q.source, None, q.time), Quantity(Kind.A, q.layer, q.unit, None, q.time)
    minuend, subtrahend = (
        (voice.kronecker(q), voice.tex(own)) if voice.sign < 0 else (voice.tex(own), voice.kronecker(q))
    )
    return rf"{voice.tex(t)}\left({minuend} - {subtrahend}\right)"


def softmax_delta_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the delta of a softmax unit: the sum of its terms, y - t with cross entropy, or the Jacobian's row."""
    kind = writer.parts[0].quantity.kind
    if kind is Kind.DELTA_TERM:
        return _sum_of_terms(writer, q)
    return _difference(writer) if kind is Kind.A else _pull_back(writer, q)


def _sum_of_terms(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the sum of the terms; for a fused output, the remaining difference follows."""
    assert q.layer is not None
    voice, count = writer.voice, len(writer.parts)
    general = Quantity(Kind.DELTA_TERM, q.layer, q.unit, ANY_K, q.time)
    groups = [[part] for part in writer.parts]
    if not is_fused_softmax(voice.record, q.layer):
        return sum_of(writer, groups, sum_sign("k", count, voice.tex(general)))
    writer.named = {p.quantity: (_cancelled(voice, p.quantity), voice.number(p.quantity)) for p in writer.parts}
    pieces = sum_of(writer, groups, sum_sign("k", count, _cancelled(voice, general)))
    y, t = Quantity(Kind.A, q.layer, q.unit, None, q.time), Quantity(Kind.TARGET, None, q.unit, None, q.time)
    left = _difference(Writer(writer.trace, voice, [Operand(y, writer.trace), Operand(t, writer.trace)]))
    return [*pieces, EQUALS, Piece("".join(_plain(piece.symbols) for piece in left), "")]


def _plain(tex: str) -> str:
    """Return TeX without the colors of operands."""
    return _COLOR.sub("", tex)


def _difference(writer: Writer) -> list[Piece]:
    """Write y - t, with y times the sum of the targets if that is not 1; with the opposite sign for descent."""
    y, t = (writer.operand(part, bare=True) for part in writer.parts[:2])
    outputs = range(writer.voice.record.architecture.sizes[-1])
    time = writer.parts[1].quantity.time
    total = sum(writer.voice.number(Quantity(Kind.TARGET, None, unit, None, time)) for unit in outputs)
    if total != 1.0:
        targets = writer.voice.tex(Quantity(Kind.TARGET, None, ANY_K))
        y = Piece(rf"{y.symbols} \sum_k {targets}", rf"{y.numbers} \cdot {tex_number(short(total, DECIMALS))}")
    minuend, subtrahend = (t, y) if writer.voice.sign < 0 else (y, t)
    return [minuend, literal(" - "), parenthesised(subtrahend)]


def _pull_back(writer: Writer, q: Quantity) -> list[Piece]:
    """Write delta_k = v_k (g_k - sum_j g_j v_j): the row of the softmax Jacobian times dE/da."""
    unit = q.unit or 0
    pairs = pairs_of(writer.parts)
    g, v = pairs[unit]
    writer.named = _arguments(writer.voice, q)
    outer, own = writer.operand(v), writer.operand(g, bare=True)
    one, other = (replace(part.quantity, unit=ANY_K) for part in pairs[0])
    running = rf"{writer.voice.tex(one)}\,{_argument_symbol(writer.voice, other)}"
    shared = sum_of(writer, pairs, sum_sign("k", len(pairs), running))
    return [
        outer, Piece(r"\left(", r" \cdot \left("), own, literal(r" - \left["), *shared, literal(r"\right]\right)"),
    ]  # fmt: skip


def _arguments(voice: Voice, q: Quantity) -> dict[Quantity, tuple[str, float]]:
    """Return the symbols and numbers of the Jacobian's arguments if the convention replaces each a by f(a)."""
    assert q.layer is not None
    if voice.record.convention.slope != "derivative_of_a":
        return {}
    outputs = (
        Quantity(Kind.A, q.layer, unit, None, q.time) for unit in range(voice.record.architecture.sizes[q.layer + 1])
    )
    values = jacobian_argument(voice.record, q.layer, q.time).tolist()
    return {output: (_argument_symbol(voice, output), value) for output, value in zip(outputs, values, strict=True)}


def _argument_symbol(voice: Voice, q: Quantity) -> str:
    if voice.record.convention.slope != "derivative_of_a":
        return voice.tex(q)
    assert q.layer is not None
    index = "k" if q.unit == ANY_K else (q.unit or 0) + 1
    return rf"{voice.function(q.layer)}\left({voice.tex(Quantity(Kind.A, q.layer))}\right)_{{{index}}}"
