"""The format of a lesson file as pydantic models, and their errors as issues in plain English."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from nnviz.engine.activations import ACTIVATIONS, NEGATIVE_SLOPE
from nnviz.engine.constants import Constant
from nnviz.engine.conventions import CHOICES
from nnviz.engine.data_measures import MEASURES
from nnviz.engine.initializers import BIASES, GENERATORS, ORDERS, SCHEMES
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import PARAMETER_LIMIT, PARAMETER_NAMES, SHARED
from nnviz.engine.optimizers import MEMORY_NAMES, OPTIMIZERS, Rates
from nnviz.engine.schedule import DECAY, DECAY_EVERY, RATE_SCHEDULES
from nnviz.lessons.faults import FieldPath, Issue, count_of, did_you_mean, not_one_of, toml_text
from nnviz.presets.preset_table import PRESETS
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.tables.options import MISSING_WAYS, SCALES
from nnviz.tables.synonyms import same_as

EXAMPLE_LIMIT = 1_000_000
EPOCH_LIMIT = 1_000_000_000
SEED_LIMIT = 2**32 - 1
COLUMN_LIMIT = 10_000
SUMMARY_LIMIT = 200  # characters
TOPIC_LIMIT, TOPIC_LENGTH = 12, 30
QUANTITIES = (
    *("z", "a", "error", "dE_da", "slope", "delta", "dW", "db", "W_new", "b_new", "loss", "W", "b"),
    "dE_dx",
    *("dW_h", "db_h", "W_h_new", "b_h_new", "W_h", "b_h"),
)

UPDATE_LIMIT = 1_000_000
CLUSTERS = "clusters"  # the one generator that may also draw around given centers

_NUMBER_LENGTH = 60
_FORMULA_LENGTH = 400
# Tags in pydantic's paths for the two forms of examples; no key of a file can look like this.
_ROWS, _SEQUENCES = "<rows>", "<sequences>"


def _refusal(message: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{message}", {"message": message})


@dataclass(frozen=True)
class OneOf:
    """Checks that a text is one of the known words."""

    known: tuple[str, ...]

    def __call__(self, word: str) -> str:
        if word not in self.known:
            raise _refusal(not_one_of(word, self.known))
        return word


@dataclass(frozen=True)
class WholeNumber:
    """Checks that a value is a whole number from `low` to `high`."""

    low: int
    high: int

    def __call__(self, value: object) -> int:
        if type(value) is not int:
            raise _refusal(f"{toml_text(value)} is not a whole number")
        if not self.low <= value <= self.high:
            raise _refusal(f"{toml_text(value)} is not in the range {self.low} to {self.high}")
        return value


@dataclass(frozen=True)
class RealNumber:
    """Checks that a number is allowed; `allowed` says in words which numbers are."""

    is_allowed: Callable[[float], bool]
    allowed: str

    def __call__(self, value: float) -> float:
        if not self.is_allowed(value):
            raise _refusal(f"{value} is not {self.allowed}")
        return value


def _one_of(known: Sequence[str]) -> AfterValidator:
    return AfterValidator(OneOf(tuple(known)))


def _whole(low: int, high: int) -> PlainValidator:
    # Plain, because pydantic itself fails on an integer of more than 4300 digits.
    return PlainValidator(WholeNumber(low, high))


def _real(is_allowed: Callable[[float], bool], allowed: str) -> AfterValidator:
    return AfterValidator(RealNumber(is_allowed, allowed))


def _check_format(value: object) -> int:
    if type(value) is not int or value != 1:
        raise _refusal(f"{toml_text(value)} is not a format that this version reads; write format = 1")
    return value


def _check_text(value: str) -> str:
    if not value.strip():
        raise _refusal("empty; write a few words")
    return value


def _check_sentence(value: str) -> str:
    if not value.isprintable():
        raise _refusal("must be on one line, without control characters")
    return value


def _check_summary(value: str) -> str:
    if len(value) > SUMMARY_LIMIT:
        raise _refusal(f"{len(value)} characters; at most {SUMMARY_LIMIT} are allowed")
    return value


def _check_topics(topics: list[str]) -> list[str]:
    if len(topics) > TOPIC_LIMIT:
        raise _refusal(f"{len(topics)} topics; at most {TOPIC_LIMIT} are allowed")
    for number, topic in enumerate(topics, start=1):
        if len(topic) > TOPIC_LENGTH:
            raise _refusal(f"topic {number} has {len(topic)} characters; at most {TOPIC_LENGTH} are allowed")
        if topic in topics[: number - 1]:
            raise _refusal(f"{toml_text(topic)} is given twice")
    return topics


def _check_notation(value: object) -> str | dict[str, Any]:
    if not isinstance(value, (str, dict)):
        raise _refusal(f"{toml_text(value)} is neither the name of a notation nor a table")
    return value


def _check_update_after(value: object) -> str | int:
    if value in ("example", "batch") and isinstance(value, str):
        return value
    if type(value) is not int or not 1 <= value <= EXAMPLE_LIMIT:
        close = did_you_mean(value, ("example", "batch")) if isinstance(value, str) else ""
        wanted = f'"example", "batch" or a number of examples from 1 to {EXAMPLE_LIMIT}'
        raise _refusal(f"{toml_text(value)} is not {wanted}{close}")
    return value


def _check_names(names: list[str]) -> list[str]:
    if len(names) > COLUMN_LIMIT:
        raise _refusal(f"{len(names)} names; at most {COLUMN_LIMIT} are allowed")
    return names


def _check_target(value: object) -> str | list[str]:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return _check_names(value)
    raise _refusal(f"{toml_text(value)} is neither the name of a column nor an array of names")


def _check_figure(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise _refusal(f"{toml_text(value)} must be in quotes, as printed, so that its digits are kept")
    if not isinstance(value, str):
        raise _refusal(f"{toml_text(value)} is not a number in quotes")
    try:
        numeral = read_numeral(value)
    except NumeralError as error:
        raise _refusal(str(error)) from None
    if value != value.strip() or len(value) > _NUMBER_LENGTH or numeral.is_fraction or numeral.is_cut:
        raise _refusal(f'{toml_text(value)} is not a number; write it as printed, such as "-0.25" or "1e-6"')
    return value


def _check_formula(tex: str) -> str:
    """Check that a formula in TeX is one short line whose braces match."""
    depth, lowest = 0, 0
    for brace in re.findall(r"\\.|[{}]", tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        lowest = min(lowest, depth)
    if depth or lowest:
        raise _refusal("its braces do not match")
    if len(tex) > _FORMULA_LENGTH or not tex.isprintable():
        raise _refusal(f"a formula is one line of at most {_FORMULA_LENGTH} characters")
    return tex


def _check_even_rows(rows: list[list[float]]) -> list[list[float]]:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            lengths = f"row {number} has {count_of(len(row), 'number')} and row 1 has {len(rows[0])}"
            raise _refusal(f"{lengths}; every row needs one number per unit")
    return rows


def _check_bias(value: object) -> bool | str:
    if isinstance(value, bool) or value == SHARED:
        return value if isinstance(value, bool) else SHARED
    numbers = "; did you mean 'b'?" if isinstance(value, list) else ""
    raise _refusal(f"{toml_text(value)} is not one of true, false, {toml_text(SHARED)}{numbers}")


def _check_mask(rows: list[list[float]]) -> list[list[float]]:
    """Check that a mask has only 0 and 1, and in each column at least one 1."""
    for number, row in enumerate(_check_even_rows(rows), start=1):
        for unit, value in enumerate(row, start=1):
            if value not in (0, 1):
                raise _refusal(f"row {number} has {value:g} for neuron {unit}; a mask has only 0 and 1")
    for unit, column in enumerate(zip(*rows, strict=True), start=1):
        if not any(column):
            raise _refusal(f"neuron {unit} has no connection left; its column needs a 1")
    return rows


def _nesting(value: object) -> str:
    """Return the tag of examples: rows of numbers, or lists of time steps that are rows."""
    rows = value if isinstance(value, list) else []
    deeper = any(isinstance(cell, list) for row in rows if isinstance(row, list) for cell in row)
    return _SEQUENCES if deeper else _ROWS


def _by_name(declared: Iterable[Iterable[Constant]]) -> dict[str, Constant]:
    """The constants that rows of a table declare, each once as its first row does, by the keys of lesson files."""
    found: dict[str, Constant] = {}
    for constant in (each for row in declared for each in row):
        found.setdefault(constant.name, constant)
    return found


def _with_constants(name: str, base: type[TomlTable], constants: dict[str, Constant], defaults: object = None) -> Any:
    """A table with a key for each constant; without a value it is that of `defaults`, or None."""
    fields: dict[str, Any] = {
        key: (Annotated[float, _real(each.allows, each.allowed)] | None, getattr(defaults, key, None))
        for key, each in constants.items()
    }
    return create_model(name, __base__=base, __doc__=base.__doc__, **fields)


Text = Annotated[str, AfterValidator(_check_text)]
Sentence = Annotated[Text, AfterValidator(_check_sentence)]
Formula = Annotated[Text, AfterValidator(_check_formula)]
Summary = Annotated[Sentence, AfterValidator(_check_summary)]
Topics = Annotated[list[Sentence], AfterValidator(_check_topics)]
Size = Annotated[int, _whole(1, PARAMETER_LIMIT)]
Seed = Annotated[int, _whole(0, SEED_LIMIT)]
Place = Annotated[int, _whole(1, PARAMETER_LIMIT)]
Row = Annotated[int, _whole(0, EXAMPLE_LIMIT - 1)]
Positive = Annotated[float, _real(lambda x: x > 0.0, "above 0")]
Mask = Annotated[list[list[float]], AfterValidator(_check_mask)]
Matrix = Annotated[list[list[float]], AfterValidator(_check_even_rows)]
Names = Annotated[list[str], Field(min_length=1), AfterValidator(_check_names)]
Rows = list[list[float]]
Sequences = list[Rows]
Examples = Annotated[Annotated[Rows, Tag(_ROWS)] | Annotated[Sequences, Tag(_SEQUENCES)], Discriminator(_nesting)]


class TomlTable(BaseModel):
    """The base of all tables: no unknown keys, no type conversion, no NaN, no infinity."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _LayerTable(TomlTable):
    """`[[network.layers]]`: W is (inputs, units), b is (units,); if recurrent, W_h (units, units) and b_h (units,).

    With `bias = "shared"` b and b_h have one number. `mask` is (inputs, units), with a 0 for each missing connection.
    """

    units: Size
    activation: Annotated[str, _one_of(tuple(ACTIVATIONS))] = "sigmoid"
    W: Matrix | None = None
    b: list[float] | None = None
    recurrent: bool = False
    W_h: Matrix | None = None
    b_h: list[float] | None = None
    bias: Annotated[bool | str, PlainValidator(_check_bias)] = True
    mask: Mask | None = None

    @property
    def constants(self) -> tuple[tuple[str, float], ...]:
        """The constants of an activation that the layer gives, by their keys."""
        given = ((name, getattr(self, name)) for name in LAYER_CONSTANTS)
        return tuple((name, float(value)) for name, value in given if value is not None)


