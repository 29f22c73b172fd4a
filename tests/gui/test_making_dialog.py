"""What the dialogs for films and exports share: progress, the time that is left, and how the work ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnviz.gui.kit import making_dialog
from nnviz.gui.kit.making_dialog import MakingDialog, time_left


class Making(MakingDialog):
    """A dialog whose work is a flag."""

    def __init__(self, parent: QWidget) -> None:
        self.works = False
        super().__init__(parent, "Make", "Make…")
        fields = QVBoxLayout()
        fields.addWidget(self.preview)
        fields.addWidget(self.place)
        self.stack(fields)
        self.show_idle()

    @property
    def is_making(self) -> bool:
        return self.works

    def cancel_work(self) -> None:
        if self.works:
            self.works = False
            self.show_cancelled()

    def problem(self) -> str:
        return ""

    def show_preview(self) -> None:
        """There is none."""


@pytest.fixture
def dialog(qtbot: object) -> Iterator[Making]:
    parent = QWidget()
    yield Making(parent)
    parent.deleteLater()


def test_the_time_left_follows_from_the_share_that_is_made(dialog: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(making_dialog, "monotonic", lambda: now[0])
    dialog.works = True
    dialog.show_begun()
    assert (dialog.state.text(), dialog.bar.maximum()) == ("Starting …", 0)
    assert not dialog.make.isEnabled()
    told = []
    for seconds, share in ((0, 0.1), (1, 0.12), (10, 0.35), (36, 1.0)):
        now[0] = 100.0 + seconds
        dialog.show_progress(share)
        told.append(dialog.state.text())
    assert told == ["10%", "12%", "35% · 26 s left", "100%"]  # 0.25 in 10 s, so 0.65 in 26 s
    dialog.works = False
    dialog.show_made("/somewhere/a.gif")
    assert dialog.state.text() == "Written: a.gif"
    assert dialog.make.isEnabled()
    assert not dialog.folder.isHidden()


def test_esc_cancels_the_work_before_it_closes(dialog: Making) -> None:
    dialog.works = True
    dialog.show_begun()
    dialog.reject()
    assert (dialog.works, dialog.state.text()) == (False, "Cancelled; nothing was written.")
    assert dialog.bar.isHidden()
    assert dialog.folder.isHidden()


def test_the_time_left_is_in_seconds_or_minutes() -> None:
    assert [time_left(seconds) for seconds in (0.2, 89, 150)] == ["1 s left", "89 s left", "2 min left"]
