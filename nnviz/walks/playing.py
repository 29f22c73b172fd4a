"""Playing a walk: its commands are run one by one, and every step that they pass becomes a moment."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TypeVar

from nnviz.debugger.branches import Branches, one_branch
from nnviz.debugger.conditions.continuing import Stop
from nnviz.debugger.conditions.expressions import Expression, evaluate, read_condition, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.state.prediction import Prediction
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.faults import FieldPath, Issue
from nnviz.lessons.lesson import Lesson
from nnviz.shell.arguments import known_position, number_of
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.shell.output import value_text
from nnviz.shell.shell import Shell, ShellCommand, ShellError
from nnviz.tracing.steps import Grain, Quantity
from nnviz.walks.caption import CaptionError, caption_expressions, caption_text, finished
from nnviz.walks.moments import AskedValue, LossCurve, Moment, TrainingPlace
from nnviz.walks.pointing import rings_of, zoom_of
from nnviz.walks.walk import Scene, Walk
from nnviz.walks.walk_file import SoundError, load_lesson_of, narration_seconds, walk_error
from nnviz.walks.walk_training import curve_until, training_views

TRAINING_RATE = 10.0  # moments a second while a scene trains
READING = 12.0  # characters of a caption that are read in a second
LEAST_HOLD = 2.0  # seconds
SETTLING = 2.5  # seconds before a caption is begun to be read
QUESTION_HOLD = 5.0  # seconds at least that a question is open
ANSWER_HOLD = 3.0  # seconds that an answer is shown
_TRAINING = ("train", "epoch", "update", "continue")
_TEX = re.compile(r"\\[A-Za-z]+|[${}_^\\]")
_COMPARISON = re.compile(r"[<>=!]=?|\band\b|\bor\b|\bnot\b")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Expectation:
    """A condition that a scene expects, and whether it is true; `found` describes the values of an untrue one."""

    text: str
    is_true: bool
    found: str = ""


@dataclass(frozen=True, eq=False)
class PlayedScene:
    """A scene that was played: its moments, what it expects, the mistakes in it, and the session after it."""

    index: int
    moments: tuple[Moment, ...]
    expectations: tuple[Expectation, ...]
    issues: tuple[Issue, ...]
    session: Session


def play(walk: Walk, *, training_rate: float = TRAINING_RATE) -> Iterator[Moment]:
    """Play a walk: yield its moments, scene by scene, the same on any day.

    `training_rate` is how many moments a second show a scene that trains. Raises LessonError at the first scene with a
    mistake, or if the lesson cannot be loaded.
    """
    for scene in play_scenes(walk, training_rate=training_rate):
        if scene.issues:
            raise walk_error(walk, scene.issues)
        yield from scene.moments


def play_scenes(
    walk: Walk, *, training_rate: float = TRAINING_RATE, shows_training: bool = True
) -> Iterator[PlayedScene]:
    """Play a walk scene by scene, with the mistakes in each; those of one scene do not end the walk.

    Without `shows_training`, a training is one moment as long as all of its moments, and has no loss curve.
    Raises LessonError if the lesson cannot be loaded.
    """
    player = _Player(walk, load_lesson_of(walk), training_rate, shows_training)
    return (player.play(index) for index in range(len(walk.scenes)))


@dataclass(eq=False)
class WalkShell(Shell):
    """A shell without output that keeps every session shown since the last command. Mutable, as the shell is."""

    shown: list[Session] = field(default_factory=list)

    def show_branches(self, branches: Branches, stop: Stop | None = None) -> None:
        """Take other branches, as the shell does, and keep the session."""
        super().show_branches(branches, stop)
        self.shown.append(self.session)

    def say(self, text: str) -> None:
        """Print nothing: a walk is looked at."""

    def run(self, line: str) -> tuple[Session, ...]:
        """Run a line; return the sessions that it passes, step by step. Raises ShellError."""
        command = self.command_of(line)
        before = self.session
        self.shown = []
        self.do(line)
        if self.was_interrupted:
            raise KeyboardInterrupt
        if command is None:
            return ()
        shown = [each for each in self.shown if not _is_same_place(before, each)]
        if not command.walks:
            return tuple(shown)
        return tuple(each for one, other in pairwise((before, *shown)) for each in steps_between(one, other))

    def command_of(self, line: str) -> ShellCommand | None:
        """Return the command of a line, None for a comment. Raises ShellError if a walk must not contain it."""
        text = line.partition("#")[0].strip()
        if not text:
            return None
        command = self.command(text.split()[0].partition("/")[0])
        if command.walk_obstacle:
            raise ShellError(f"{command.name}: not in a walk, because {command.walk_obstacle}")
        return command

    def has_trained(self, line: str, before: Session, passed: tuple[Session, ...]) -> bool:
        """Return whether a line that was run has made updates of its own, instead of the steps that it passed."""
        if len(passed) != 1:
            return False
        made = self.session.checkpoint.update - before.checkpoint.update
        command = self.command_of(line)
        return command is not None and command.name in _TRAINING and made > command.walks


def walk_shell(branches: Branches) -> WalkShell:
    """Return a shell for the lines of a walk, which starts at some branches."""
    return WalkShell(branches, SHELL_COMMANDS, io.StringIO())


def start_of(walk: Walk, lesson: Lesson) -> Session:
    """Return the session at which a walk begins."""
    return start_session(lesson, grain=Grain[walk.stage.grain.upper()])


def steps_between(before: Session, after: Session) -> Iterator[Session]:
    """Yield the sessions at the steps between two places, and the second place.

    They lie in the same pass or in two that follow one another; of a longer way only the end is shown.
    """
    if before.grain == after.grain and before.checkpoint is after.checkpoint and before.trace is after.trace:
        yield from (replace(after, position=at) for at in _ends(after, before.position, after.position))
    elif before.grain == after.grain and after.checkpoint.update == before.checkpoint.update + 1:
        yield from (replace(before, position=at) for at in _ends(before, before.position, before.trace.end))
        yield from (replace(after, position=at) for at in _ends(after, 0, after.position))
        if after.position == 0:
            yield after
        return
    else:
        yield after
        return
    if before.position == after.position and before is not after:
        yield after


def _ends(session: Session, start: int, end: int) -> Iterator[int]:
    """Yield the positions of the steps on the way from one position to another, forward or back."""
    trace, grain = session.trace, session.grain
    at = start
    while at < end:
        at = min(trace.step(grain, trace.count(grain, at)).end, end)
        yield at
    while at > end:
        at = max(trace.enclosing(grain, at).start, end)
        yield at


@dataclass(frozen=True, eq=False)
class _Trained:
    """A line that trained: the sessions before and after it."""

    before: Session
    after: Session

    @property
    def updates(self) -> int:
        """The number of updates made."""
        return self.after.checkpoint.update - self.before.checkpoint.update


@dataclass(frozen=True, eq=False)
class _Shown:
    """What returns a session, with the seconds that it is shown; of a training, the place in it."""

    source: Callable[[], Session]
    seconds: float
    training: TrainingPlace | None = None
    curve: LossCurve | None = None
    ask: AskedValue | None = None


@dataclass(eq=False)
class _Player:
    """The state of playing: the shell, and the loss curve so far. Mutable."""

    walk: Walk
    lesson: Lesson
    training_rate: float
    shows_training: bool
    curve: LossCurve | None = None
    shell: WalkShell = field(init=False)

    def __post_init__(self) -> None:
        self.shell = walk_shell(one_branch(start_of(self.walk, self.lesson)))

    def play(self, index: int) -> PlayedScene:
        """Play one scene, after those before it."""
        scene, issues = self.walk.scenes[index], _Issues(("scene", index))
        shown = self._run(scene, issues)
        asked = self._ask(scene, issues)
        session = self.shell.session
        caption = _caption(scene, session, issues)
        narrated = issues.of(("audio",), partial(narration_seconds, self.walk, scene)) or 0.0
        shown = _held(scene, caption, narrated, shown or [_Shown(_known(session), 0.0, curve=self.curve)], asked)
        rings = tuple(q for at, name in enumerate(scene.point) for q in _rings(session, name, ("point", at), issues))
        zoom = issues.of(("zoom",), lambda: zoom_of(session, scene.zoom))
        expectations = tuple(
            found
            for at, text in enumerate(scene.expect)
            if (found := issues.of(("expect", at), partial(expectation, text, session))) is not None
        )
        moments = tuple(
            Moment(
                scene=index,
                source=each.source,
                caption=caption,
                layout=self.walk.layout_of(scene),
                seconds=each.seconds,
                rings=rings,
                zoom=zoom,
                ask=each.ask,
                training=each.training,
                curve=each.curve,
            )
            for each in shown
        )
        return PlayedScene(index, moments, expectations, tuple(issues.all), session)

    def _run(self, scene: Scene, issues: _Issues) -> list[_Shown]:
        """Run the lines of a scene; return what they show."""
        passed: list[_Trained | tuple[Session, ...]] = []
        for at, line in enumerate(scene.do):
            before = self.shell.session
            found = issues.of(("do", at), partial(self.shell.run, line)) or ()
            has_trained = self.shell.has_trained(line, before, found)
            passed.append(_Trained(before, self.shell.session) if has_trained else found)
        updates = sum(each.updates for each in passed if isinstance(each, _Trained))
        if scene.seconds is not None and not updates and not issues.all:
            issues.add(("seconds",), "no line of this scene trains; leave the key out, or write train N")
        return _at_end([shown for each in passed for shown in self._show(scene, each, updates)], self.shell.session)

    def _show(self, scene: Scene, passed: _Trained | tuple[Session, ...], updates: int) -> Iterator[_Shown]:
        """Yield what a line shows; `updates` is how many all lines of the scene make."""
        pace = self.walk.stage.pace
        if not isinstance(passed, _Trained):
            for session in passed:
                self.curve = curve_until(self.curve, session.checkpoint.epoch)
                yield _Shown(_known(session), pace, curve=self.curve)
            return
        seconds = (scene.seconds or 0.0) * passed.updates / updates
        if not self.shows_training:
            yield _Shown(_known(passed.after), seconds or pace)
            return
        most = max(1, round(seconds * self.training_rate))
        views = training_views(passed.before, passed.after, most, self.curve)
        self.curve = views[-1].curve
        each = seconds / len(views) or pace
        for view in views:
            yield _Shown(view.session, each, view.place if scene.seconds else None, view.curve)

    def _ask(self, scene: Scene, issues: _Issues) -> tuple[_Shown, ...]:
        """Return the moments of the scene's question and answer, and go to the answer; none without a question."""
        if not scene.ask:
            return ()
        found = issues.of(("ask",), lambda: asked_sessions(self.shell.session, scene.ask))
        if found is None:
            return ()
        hidden, answered, asked = found
        if any(asked.quantity in expression.quantities for expression in _said(scene, hidden)):
            issues.add(("say",), f"shows {scene.ask} before it is asked for; write it in the next scene")
        self.shell.session = answered
        return (
            _Shown(_known(hidden), 0.0, curve=self.curve, ask=asked),
            _Shown(_known(answered), ANSWER_HOLD, curve=self.curve, ask=replace(asked, is_answered=True)),
        )


