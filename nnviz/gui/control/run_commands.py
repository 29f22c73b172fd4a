"""The window's commands for runs besides training: other initial weights, and saved runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from nnviz.debugger.state.session import restart
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.dialogs.text_dialogs import fault_dialog, run_fault_dialog
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.reseed import draws_data, is_drawn, reseed
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.run_book import Recipe
from nnviz.present.runs.variants import NOTHING_DRAWN


def ask_for_seed(store: Store, training: TrainingController, window: QWidget, train: bool = False) -> None:
    """Ask for a seed and restart from its weights; with `train`, train for as many epochs as the current run."""
    from nnviz.gui.dialogs.seed_dialog import SeedDialog  # imported late to keep the start fast

    lesson = store.session.lesson
    if lesson.initializer is None:
        return
    dialog = SeedDialog(lesson.initializer.seed, draws_data(lesson), window)
    if dialog.exec() == QDialog.DialogCode.Accepted:
        reset_with_seed(store, training, window, dialog.seed, train)


def reset_with_seed(
    store: Store, training: TrainingController, window: QWidget, seed: int, train: bool = False
) -> None:
    """Restart from the weights of a seed and keep the runs; report a fault of the lesson file in a dialog."""
    session = store.session
    epochs = training.runs[0].last_epoch
    try:
        lesson = reseed(session.lesson, seed)
    except LessonError as error:
        fault_dialog(str(session.lesson.path), error, window).exec()
        return
    fresh = restart(session, lesson)
    training.lesson_opened(fresh)
    store.begin(fresh)
    if train:
        training.train_for(epochs or lesson.training.epochs)


def ask_for_run(training: TrainingController, window: QWidget) -> None:
    """Ask for a saved run and add it to the plot."""
    path, _ = QFileDialog.getOpenFileName(window, "Open run", "", "Runs (*.json);;All files (*)")
    if path:
        open_run(training, window, Path(path))


def open_run(training: TrainingController, window: QWidget, path: Path) -> bool:
    """Add a saved run to the plot, named after its file; report a fault in a dialog."""
    from nnviz.formats.runs.run_file import RunFileError, read_run  # imported late to keep the start fast

    try:
        saved = read_run(path)
    except RunFileError as error:
        run_fault_dialog(str(path), str(error), window).exec()
        return False
    epochs = np.arange(1, len(saved.losses) + 1)
    rated = np.array([] if saved.accuracy is None else [len(epochs)], dtype=np.int64)
    rates = np.array([] if saved.accuracy is None else [saved.accuracy])
    curve = LossRun("", 0, epochs, np.array(saved.losses), rated=rated, rates=rates)
    training.add_run(curve, Recipe(saved.lesson), path.stem)
    return True


def seed_reason(lesson: Lesson) -> str:
    """Return why no seed can be set; "" if one can."""
    return "" if is_drawn(lesson) else NOTHING_DRAWN
