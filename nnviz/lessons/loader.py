"""Loading a lesson file: read, check, report all faults together, build."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, draw_clusters, make_dataset, make_sequences
from nnviz.engine.initializers import Generator, Initializer, draw_parameters, make_generator
from nnviz.engine.network import PARAMETER_NAMES, Architecture, Network, make_network
from nnviz.engine.optimizers import rates_of
from nnviz.engine.schedule import RateSchedule
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.checks import check_document, excessive
from nnviz.lessons.draft import Example, is_sequence, make_layer, size_paths
from nnviz.lessons.faults import Fault, FieldPath, Issue, LessonError, format_path, not_one_of, toml_text
from nnviz.lessons.file_content import one_line, read_content
from nnviz.lessons.lesson import DataSource, Erratum, Lesson, PrintedFigure
from nnviz.lessons.lines import excess, find_line, key_lines
from nnviz.lessons.notation import Notation, load_notation, notation_names, parse_notation
from nnviz.lessons.overrides import ORIGIN, assigned_path, override
from nnviz.lessons.schema import DataTable, Document, InitTable, PrintedTable, Rows, Sequences, is_hidden, validate

if TYPE_CHECKING:
    from nnviz.lessons.data_file import FileData, OwnData

__all__ = ["Fault", "LessonError", "load_lesson", "parse_lesson"]

FILE_LIMIT = 50_000_000  # bytes
DEFAULT_NOTATION = "standard"

_TABLE_ROW = re.compile(r"\s*[^\[#\n]*[,;\t|]")
_SYNTAX_PLACE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)$")


def load_lesson(path: str | Path, overrides: Sequence[str] = (), own: OwnData | None = None) -> Lesson:
    """Load the lesson in a TOML file, with `KEY=VALUE` overrides applied before the checks, or with other data.

    Raises LessonError with all faults of the file, or with the reason why it cannot be read.
    """
    return parse_lesson(read_file_text(path), path, overrides, own=own)


def read_file_text(path: str | Path, noun: str = "lesson file") -> str:
    """Return the text of a file; `noun` is the kind of file that was expected. Raises LessonError."""
    try:
        content = read_content(path, FILE_LIMIT, noun)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LessonError(str(path), [Fault(line, "", "not UTF-8 text; save the file as UTF-8")]) from None
    except ValueError as error:
        raise LessonError(str(path), [Fault(None, "", str(error))]) from None


def parse_lesson(
    text: str,
    path: str | Path,
    overrides: Sequence[str] = (),
    points_text: str | None = None,
    own: OwnData | None = None,
) -> Lesson:
    """Load the lesson in a TOML text. `path` names it in faults; a data file is searched in the same folder.

    `points_text` replaces the text of the data file, and `own` the file itself. Raises LessonError with all faults.
    """
    try:
        return _parse(text, path, overrides, points_text, own)
    except RecursionError:
        raise LessonError(str(path), [Fault(None, "", "tables or arrays are nested too deeply")]) from None


def _parse(
    text: str, path: str | Path, overrides: Sequence[str], points_text: str | None, own: OwnData | None
) -> Lesson:
    too_much = excess(text)
    if too_much:
        raise LessonError(str(path), [Fault(None, "", f"{too_much}; no lesson needs more")])
    try:
        tables = tomllib.loads(text)
    except ValueError as error:
        raise LessonError(str(path), [syntax_fault(text, str(error))]) from None
    return lesson_of_tables(tables, path, overrides, text=text, points_text=points_text, own=own)


def lesson_of_tables(
    tables: dict[str, Any],
    path: str | Path,
    overrides: Sequence[str] = (),
    *,
    text: str = "",
    points_text: str | None = None,
    own: OwnData | None = None,
    origins: Mapping[FieldPath, str] = MappingProxyType({}),
) -> Lesson:
    """Load the lesson in the tables of a TOML text, or in tables that were never a text; the rest as `parse_lesson`.

    `origins` names what a person wrote instead of a key, such as an option. Raises LessonError with all faults.
    """
    written, tables = tables, override(tables, overrides)
    if own is not None:
        from nnviz.lessons.data_file import with_own_data

        tables = with_own_data(tables, own)
    place = Path(path)
    sources = _origins(overrides, own) | dict(origins)
    large = excessive(tables)
    if large:
        raise LessonError(str(path), _faults(text, large, sources))
    document, issues = validate(tables)
    notation, data = None, None
    if document is not None:
        notation, more = _find_notation(document, place.stem)
        data, data_issues = _read_data(document, place.parent, points_text, overrides, own)
        more = (*more, *data_issues, *check_document(document, None if data is None else data.dataset))
        issues = (*issues, *(issue for issue in more if not is_hidden(issue, issues)))
    if issues or document is None or notation is None:
        raise LessonError(str(path), _faults(text, issues, sources))
    points = None if data is None else data.dataset
    lesson = build_lesson(document, place, notation, points, captioned=_account(tables) == _account(written))
    if data is None:
        return replace(lesson, text=text)
    source = DataSource(_data_keys(document.data), data.dataset, data.held_out)
    return replace(lesson, text=text, points=data.text, held_out=data.held_out, report=data.report, data_source=source)


def _data_keys(data: DataTable) -> dict[str, Any]:
    """Return the keys of `[data]` that say where its examples come from."""
    return {name: value for name, value in data.model_dump(exclude_unset=True).items() if name != "example"}


def _account(tables: dict[str, Any]) -> tuple[object, ...]:
    """Return what the captions describe: a lesson's functions, conventions, update rule and notation."""

    def part(name: str) -> dict[str, Any]:
        table = tables.get(name)
        return table if isinstance(table, dict) else {}

    network = {key: value for key, value in part("network").items() if key != "init"}
    rule = [part("training").get(key) for key in ("optimizer", "update_after", "reduce")]
    return network, part("convention"), rule, tables.get("notation")


