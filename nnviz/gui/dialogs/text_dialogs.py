"""The dialogs: faults of a file as `nnviz check` reports them, about, unexpected errors, saving a file."""

from __future__ import annotations

import os

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.render.fonts import mono_font, ui_font


class TextDialog(QDialog):
    """A dialog with a heading, a sentence, and text that can be selected and copied."""

    def __init__(self, title: str, sentence: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        heading = QLabel(title)
        heading.setFont(ui_font(17, QFont.Weight.DemiBold))
        column.addWidget(heading)
        words = QLabel(sentence)
        words.setWordWrap(True)
        column.addWidget(words)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(12.5))
        self.text.setAccessibleName(title)
        column.addWidget(self.text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def sizeHint(self) -> QSize:
        return QSize(680, 320)


def fault_dialog(path: str, error: LessonError, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with the faults of a lesson file, each with its line."""
    return TextDialog("This lesson cannot be opened", _mistakes(path, error), str(error), parent)


def table_fault_dialog(path: str, error: LessonError, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog that says why a table of data cannot be read, and how to mend it."""
    sentence = f"{one_line(path)} cannot be read as a table of data. The current lesson stays open."
    return TextDialog("This table cannot be opened", sentence, str(error), parent)


def model_fault_dialog(path: str, error: LessonError, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog that says why a model cannot be opened."""
    sentence = f"{one_line(path)} cannot be opened as a model. The current lesson stays open."
    return TextDialog("This model cannot be opened", sentence, str(error), parent)


def walk_fault_dialog(walk: str, error: LessonError, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with the faults of a walk, each with its line."""
    return TextDialog("This walk cannot be played", _mistakes(walk, error), str(error), parent)


def _mistakes(path: str, error: LessonError) -> str:
    """Return the sentence above the faults of a file; one without a place is no mistake in it, but of the file."""
    count = sum(fault.line is not None or bool(fault.field) for fault in error.faults)
    problem = ("cannot be read", "contains a mistake")[count] if count < 2 else f"contains {count} mistakes"
    return f"{one_line(path)} {problem}. The current lesson stays open."


def session_fault_dialog(path: str, fault: str, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with the fault of a session file."""
    sentence = f"{one_line(path)} is not a valid session file. The current session stays open."
    dialog = TextDialog("This session cannot be opened", sentence, fault, parent)
    dialog.resize(680, 220)
    return dialog


def unwritten_dialog(what: str, reason: str, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with the reason why a file could not be written."""
    dialog = TextDialog(f"{what} was not saved", "No file has been changed.", one_line(reason), parent)
    dialog.resize(560, 200)
    return dialog


def run_fault_dialog(path: str, fault: str, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with the fault of a run file."""
    sentence = f"{one_line(path)} is not a valid run file. To save a run, use: nnviz train LESSON --out run.json"
    return TextDialog("This run cannot be opened", sentence, fault, parent)


def error_dialog(text: str, parent: QWidget | None = None) -> TextDialog:
    """Return a dialog with an unexpected error; the session is kept."""
    sentence = "An error occurred in nnviz. Your session is kept and you can continue. Please report the text below:"
    return TextDialog("Unexpected error", sentence, text, parent)


def about_dialog(version: str, parent: QWidget | None = None) -> TextDialog:
    """Return the dialog that describes nnviz."""
    sentence = "A debugger for small neural networks that shows every number of a pass, one step at a time."
    text = (
        f"nnviz {version}\nMIT licence\n\n"
        "Built with Python, NumPy, Qt for Python, pyqtgraph and mathra.\n"
        "Typefaces Inter and JetBrains Mono (OFL), icons by Tabler (MIT)."
    )
    return TextDialog("nnviz", sentence, text, parent)


def may_replace(path: str, reason: str, parent: QWidget, title: str = "Save session") -> bool:
    """Ask whether a file may be replaced; the answer that keeps it is the default."""
    buttons = QMessageBox.StandardButton
    text = f"{one_line(os.path.basename(path))} {reason}. Replace it?"
    answer = QMessageBox.question(parent, title, text, buttons.Yes | buttons.No, buttons.No)
    return answer == buttons.Yes


def file_to_write(title: str, proposed: str, kinds: str, parent: QWidget) -> str:
    """Ask for a file to write, by default with the proposed suffix; return "" if the dialog is cancelled."""
    folder, name = os.path.split(proposed)
    dialog = QFileDialog(parent, title, folder, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(os.path.splitext(name)[1].removeprefix("."))
    dialog.selectFile(name)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""
