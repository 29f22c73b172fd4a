"""`nnviz.export`, `nnviz.record` and what notebooks show of a pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import nnviz


@pytest.mark.parametrize("name", ["page.html", "network.svg", "script.py"])
def test_a_text_is_written_by_the_ending_of_its_file(tmp_path: Path, name: str) -> None:
    nnviz.export("koehn", tmp_path / name)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.startswith({"page.html": "<!DOCTYPE html>", "network.svg": "<svg", "script.py": "# "}[name])


def test_a_traced_pass_is_exported(tmp_path: Path) -> None:
    nnviz.export(nnviz.trace("koehn", example=2), tmp_path / "a.svg", view="graph", at="delta_2", theme="dark")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "docx"}, "there is no format 'docx'"),
        ({"view": "weights"}, "there is no view 'weights'"),
        ({"view": "loss"}, "there is no loss curve"),
        ({"at": range(25)}, "25 steps; a figure has at most 24"),
        ({"format": "worksheet"}, ".svg is not one of .pdf"),
        ({"variants": 101}, "101 variants: from 1 to 100"),
        ({"at": 99}, "at 99: 99: the pass has steps 1 to 35"),
        ({"at": "nothing"}, "at nothing"),
        ({"theme": "pink"}, "there is no theme 'pink'"),
    ],
)
def test_an_option_that_does_not_exist_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nnviz.export("koehn", tmp_path / "a.svg", **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_strip_and_the_plots_are_exported(tmp_path: Path) -> None:
    nnviz.export("koehn", tmp_path / "strip.svg", at=(3, "delta_2"))
    assert "3 · Activation of h₁" in (tmp_path / "strip.svg").read_text(encoding="utf-8")
    nnviz.export("koehn", tmp_path / "loss.svg", view="loss", update=400)
    assert "100 epochs" in (tmp_path / "loss.svg").read_text(encoding="utf-8")


def test_worksheets_are_written_by_their_endings(tmp_path: Path) -> None:
    nnviz.export("koehn", tmp_path / "a.md", blanks=True, variants=2, seed=3)
    nnviz.export("one-minute", tmp_path / "a.html", format="worksheet")
    nnviz.export(nnviz.trace("koehn", example=2), tmp_path / "a.pdf", format="worksheet")
    assert "Answers: XOR by hand, variant 2" in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "<math" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_missing_package_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ImportError, match="a PDF needs the typst package; install it with"):
        nnviz.export("koehn", tmp_path / "a.pdf", format="worksheet")
    assert not list(tmp_path.iterdir())


def test_pictures_and_slides_are_painted(tmp_path: Path, qapp: object) -> None:
    nnviz.export("koehn", tmp_path / "a.png", size=(320, 180), at=12)
    nnviz.export("koehn", tmp_path / "a.pdf", view="stage")
    nnviz.export("one-minute", tmp_path / "slides.pdf", format="slides", size=(640, 360))
    nnviz.export("one-minute", tmp_path / "folder", format="slides", frames=True)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "slides.pdf").read_bytes().startswith(b"%PDF")
    assert len(list((tmp_path / "folder").glob("*.svg"))) == 7


def test_a_pass_is_recorded(tmp_path: Path, qapp: object) -> None:
    nnviz.record("koehn", f"{tmp_path}/frames/", size=(160, 90), pace=0.1, fps=10, grain="pass")
    assert list((tmp_path / "frames").glob("*.png"))
    with pytest.raises(ValueError, match="the ending of the name"):
        nnviz.record("koehn", tmp_path / "film.doc")


def test_a_notebook_shows_the_network_and_the_player() -> None:
    made = nnviz.trace("koehn")
    svg, html = made._repr_svg_(), made._repr_html_()
    texts = [each.text for each in ElementTree.fromstring(svg).iter() if each.tag.endswith("text")]
    assert "0.7426" in texts
    assert html.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert html.count("<") == 2


def test_a_notebook_needs_no_qt() -> None:
    code = (
        "import nnviz, sys\nmade = nnviz.trace('koehn')\nmade._repr_svg_(), made._repr_html_()\n"
        "print([name for name in sys.modules if name.startswith('PySide6')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
