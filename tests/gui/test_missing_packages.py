"""The window without the packages of its typefaces, and without the one that sets its formulas."""

import os
import subprocess
import sys
from pathlib import Path

from nnviz.render.fonts import FONT_PACKAGES

START = f"""
import sys

for name in ("mathra", *{tuple(FONT_PACKAGES.values())!r}):
    sys.modules[name] = None

def loop(*_):
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "nnviz")
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, Qt.Key.Key_Right)
    window.grab()
    for row in (row for row in window.panels["step"].findChildren(FormulaArea) if row.row is not None):
        drawn = row.parentWidget().grab(row.geometry()).toImage()
        shades = {{drawn.pixel(x, y) for x in range(drawn.width()) for y in range(drawn.height())}}
        print(row.accessibleName(), len(shades) > 10)
    regular, bold = ui_font(20), ui_font(20, QFont.Weight.Bold)
    print(text_width(bold, "Weighted sum") > text_width(regular, "Weighted sum"))
    print({set(FONT_PACKAGES)!r} & {{QFontInfo(font(20)).family() for font in (ui_font, mono_font)}} or "others")
    window.close()
    return 0

if __name__ == "__main__":
    from PySide6.QtCore import QSettings, Qt
    from PySide6.QtGui import QFont, QFontInfo
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from nnviz.cli import main
    from nnviz.gui.views.card.card_page import FormulaArea
    from nnviz.render.fonts import mono_font, ui_font
    from nnviz.render.paint import text_width

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, sys.argv[1])
    QApplication.exec = loop
    print(main(["koehn"]))
"""


def test_the_window_opens_in_other_typefaces_with_formulas_as_text(tmp_path: Path):
    script = tmp_path / "start.py"
    script.write_text(START, encoding="utf-8")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, str(script), str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        "s1 = W11 x1 + W12 x2 + b1 True",
        "= True",
        "3 · 1 + 4 · 0 + (−2) True",
        "= True",
        "1.000000 True",
        "True",
        "others",
        "0",
    ]