LAYER_CONSTANTS = _by_name(row.constants for row in ACTIVATIONS.values())
TRAINING_CONSTANTS = _by_name(row.all_constants for row in OPTIMIZERS.values())
SCHEDULE_CONSTANTS = _by_name([(DECAY, DECAY_EVERY)])
if TYPE_CHECKING:

    class LayerTable(_LayerTable):
        """`[[network.layers]]`, with a key for each constant of an activation."""
else:
    LayerTable = _with_constants("LayerTable", _LayerTable, LAYER_CONSTANTS)


class InitTable(TomlTable):
    """`[network.init]`: how parameters that are not given are drawn."""

    scheme: Annotated[str, _one_of(tuple(SCHEMES))] = "uniform"
    seed: Seed = 1
    generator: Annotated[str, _one_of(GENERATORS)] = "legacy"
    bias: Annotated[str, _one_of(BIASES)] = "drawn"
    order: Annotated[str, _one_of(ORDERS)] = "weights_then_biases"


class NetworkTable(TomlTable):
    """`[network]`: inputs, layers, loss."""

    inputs: Size
    loss: Annotated[str, _one_of(tuple(LOSSES))] = "half_squared"
    seed_gradient: Annotated[list[float], Field(min_length=1)] | None = None
    input_gradients: bool = False
    layers: Annotated[list[LayerTable], Field(min_length=1)]
    init: InitTable | None = None


