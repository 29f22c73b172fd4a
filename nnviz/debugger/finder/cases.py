"""The passes in which a number is looked for: the session's own, and the result of each change to it.

Every pass is computed by the engine: a change is another convention, rule, architecture, example or parameter set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np

from nnviz.debugger.finder.pass_program import is_whole
from nnviz.debugger.finder.slip_passes import read_slip
from nnviz.debugger.state.found import ROUNDING, PassChange
from nnviz.debugger.state.session import Session, previous_pass, start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.engine.datasets import given_targets
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import SHARED, Architecture, make_network, view_parameters
from nnviz.engine.optimizers import OF_GRADIENTS, OPTIMIZERS, PLAIN
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.schedule import RateSchedule, Schedule
from nnviz.engine.training import NonFiniteError, TrainingSettings, accuracy
from nnviz.lessons.lesson import Lesson

EXAMPLES_ALONE = 16
DATA_LIMIT = 5_000
SMALL = 1_000
REPLAY_LIMIT = 500


# The cost of a change in bits: the more a page must differ from the session, the less likely it is meant.
COSTS = {
    "sign": 2.0,
    "reward": 2.5,
    "example": 2.5,
    "update": 2.5,
    "loss": 3.0,
    "reduce": 3.0,
    "rate": 3.0,
    "logarithm": 3.5,
    "update_order": 3.5,
    "slope": 4.0,
    "step": 3.5,
    "through_time": 3.0,
    "frozen": 3.5,
    "batch": 3.0,
    "bias": 4.5,
    "optimizer": 4.0,
    "left_out": 3.0,
    "schedule": 3.5,
    "activation": 5.0,
    "transposed": 4.5,
    "threshold": 2.5,
    ROUNDING: 4.5,
}
# Layers whose biases are equal, as pages print them that have one for each layer.
COSTS_OF_VALUES = {("bias", "shared"): 2.5, ("bias", "own"): 2.5}


@cache
def change_cost(change: PassChange) -> float:
    """Return the cost of a change in bits; a slip carries its own."""
    cost = COSTS_OF_VALUES.get((change.name, change.value), COSTS.get(change.name))
    return read_slip(change.value).cost if cost is None else cost


# Changes that occur together on one page; each other change is tried alone.
_PAIRED = {"loss", "reduce", "rate", "update_order", "slope", "step", "through_time", "batch", "bias"}
_TRIPLE = ("slope", "step", "update_order")


@dataclass(frozen=True, eq=False, kw_only=True)
class Setup:
    """All values that determine a pass."""

    lesson: Lesson
    architecture: Architecture
    vector: FloatArray
    memory: FloatArray
    count: int
    epoch: int
    convention: Convention
    training: TrainingSettings
    example: int

    @property
    def batch(self) -> tuple[int, ...]:
        """The examples of the pass."""
        schedule = self._schedule
        return schedule.batch_at(self.epoch, schedule.start_of(self.epoch, self.example))

    def record(self) -> PassRecord:
        """Compute the pass."""
        batch = self.batch
        return self._run(batch, batch.index(self.example))

    def record_of_all_data(self) -> tuple[PassRecord, float | None]:
        """Compute a pass on the whole data, and the share of correctly classified examples."""
        record = self._run(tuple(range(len(self.lesson.dataset))), self.example)
        return record, accuracy(record.network, self.lesson.dataset)

    def after(self, record: PassRecord) -> Setup:
        """Return the setup of the next pass, on the next examples."""
        schedule = self._schedule
        epoch, position = schedule.after(self.epoch, schedule.start_of(self.epoch, self.example))
        following = self.example
        if len(record.examples) < schedule.examples:
            following = schedule.batch_at(epoch, position)[0]
        return replace(
            self,
            vector=record.updated.vector,
            memory=record.memory_after,
            count=self.count + 1,
            epoch=epoch,
            example=following,
        )

    @property
    def _schedule(self) -> Schedule:
        return self.training.schedule(len(self.lesson.dataset))

    def _run(self, batch: tuple[int, ...], row: int) -> PassRecord:
        indices = np.array(batch)
        return run_pass(
            make_network(self.architecture, self.vector),
            self.lesson.dataset.inputs[:, indices],
            self.lesson.dataset.targets[:, indices],
            self.convention,
            self.training.rule(self.epoch),
            examples=batch,
            row=row,
            memory=self.memory,
            count=self.count,
        )


@dataclass(frozen=True, eq=False)
class Case:
    """A pass to search: how it was computed, its distance from the session's pass, and which totals to include.

    If `is_elsewhere`, slips are looked for in it only as long as there is time.
    """

    setup: Setup
    record: PassRecord
    changes: tuple[PassChange, ...] = ()
    update: int = 0
    with_totals: bool = False
    with_rows: bool = False
    is_elsewhere: bool = False

    def is_moved(self, example: int) -> bool:
        """Return whether it is another pass than the session's, whose stepped example is given."""
        return bool(self.changes or self.update or self.setup.example != example)

    def cost(self, example: int) -> float:
        """Return the distance in bits from the session's pass, whose stepped example is given."""
        cost = sum(map(change_cost, self.changes)) + COSTS["update"] * abs(self.update)
        return cost + COSTS["example"] * (self.setup.example != example and self.update == 0)


