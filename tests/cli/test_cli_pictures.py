"""`nnviz export --format html|svg|png|pdf|slides`: files, options, and one line for a request that cannot be met."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nnviz.cli import main
from nnviz.engine.training import Trainer, loss_of
from nnviz.lessons.catalog import load

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(path: Path) -> list[str]:
    return [each.text or "" for each in ElementTree.parse(path).iter(f"{SVG}text")]


def test_the_page_of_a_pass_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", "html", "--example", "2"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(("at", "text"), [("0", "—"), ("12", "ΔW₂ 0.03598"), ("delta_2", "δ 0.0492")])
def test_a_picture_shows_the_step_that_is_asked_for(tmp_path: Path, at: str, text: str) -> None:
    path = tmp_path / "a.svg"
    assert main(["export", "koehn", "--format", "svg", "--at", at, "-o", str(path)]) == 0
    assert any(text in each for each in texts_of(path))


def test_a_picture_is_of_the_end_of_the_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert main(["export", "koehn", "--format", "svg", "-o", str(path)]) == 0
    assert not any(each.endswith("—") for each in texts_of(path))


@pytest.mark.parametrize("view", ["network", "graph", "formula", "stage", "loss", "boundary"])
def test_a_view_as_svg_has_its_size_and_the_speech_of_formulas(tmp_path: Path, view: str) -> None:
    path = tmp_path / "a.svg"
    words = ["export", "koehn", "--format", "svg", "--view", view, "--size", "800x450", "-o", str(path)]
    assert main([*words, "--update", "40"]) == 0
    root = ElementTree.parse(path).getroot()
    assert (root.get("width"), root.get("height")) == ("800", "450")
    titles = [each.text for each in root.iter(f"{SVG}title")]
    assert titles
    assert all(titles)
    assert root.find(f"{SVG}rect") is not None


def test_a_transparent_picture_has_no_background(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert main(["export", "koehn", "--format", "svg", "--view", "formula", "--transparent", "-o", str(path)]) == 0
    assert ElementTree.parse(path).getroot().find(f"{SVG}rect") is None


@pytest.mark.parametrize("form", ["png", "pdf", "slides"])
def test_what_is_painted_needs_a_file(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", form]) == 2
    assert capsys.readouterr().err == f"nnviz: --format {form}: name the file with -o FILE\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "script", "--view", "graph"), "--view: only for --format svg, png, pdf"),
        (("--format", "html", "--at", "3"), "--at: only for --format svg, png, pdf"),
        (("--format", "svg", "--frames"), "--frames: only for --format slides"),
        (("--format", "svg", "--view", "loss"), "koehn: there is no loss curve before an epoch of training has ended"),
        (
            ("--format", "svg", "--view", "boundary", "--at", "3,4"),
            "koehn: the view boundary is the same at every step",
        ),
        (("--format", "svg", "--at", "3,36"), "--at 3,36: 36: the pass has steps 1 to 35"),
        (("--format", "svg", "--at", "9-3"), "--at 9-3: 9-3: a range is written as 3-7"),
        (("--format", "svg", "--at", "36"), "--at 36: 36: the pass has steps 1 to 35, and 0 is before the first"),
        (("--format", "svg", "--at", "q"), "--at q:"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_line(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "koehn", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"nnviz: {message}")
    assert said.count("\n") == 1


def test_a_walk_is_a_page_slides_or_a_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "one-minute", "--format", "svg", "--at", "8"]) == 2
    assert capsys.readouterr().err == "nnviz: --at 8: the walk has scenes 1 to 7\n"
    assert main(["export", "one-minute", "--format", "svg", "--view", "graph"]) == 2
    assert "--view: not available for a walk" in capsys.readouterr().err
    assert main(["export", "one-minute", "--format", "svg", "--at", "4", "-o", str(tmp_path / "a.svg")]) == 0
    assert "Backward" in texts_of(tmp_path / "a.svg")
    assert main(["export", "one-minute", "--format", "html", "--example", "1"]) == 2
    assert "--example: not available for a walk" in capsys.readouterr().err
    assert main(["export", "one-minute", "--format", "slides", "--frames", "-o", str(tmp_path / "slides")]) == 0
    assert [path.name for path in sorted((tmp_path / "slides").iterdir())] == [f"{n:04}.svg" for n in range(1, 8)]


def test_a_large_network_is_a_small_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    words = ["-m", "nnviz", "export", "graph-20-50-10", "--format", "pdf", "-o", str(path)]
    start = time.process_time()
    subprocess.run([sys.executable, *words], check=True, timeout=60, capture_output=True)
    assert path.read_bytes().startswith(b"%PDF")
    assert path.stat().st_size < 200_000
    assert time.process_time() - start < 2.0


def test_pictures_and_slides_are_written(tmp_path: Path) -> None:
    for words in (
        ("koehn", "--format", "png", "--size", "320x180", "--transparent"),
        ("koehn", "--format", "pdf", "--view", "boundary", "--theme", "dark"),
        ("one-minute", "--format", "slides", "--size", "640x360"),
    ):
        path = tmp_path / words[2]
        command = [sys.executable, "-m", "nnviz", "export", *words, "-o", str(path)]
        done = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
        assert "wrote" in done.stderr
        assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF")


def test_nothing_is_left_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", "svg", "-o", str(tmp_path / "no" / "a.svg")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_several_steps_make_a_strip_with_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert main(["export", "koehn", "--format", "svg", "--at", "0,3-4, W[1,2]", "-o", str(path)]) == 0
    root = ElementTree.parse(path).getroot()
    texts = texts_of(path)
    labels = ["Before the first step", "3 · Activation of h₁", "4 · Activation of h₂", "Before the first step"]
    assert [text for text in texts if text in labels] == labels
    panels = [each.get("transform") for each in root.findall(f"{SVG}g")]
    assert len(panels) == 4
    assert len(set(panels)) == 4
    assert texts.count("0.7311") == 2  # h₁ is known after steps 3 and 4


def test_the_loss_curve_is_that_of_the_training(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert main(["export", "koehn", "--format", "svg", "--view", "loss", "--update", "400", "-o", str(path)]) == 0
    texts = texts_of(path)
    assert "100 epochs" in texts
    trainer = Trainer(*(getattr(load("koehn"), name) for name in ("network", "dataset", "training", "convention")))
    for _ in range(100):
        trainer.run_epoch()
    assert f"{loss_of(trainer.network(), load('koehn').dataset):.5f}" in texts
    curve = next(each for each in ElementTree.parse(path).iter(f"{SVG}path") if "L" in (each.get("d") or ""))
    assert (curve.get("d") or "").count("L") == 99


def test_the_boundary_separates_the_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    words = ["export", "koehn", "--format", "svg", "--view", "boundary", "--update", "4000", "--theme", "dark"]
    assert main([*words, "-o", str(path)]) == 0
    assert "4 / 4" in texts_of(path)
    assert path.stat().st_size < 250_000