class DataTable(TomlTable):
    """`[data]`: inputs and targets, or a file, or a generator with its options: a preset, or clusters around centers.

    In a recurrent lesson each example of inputs and targets is a list of time steps.
    """

    inputs: Examples | None = None
    targets: Examples | None = None
    file: Text | None = None
    generator: Annotated[str, _one_of(tuple(PRESETS))] | None = None
    points: Annotated[int, _whole(1, EXAMPLE_LIMIT)] | None = None
    noise: Annotated[float, _real(lambda x: x >= 0.0, "0 or more")] = 0.0
    centers: Annotated[list[list[float]], Field(min_length=1)] | None = None
    per_class: Annotated[int, _whole(1, EXAMPLE_LIMIT)] | None = None
    seed: Seed | None = None
    shared_generator: bool = False
    columns: Names | None = None
    target: Annotated[str | list[str] | None, PlainValidator(_check_target)] = None
    scale: Annotated[str, _one_of(SCALES)] = "none"
    held_out: Annotated[float, _real(lambda x: 0.0 <= x < 1.0, "from 0 up to, but not including, 1")] = 0.0
    missing: Annotated[str, _one_of(MISSING_WAYS)] = "leave_out"
    targets_at: Annotated[str, _one_of(("every", "last"))] = "every"
    held_out_inputs: Examples | None = None
    held_out_targets: Examples | None = None
    example: Row = 0

    @property
    def preset(self) -> str | None:
        """The preset of data that is drawn, if any: every generator but clusters around given centers."""
        around_centers = self.centers is not None or self.per_class is not None or self.shared_generator
        return None if self.generator == CLUSTERS and around_centers else self.generator