def setup_of(session: Session) -> Setup:
    """Return the setup from which the session's pass was computed."""
    record, checkpoint = session.record, session.checkpoint
    return Setup(
        lesson=session.lesson,
        architecture=record.architecture,
        vector=record.parameters.vector,
        memory=record.memory,
        count=record.count,
        epoch=checkpoint.epoch,
        convention=record.convention,
        training=session.training,
        example=session.example,
    )


def cases(session: Session) -> Iterator[Case]:
    """Yield the passes to search, the likeliest first; the first is the session's own."""
    own = setup_of(session)
    record = session.record
    totals = len(session.lesson.dataset) <= DATA_LIMIT
    small = record.architecture.parameter_count <= SMALL and len(record.examples) <= EXAMPLES_ALONE
    yield Case(own, record, with_totals=totals, with_rows=True)
    yield from _examples(own, ())
    later = _later(own, record, ())
    yield from later
    yield from _earlier(session)
    singles = list(_singles(own))
    for change, setup in singles:
        changed = setup.record()
        yield Case(setup, changed, (change,), with_totals=totals and change.name in ("loss", "bias"))
        if small:
            yield from _later(setup, changed, (change,))
    if not small:
        return
    for change, setup in singles:
        yield from _examples(setup, (change,))
    yield from _several(own)


def slip_cases(session: Session) -> Iterator[Case]:
    """Yield the passes in which slips are looked for: the own one, and if small its other order of update."""
    own = setup_of(session)
    yield Case(own, session.record, with_rows=True)
    for choice in CHOICES["update"] if is_whole(session.record) else ():
        if choice != own.convention.update and own.architecture.depth > 1:
            other = replace(own, convention=replace(own.convention, update=choice))
            yield Case(other, other.record(), (PassChange("update_order", choice),), with_rows=True)


def _examples(setup: Setup, changes: tuple[PassChange, ...]) -> Iterator[Case]:
    """Yield the same pass on other examples: each alone if there are few, or all at once in one batch."""
    count = len(setup.lesson.dataset)
    if count <= EXAMPLES_ALONE:
        for example in range(count):
            if example != setup.example and (len(setup.batch) < count or not changes):
                other = replace(setup, example=example)
                yield Case(other, other.record(), changes)
    elif count <= DATA_LIMIT and not changes and len(setup.batch) == 1:
        together = replace(setup, training=replace(setup.training, update_after="batch"))
        yield Case(together, together.record(), (PassChange("batch", "batch"),), with_rows=True)


def _later(setup: Setup, record: PassRecord, changes: tuple[PassChange, ...]) -> list[Case]:
    """Return one and two updates later, on the next examples in turn and on the same example again."""
    found = []
    for update in (1, 2):
        following = setup.after(record)
        again = replace(following, example=setup.example)
        for other in (following, again) if following.example != again.example else (again,):
            found.append(Case(other, other.record(), changes, update, with_totals=not changes))
        setup, record = following, found[-2 if following.example != again.example else -1].record
    return [case for case in found if np.isfinite(case.record.parameters.vector).all()]


def _earlier(session: Session) -> Iterator[Case]:
    """Yield one and two updates earlier: stored passes, or the run replayed from its start."""
    here = session
    for update in (-1, -2):
        can_go_back = here.checkpoint.update > here.run.first
        before = previous_pass(here) if can_go_back else _replay(session, session.checkpoint.update + update)
        if before is None or before is here:
            return
        here = before
        for example in {here.example, session.example}:
            setup = replace(setup_of(here), example=example)
            yield Case(setup, setup.record(), (), update)


