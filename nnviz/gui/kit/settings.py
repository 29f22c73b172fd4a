"""The settings kept between starts: geometry, theme, recent files; nothing about a lesson."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

RECENT_MOST = 8
LAYOUT_VERSION = 2


def data_folder() -> Path:
    """Return the folder of the session copies."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


class Settings:
    """Typed access to QSettings, which returns all values as text; `data` is the folder for copies of sessions.

    With a given store, the score file is next to the store, `data` is None, and no copies are kept.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = QSettings("nnviz", "nnviz") if store is None else store
        self.data = data_folder() if store is None else None
        self._is_own = store is None

    @property
    def score_path(self) -> Path:
        """The file of the learner's scores."""
        from nnviz.formats.score_file import SCORE_FILE, scores_path  # imported late to keep the start fast

        return scores_path() if self._is_own else Path(self._store.fileName()).with_name(SCORE_FILE)

    @property
    def theme(self) -> str:
        """The theme: light, dark, high-contrast, or system."""
        return self._text("theme", "system")

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def log_loss(self) -> bool:
        """True if the loss is drawn on a log scale."""
        return self._text("log_loss", "true") == "true"

    @log_loss.setter
    def log_loss(self, log: bool) -> None:
        self._store.setValue("log_loss", "true" if log else "false")

    @property
    def decimal_comma(self) -> bool:
        """True if numbers are written with a decimal comma."""
        return self._text("decimal_comma", "false") == "true"

    @decimal_comma.setter
    def decimal_comma(self, comma: bool) -> None:
        self._store.setValue("decimal_comma", "true" if comma else "false")

    @property
    def neuron_maps(self) -> bool:
        """Whether maps are drawn inside the hidden neurons."""
        return self._text("neuron_maps", "false") == "true"

    @neuron_maps.setter
    def neuron_maps(self, on: bool) -> None:
        self._store.setValue("neuron_maps", "true" if on else "false")

    @property
    def stage_layout(self) -> str:
        """The layout of the stage."""
        return self._text("stage_layout", "network")

    @stage_layout.setter
    def stage_layout(self, name: str) -> None:
        self._store.setValue("stage_layout", name)

    @property
    def stage_scale(self) -> float:
        """The scale of the stage's type; 1 if the stored text is not a number."""
        text = self._text("stage_scale", "1")
        return float(text) if re.fullmatch(r"[0-9.]{1,20}", text) and text.count(".") < 2 else 1.0

    @stage_scale.setter
    def stage_scale(self, scale: float) -> None:
        self._store.setValue("stage_scale", f"{scale:.4f}")

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing moves on the screen by itself: steps are shown without transitions."""
        return self._text("reduced_motion", "false") == "true"

    @reduced_motion.setter
    def reduced_motion(self, on: bool) -> None:
        self._store.setValue("reduced_motion", "true" if on else "false")

    @property
    def followed_hints(self) -> tuple[str, ...]:
        """The names of the hints that the user has followed."""
        return tuple(self._text("followed_hints", "").split())

    def note_hint(self, name: str) -> None:
        """Note that the user has followed a hint."""
        self._store.setValue("followed_hints", " ".join((*self.followed_hints, name)))

    @property
    def recent(self) -> tuple[str, ...]:
        """The lesson and session files opened last that still exist, the newest first."""
        lines = self._text("recent", "").splitlines()
        return tuple(line for line in lines if Path(line).is_file())

    def note_recent(self, path: Path) -> None:
        """Put a file first in the list of recent files."""
        text = str(path.resolve())
        others = [line for line in self.recent if line != text]
        self._store.setValue("recent", "\n".join([text, *others][:RECENT_MOST]))

    def window(self) -> tuple[QByteArray, QByteArray] | None:
        """Return geometry and docks of the last window with this layout version, or None."""
        if self._text("layout", "") != str(LAYOUT_VERSION):
            return None
        geometry, docks = self._bytes("geometry"), self._bytes("docks")
        return None if geometry is None or docks is None else (geometry, docks)

    def save_window(self, geometry: QByteArray, docks: QByteArray) -> None:
        """Save geometry and docks."""
        self._store.setValue("layout", str(LAYOUT_VERSION))
        self._store.setValue("geometry", bytes(geometry.toBase64().data()).decode("ascii"))
        self._store.setValue("docks", bytes(docks.toBase64().data()).decode("ascii"))

    @property
    def guide_geometry(self) -> QByteArray | None:
        """Size and place of the guide's window, or None before it was first closed."""
        return self._bytes("guide")

    @guide_geometry.setter
    def guide_geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("guide", bytes(geometry.toBase64().data()).decode("ascii"))

    def _text(self, key: str, default: str) -> str:
        return str(self._store.value(key, default, type=str))

    def _bytes(self, key: str) -> QByteArray | None:
        text = self._text(key, "")
        return QByteArray.fromBase64(QByteArray(text.encode("ascii", "replace"))) if text else None