def syntax_fault(text: str, message: str) -> Fault:
    """Convert a message of the TOML parser to a fault with a line."""
    if text.lstrip().startswith("{"):
        return Fault(1, "", "JSON, such as a saved session or run; a lesson is TOML")
    if "=" not in text and _TABLE_ROW.match(text):
        return Fault(
            1, "", "a table of data; a lesson is TOML: train on a table by nnviz train --network 4-8-3 --data FILE"
        )
    match = _SYNTAX_PLACE.search(message)
    if match is None:
        return Fault(None, "", message)
    words = message[: match.start()]
    if match[1] is None:
        return Fault(text.rstrip("\n").count("\n") + 1, "", f"{words} at the end of the file")
    return Fault(int(match[1]), "", f"{words} (column {match[2]})")


def _origins(overrides: Sequence[str], own: OwnData | None) -> dict[FieldPath, str]:
    """Return the options that set fields of a lesson."""
    origins: dict[FieldPath, str] = {assigned_path(assignment): ORIGIN for assignment in overrides}
    if own is not None:
        origins |= {("data", "file"): "--data"} if own.file is not None else {}
        origins |= {("data", "target"): "--target"} if own.target else {}
    return origins


def _faults(text: str, issues: Iterable[Issue], origins: Mapping[FieldPath, str]) -> list[Fault]:
    """Return the issues as faults in the order of the file; the origin of an overridden value is --set."""
    lines = key_lines(text)
    faults: list[Fault] = []
    for issue in issues:
        origin = next((origin for path, origin in origins.items() if issue.path[: len(path)] == path), "")
        if not origin and issue.path and issue.path not in lines:  # a table that an assignment alone has
            origin = next((origin for path, origin in origins.items() if path[: len(issue.path)] == issue.path), "")
        line = None if origin else find_line(lines, issue.path)
        faults.append(Fault(line, format_path(issue.path), issue.message, origin))
    return sorted(faults, key=lambda fault: fault.line or 0)


def _find_notation(document: Document, name: str) -> tuple[Notation | None, tuple[Issue, ...]]:
    """Return the notation of a document, by name or from its own table, or the issue with it."""
    chosen = DEFAULT_NOTATION if document.notation is None else document.notation
    try:
        if isinstance(chosen, dict):
            return parse_notation(chosen, name), ()
        known = notation_names()
        if chosen not in known:
            return None, (Issue(("notation",), not_one_of(chosen, known)),)
        return load_notation(chosen), ()
    except ValueError as error:
        return None, (_notation_issue(chosen, str(error)),)


def _notation_issue(chosen: str | dict[str, Any], problem: str) -> Issue:
    """Return the issue with a notation; `key.key: problem` belongs to that key if the file has it."""
    problem = " ".join(problem.split())
    keys, _, message = problem.partition(": ")
    inner: object = chosen
    for key in keys.split("."):
        if not isinstance(inner, dict) or key not in inner:
            return Issue(("notation",), problem)
        inner = inner[key]
    return Issue(("notation", *keys.split(".")), message)


def _read_data(
    document: Document, folder: Path, text: str | None, overrides: Sequence[str], own: OwnData | None
) -> tuple[FileData | None, tuple[Issue, ...]]:
    """Read the data file of a lesson, if it names one, or a text in its place; or return the issue with it."""
    data = document.data
    if data.inputs is not None or (data.file is None and data.preset is None):
        return None, ()
    from nnviz.lessons.data_file import draw_data, read_data_file
    from nnviz.presets.draw import PresetError
    from nnviz.tables.files import TableError

    try:
        if data.file is None:
            return draw_data(document), ()
        anywhere = ("data", "file") in map(assigned_path, overrides)
        return read_data_file(document, folder, text, own, anywhere=anywhere), ()
    except (TableError, PresetError) as error:
        key = error.key if error.key in data.model_fields_set else "generator" if data.file is None else "file"
        layers = len(document.network.layers)
        keys = ("columns", "target", "scale", "held_out", "missing", "seed", "points", "noise")
        needs = (*size_paths(layers), ("network", "layers"), ("network", "loss"), *(("data", name) for name in keys))
        words = str(error) if data.file is None else f"{toml_text(data.file)[1:-1]}: {error}"
        return None, (Issue(("data", key), words, needs),)