class ConventionTable(TomlTable):
    """`[convention]`: the conventions of the document."""

    delta: Annotated[str, _one_of(CHOICES["delta"])] = "gradient"
    weights: Annotated[str, _one_of(CHOICES["weights"])] = "inputs_first"
    slope: Annotated[str, _one_of(CHOICES["slope"])] = "exact"
    step: Annotated[str, _one_of(CHOICES["step"])] = "downhill"
    update: Annotated[str, _one_of(CHOICES["update"])] = "simultaneous"
    through_time: Annotated[str, _one_of(CHOICES["through_time"])] = "full"
    frozen: list[str] = Field(default_factory=list)


class _TrainingTable(TomlTable):
    """`[training]`: the update rule with its constants, the number of epochs, and the order of examples."""

    learning_rate: Positive = 1.0
    update_after: Annotated[str | int, PlainValidator(_check_update_after)] = "example"
    reduce: Annotated[str, _one_of(("sum", "mean"))] = "sum"
    optimizer: Annotated[str, _one_of(tuple(OPTIMIZERS))] = "sgd"
    schedule: Annotated[str, _one_of(tuple(RATE_SCHEDULES))] = "constant"
    epochs: Annotated[int, _whole(0, EPOCH_LIMIT)] = 1000
    seed: Seed = 0
    shuffle: bool = False
    negative_slope: Annotated[float, _real(NEGATIVE_SLOPE.allows, NEGATIVE_SLOPE.allowed)] = NEGATIVE_SLOPE.default

    @property
    def constants(self) -> dict[str, float]:
        """The constants of optimizers, by their keys; one that is left to the optimizer is not among them."""
        return self._given(TRAINING_CONSTANTS)

    @property
    def schedule_constants(self) -> dict[str, float]:
        """The constants of the schedule of the learning rate that are given, by their keys."""
        return self._given(SCHEDULE_CONSTANTS)

    def _given(self, names: Iterable[str]) -> dict[str, float]:
        given = ((name, getattr(self, name)) for name in names)
        return {name: float(value) for name, value in given if value is not None}


if TYPE_CHECKING:

    class TrainingTable(_TrainingTable):
        """`[training]`, with a key for each constant of an optimizer and of a schedule of the learning rate."""
else:
    TrainingTable = _with_constants("TrainingTable", _TrainingTable, TRAINING_CONSTANTS | SCHEDULE_CONSTANTS, Rates())


class PrintedConventionTable(TomlTable):
    """`convention` of a printed number: the choices with which its run is computed, where they are not the lesson's."""

    slope: Annotated[str, _one_of(CHOICES["slope"])] | None = None
    step: Annotated[str, _one_of(CHOICES["step"])] | None = None
    update: Annotated[str, _one_of(CHOICES["update"])] | None = None
    through_time: Annotated[str, _one_of(CHOICES["through_time"])] | None = None

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The choices that are made."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple((name, value) for name, value in given if value is not None)