def _replay(session: Session, update: int) -> Session | None:
    """Return the lesson's own run after `update` updates, if the session is part of that run and it is short."""
    size = session.record.architecture.parameter_count * len(session.record.examples)
    if not 0 <= update <= REPLAY_LIMIT or size > SMALL * EXAMPLES_ALONE or not _follows_lesson(session):
        return None
    try:
        return start_session(session.lesson, example=session.example, update=update)
    except NonFiniteError:
        return None


def _follows_lesson(session: Session) -> bool:
    """Return whether the session trains and computes as the lesson's file says."""
    return session.training == session.lesson.training and session.follows_lesson


def _several(own: Setup) -> Iterator[Case]:
    """Yield two changes at once, of those that go together; of derivative, direction and order also all three."""
    paired = [(change, toggle) for change, toggle in _toggles(own) if change.name in _PAIRED]
    combined = [pair for pair in combinations(paired, 2) if pair[0][0].name != pair[1][0].name]
    slips = [[entry for entry in paired if entry[0].name == name] for name in _TRIPLE]
    triples = [(a, b, c) for a in slips[0] for b in slips[1] for c in slips[2]]
    for group in (*combined, *triples):
        setup: Setup | None = own
        for _, toggle in group:
            setup = None if setup is None else toggle(setup)
        if setup is not None:
            yield Case(setup, setup.record(), tuple(change for change, _ in group))


def _singles(own: Setup) -> Iterator[tuple[PassChange, Setup]]:
    for change, toggle in _toggles(own):
        setup = toggle(own)
        if setup is not None:
            yield change, setup


Toggle = Callable[[Setup], Setup | None]


