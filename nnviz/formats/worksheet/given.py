"""What is given: the network in words, the example, the learning rate, and a table of weights for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.session import Session
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.formats.worksheet.sheet import (
    Block,
    Line,
    Math,
    Paragraph,
    SheetTable,
    SheetTables,
    TextPart,
    line_of,
    words,
)
from nnviz.formats.worksheet.short_numbers import short_tex
from nnviz.present.core.voice import ALL_TIMES, EARLIER_TIME, Voice, voice_of
from nnviz.present.rules.adjustments import adjustment_notes
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import separator
from nnviz.present.words.captions import layer_name
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity

MOST_NAMED = 4  # columns of a table in which each number has its symbol
MOST_COLUMNS, MOST_ROWS, MOST_ENTRIES = 8, 8, 6  # of more, the first ones and the last are shown
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DOTS = r"\cdots"


def given_blocks(session: Session) -> tuple[Block, ...]:
    """Return the paragraphs and tables of what is given."""
    return (
        Paragraph(words(_network_words(session))),
        *(Paragraph(words(note)) for note in _convention_notes(session)),
        Paragraph(_values(session)),
        SheetTables(tuple(_tables(session))),
    )


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as a word up to twelve: two inputs."""
    word = _COUNTS[number] if number < len(_COUNTS) else f"{number:,}".replace(",", "\N{THIN SPACE}")
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def _network_words(session: Session) -> str:
    """Return the network, its error and its training in words."""
    record, voice = session.record, voice_of(session)
    architecture = record.architecture
    parts = [count_of(architecture.inputs, "input")]
    for index, layer in enumerate(architecture.layers):
        is_last = index == architecture.depth - 1
        noun = "output neuron" if is_last else "hidden neuron"
        kind = "recurrent " if layer.recurrent else ""
        parts.append(f"{count_of(layer.units, kind + noun)} ({layer.activation.replace('_', ' ')})")
    loss = LOSS_TEXTS[architecture.loss].sentence
    texts = [f"A network has {', '.join(parts[:-1])} and {parts[-1]}.", loss]
    if voice.shows_reward:
        texts.append("The reward is minus the error.")
    optimizer = session.training.optimizer
    if not OPTIMIZERS[optimizer].plain:
        texts.append(f"The optimizer is {OPTIMIZER_TEXTS[optimizer].noun}.")
    texts += adjustment_notes(record.rule)
    if len(record.examples) > 1:
        how = "averaged" if record.rule.reduce == "mean" else "summed"
        texts.append(f"The gradients are {how} over a batch of {count_of(len(record.examples), 'example')}.")
    return " ".join(texts)


def _convention_notes(session: Session) -> Iterator[str]:
    """Yield what differs from the usual signs and rules."""
    record, voice = session.record, voice_of(session)
    if voice.sign < 0 and not voice.shows_reward:
        yield "Error terms have the sign of descent: they are minus the derivative of the error."
    for name in ("slope", "step", "update", "through_time"):
        text = CONVENTION_TEXTS[name, getattr(record.convention, name)]
        if text.note and (name != "through_time" or record.architecture.is_recurrent):
            yield text.note


def _values(session: Session) -> Line:
    """Return the example and the learning rate as formulas in a sentence."""
    record, voice = session.record, voice_of(session)
    parts: list[str | Math] = []
    for kind, noun in ((Kind.INPUT, "input"), (Kind.TARGET, "target")):
        times = [t for t in range(record.time_steps) if kind is Kind.INPUT or record.shows_target(t)]
        if not times:
            continue
        parts.append(f"{'The ' if not parts else '; the '}{noun} is " if record.time_steps == 1 else "")
        for time in times:
            symbol = voice.tex(Quantity(kind, time=time))
            lead = "" if record.time_steps == 1 else ("Given are " if not parts[:-1] and time == 0 else "; ")
            parts += [lead, Math(f"{symbol} = {_vector(_entries(voice, kind, time))}")]
    rate = f"{voice.tex(Quantity(Kind.RATE))} = {short_tex(voice.number(Quantity(Kind.RATE)))}"
    parts += ["; the learning rate is ", Math(rate), "."]
    return line_of(*(part for part in parts if part))