def build_lesson(
    document: Document, path: Path, notation: Notation, points: Dataset | None, *, captioned: bool
) -> Lesson:
    """Build the lesson of a document without faults; `points` are examples that it does not hold itself.

    The lesson has its captions only if `captioned`.
    """
    table = document.network.init
    initializer = None if table is None else _initializer(table)
    dataset, generator = (points, None) if points is not None else _dataset(document, initializer)
    training = _training(document)
    updates = training.schedule(len(dataset)).updates_from(0)
    return Lesson(
        name=one_line(path.stem),
        path=path,
        title=document.title,
        source=document.source,
        notation=notation,
        network=_network(document, initializer, generator),
        dataset=dataset,
        example=document.data.example,
        convention=_convention(document),
        training=training,
        printed=tuple(_printed_figure(figure, updates) for figure in document.printed),
        errata=tuple(Erratum(**_fields(erratum)) for erratum in document.errata),
        initializer=initializer,
        captions=MappingProxyType(_captions(document) if captioned else {}),
        held_out=_held_out(document.data),
        summary=document.summary or "",
        topics=tuple(document.topics),
    )


def _printed_figure(table: PrintedTable, updates: int) -> PrintedFigure:
    """Return a printed result; `updates` is the number of updates of an epoch."""
    fields = _fields(table)
    epoch, update, convention = (fields.pop(name) for name in ("epoch", "update", "convention"))
    after = update or 0 if epoch is None else epoch * updates
    return PrintedFigure(**fields, update=after, convention=() if convention is None else convention.choices)


def _captions(document: Document) -> dict[str, str]:
    return {kind: sentence for kind, sentence in _fields(document.captions).items() if sentence is not None}


def _fields(table: Any) -> dict[str, Any]:
    """Return the keys and values of one of the format's tables."""
    return {name: getattr(table, name) for name in type(table).model_fields}


def _initializer(table: InitTable) -> Initializer:
    return Initializer(**_fields(table))


def _convention(document: Document) -> Convention:
    fields = _fields(document.convention)
    return Convention(**{**fields, "frozen": tuple(fields["frozen"])})


def _training(document: Document) -> TrainingSettings:
    training = document.training
    return TrainingSettings(
        optimizer=training.optimizer,
        rates=rates_of(training.optimizer, training.learning_rate, training.constants),
        rate_schedule=RateSchedule(training.schedule, **training.schedule_constants),
        update_after=training.update_after,
        reduce=training.reduce,
        epochs=training.epochs,
        seed=training.seed,
        shuffle=training.shuffle,
    )


def _held_out(data: DataTable) -> Dataset | None:
    """Return the examples that a lesson gives and does not train on, if any."""
    if data.held_out_inputs is None or data.held_out_targets is None:
        return None
    return _given(data.held_out_inputs, data.held_out_targets)


def _given(inputs: Rows | Sequences, targets: ArrayLike) -> Dataset:
    return (make_sequences if isinstance(inputs[0][0], list) else make_dataset)(inputs, targets)


def _dataset(document: Document, initializer: Initializer | None) -> tuple[Dataset, Generator | None]:
    """Return the examples, given or drawn, and their generator if the parameters are drawn from it, too."""
    data = document.data
    if data.inputs is not None:
        return _given(data.inputs, _targets(document)), None
    shared = make_generator(initializer.generator, initializer.seed) if initializer and data.shared_generator else None
    own = shared if shared is not None else make_generator("legacy", data.seed or 0)
    return draw_clusters(own, data.centers or (), data.per_class or 0), shared


def _targets(document: Document) -> ArrayLike:
    """Return the targets in the form of the inputs; NaN where there is none."""
    data, outputs = document.data, document.network.layers[-1].units
    inputs, targets = data.inputs or [], data.targets
    steps = len(inputs[0]) if isinstance(inputs[0][0], list) else None
    if targets is None:
        return np.full((len(inputs), *([] if steps is None else [steps]), outputs), np.nan)
    if steps is None:
        return targets
    none = [np.nan] * outputs
    sequences = []
    for example in cast(list[Example], targets):
        rows = example if is_sequence(example) else [example]
        rows = [[]] * (steps - 1) + [rows[-1]] if data.targets_at == "last" else rows
        sequences.append([row or none for row in rows])
    return sequences


def _network(document: Document, initializer: Initializer | None, generator: Generator | None) -> Network:
    network = document.network
    architecture = Architecture(
        network.inputs,
        tuple(map(make_layer, network.layers)),
        network.loss,
        document.training.negative_slope,
        seed_gradient=tuple(network.seed_gradient or ()),
        input_gradients=network.input_gradients or any(figure.quantity == "dE_dx" for figure in document.printed),
    )
    given = {name: [getattr(layer, name) for layer in network.layers] for name in PARAMETER_NAMES}
    vector = draw_parameters(architecture, initializer or Initializer(), given, generator)
    return make_network(architecture, vector)
