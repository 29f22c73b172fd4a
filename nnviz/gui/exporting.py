"""Taking the pass away as a file: the dialog that asks where, and what is said where it cannot be written."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QWidget

from nnviz.debugger.session import Session
from nnviz.gui.dialogs import unwritten_dialog


def export_script(session: Session, parent: QWidget) -> None:
    """Ask for a file and write the session's pass there as a NumPy script, whole or not at all."""
    from nnviz.export.files import write_atomically
    from nnviz.export.script import script_text

    try:
        text = script_text(session)
    except ValueError as error:
        unwritten_dialog("The script", str(error), parent).exec()
        return
    path = _asked_for(f"{session.lesson.name}.py", parent)
    if path is None:
        return
    try:
        write_atomically(path, text)
    except OSError as error:
        unwritten_dialog("The script", f"{path}: {error.strerror or error}", parent).exec()


def _asked_for(name: str, parent: QWidget) -> str | None:
    """The file that is chosen, with its ending; None where the dialog is left."""
    dialog = QFileDialog(parent, "Export script", "", "Python (*.py);;All files (*)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("py")
    dialog.selectFile(name)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else None
