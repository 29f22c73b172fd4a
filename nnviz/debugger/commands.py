"""The table of commands: each has a name, a title, keys, and a pure function from session to session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace

from nnviz.debugger.diagnosis.nonfinite import first_nonfinite, go_to_nonfinite, is_finite_so_far
from nnviz.debugger.state.session import Session, choose_example, next_pass, previous_pass
from nnviz.debugger.timeline import in_past, to_present
from nnviz.tracing.steps import Grain

Move = Callable[[Session], Session]


@dataclass(frozen=True)
class Command:
    """One command. `keys` are Qt's portable key names; `icon` names a file of resources/icons.

    A command that `walks` takes steps and stops at a breakpoint on its way; the others jump.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    tip: str
    run: Move
    _: KW_ONLY
    icon: str = ""
    walks: bool = False


def step(session: Session) -> Session:
    """Take the next step at the session's grain; at the end of a pass, go to the start of the next one."""
    if session.at_end:
        return next_pass(session)
    index = session.trace.count(session.grain, session.position)
    return replace(session, position=session.trace.step(session.grain, index).end)


def back(session: Session) -> Session:
    """Take the last step back at the session's grain; at the start of a pass, go to the end of the previous one."""
    if session.position == 0:
        return previous_pass(session)
    return replace(session, position=session.trace.enclosing(session.grain, session.position).start)


def into(session: Session) -> Session:
    """Open the step just taken: switch to the next finer grain, at the first of its parts."""
    if session.grain is Grain.TERM:
        return session
    finer = Grain(session.grain + 1)
    if session.position == 0:
        return replace(session, grain=finer)
    start = session.trace.enclosing(session.grain, session.position).start
    first = session.trace.step(finer, session.trace.count(finer, start))
    return replace(session, grain=finer, position=first.end)


def over(session: Session) -> Session:
    """Finish the step of the next coarser grain, or take the next such step whole, and keep the grain."""
    if session.at_end:
        return next_pass(session)
    coarser = Grain(max(session.grain - 1, Grain.PASS))
    index = session.trace.count(coarser, session.position)
    return replace(session, position=session.trace.step(coarser, index).end)


def out(session: Session) -> Session:
    """Finish the step that contains this one, and switch to the next coarser grain."""
    if session.grain is Grain.PASS:
        return session
    coarser = Grain(session.grain - 1)
    if session.position == 0:
        return replace(session, grain=coarser)
    return replace(session, grain=coarser, position=session.trace.enclosing(coarser, session.position).end)


def first(session: Session) -> Session:
    """Go before the first step of the pass."""
    return replace(session, position=0)


def last(session: Session) -> Session:
    """Go after the last step of the pass."""
    return replace(session, position=session.trace.end)


def end(session: Session) -> Session:
    """Go after the last step of the pass; in the past, return to the latest position.

    A past pass with a NaN or infinity is shown to its end first: what follows is no longer finite.
    """
    stays = not in_past(session) or (first_nonfinite(session.trace) is not None and not session.at_end)
    return last(session) if stays else to_present(session)


def next_phase(session: Session) -> Session:
    """Run to the first step of the next phase; from the last phase, to the end."""
    index = session.trace.count(Grain.PASS, max(session.position - 1, 0)) + (1 if session.position else 0)
    if index >= session.trace.length(Grain.PASS):
        return last(session)
    return _first_step(session, session.trace.step(Grain.PASS, index).start)


def previous_phase(session: Session) -> Session:
    """Run back to the first step of this phase, then of the previous phase, then to the start."""
    if session.position == 0:
        return previous_pass(session)
    phase = session.trace.enclosing(Grain.PASS, session.position)
    here = _first_step(session, phase.start)
    if here.position < session.position:
        return here
    return (
        first(session)
        if phase.start == 0
        else _first_step(session, session.trace.step(Grain.PASS, phase.index - 1).start)
    )


def _first_step(session: Session, start: int) -> Session:
    index = session.trace.count(session.grain, start)
    return replace(session, position=session.trace.step(session.grain, index).end)


