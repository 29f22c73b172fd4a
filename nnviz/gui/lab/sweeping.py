"""The Runs panel at work: its rows follow the plot, a sweep is trained in processes beside the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QMenu

from nnviz.debugger.build import built, lesson_as_chosen
from nnviz.gui import panels
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.main_window import MainWindow
from nnviz.present.text.capital import capital

if TYPE_CHECKING:
    from nnviz.debugger.state.session import Session
    from nnviz.debugger.training.text_sweep import SweepWish, TextJob
    from nnviz.gui.views.lab.runs_view import RunsView
    from nnviz.present.lab.runs_table import RunKey, SweptRun, TableRun
    from nnviz.process.job_pool import JobPool

POLL_MS = 60  # between two looks at what is done
FOLLOW_MS = 200  # between two writings of the table while a run grows


class Sweeping(QObject):
    """Connects the Runs panel with the runs of the plot, and owns the sweep under way and the runs of all sweeps."""

    def __init__(self, store: Store, training: TrainingController, window: MainWindow, menus: ContextMenus) -> None:
        super().__init__(window)
        self._store, self._training, self._window = store, training, window
        self._swept: tuple[SweptRun, ...] = ()
        self._number = 0  # of the last run of a sweep
        self._problem: tuple[object, str, int] = (None, "", 0)  # data and loss of the plot's runs, and their mark
        self._pool: JobPool | None = None
        self._jobs: tuple[TextJob, ...] = ()
        self._numbers: dict[int, int] = {}  # of the runs of this sweep, by the places of their jobs
        self._poll, self._follow = QTimer(self), QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._look)
        self._follow.setInterval(FOLLOW_MS)
        self._follow.setSingleShot(True)
        self._follow.timeout.connect(self._show)
        window.runs.when_built(self._connect)
        menus.add(window.runs, self._fill_menu)
        training.plotted.connect(self._follow_plot)
        window.closing.connect(self._close)

    @property
    def swept(self) -> tuple[SweptRun, ...]:
        """The runs of all sweeps, in order."""
        return self._swept

    @property
    def is_under_way(self) -> bool:
        """Whether a sweep is being trained."""
        return self._pool is not None

    def ask(self) -> None:
        """Show the panel with the form of a sweep."""
        self._window.show_panel(panels.RUNS.id)
        self._window.runs.view.ask_for_sweep()

    def start(self, wish: SweepWish) -> None:
        """Train a sweep of the session's lesson; say in one line what is wrong with it."""
        from nnviz.debugger.training.text_sweep import LessonSource, plan_sweep, run_text_job
        from nnviz.lessons.making.lesson_text import lesson_text
        from nnviz.process.job_pool import JobPool, default_workers

        view: RunsView = self._window.runs.view
        lesson = lesson_as_chosen(self._store.session)
        try:
            source = LessonSource(text=lesson_text(lesson), path=str(lesson.path))
            jobs = plan_sweep(wish, lesson, source)
            self._end()
            self._pool = JobPool(run_text_job, jobs, default_workers())
        except (ValueError, OSError) as error:
            view.say(_sentence(str(error)), problem=True)
            return
        first = len(jobs) - sum(not job.is_check for job in jobs)
        self._jobs, self._numbers = jobs, {place: self._number + 1 + place - first for place in range(first, len(jobs))}
        self._number += len(self._numbers)
        view.say("")
        view.sweep.setChecked(False)
        view.show_sweep((0, len(self._numbers)))
        self._poll.start()

    def cancel(self) -> bool:
        """End the sweep under way and keep its runs; return whether there was one."""
        if self._pool is None:
            return False
        total, left = len(self._numbers), len(self._remaining())
        self._end()
        self._window.runs.view.say(f"The sweep was cancelled: {total - left} of {total} runs are done.")
        return True

    def show_on_plot(self, key: RunKey, shown: bool) -> None:
        """Show the line of a run on the plot, or hide it; a run of a sweep is added to the plot when first shown."""
        from nnviz.present.lab.runs_table import swept_recipe

        number = self._plotted(key)
        if number in {run.number for run in self._training.runs}:
            self._training.keeper.change(number, shown=shown)
        elif shown:
            run = self._of(key)
            recipe = swept_recipe(run.found, self._store.session.lesson.name)
            self._replace(replace(run, plotted=self._training.add_run(run.curve, recipe, run.curve.name)))
        self._show()

    def rename(self, key: RunKey, name: str) -> None:
        """Give a run a name."""
        if key.is_swept:
            run = self._of(key)
            self._replace(replace(run, curve=replace(run.curve, name=" ".join(name.split()) or run.curve.name)))
        if self._plotted(key):
            self._training.keeper.change(self._plotted(key), given=name)
        self._show()

    def remove(self, key: RunKey) -> None:
        """Remove a run from the table and the plot."""
        number = self._plotted(key)
        if key.is_swept:
            self._swept = tuple(run for run in self._swept if run.number != key.number)
        if number:
            self._training.keeper.remove(number)
        self._show()

    def rows(self) -> tuple[TableRun, ...]:
        """Return the rows of the table: runs of other lessons only if they can be compared."""
        from nnviz.present.lab.runs_table import table_runs

        session = self._store.session
        lesson, mark = session.lesson, self._mark(session)
        swept = [run for run in self._swept if run.found.problem == mark or run.job.source.path == str(lesson.path)]
        return table_runs(self._training.keeper.book, swept, mark, lesson.name)

    def _connect(self, view: RunsView) -> None:
        table = view.list
        table.shown_changed.connect(self.show_on_plot)
        table.renamed.connect(self.rename)
        table.removed.connect(self.remove)
        table.again_asked.connect(self.train_again)
        view.form.asked.connect(self.start)
        view.cancel_asked.connect(self.cancel)
        view.seen.connect(lambda seen: self._show() if seen else None)

    def _fill_menu(self, menu: QMenu, point: QPoint) -> None:
        table = self._window.runs.view.list
        table.fill_menu(menu, table.viewport().mapFrom(self._window.runs, point))

    def _mark(self, session: Session) -> int:
        from nnviz.debugger.training.text_sweep import problem_mark

        data, loss, _ = self._problem
        if data is not session.lesson.dataset or loss != session.loss:
            mark = problem_mark(session.lesson, session.loss)
            self._problem = (session.lesson.dataset, session.loss, mark)
        return self._problem[2]

    def _follow_plot(self) -> None:
        if not self._follow.isActive() and self._window.runs.is_built and self._window.runs.view.is_seen:
            self._follow.start()

    def _show(self) -> None:
        if self._window.runs.is_built and self._window.runs.view.is_seen:
            self._window.runs.view.show_runs(self.rows())

    def _look(self) -> None:
        """Take the runs that are done."""
        from nnviz.present.lab.runs_table import swept_run

        pool = self._pool
        if pool is None:
            return
        for done in pool.finished():
            if done.problem:
                self._fail(done.problem)
                return
            if done.answer is not None:
                self._replace(swept_run(self._numbers[done.place], self._jobs[done.place], done.answer))
        total, view = len(self._numbers), self._window.runs.view
        view.show_sweep((total - len(self._remaining()), total))
        self._show()
        if pool.is_done:
            self._end()
            view.say(f"The sweep is done: {total} {'run' if total == 1 else 'runs'}.")

    def _fail(self, problem: str) -> None:
        self._end()
        view = self._window.runs.view
        view.sweep.setChecked(True)  # the form, to be corrected
        view.say(_sentence(problem), problem=True)

    def _end(self) -> None:
        self._poll.stop()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        self._window.runs.view.show_sweep(None)

    def _close(self) -> None:
        self._follow.stop()
        if self._pool is not None:
            self._end()

    def _remaining(self) -> set[int]:
        return set(self._numbers.values()) - {run.number for run in self._swept}

    def _of(self, key: RunKey) -> SweptRun:
        return next(run for run in self._swept if run.number == key.number)

    def _plotted(self, key: RunKey) -> int:
        """Return the number of a run on the plot, 0 if it was never there."""
        return self._of(key).plotted if key.is_swept else key.number

    def _replace(self, run: SweptRun) -> None:
        others = [other for other in self._swept if other.number != run.number]
        self._swept = tuple(sorted([*others, run], key=lambda each: each.number))

    def train_again(self, key: RunKey) -> None:
        """Train a run of a sweep here: its lesson from its start, for as many epochs."""
        if key.is_swept:
            self._training.pause_then(lambda: self._train_here(self._of(key)))

    def _train_here(self, run: SweptRun) -> None:
        from nnviz.debugger.training.text_sweep import lesson_of

        fresh = built(self._store.session, lambda lesson: lesson_of(run.job))
        self._training.lesson_opened(fresh)
        self._store.begin(fresh)
        self._training.train_for(len(run.found.run.loss))


def _sentence(words: str) -> str:
    """Return a reason with a capital letter, unless it begins with a key of lesson files."""
    return words if "." in words.split(maxsplit=1)[0] else capital(words)