@dataclass(frozen=True)
class _Issues:
    """The issues with one scene, whose path is given. The list grows."""

    path: FieldPath
    all: list[Issue] = field(default_factory=list)

    def add(self, field_path: FieldPath, message: str) -> None:
        """Add an issue with a field of the scene."""
        self.all.append(Issue((*self.path, *field_path), message))

    def of(self, field_path: FieldPath, read: Callable[[], Result]) -> Result | None:
        """Return what `read` returns; if it raises, add the issue and return None."""
        try:
            return read()
        except (ShellError, ExpressionError, CaptionError, SoundError) as error:
            self.add(field_path, str(error))
            return None


def asked_sessions(session: Session, name: str) -> tuple[Session, Session, AskedValue]:
    """Return the session that asks for a value, the one that has taken its step, and the question.

    Raises ShellError if the name is not that of one number that is still to be computed in this pass.
    """
    quantity, position = number_of(session, name), known_position(session, name)
    if not position:
        raise ShellError(f"{name} is given, not computed in the pass; ask for a computed value")
    if position <= session.position:
        raise ShellError(f"{name} is already known here; ask for it before the step that computes it")
    there = replace(session, grain=Grain.NEURON if session.grain is Grain.PASS else session.grain)
    step = there.trace.enclosing(there.grain, position)
    hidden = replace(there, position=step.start, predicting=Prediction(skips_trivial=False))
    return hidden, replace(there, position=step.end), AskedValue(name, quantity, step, False)