def _toggles(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    """Yield each thing that a page may do differently."""
    yield from _losses(own)
    yield from _conventions(own)
    yield from _rules(own)
    yield from _parameters(own)
    yield from _activations(own)


def _losses(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    architecture = own.architecture
    output, targets = architecture.layers[-1].activation, own.lesson.dataset.targets
    targets = given_targets(targets)
    if not targets.size or not LOSSES[architecture.loss].has_targets:
        return
    low, high = float(targets.min()), float(targets.max())
    for loss in (row for row in LOSSES.values() if row.has_targets):
        meant = output == loss.fused if loss.fused else not loss.averaged or architecture.sizes[-1] > 1
        if meant and loss.name != architecture.loss and loss.low <= low and high <= loss.high:
            yield PassChange("loss", loss.name), _with_architecture(loss=loss.name)


_AS_A_SLIP = "left_out"  # the derivative of every layer: among the slips, by the same name


def _conventions(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    convention = own.convention
    computed = [("slope", "slope"), ("step", "step"), ("update", "update_order")]
    if own.architecture.is_recurrent:
        computed.append(("through_time", "through_time"))
    for field, name in computed:
        for choice in CHOICES[field]:
            if choice not in (getattr(convention, field), _AS_A_SLIP):
                yield PassChange(name, choice), _with_convention(**{field: choice})
    if convention.frozen:
        yield PassChange("frozen", "nothing"), _with_convention(frozen=())
    for name in ("biases", "weights") if own.architecture.has_biases else ("weights",):
        if name not in convention.frozen:
            yield PassChange("frozen", name), _with_convention(frozen=(*convention.frozen, name))


def _rules(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    training, examples = own.training, len(own.lesson.dataset)
    if training.rates.learning_rate != 1.0:
        rates = replace(training.rates, learning_rate=1.0)
        yield PassChange("rate", "one"), _with_training(rates=rates)
    if not OPTIMIZERS[training.optimizer].plain:
        empty = np.zeros((len(OPTIMIZERS[PLAIN].memory), own.vector.size))
        yield (
            PassChange("optimizer", PLAIN),
            lambda setup: replace(setup, training=replace(setup.training, optimizer=PLAIN), memory=empty),
        )
    adjusting = {constant.name for constant in OF_GRADIENTS}
    for constant in training.constants:
        if constant.name in adjusting and training.constant(constant):
            yield (
                PassChange("left_out", constant.name),
                _with_training(rates=training.with_constant(constant, 0.0).rates),
            )
    if training.rule(own.epoch) != training.rule():
        yield PassChange("schedule", "constant"), _with_training(rate_schedule=RateSchedule())
    if len(own.batch) > 1:
        other = "mean" if training.reduce == "sum" else "sum"
        yield PassChange("reduce", other), _with_training(reduce=other)
        yield PassChange("batch", "example"), _with_training(update_after="example")
    elif 1 < examples <= DATA_LIMIT:
        yield PassChange("batch", "batch"), _with_training(update_after="batch")
        yield PassChange("batch", "batch_mean"), _with_training(update_after="batch", reduce="mean")


def _parameters(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    """Yield biases omitted or with an input of −1, one for each layer or each unit, and square matrices transposed."""
    biases = np.zeros(own.vector.size, dtype=bool)
    for slots in own.architecture.slots:
        for name, place in slots.items():
            biases[place] |= name in ("b", "b_h")
    if own.vector[biases].any():
        yield PassChange("bias", "none"), _with_vector(np.where(biases, 0.0, own.vector))
        yield PassChange("bias", "minus"), _with_vector(np.where(biases, -own.vector, own.vector))
    yield from _bias_modes(own)
    square = [
        (name, layer)
        for layer, slots in enumerate(own.architecture.slots)
        for name in slots
        if name in ("W", "W_h") and len(set(own.architecture.shape(name, layer) or ())) == 1
    ]
    for name, layer in square:
        turned = own.vector.copy()
        matrix = view_parameters(own.architecture, turned).part(name, layer)
        if matrix.size > 1 and (matrix != matrix.T).any():
            matrix[:] = matrix.T.copy()
            yield PassChange("transposed", f"{name}{layer + 1}"), _with_vector(turned)


def _bias_modes(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    """Yield one bias for each layer whose biases are equal, and a bias for each unit of layers that share one."""
    architecture, parameters = own.architecture, view_parameters(own.architecture, own.vector)
    wide = [layer for layer, of in enumerate(architecture.layers) if of.units > 1 and of.biases]
    alike = {
        layer for layer in wide if not architecture.layers[layer].shares_bias and np.ptp(parameters.b[layer]) == 0.0
    }
    shared = {layer for layer in wide if architecture.layers[layer].shares_bias}
    for value, layers, bias in (("shared", alike, SHARED), ("own", shared, True)):
        if layers and not any(architecture.layers[layer].recurrent for layer in layers):
            changed = tuple(
                replace(of, bias=bias) if layer in layers else of for layer, of in enumerate(architecture.layers)
            )
            yield PassChange("bias", value), _with_layers(replace(architecture, layers=changed))


def _with_layers(architecture: Architecture) -> Toggle:
    """Return a toggle to layers with more or fewer biases; each has the number of the first of its layer."""

    def laid(setup: Setup, vector: FloatArray) -> FloatArray:
        before = view_parameters(setup.architecture, vector)
        after = np.zeros(architecture.parameter_count)
        for layer, slots in enumerate(architecture.slots):
            for name, place in slots.items():
                part, shape = before.part(name, layer), architecture.shape(name, layer)
                after[place] = np.ravel(part if part.shape == shape else part[0])
        return after

    def toggle(setup: Setup) -> Setup:
        memory = [laid(setup, vector) for vector in setup.memory]
        return replace(
            setup,
            architecture=replace(architecture, loss=setup.architecture.loss),
            vector=laid(setup, setup.vector),
            memory=np.array(memory).reshape(len(memory), architecture.parameter_count),
        )

    return toggle


def _activations(own: Setup) -> Iterator[tuple[PassChange, Toggle]]:
    """Yield another activation, or none, in the hidden layers or at the output."""
    last = own.architecture.depth - 1
    bound = bool(LOSSES[own.architecture.loss].outputs)
    for place, layers in (("hidden", range(last)), ("output", range(last, last + 1))):
        if not layers or (place == "output" and bound):
            continue
        present = {own.architecture.layers[layer].activation for layer in layers}
        for activation in (name for name, row in ACTIVATIONS.items() if row.common):
            if present != {activation}:
                changed = tuple(
                    replace(layer, activation=activation) if index in layers else layer
                    for index, layer in enumerate(own.architecture.layers)
                )
                yield PassChange("activation", f"{place} {activation}"), _with_architecture(layers=changed)


def _with_architecture(**changes: object) -> Toggle:
    return lambda setup: replace(setup, architecture=replace(setup.architecture, **changes))  # type: ignore[arg-type]


def _with_convention(**changes: object) -> Toggle:
    return lambda setup: replace(setup, convention=replace(setup.convention, **changes))  # type: ignore[arg-type]


def _with_training(**changes: object) -> Toggle:
    return lambda setup: replace(setup, training=replace(setup.training, **changes))  # type: ignore[arg-type]


def _with_vector(vector: FloatArray) -> Toggle:
    return lambda setup: replace(setup, vector=vector)
