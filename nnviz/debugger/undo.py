"""Undo and redo of what the learner changes; the steps that he walks are not among it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.debugger.commands import Move
from nnviz.debugger.session import Session, change_in_place, choose_notation

MOST = 50
# What the learner sets up beside the pass, and undoing leaves as it is.
_NOT_CHANGED = ("grain", "breakpoints", "watches", "predicting")


@dataclass(frozen=True, eq=False)
class Entry:
    """A change with its name: the session before it and after it; those of a drag have the same `key`."""

    name: str
    before: Session
    after: Session
    key: object = None


@dataclass(frozen=True, eq=False)
class History:
    """What can be undone and what can be done again, the latest last."""

    done: tuple[Entry, ...] = ()
    undone: tuple[Entry, ...] = ()


def with_change(history: History, entry: Entry) -> History:
    """The history after a change: what was undone before it is forgotten."""
    return History((*history.done, entry)[-MOST:])


def changed(history: History, session: Session, move: Move, name: str, key: object = None) -> tuple[History, Session]:
    """Change the session by a move; one that goes on with the last change, of the same key, takes its place."""
    if is_going_on(history, session, key):
        session = history.done[-1].before
        history = History(history.done[:-1])
    after = move(session)
    if after is session:
        return history, after
    return with_change(history, Entry(name, session, after, key)), after


def is_going_on(history: History, session: Session, key: object) -> bool:
    """Whether the last change was of this key and nothing was done since."""
    return key is not None and bool(history.done) and history.done[-1].key == key and history.done[-1].after is session


def cancelled(history: History, session: Session, key: object) -> tuple[History, Session]:
    """Without the last change, if it was of this key and nothing was done since; it cannot be made again."""
    if not is_going_on(history, session, key):
        return history, session
    return History(history.done[:-1]), history.done[-1].before


def undo(history: History, session: Session) -> tuple[History, Session]:
    """Take the last change back, at the present step where the pass is still the one changed."""
    if not history.done:
        return history, session
    *done, entry = history.done
    there = _moved(session, entry.after, entry.before)
    again = replace(entry, after=session, key=None)
    return History(tuple(done), (*history.undone, again)), there


def redo(history: History, session: Session) -> tuple[History, Session]:
    """Make the change again that was undone last."""
    if not history.undone:
        return history, session
    *undone, entry = history.undone
    there = _moved(session, entry.before, entry.after)
    again = replace(entry, before=session)
    return History((*history.done, again), tuple(undone)), there


def _moved(session: Session, source: Session, target: Session) -> Session:
    """From the one side of a change to the other: in place where the pass is that of `source`, else to `target`."""
    same_pass = session.checkpoint is source.checkpoint and session.example == source.example == target.example
    if not same_pass or target.checkpoint.update != session.checkpoint.update:
        told = choose_notation(target, session.notation) if target.notation.name != session.notation.name else target
        own = {name: getattr(session, name) for name in _NOT_CHANGED}
        return replace(told, **own)
    convention = target.convention
    if (target.convention.delta, target.convention.weights) == (source.convention.delta, source.convention.weights):
        convention = replace(convention, delta=session.convention.delta, weights=session.convention.weights)
    notation = session.notation
    if target.notation.first_layer != source.notation.first_layer and notation.name == source.notation.name:
        notation = replace(notation, first_layer=target.notation.first_layer)
    return change_in_place(
        session,
        lesson=target.lesson,
        filed=target.filed,
        edited=target.edited,
        checkpoint=target.checkpoint,
        convention=convention,
        loss=target.loss,
        training=target.training,
        notation=notation,
        run=target.run,
        entered=target.entered,
    )