def expectation(text: str, session: Session) -> Expectation:
    """Check a condition in the finished pass of a session. Raises ExpressionError if it cannot be read."""
    there = finished(session)
    value = evaluate(read_condition(text, there), there)
    if value is None:
        return Expectation(text, False, "not known in this pass")
    return Expectation(text, bool(value), "" if value else ", ".join(_sides(text, there)))


def _sides(text: str, session: Session) -> Iterator[str]:
    """Yield each side of a comparison that is not a number as written, with its value."""
    for part in _COMPARISON.split(text):
        try:
            expression = read_expression(part, session)
        except ExpressionError:
            continue
        value = evaluate(expression, session)
        if value is not None and (expression.quantities or expression.specials):
            yield f"{expression.text} = {value_text(value)}"


def _is_same_place(before: Session, after: Session) -> bool:
    """Return whether two sessions show the same step in the same symbols: a change of the grain alone is not shown."""
    one, other = ((s.trace, s.position, s.notation, s.convention, s.training) for s in (before, after))
    return one == other


def _at_end(shown: list[_Shown], session: Session) -> list[_Shown]:
    """Return what a scene shows, so that it ends in the session after its last line."""
    if not shown or not _is_same_place(shown[-1].source(), session):
        return shown
    return [*shown[:-1], replace(shown[-1], source=_known(session))]


