"""A dialog that makes a file beside the window: its preview, its buttons, its progress, and what became of it."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnviz.gui.kit.making import open_folder_of
from nnviz.lessons.file_content import one_line
from nnviz.render.fonts import ui_font

REPAINT_MS = 100
LEAST_MADE = 0.03  # the share from which the time that is left is estimated


class MakingDialog(QDialog):
    """What the dialogs for films and exports share. The window can be used while a file is made.

    A subclass shows its choices and a preview, says in `problem` why nothing can be made, and does the work, which it
    begins with `show_begun` and ends with `show_made`, `show_failed` or `show_cancelled`.
    """

    def __init__(self, parent: QWidget, title: str, make: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._made = ""  # the path of the file that was made last
        self.bar, self.state, self.preview, self.place = QProgressBar(), QLabel(), QLabel(), QLabel()
        self.make, self.cancel, self.folder = QPushButton(make), QPushButton("Cancel"), QPushButton("Show in folder")
        self.make.setToolTip("Choose a file and write it (Enter)")
        self.cancel.setToolTip("Stop; nothing is left of the file")
        self.folder.setToolTip("Open the folder of the file")
        self.cancel.clicked.connect(self.cancel_work)
        self.folder.clicked.connect(lambda: open_folder_of(self._made))
        self._begun: tuple[float, float] | None = None  # when the first share was told, and that share
        self._repainting = QTimer(self)
        self._repainting.setSingleShot(True)
        self._repainting.setInterval(REPAINT_MS)
        self._repainting.timeout.connect(self.show_preview)

    # What a subclass has

    @property
    def is_making(self) -> bool:
        """Whether a file is being made."""
        raise NotImplementedError

    def cancel_work(self) -> None:
        """End the work, if there is any; nothing is left of it."""
        raise NotImplementedError

    def problem(self) -> str:
        """Return why nothing can be made as it is chosen; empty if it can."""
        raise NotImplementedError

    def show_preview(self) -> None:
        """Paint what will be made."""
        raise NotImplementedError

    # The parts

    def stack(self, fields: QLayout) -> None:
        """Place the heading, the fields, the progress and the buttons one below the other."""
        heading = QLabel(self.windowTitle())
        heading.setFont(ui_font(17, QFont.Weight.DemiBold))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.state.setWordWrap(True)
        self.make.setDefault(True)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self.state, 1)
        for button in (self.folder, self.cancel, close, self.make):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(14)
        column.addWidget(heading)
        column.addLayout(fields)
        column.addWidget(self.bar)
        column.addLayout(buttons)

    def repaint_soon(self, *_: object) -> None:
        """Show the preview after the last of several choices. A signal's number must not become the timer's."""
        self._repainting.start()

    def judge(self) -> None:
        """Offer to make a file if it can be made as it is chosen."""
        self.make.setEnabled(not self.is_making and not self.problem())

    # The work

    def show_idle(self) -> None:
        """Show that nothing has been made yet."""
        self._made = ""
        self._show_state("", False)

    def show_begun(self) -> None:
        """Show that the work begins; how far it is is not known yet."""
        self._made, self._begun = "", None
        self.bar.setRange(0, 0)
        self._show_state("Starting …", True)

    def show_progress(self, share: float) -> None:
        """Show the finished share, and an estimate of the time that is left."""
        now = monotonic()
        begun, before = self._begun = self._begun or (now, share)
        made = share - before
        is_known = made > LEAST_MADE and share < 1
        left = f" · {time_left((now - begun) * (1 - share) / made)}" if is_known else ""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        self.state.setText(f"{share:.0%}{left}")

    def show_made(self, path: str) -> None:
        """Show that a file was written, and offer its folder."""
        self._made = path
        self._show_state(f"Written: {one_line(Path(path).name)}", False)
        self.folder.setFocus()

    def show_failed(self, reason: str) -> None:
        """Show why nothing was written."""
        self._show_state(f"Nothing was written: {one_line(reason)}", False)

    def show_cancelled(self) -> None:
        """Show that the user has cancelled the work."""
        self._show_state("Cancelled; nothing was written.", False)

    def _show_state(self, text: str, is_making: bool) -> None:
        self.state.setText(text)
        self.bar.setVisible(is_making)
        self.cancel.setVisible(is_making)
        self.folder.setVisible(bool(self._made))
        self.judge()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel_work()
        super().closeEvent(event)

    def reject(self) -> None:
        """Close on Esc; work that is under way is cancelled first."""
        if self.is_making:
            self.cancel_work()
        else:
            super().reject()


def time_left(seconds: float) -> str:
    """Return the time that is left in words."""
    whole = max(1, round(seconds))
    return f"{whole} s left" if whole < 90 else f"{round(whole / 60)} min left"