class PrintedTable(TomlTable):
    """`[[printed]]`: a number that the document prints; layer, unit, source and time from 1, example from 0."""

    quantity: Annotated[str, _one_of((*QUANTITIES, *MEMORY_NAMES, *MEASURES))]
    layer: Place | None = None
    unit: Place | None = None
    source: Place | None = None
    example: Row | None = None
    time: Place | None = None
    value: Annotated[str, PlainValidator(_check_figure)]
    where: str = ""
    of: Annotated[str, _one_of(PARAMETER_NAMES)] | None = None
    update: Annotated[int, _whole(0, UPDATE_LIMIT)] | None = None
    epoch: Annotated[int, _whole(0, UPDATE_LIMIT)] | None = None
    convention: PrintedConventionTable | None = None


class ErratumTable(TomlTable):
    """`[[errata]]`: a mistake of the document; the other keys name the step it concerns, as in PrintedTable."""

    where: str = ""
    text: Text
    quantity: Annotated[str, _one_of(QUANTITIES)] | None = None
    layer: Place | None = None
    unit: Place | None = None
    source: Place | None = None
    example: Row | None = None
    time: Place | None = None
    formula: Formula = ""
    correct: Formula = ""


class CaptionsTable(TomlTable):
    """`[captions]`: a sentence for a kind of step, shown on the card in place of the general one."""

    z: Sentence | None = None
    a: Sentence | None = None
    error: Sentence | None = None
    loss: Sentence | None = None
    dE_da: Sentence | None = None
    slope: Sentence | None = None
    delta: Sentence | None = None
    dE_dx: Sentence | None = None
    dW: Sentence | None = None
    db: Sentence | None = None
    dW_h: Sentence | None = None
    db_h: Sentence | None = None
    W_new: Sentence | None = None
    b_new: Sentence | None = None
    W_h_new: Sentence | None = None
    b_h_new: Sentence | None = None


class Document(TomlTable):
    """A whole lesson file."""

    format: Annotated[int, PlainValidator(_check_format)]
    title: Text
    source: str = ""
    summary: Summary | None = None
    topics: Topics = Field(default_factory=list)
    notation: Annotated[str | dict[str, Any] | None, PlainValidator(_check_notation)] = None
    network: NetworkTable
    data: DataTable
    convention: ConventionTable = Field(default_factory=ConventionTable)
    training: TrainingTable = Field(default_factory=TrainingTable)
    printed: list[PrintedTable] = Field(default_factory=list)
    errata: list[ErratumTable] = Field(default_factory=list)
    captions: CaptionsTable = Field(default_factory=CaptionsTable)


# The model of each table, by its path.
TABLES: dict[tuple[str, ...], type[TomlTable]] = {
    (): Document,
    ("network",): NetworkTable,
    ("network", "layers"): LayerTable,
    ("network", "init"): InitTable,
    ("data",): DataTable,
    ("convention",): ConventionTable,
    ("training",): TrainingTable,
    ("printed",): PrintedTable,
    ("printed", "convention"): PrintedConventionTable,
    ("errata",): ErratumTable,
    ("captions",): CaptionsTable,
}

# The tables in which a misplaced key may belong; keys of the others name steps and figures.
_MAIN_TABLES = (("training",), ("network", "layers"), ("network",), ("network", "init"), ("data",), ("convention",), ())


def number_type(path: FieldPath) -> type[int] | type[float] | None:
    """Return the type of the number at a path, within arrays as well; None where no number belongs."""
    names = tuple(part for part in path if isinstance(part, str))
    table = TABLES.get(names[:-1])
    field = None if table is None or not names else table.model_fields.get(names[-1])
    kinds = set() if field is None else set(_leaves(field.annotation))
    return int if int in kinds else float if float in kinds else None


def _leaves(annotation: Any) -> Iterator[Any]:
    """Yield the types of which a type is made, such as float for a list of numbers."""
    inner = get_args(annotation)
    yield from (leaf for part in inner for leaf in _leaves(part)) if inner else (annotation,)


# The message for each required key that is missing, and the stand-in with which the rest is checked.
NEEDED: dict[tuple[str, ...], tuple[str, Any]] = {
    ("format",): ("write format = 1", 1),
    ("title",): ("describe in a few words what the lesson shows", "?"),
    ("network",): ("write [network] with inputs and [[network.layers]]", {"inputs": 1, "layers": [{"units": 1}]}),
    ("network", "inputs"): ("say how many inputs the network has", 1),
    ("network", "layers"): ("write one [[network.layers]] for each layer", [{"units": 1}]),
    ("network", "layers", "units"): ("say how many units the layer has", 1),
    ("data",): ("write [data] with inputs and targets, a file or a generator", {}),
    ("printed", "quantity"): (f"name one of {', '.join(QUANTITIES)}", "loss"),
    ("printed", "value"): ("write the number in quotes, as printed", "0"),
    ("errata", "text"): ("describe in a few words what is wrong there", "?"),
}

