"""Sessions as plain data and back: a writer and a reader that share the lesson and the checkpoints of one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from nnviz.debugger.state.breakpoint import Breakpoint, Watch
from nnviz.debugger.state.edit import Edit
from nnviz.debugger.state.session import Session, record_pass
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.training import Checkpoint, TrainingSettings
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import Notation
from nnviz.sessions.breakpoint_fields import (
    MOST_LAYER_NUMBER,
    MOST_PLACES,
    breakpoint_data,
    breakpoint_from,
    known_notations,
    notation_of,
    quantity_data,
    quantity_from,
    watch_data,
    watch_from,
)
from nnviz.sessions.checkpoints import checkpoint_data, checkpoint_from, same_bits
from nnviz.sessions.edit_fields import data_edits_from, data_edits_of, edit_data, edits_from, with_data_edits
from nnviz.sessions.fields import Field
from nnviz.sessions.run_fields import (
    check_memory,
    convention_data,
    convention_from,
    loss_from,
    run_data,
    run_from,
    training_data,
    training_from,
)
from nnviz.tracing.steps import Grain
from nnviz.tracing.trace import Trace

Entry = TypeVar("Entry", Breakpoint, Watch)
MOST_CHECKPOINTS = 20_000
_KEYS = (
    *("notation", "convention", "loss", "training", "example", "grain", "at", "selection"),
    *("here", "entered", "run", "breakpoints", "watches"),
)
_OPTIONAL = ("edits",)


@dataclass(frozen=True, eq=False)
class Saved:
    """The content of a session file: the session, and its further parts by name.

    `unknown_parts` are those of a file from a newer nnviz, to be written again unchanged. `notes` are lines for the
    user about an opened file. `file` is the path of the session that an automatic copy belongs to.
    """

    session: Session
    parts: Mapping[str, object] = field(default_factory=dict)
    unknown_parts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    file: str = ""


class SessionWriter:
    """Gives each checkpoint one number; `lesson` is the unedited one of its file. Mutable: it collects checkpoints."""

    is_short = False  # whether runs are written in the short form

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self._checkpoints: list[Checkpoint] = []
        self._numbers: dict[int, int] = {}

    def checkpoint(self, checkpoint: Checkpoint) -> int:
        """Return the number, from 0, of a checkpoint in the file."""
        if id(checkpoint) not in self._numbers:
            self._numbers[id(checkpoint)] = len(self._checkpoints)
            self._checkpoints.append(checkpoint)
        return self._numbers[id(checkpoint)]

    def checkpoints(self) -> list[dict[str, Any]]:
        """Return all numbered checkpoints, in order."""
        return [checkpoint_data(checkpoint, self.lesson) for checkpoint in self._checkpoints]

    def training(self, settings: TrainingSettings) -> Any:
        """Return training settings as the file has them."""
        return training_data(settings)

    def convention(self, convention: Convention) -> Any:
        """Return a convention as the file has it."""
        return convention_data(convention)

    def data_edits(self, edits: tuple[Edit, ...]) -> Any:
        """Return the edits in the data of a segment as the file has them."""
        return [edit_data(edit) for edit in edits]

    def session(self, session: Session) -> dict[str, Any]:
        """Return a session of the lesson, without the lesson."""
        edits = {"edits": [edit_data(edit) for edit in session.edited]} if session.edited else {}
        return edits | {
            "notation": {"name": session.notation.name, "first_layer": session.notation.first_layer},
            "convention": self.convention(session.convention),
            "loss": session.loss,
            "training": self.training(session.training),
            "example": session.example,
            "grain": session.grain.word,
            "at": _step_data(session),
            "selection": None if session.selection is None else quantity_data(session.selection),
            "here": self.checkpoint(session.checkpoint),
            "entered": self.checkpoint(session.recorded_checkpoint),
            "run": run_data(session.run, session.lesson.dataset, self),
            "breakpoints": [breakpoint_data(each, session) for each in session.breakpoints],
            "watches": [watch_data(each, session) for each in session.watches],
        }


class Reader:
    """Reads the sessions of one file; `notes` collects lines for the user about them. Mutable for these.

    Edited data and checkpoints of `known` sessions are reused, so that a change made in place is recognized.
    """

    reads_alike = False  # whether a checkpoint may be written as `like` another

    def __init__(self, lesson: Lesson, checkpoints: Field, known: Sequence[Session] = ()) -> None:
        self.lesson = lesson
        self.notes: list[str] = []
        self._known = known
        self._lessons = {data_edits_of(session.edited): session.lesson for session in known}
        self._checkpoints: list[Checkpoint] = []
        empty: dict[int, FloatArray] = {}
        for item in checkpoints.items(MOST_CHECKPOINTS, 1):
            before = self._checkpoints if self.reads_alike else ()
            self._checkpoints.append(self._same(checkpoint_from(item, lesson, empty, before)))

    def _same(self, checkpoint: Checkpoint) -> Checkpoint:
        return next((s.checkpoint for s in self._known if same_bits(s.checkpoint, checkpoint)), checkpoint)

    def checkpoint(self, number: Field) -> Checkpoint:
        """Return the checkpoint of a number. Raises SessionError."""
        return self._checkpoints[number.whole(0, len(self._checkpoints) - 1)]

    def training(self, field: Field) -> TrainingSettings:
        """Read training settings. Raises SessionError."""
        return training_from(field)

    def convention(self, field: Field) -> Convention:
        """Read a convention. Raises SessionError."""
        return convention_from(field, self.lesson)

    def data_edits(self, field: Field) -> tuple[Edit, ...]:
        """Read edits in data. Raises SessionError."""
        return data_edits_from(field, self.lesson)

    def edited_lesson(self, edited: tuple[Edit, ...]) -> Lesson:
        """Return the lesson with the learner's edits of its data: one for all sessions with the same edits."""
        key = data_edits_of(edited)
        if key not in self._lessons:
            self._lessons[key] = with_data_edits(self.lesson, edited)
        return self._lessons[key]

    def session(self, data: Field) -> Session:
        """Read a session and recompute its pass. Raises SessionError."""
        table = data.table(_KEYS, _OPTIONAL)
        edited = edits_from(table["edits"], self.lesson) if "edits" in table else ()
        lesson = self.edited_lesson(edited)  # all that follows uses the edited data
        notation, training = _notation_from(table["notation"], lesson), self.training(table["training"])
        convention, loss = self.convention(table["convention"]), loss_from(table["loss"], lesson)
        here, entered = self.checkpoint(table["here"]), self.checkpoint(table["entered"])
        example = table["example"].whole(0, len(lesson.dataset) - 1)
        check_memory(table["here"], here, training)
        run = run_from(table["run"], edited, self)
        if not run.first <= here.update <= run.end or here.update != entered.update:
            table["here"].refuse(f"is at update {here.update}, outside the run from {run.first} to {run.end}")
        trace = Trace(record_pass(lesson, training, convention, loss, here, example), notation.chain_rule)
        session = Session(
            lesson=lesson,
            notation=notation,
            training=training,
            convention=convention,
            loss=loss,
            checkpoint=here,
            example=example,
            trace=trace,
            run=run,
            recorded_checkpoint=entered,
            grain=Grain[table["grain"].choice([grain.word for grain in Grain]).upper()],
            edited=edited,
            file_lesson=None if lesson is self.lesson else self.lesson,
        )
        selection = table["selection"]
        return replace(
            session,
            position=self._position(table["at"], session),
            selection=None if selection.is_none() else quantity_from(selection, session),
            breakpoints=_each(table["breakpoints"], session, breakpoint_from),
            watches=_each(table["watches"], session, watch_from),
        )

    def _position(self, field: Field, session: Session) -> int:
        """Return the position of the last known step; if it no longer exists, the start, and add a note."""
        if field.is_none():
            return 0
        table = field.table(("quantity", "of", "known"))
        terms, known = table["of"].whole(1), table["known"].whole(1)
        end = session.trace.find(quantity_from(table["quantity"], session))
        if end is None:
            self.notes.append("its step no longer exists: the session opens before the first step")
            return 0
        step = session.trace.enclosing(Grain.NEURON, end)
        return step.start + known if step.end - step.start == terms and known <= terms else step.end


def _each(field: Field, session: Session, read: Callable[[Field, Session], Entry]) -> tuple[Entry, ...]:
    """Read breakpoints or watches, each with a number of its own."""
    entries = tuple(read(item, session) for item in field.items(MOST_PLACES))
    if len({entry.id for entry in entries}) < len(entries):
        field.refuse("two entries have the same id")
    return entries


def _notation_from(field: Field, lesson: Lesson) -> Notation:
    table = field.table(("name", "first_layer"))
    notation = notation_of(lesson.notation, table["name"].choice(known_notations(lesson.notation)))
    first = table["first_layer"].whole(0, MOST_LAYER_NUMBER)
    if first == notation.first_layer:
        return notation
    if not notation.renumbers:
        table["first_layer"].refuse(f"the layers of {notation.name} cannot be renumbered")
    return replace(notation, first_layer=first)


def _step_data(session: Session) -> dict[str, Any] | None:
    """Return the data of the step at the position, and how many of its terms are known."""
    if session.position == 0:
        return None
    step = session.trace.enclosing(Grain.NEURON, session.position)
    return {
        "quantity": quantity_data(step.quantity),
        "known": session.position - step.start,
        "of": step.end - step.start,
    }