def _entries(voice: Voice, kind: Kind, time: int) -> list[float]:
    sizes = voice.record.architecture.sizes
    size = sizes[0] if kind is Kind.INPUT else sizes[-1]
    return [voice.number(Quantity(kind, None, unit, time=time)) for unit in range(size)]


def _vector(values: Sequence[float]) -> str:
    texts = [short_tex(value) for value in values]
    if len(texts) == 1:
        return texts[0]
    if len(texts) > MOST_ENTRIES:
        texts = [*texts[: MOST_ENTRIES - 2], _DOTS, texts[-1]]
    return rf"({(separator().strip() + chr(92) + ',').join(texts)})"


def _tables(session: Session) -> Iterator[SheetTable]:
    voice = voice_of(session)
    for layer in range(voice.record.architecture.depth):
        yield _table(voice, layer)


def _table(voice: Voice, layer: int) -> SheetTable:
    """Return the weights and biases of a layer: a row for each neuron, a column for each value that enters it."""
    architecture = voice.record.architecture
    units, sources = architecture.sizes[layer + 1], architecture.sizes[layer]
    columns: list[tuple[str, Kind, int | None]] = [
        (_source_name(voice, layer, source), Kind.WEIGHT, source) for source in range(sources)
    ]
    biases = architecture.layers[layer].biases
    if biases:
        columns.append(("", Kind.BIAS, None))
    if architecture.layers[layer].recurrent:
        past = [voice.tex(Quantity(Kind.A, layer, unit, time=EARLIER_TIME)) for unit in range(units)]
        columns += [(name, Kind.WEIGHT_H, unit) for unit, name in enumerate(past)]
        if biases:
            columns.append(("", Kind.BIAS_H, None))
    named = len(columns) <= MOST_NAMED
    shown = _cut(len(columns), MOST_COLUMNS)
    head: list[Line] = [()]
    for at in shown:
        head.append((Math(_DOTS),) if at is None else _head(*columns[at][:2]))
    rows: list[tuple[Line, ...]] = []
    for unit in _cut(units, MOST_ROWS):
        if unit is None:
            rows.append(((Math(_DOTS),),) * (len(shown) + 1))
            continue
        cells: list[Line] = [(Math(_unit_name(voice, layer, unit)),)]
        for at in shown:
            cells.append((Math(_DOTS),) if at is None else _cell(voice, layer, unit, columns[at], named))
        rows.append(tuple(cells))
    title = layer_name(voice.record, layer)
    also = {0: "", 1: " and bias"}.get(biases, " and biases")
    caption = f"{capital(title)}: weights{also}"
    return SheetTable(caption, tuple(head), tuple(rows))


def _head(name: str, kind: Kind) -> Line:
    if name:
        return line_of("from ", Math(name))
    return (TextPart("recurrent bias" if kind is PARAMETER_KINDS["b_h"].value else "bias"),)


def _cell(voice: Voice, layer: int, unit: int, column: tuple[str, Kind, int | None], named: bool) -> Line:
    quantity = Quantity(column[1], layer, unit, column[2])
    if absent_text(voice.record.architecture, quantity):
        return ()
    number = short_tex(voice.number(quantity))
    return (Math(f"{voice.tex(quantity)} = {number}" if named else number),)


def _unit_name(voice: Voice, layer: int, unit: int) -> str:
    return voice.tex(Quantity(Kind.A, layer, unit, time=ALL_TIMES))


def _source_name(voice: Voice, layer: int, source: int) -> str:
    if layer > 0:
        return _unit_name(voice, layer - 1, source)
    return voice.tex(Quantity(Kind.INPUT, None, source, time=ALL_TIMES))


def _cut(count: int, most: int) -> list[int | None]:
    """Return the indices that are shown; None is what is left out before the last."""
    if count <= most:
        return list(range(count))
    return [*range(most - 2), None, count - 1]
