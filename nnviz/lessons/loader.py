"""Loading a lesson file: read, check, report all faults together, build."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, draw_clusters, make_dataset, make_sequences
from nnviz.engine.initializers import Generator, Initializer, draw_parameters, make_generator
from nnviz.engine.network import PARAMETER_NAMES, Architecture, Network, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.checks import check_document, excessive
from nnviz.lessons.draft import make_layer, size_paths
from nnviz.lessons.faults import Fault, Issue, LessonError, format_path, not_one_of, toml_text
from nnviz.lessons.file_content import one_line, read_content
from nnviz.lessons.lesson import Erratum, Lesson, PrintedFigure
from nnviz.lessons.lines import excess, find_line, key_lines
from nnviz.lessons.notation import Notation, load_notation, notation_names, parse_notation
from nnviz.lessons.overrides import ORIGIN, assigned_path, override
from nnviz.lessons.schema import DataTable, Document, InitTable, PrintedTable, is_hidden, validate

if TYPE_CHECKING:
    from nnviz.lessons.data_file import FileData, OwnData

__all__ = ["Fault", "LessonError", "load_lesson", "parse_lesson"]

FILE_LIMIT = 50_000_000  # bytes
DEFAULT_NOTATION = "standard"

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
    written, tables = tables, override(tables, overrides)
    if own is not None:
        from nnviz.lessons.data_file import with_own_data

        tables = with_own_data(tables, own)
    place = Path(path)
    large = excessive(tables)
    if large:
        raise LessonError(str(path), _faults(text, large, overrides, own))
    document, issues = validate(tables)
    notation, data = None, None
    if document is not None:
        notation, more = _find_notation(document, place.stem)
        data, data_issues = _read_data(document, place.parent, points_text, overrides, own)
        more = (*more, *data_issues, *check_document(document, None if data is None else data.dataset))
        issues = (*issues, *(issue for issue in more if not is_hidden(issue, issues)))
    if issues or document is None or notation is None:
        raise LessonError(str(path), _faults(text, issues, overrides, own))
    points = None if data is None else data.dataset
    lesson = _build(document, place, notation, points, captioned=_account(tables) == _account(written))
    if data is None:
        return replace(lesson, text=text)
    return replace(lesson, text=text, points=data.text, held_out=data.held_out, report=data.report)


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
    match = _SYNTAX_PLACE.search(message)
    if match is None:
        return Fault(None, "", message)
    words = message[: match.start()]
    if match[1] is None:
        return Fault(text.rstrip("\n").count("\n") + 1, "", f"{words} at the end of the file")
    return Fault(int(match[1]), "", f"{words} (column {match[2]})")


def _faults(text: str, issues: Iterable[Issue], overrides: Sequence[str], own: OwnData | None) -> list[Fault]:
    """Return the issues as faults in the order of the file; the origin of an overridden value is --set."""
    lines = key_lines(text)
    origins = {assigned_path(assignment): ORIGIN for assignment in overrides}
    if own is not None:
        origins |= {("data", "file"): "--data"} if own.file is not None else {}
        origins |= {("data", "target"): "--target"} if own.target else {}
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
    if data.file is None or data.inputs is not None:
        return None, ()
    from nnviz.lessons.data_file import read_data_file
    from nnviz.tables.files import TableError

    try:
        anywhere = ("data", "file") in map(assigned_path, overrides)
        return read_data_file(document, folder, text, own, anywhere=anywhere), ()
    except TableError as error:
        key = error.key if error.key in data.model_fields_set else "file"
        layers = len(document.network.layers)
        keys = ("columns", "target", "scale", "held_out", "missing", "seed")
        needs = (*size_paths(layers), ("network", "layers"), ("network", "loss"), *(("data", name) for name in keys))
        return None, (Issue(("data", key), f"{toml_text(data.file)[1:-1]}: {error}", needs),)


def _build(document: Document, path: Path, notation: Notation, points: Dataset | None, captioned: bool) -> Lesson:
    """Build the lesson of a document without faults; with its captions only if `captioned`."""
    table = document.network.init
    initializer = None if table is None else _initializer(table)
    dataset, generator = (points, None) if points is not None else _dataset(document.data, initializer)
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
    rates = Rates(learning_rate=training.learning_rate, **training.constants)
    return TrainingSettings(
        optimizer=training.optimizer,
        rates=rates,
        update_after=training.update_after,
        reduce=training.reduce,
        epochs=training.epochs,
        seed=training.seed,
        shuffle=training.shuffle,
    )


def _dataset(data: DataTable, initializer: Initializer | None) -> tuple[Dataset, Generator | None]:
    """Return the examples, given or drawn, and their generator if the parameters are drawn from it, too."""
    if data.inputs is not None and data.targets is not None:
        make = make_sequences if isinstance(data.inputs[0][0], list) else make_dataset
        return make(data.inputs, data.targets), None
    shared = make_generator(initializer.generator, initializer.seed) if initializer and data.shared_generator else None
    own = shared if shared is not None else make_generator("legacy", data.seed or 0)
    return draw_clusters(own, data.centers or (), data.per_class or 0), shared


def _network(document: Document, initializer: Initializer | None, generator: Generator | None) -> Network:
    network = document.network
    architecture = Architecture(
        network.inputs,
        tuple(map(make_layer, network.layers)),
        network.loss,
        document.training.negative_slope,
    )
    given = {name: [getattr(layer, name) for layer in network.layers] for name in PARAMETER_NAMES}
    vector = draw_parameters(architecture, initializer or Initializer(), given, generator)
    return make_network(architecture, vector)