def _known(session: Session) -> Callable[[], Session]:
    return lambda: session


def reading_time(caption: str) -> float:
    """Return how many seconds it takes to read a caption."""
    return SETTLING + len(_TEX.sub("", caption)) / READING if caption else 0.0


def _held(
    scene: Scene, caption: str, narrated: float, shown: Sequence[_Shown], asked: Sequence[_Shown]
) -> list[_Shown]:
    """Return what a scene shows, with the question or the last moment held, at least as long as it is narrated."""
    spent = sum(each.seconds for each in shown)
    least = QUESTION_HOLD if asked else LEAST_HOLD
    hold = max(reading_time(caption) - spent, least) if scene.hold is None else scene.hold
    hold = max(hold, narrated - spent - (ANSWER_HOLD if asked else 0.0))
    if asked:
        question, answer = asked
        return [*(each for each in shown if each.seconds), replace(question, seconds=hold), answer]
    return [*shown[:-1], replace(shown[-1], seconds=shown[-1].seconds + hold)]


def _caption(scene: Scene, session: Session, issues: _Issues) -> str:
    return (issues.of(("say",), lambda: caption_text(scene.say, session)) or "") if scene.say else ""


def _said(scene: Scene, session: Session) -> tuple[Expression, ...]:
    """Return the expressions of a caption; none if it cannot be read, which is reported elsewhere."""
    try:
        return caption_expressions(scene.say, session)
    except (ExpressionError, CaptionError):
        return ()


def _rings(session: Session, name: str, path: FieldPath, issues: _Issues) -> tuple[Quantity, ...]:
    return issues.of(path, lambda: rings_of(session, name)) or ()
