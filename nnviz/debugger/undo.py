"""Undo and redo of the learner's changes; steps through a pass are not changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.debugger.commands import Move
from nnviz.debugger.state.session import Session, change_in_place, choose_notation

MOST = 50
# Fields that the learner sets up independently of the pass, which undo leaves unchanged.
_NOT_CHANGED = ("grain", "breakpoints", "watches", "predicting")


@dataclass(frozen=True, eq=False)
class UndoEntry:
    """A named change: the session before and after it; the changes of one drag have the same `key`."""

    name: str
    before: Session
    after: Session
    key: object = None


@dataclass(frozen=True, eq=False)
class UndoHistory:
    """The changes that can be undone and those that can be made again, the latest last."""

    done: tuple[UndoEntry, ...] = ()
    undone: tuple[UndoEntry, ...] = ()


def with_change(history: UndoHistory, entry: UndoEntry) -> UndoHistory:
    """Return the history after a change; changes that were undone are dropped."""
    return UndoHistory((*history.done, entry)[-MOST:])


def apply_change(
    history: UndoHistory, session: Session, move: Move, name: str, key: object = None
) -> tuple[UndoHistory, Session]:
    """Change the session by a move; consecutive changes of one key are merged."""
    if continues_change(history, session, key):
        session = history.done[-1].before
        history = UndoHistory(history.done[:-1])
    after = move(session)
    if after is session:
        return history, after
    return with_change(history, UndoEntry(name, session, after, key)), after


def continues_change(history: UndoHistory, session: Session, key: object) -> bool:
    """Return whether the last change has this key and nothing was done since."""
    return key is not None and bool(history.done) and history.done[-1].key == key and history.done[-1].after is session


def discard_change(history: UndoHistory, session: Session, key: object) -> tuple[UndoHistory, Session]:
    """Discard the last change if it has this key and nothing was done since; it cannot be made again."""
    if not continues_change(history, session, key):
        return history, session
    return UndoHistory(history.done[:-1]), history.done[-1].before


def undo(history: UndoHistory, session: Session) -> tuple[UndoHistory, Session]:
    """Undo the last change, at the present step if the pass is still the changed one."""
    if not history.done:
        return history, session
    *done, entry = history.done
    there = _move(session, entry.after, entry.before)
    again = replace(entry, after=session, key=None)
    return UndoHistory(tuple(done), (*history.undone, again)), there


def redo(history: UndoHistory, session: Session) -> tuple[UndoHistory, Session]:
    """Make the change again that was undone last."""
    if not history.undone:
        return history, session
    *undone, entry = history.undone
    there = _move(session, entry.before, entry.after)
    again = replace(entry, before=session)
    return UndoHistory((*history.done, again), tuple(undone)), there


def _move(session: Session, source: Session, target: Session) -> Session:
    """Move from one side of a change to the other: in place if the pass is that of `source`, else go to `target`."""
    same_pass = session.checkpoint is source.checkpoint and session.example == source.example == target.example
    same_pass = same_pass and source.own_lesson is target.own_lesson  # or another network has been built
    if not same_pass or target.checkpoint.update != session.checkpoint.update:
        there = choose_notation(target, session.notation) if target.notation.name != session.notation.name else target
        own = {name: getattr(session, name) for name in _NOT_CHANGED}
        return replace(there, **own)
    convention = target.convention
    if (target.convention.delta, target.convention.weights) == (source.convention.delta, source.convention.weights):
        convention = replace(convention, delta=session.convention.delta, weights=session.convention.weights)
    notation = session.notation
    if target.notation.first_layer != source.notation.first_layer and notation.name == source.notation.name:
        notation = replace(notation, first_layer=target.notation.first_layer)
    return change_in_place(
        session,
        lesson=target.lesson,
        file_lesson=target.file_lesson,
        edited=target.edited,
        checkpoint=target.checkpoint,
        convention=convention,
        loss=target.loss,
        training=target.training,
        notation=notation,
        run=target.run,
        recorded_checkpoint=target.recorded_checkpoint,
    )
