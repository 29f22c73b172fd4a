"""A pass as a Python script: the lines of the listing, each followed by the code that prints its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.engine.network import view_parameters
from nnviz.formats.script.array_source import assignment, number
from nnviz.formats.script.comments import heading, phase_comment, quoted
from nnviz.formats.script.function_source import called_functions, function_sources
from nnviz.formats.script.symbols import JOINT, Symbols, group_symbols
from nnviz.formats.script.time_loops import is_looped, time_step_arrays
from nnviz.formats.script.variables import ROW, check_names, memory_name
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.listing.listing import group_expressions, listing_lines
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.words.captions import parameters_noun
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity

# Numbers of the whole batch; all others have a row for each example.
_OF_BATCH = {Kind.DZ_DA, Kind.DZ_DB} | {kind for of in PARAMETER_KINDS.values() for kind in (of.gradient, of.new)}
_ATOM = re.compile(r"\w+(\[k\])?(\(\w+(\[k\])?\))?")  # a name or a call, which binds closer than an index
_QUIET = (
    'np.seterr(all="ignore")  # exp of a large number is inf, which leads to correct results',
    'if hasattr(sys.stdout, "reconfigure"):',
    '    sys.stdout.reconfigure(encoding="utf-8")  # for the Greek in the symbols',
)


def write(session: Session, stream: TextIO) -> None:
    """Write the script of a session's pass. Raises ValueError as `script_text` does."""
    stream.write(script_text(session))


def script_text(session: Session) -> str:
    """Return the source of a script that needs only NumPy and prints every number of the trace at grain neuron.

    It prints lines `symbol = value`, with all digits, in the order and with the symbols of `trace --format json`.
    Raises ValueError, one line, if the lesson's own notation gives one of its variables no usable name.
    """
    voice, groups = replace(voice_of(session), true_names=False), session.trace.groups
    functions = function_sources(voice)
    code = [line.code for line in listing_lines(session)]
    check_names(session, voice, set(functions), code)
    expressions = group_expressions(session)
    called = called_functions(functions, [*code, *expressions])
    symbols = [group_symbols(session.trace, group, voice) for group in range(len(groups))]
    joint = any(JOINT in found.pattern for found in symbols)
    shown = [
        _shown(voice, group, found, expression)
        for group, found, expression in zip(groups, symbols, expressions, strict=True)
    ]
    lines = (
        *heading(session),
        *_imports(called),
        *_QUIET,
        *_given(session, voice),
        *(line for source in called for line in ("", "", *source)),
        *("", "", *_show(voice, joint, any(group.cells is not None for group in groups)), ""),
        *time_step_arrays(session, voice),
        *_pass(session, voice, shown),
    )
    return "\n".join((*lines, ""))