_KINDS = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "list_type": "an array",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}


def validate(tables: dict[str, Any]) -> tuple[Document | None, tuple[Issue, ...]]:
    """Check parsed TOML against the format; return the document and the issues.

    The document holds stand-ins for refused fields, so that the rest can still be checked; `is_hidden` finds the later
    issues that they cause. The document is None if the stand-ins do not suffice.
    """
    try:
        return Document.model_validate(tables), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    issues = tuple(Issue(_unmarked(detail["loc"]), _message(detail)) for detail in details)
    try:
        return Document.model_validate(_repaired(tables, issues)), issues
    except ValidationError:
        return None, issues


def is_hidden(issue: Issue, refused: Sequence[Issue]) -> bool:
    """Return whether an issue depends on a field that was itself refused."""
    stand_ins = {_cut(other.path) for other in refused}
    looked_at = (issue.path, *issue.needs)
    return any(path[:end] in stand_ins for path in looked_at for end in range(1, len(path) + 1))


def _cut(path: FieldPath) -> FieldPath:
    """Return a path without its last array indices: the key that a stand-in replaces."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _unmarked(path: FieldPath) -> FieldPath:
    """Return one of pydantic's paths without the tags of examples."""
    return tuple(part for part in path if part not in (_ROWS, _SEQUENCES))


def _names(path: FieldPath) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _message(detail: ErrorDetails) -> str:
    """Return the message for an error of pydantic: what is wrong, and what is allowed."""
    kind, names = detail["type"], _names(_unmarked(detail["loc"]))
    if kind == "refused":
        return detail["msg"]
    if kind == "missing":
        return f"missing; {NEEDED[names][0]}"
    if kind == "extra_forbidden":
        known = tuple(TABLES[names[:-1]].model_fields)
        return f"unknown key; known keys are {', '.join(known)}{_key_hint(names, detail['input'])}"
    if kind == "too_short":
        return "empty; at least one is needed"
    return f"{toml_text(detail['input'])} is not {_KINDS[kind]}" if kind in _KINDS else detail["msg"]


def _key_hint(names: tuple[str, ...], value: object) -> str:
    """Return which key is meant by an unknown one: another one of its table, or one of another table."""
    *table, word = names
    known = tuple(TABLES[tuple(table)].model_fields)
    if same_as(word, known) is None:
        for key, places in _elsewhere(word, isinstance(value, str)):
            where = f"{' and '.join(places)}" if len(places) < 3 else f"{', '.join(places[:-1])} and {places[-1]}"
            belongs = f"belongs to {where}"
            return f"; {key} {belongs}" if key == word else f"; did you mean {key!r}? It {belongs}"
    return did_you_mean(word, known)


def _elsewhere(word: str, is_text: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys of other tables that a word may mean, each with these tables: a text is no weights."""
    of_table = {path: tuple(TABLES[path].model_fields) for path in _MAIN_TABLES}
    exact = [path for path, keys in of_table.items() if word in keys]
    meant = [(path, key) for path, keys in of_table.items() if word not in keys and (key := same_as(word, keys))]
    if exact and (is_text or not meant):
        yield word, [_table_name(path) for path in exact]
    for key in dict.fromkeys(key for _, key in meant):
        yield key, [_table_name(path) for path, other in meant if other == key]
    if exact:
        yield word, [_table_name(path) for path in exact]


def _table_name(path: tuple[str, ...]) -> str:
    """Return a table as it is written in a file: [training], [[network.layers]]."""
    if not path:
        return "the top of the file"
    name = ".".join(path)
    return f"[[{name}]]" if path == ("network", "layers") else f"[{name}]"


def _repaired(tables: dict[str, Any], issues: Sequence[Issue]) -> dict[str, Any]:
    """Copy the tables without the refused fields; required ones are replaced by stand-ins."""
    repaired = copy.deepcopy(tables)
    for issue in issues:
        path = _cut(issue.path)
        table: Any = repaired
        try:
            for part in path[:-1]:
                table = table[part]
            if _names(path) in NEEDED:
                table[path[-1]] = copy.deepcopy(NEEDED[_names(path)][1])
            else:
                table.pop(path[-1], None)
        except (LookupError, TypeError, AttributeError):
            continue  # the table around it has been replaced already
    return repaired
