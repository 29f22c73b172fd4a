"""Expressions: conditions and watches over any value of a pass, in the lesson's symbols.

    abs(delta_2) < 1e-3        a comparison; a vector or matrix is compared element by element, and
    any(a1 == 0)               a condition needs one truth value: any(…) or all(…)
    W1[2,1]                    indices from 1, as the window counts: source 2, unit 1
    W1[2,:]                    a whole row; z1[2] @ 3 is unit 2 at time step 3 (without "@" the last time step)
    sign(W1[1,2]) changes      true if the value differs from that of the previous pass
    prediction(2) changes      the class predicted for example 2 (from 1) with the weights of this pass
    epoch == 500 and update > 3, loss < 0.01, nonfinite(z1), norm(dW1) / norm(W1)

The grammar is in `grammar.py` and the names in `names.py`, beside this file. A text is parsed once into an
`Expression` and checked for names, indices and shapes, so that evaluation cannot fail. If any value is not known yet at
the current position, the whole expression is not known: None, which a condition takes as false.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.debugger.conditions.expression_program import Program
from nnviz.debugger.conditions.functions import FUNCTIONS, ValueType, applied_type
from nnviz.debugger.conditions.grammar import (
    Call,
    Changes,
    ComparisonNode,
    ExpressionError,
    Name,
    Node,
    Number,
    Operation,
    parse,
)
from nnviz.debugger.conditions.names import SPECIALS, Scope, classes_of, scope_of
from nnviz.debugger.conditions.pass_values import pass_of, previous_of
from nnviz.debugger.state.document_form import MATRICES
from nnviz.debugger.state.expression import (
    GIVEN,
    OF_LOSS,
    Apply,
    Changed,
    ConstantPart,
    Expression,
    Part,
    Result,
    Special,
)
from nnviz.debugger.state.session import Session
from nnviz.engine.training import are_classes
from nnviz.lessons.faults import did_you_mean
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity
from nnviz.tracing.trace import Trace

__all__ = [
    "Expression",
    "ExpressionError",
    "Result",
    "evaluate",
    "known_at",
    "program_of",
    "read_condition",
    "read_expression",
]

PREDICTION, ACCURACY = "prediction", "accuracy"


def read_expression(text: str, session: Session) -> Expression:
    """Parse an expression in the names of a session. Raises ExpressionError, one line with the column."""
    scope = scope_of(session)
    reader = _Reader(scope)
    part, sort = reader.read(parse(text))
    return Expression(
        text=text.strip(),
        notation=scope.notation,
        root=part,
        changes=tuple(reader.changes),
        shape=sort.shape,
        is_truth=sort.is_truth,
        quantities=tuple(dict.fromkeys(reader.quantities)),
        specials=tuple(dict.fromkeys(reader.specials)),
    )


def read_condition(text: str, session: Session) -> Expression:
    """Parse an expression that is true or false, for a breakpoint. Raises ExpressionError."""
    expression = read_expression(text, session)
    if not expression.is_truth:
        raise ExpressionError("a condition must be true or false: add a comparison (… < 0.01) or write … changes", 1)
    if expression.shape:
        raise ExpressionError(f"a condition needs one truth value, not {expression.shape}: write any(…) or all(…)", 1)
    return expression


def known_at(expression: Expression, trace: Trace) -> int | None:
    """Return the position at which the whole expression becomes known; None if the trace never shows it."""
    ends = [0]
    for quantity in expression.quantities:
        end = _end(quantity, trace)
        if end is None:
            return None
        ends.append(end)
    if OF_LOSS & set(expression.specials):
        ends.append(trace.find(Quantity(Kind.LOSS)) or 0)
    return max(ends)


def _end(q: Quantity, trace: Trace) -> int | None:
    """Return where a quantity becomes known: a row or column with the last of its numbers.

    A gradient of the inputs that is no step of the pass is known with the numbers that it is made of.
    """
    if q.kind is Kind.DE_DX and not trace.record.architecture.input_gradients:
        ends = [trace.find(Quantity(Kind.DELTA, 0, time=q.time))]
        ends += [trace.find(Quantity(Kind.W_NEW, 0))] if trace.record.convention.update == "sequential" else []
        return None if None in ends else max(end for end in ends if end is not None)
    if q.kind in GIVEN:
        return 0
    if q.kind not in MATRICES or (q.unit is None) == (q.source is None) or q.layer is None:
        return trace.find(q)
    architecture, of = trace.record.architecture, PARAMETER_OF.get(q.kind)
    recurrent = range(architecture.sizes[q.layer + 1]) if of is not None and of.is_recurrent else None
    others: Sequence[int]
    if q.unit is not None:
        others = recurrent or architecture.sources_of(q.layer, q.unit)
        return trace.find(Quantity(q.kind, q.layer, q.unit, others[-1], q.time))
    assert q.source is not None
    others = recurrent or architecture.units_of(q.layer, q.source)
    return (
        trace.find(Quantity(q.kind, q.layer, others[-1], q.source, q.time))
        if others
        else trace.find(Quantity(q.kind, q.layer))
    )


def evaluate(expression: Expression, session: Session) -> Result | None:
    """Return the value at the session's position; None if it is not known yet."""
    position = known_at(expression, session.trace)
    if position is None or position > session.position:
        return None
    program = program_of(expression)
    before = None
    with np.errstate(all="ignore"):
        if expression.changes:
            earlier = previous_of(session)
            before = None if earlier is None else program.run(earlier, None)[1]
        return program.run(pass_of(session), before)[0]