def following_pass(session: Session) -> Session:
    """Go to the start of the next pass, but first to a NaN or infinity of this pass if one is still ahead."""
    is_ahead = first_nonfinite(session.trace) is not None and is_finite_so_far(session)
    return go_to_nonfinite(session) if is_ahead else next_pass(session)


def go_to(session: Session, position: int) -> Session:
    """Go to the end of the step of this grain that contains a position; 0 is before the first."""
    position = max(0, min(position, session.trace.end))
    if position == 0:
        return replace(session, position=0)
    return replace(session, position=session.trace.enclosing(session.grain, position).end)


def set_grain(grain: Grain) -> Move:
    """Return a command that changes the grain and keeps the place."""
    return lambda session: replace(session, grain=grain)


def next_example(session: Session) -> Session:
    """Step the next example from its start; the first follows the last."""
    return choose_example(session, (session.example + 1) % len(session.lesson.dataset))


def previous_example(session: Session) -> Session:
    """Step the previous example from its start; the last precedes the first."""
    return choose_example(session, (session.example - 1) % len(session.lesson.dataset))


COMMANDS: tuple[Command, ...] = (
    Command(
        "first",
        "First step",
        ("Home",),
        "Go to the start of the pass, before its first step",
        first,
        icon="player-skip-back",
    ),
    Command("back", "Step back", ("Left", "PgUp"), "Go back one step", back, icon="chevron-left", walks=True),
    Command("step", "Step", ("Right", "PgDown"), "Take the next step", step, icon="chevron-right", walks=True),
    Command(
        "last",
        "Last step",
        ("End",),
        "Go to the end of the pass; in the past, go back to the latest update",
        end,
        icon="player-skip-forward",
    ),
    Command(
        "into", "Step into", ("Down",), "Step through the parts of this step, in finer detail", into, icon="step-into"
    ),
    Command(
        "out",
        "Step out",
        ("Up",),
        "Finish the enclosing step and continue in coarser detail",
        out,
        icon="step-out",
        walks=True,
    ),
    Command(
        "over",
        "Step over",
        ("Shift+Right",),
        "Finish the enclosing step and keep the level of detail",
        over,
        icon="arrow-right",
        walks=True,
    ),
    Command(
        "next_phase",
        "Next phase",
        ("Ctrl+Right",),
        "Run to the first step of the next phase",
        next_phase,
        icon="chevrons-right",
        walks=True,
    ),
    Command(
        "previous_phase",
        "Previous phase",
        ("Ctrl+Left",),
        "Run back to the start of this phase, or of the previous one",
        previous_phase,
        icon="chevrons-left",
        walks=True,
    ),
    Command(
        "next_pass",
        "Next pass",
        ("Ctrl+Down",),
        "Begin the next pass with the updated weights; stop first at any NaN or infinity",
        following_pass,
        icon="player-track-next",
    ),
    Command(
        "previous_pass",
        "Previous pass",
        ("Ctrl+Up",),
        "Go back to the end of the previous pass",
        previous_pass,
        icon="player-track-prev",
    ),
    Command(
        "nonfinite",
        "First NaN or infinity",
        ("Ctrl+Shift+N",),
        "Go to the first NaN or infinity in the pass",
        go_to_nonfinite,
        icon="alert-triangle",
    ),
    Command("next_example", "Next example", ("N",), "Step through the next example", next_example),
    Command("previous_example", "Previous example", ("P",), "Step through the previous example", previous_example),
    Command("grain_pass", "By pass", ("1",), "One step per phase", set_grain(Grain.PASS)),
    Command("grain_layer", "By layer", ("2",), "One step per vector or matrix", set_grain(Grain.LAYER)),
    Command("grain_neuron", "By neuron", ("3",), "One step per number", set_grain(Grain.NEURON)),
    Command("grain_term", "By term", ("4",), "One step per product", set_grain(Grain.TERM)),
)