def _imports(functions: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    if any("math." in line for source in functions for line in source):
        yield "import math"
    yield from ("import sys", "", "import numpy as np", "")


def _given(session: Session, voice: Voice) -> Iterator[str]:
    """Yield the lines that assign the given values of the pass, in the orientation and sign of the document."""
    record = session.record
    inputs, targets, rate = (voice.code(Quantity(kind)) for kind in (Kind.INPUT, Kind.TARGET, Kind.RATE))
    many = len(record.examples) > 1
    rows = slice(None) if many else 0
    comment = "The batch: a row for each example" if many else "The example: its inputs and targets"
    yield from ("", f"# {comment}{', for each time step' if record.architecture.is_recurrent else ''}")
    times = slice(None) if record.architecture.is_recurrent else 0
    yield from assignment(inputs, record.x[times, rows])
    yield from assignment(targets, record.t[times, rows])
    if many:
        yield f"{ROW} = {record.row}  # the example whose numbers are printed"
    of_unit = "row" if voice.units_first else "column"
    yield from ("", f"# {parameters_noun(record).capitalize()}; a {of_unit} of weights for each unit")
    for layer, names in enumerate(record.architecture.slots):
        for name in names:
            quantity = Quantity(PARAMETER_KINDS[name].value, layer)
            yield from assignment(voice.code(quantity), _array(voice, quantity))
    yield from _masks(voice)
    yield from _memory(voice)
    yield from ("", f"{rate} = {number(record.rule.rates.learning_rate)}  # learning rate")


def _masks(voice: Voice) -> Iterator[str]:
    """Yield the lines that assign the masks of the layers in which connections are missing."""
    layers = [layer for layer, found in enumerate(voice.record.architecture.connections) if found is not None]
    if layers:
        yield from ("", "# 1 for a connection, 0 for a missing one")
    for layer in layers:
        mask = voice.record.architecture.mask(layer)
        yield from assignment(voice.mask_code(layer), mask.T if voice.units_first else mask)


def _array(voice: Voice, quantity: Quantity) -> FloatArray:
    value = voice.value(quantity)
    assert not isinstance(value, float)
    return value


def _memory(voice: Voice) -> Iterator[str]:
    """Yield the lines that assign the optimizer's memory before the update."""
    record = voice.record
    if len(record.memory):
        yield from ("", f"# Memory of {OPTIMIZER_TEXTS[record.rule.optimizer].noun} from earlier updates")
    for slot, vector in enumerate(record.memory):
        factor = voice.factor(Quantity(Kind.MEMORY, slot=slot))
        held = view_parameters(record.architecture, vector if factor == 1.0 else vector * factor)
        for layer, names in enumerate(record.architecture.slots):
            for name in names:
                array = held.part(name, layer)
                called = memory_name(voice, slot, voice.code(Quantity(PARAMETER_KINDS[name].value, layer)))
                if not is_frozen(record.convention, name, layer):
                    yield from assignment(called, array.T if voice.units_first else array)


def _show(voice: Voice, joint: bool, masked: bool) -> list[str]:
    """Return the function that prints numbers in the order of the trace, unit by unit."""
    if voice.units_first:
        walk = ["    for place in np.ndindex(values.shape):"]
    else:
        walk = [
            "    for index in np.ndindex(values.T.shape):  # column by column, that is, unit by unit",
            "        place = index[::-1]",
        ]
    both = [
        '        if "<ij>" in symbol:',
        "            i, j = place[0] + 1, place[1] + 1",
        '            name = name.replace("<ij>", f"{i}{j}" if max(i, j) < 10 else f"{{{i},{j}}}")',
    ]
    skip = ["        if mask is not None and not mask[place]:", "            continue  # a missing connection"]
    timed = voice.record.architecture.is_recurrent
    options = f"{', k=0' if timed else ''}{', mask=None' if masked else ''}"
    letters = f"<i> and <j> in the symbol are row and column{', <k> the time step' if timed else ''}"
    start = 'symbol.replace("<k>", str(k + 1))' if timed else "symbol"
    return [
        f"def show(symbol, values{options}):",
        f'    """Print numbers, one per line; {letters}, counted from 1."""',
        "    values = np.asarray(values, dtype=float)",
        *walk,
        *(skip if masked else ()),
        f"        name = {start}",
        *(both if joint else ()),
        '        for letter, number in zip(("<i>", "<j>"), place):',
        "            name = name.replace(letter, str(number + 1))",
        '        print(name, "=", repr(float(values[place])))',
    ]


def _pass(session: Session, voice: Voice, shown: Sequence[list[str]]) -> Iterator[str]:
    """Yield the lines of the listing, phase by phase, each followed by the lines that print its numbers."""
    groups = session.trace.groups
    lines = listing_lines(session)
    phase, seen = None, set()
    for index, line in enumerate(lines):
        if not line.code:
            continue
        following = next(after.groups[-1] for after in lines[index:] if after.groups)
        if groups[following].phase is not phase:
            phase = groups[following].phase
            yield from ("", *phase_comment(phase, voice, phase not in seen))
            seen.add(phase)
        yield line.code
        indent = line.code[: len(line.code) - len(line.code.lstrip())]
        for group in line.groups:
            if groups[group].time == groups[line.groups[0]].time:  # the other time steps are in the same loop
                yield from (f"{indent}{shown_line}" for shown_line in shown[group])


def _shown(voice: Voice, group: Group, symbols: Symbols, expression: str) -> list[str]:
    """Return the lines that print the numbers of a group; in a loop, those of the time step k."""
    step = ", k" if is_looped(voice, group) else ""
    mask = "" if group.cells is None else f", mask={voice.mask_code(group.layer or 0)}"
    if len(voice.record.examples) > 1 and group.kind not in _OF_BATCH:
        expression = f"{expression if _ATOM.fullmatch(expression) else f'({expression})'}[{ROW}]"
    if symbols.pattern:
        return [f"show({quoted(symbols.pattern)}, {expression}{step}{mask})"]
    if step:
        raise ValueError("no script can be written: the symbols of this network's time steps have no common form")
    # Row by row is unit by unit if a matrix has a row for each unit.
    is_transposed = group.matrix and not voice.units_first
    flat = f"np.ravel({f'np.transpose({expression})' if is_transposed else expression})"
    cells = range(group.size) if group.cells is None else group.cells
    return [f"show({quoted(name)}, {flat}[{cell}])" for cell, name in zip(cells, symbols.names, strict=True)]