def program_of(expression: Expression) -> Program:
    """Compile an expression for repeated evaluation."""
    return Program(expression.root, expression.changes)


class _Reader:
    """Checks a tree against a scope. Mutable: it collects what the expression depends on."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.changes: list[Part] = []
        self.quantities: list[Quantity] = []
        self.specials: list[str] = []

    def read(self, node: Node) -> tuple[Part, ValueType]:
        """Return a part and the sort of its value. Raises ExpressionError."""
        match node:
            case Number(value):
                return ConstantPart(value), ValueType()
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Operation(sign, operands, column):
                return self._apply(sign, operands, column)
            case ComparisonNode():
                return self._comparison(node)
            case Changes():
                return self._changed(node)

    def _name(self, name: Name) -> tuple[Part, ValueType]:
        if name.word in SPECIALS and name.word not in self._scope.entries:
            if name.places is not None or name.time is not None:
                raise ExpressionError(f"{name.word} is a single number and takes no index", name.column)
            if name.word == ACCURACY and not are_classes(self._scope.dataset.targets):
                raise ExpressionError("accuracy needs targets that are classes: one-hot, or of two values", name.column)
            self.specials.append(name.word)
            return Special(name.word), ValueType()
        if name.word in (*FUNCTIONS, PREDICTION) and name.word not in self._scope.entries:
            raise ExpressionError(f"{name.word} is a function: write {name.word}(…)", name.column)
        leaf = self._scope.leaf(name)
        self.quantities.append(leaf.quantity)
        return leaf, ValueType(leaf.shape)

    def _call(self, call: Call) -> tuple[Part, ValueType]:
        if call.word == PREDICTION:
            return self._prediction(call)
        if call.word not in FUNCTIONS:
            known = (*FUNCTIONS, PREDICTION)
            raise ExpressionError(f"unknown function {call.word!r}{_hint(call.word, known, self._scope)}", call.column)
        return self._apply(call.word, call.arguments, call.column)

    def _apply(self, word: str, nodes: Sequence[Node], column: int) -> tuple[Part, ValueType]:
        read = [self.read(node) for node in nodes]
        return self._applied(word, [part for part, _ in read], [sort for _, sort in read], column)

    def _applied(
        self, word: str, parts: Sequence[Part], sorts: Sequence[ValueType], column: int
    ) -> tuple[Part, ValueType]:
        return Apply(word, tuple(parts)), applied_type(word, sorts, column)

    def _comparison(self, node: ComparisonNode) -> tuple[Part, ValueType]:
        read = [self.read(operand) for operand in node.operands]
        pairs = [
            self._applied(sign, (one[0], other[0]), (one[1], other[1]), node.column)
            for sign, one, other in zip(node.signs, read, read[1:], strict=False)
        ]
        if len(pairs) == 1:
            return pairs[0]
        return self._applied("and", [part for part, _ in pairs], [sort for _, sort in pairs], node.column)

    def _changed(self, node: Changes) -> tuple[Part, ValueType]:
        before = len(self.changes)
        part, _ = self.read(node.operand)
        if len(self.changes) > before:
            raise ExpressionError("'changes' cannot be nested", node.column)
        self.changes.append(part)
        return Changed(before), ValueType((), True)

    def _prediction(self, call: Call) -> tuple[Part, ValueType]:
        dataset, (argument, *more) = self._scope.dataset, call.arguments
        examples = len(dataset)
        if more or not isinstance(argument, Number) or argument.value not in range(1, examples + 1):
            raise ExpressionError(f"prediction takes the number of an example, from 1 to {examples}", call.column)
        if dataset.targets.shape[-1] == 1 and classes_of(dataset) is None:
            raise ExpressionError("prediction needs targets of two values, or several outputs", call.column)
        self.specials.append(PREDICTION)
        return Special(PREDICTION, int(argument.value) - 1), ValueType()


def _hint(word: str, known: Sequence[str], scope: Scope) -> str:
    if word in scope.entries:
        return f": it is a value; write its index in brackets: {word}[1]"
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"
