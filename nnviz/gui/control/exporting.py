"""Exporting the pass as a script: the dialog for the file, and the message if it cannot be written."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.dialogs.text_dialogs import file_to_write, unwritten_dialog


def export_script(session: Session, parent: QWidget) -> None:
    """Ask for a file and write the session's pass to it as a NumPy script, atomically."""
    from nnviz.formats.atomic_files import is_one_of, write_atomically
    from nnviz.formats.script.pass_script import script_text
    from nnviz.lessons.data_file import files_of

    try:
        text = script_text(session)
    except ValueError as error:
        unwritten_dialog("The script", str(error), parent).exec()
        return
    path = file_to_write("Export script", f"{session.lesson.name}.py", "Python (*.py);;All files (*)", parent)
    if not path:
        return
    if is_one_of(path, files_of(session.lesson)):
        unwritten_dialog("The script", f"{path}: this is a file of the lesson; choose another one", parent).exec()
        return
    try:
        write_atomically(path, text)
    except OSError as error:
        unwritten_dialog("The script", f"{path}: {error.strerror or error}", parent).exec()
