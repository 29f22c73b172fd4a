"""Every formula that nnviz writes is also valid Typst and MathML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from rules.worlds import world, worlds

from nnviz.debugger.state.session import start_session
from nnviz.formats.formulas.mathml import mathml
from nnviz.formats.formulas.tex_tree import TexError, parse_tex
from nnviz.formats.formulas.typst_math import typst_math
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.words.erratum_formula import wrong_formula
from nnviz.tracing.steps import Grain

MOST_OF_A_KIND = 4  # steps of one kind, layer and grain; the others differ in their numbers


def formulas_of(lesson: str, notation: str | None = None) -> Iterator[str]:
    """Yield the formulas of a lesson at every grain, each form of them once."""
    session = start_session(load(lesson), notation=None if notation is None else load_notation(notation))
    voice, seen = voice_of(session), set[str]()
    for grain in Grain:
        counts: Counter[object] = Counter()
        for step in session.trace.at(grain):
            place = (step.kind, step.quantity.layer)
            counts[place] += 1
            if counts[place] > MOST_OF_A_KIND:
                continue
            written = formula(session.trace, step, voice)
            wrong = wrong_formula(session, step, written)
            rows = () if wrong is None else (" ".join(wrong.wrong), " ".join(wrong.correct))
            for tex in (written.symbols_line, written.numbers, written.result, *rows):
                form = re.sub(r"\d+", "0", tex)
                if tex and form not in seen:
                    seen.add(form)
                    yield tex


@pytest.mark.parametrize("lesson", lesson_names())
def test_every_formula_of_a_lesson_compiles(lesson: str) -> None:
    typst = pytest.importorskip("typst")
    formulas = list(formulas_of(lesson))
    assert len(formulas) > 20
    source = "\n\n".join(f"$ {typst_math(tex)} $" for tex in formulas)
    assert typst.compile(source.encode(), ignore_system_fonts=True).startswith(b"%PDF")
    for tex in formulas:
        ElementTree.fromstring(mathml(tex))


@pytest.mark.parametrize("name", [name for name in worlds() if name.startswith(("activation", "loss", "optimizer"))])
def test_every_formula_of_a_rule_is_written_in_every_language(name: str) -> None:
    session = world(name)
    voice = voice_of(session)
    for grain in (Grain.LAYER, Grain.NEURON):
        for step in session.trace.at(grain):
            written = formula(session.trace, step, voice)
            for tex in (written.symbols_line, written.numbers, written.result):
                if tex:
                    ElementTree.fromstring(mathml(tex))
                    assert typst_math(tex)


@pytest.mark.parametrize("notation", notation_names())
def test_every_formula_of_a_notation_compiles(notation: str) -> None:
    typst = pytest.importorskip("typst")
    source = "\n\n".join(f"$ {typst_math(tex)} $" for tex in formulas_of("koehn", notation))
    assert typst.compile(source.encode(), ignore_system_fonts=True).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("tex", "typst", "mml"),
    [
        (r"W_{11}", "attach(W, b: 11)", "<math><msub><mrow><mi>W</mi></mrow><mrow><mn>11</mn></mrow></msub></math>"),
        (r"\frac{1}{2}", "frac(1, 2)", "<math><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac></math>"),
        (r"W_{2,1}", "attach(W, b: 2 comma 1)", None),
        (r"\left(-2\right)", "lr(paren.l minus 2 paren.r)", None),
        (r"\mathrm{corr\_w1}", 'upright("corr_w1")', '<math><mi mathvariant="normal">corr_w1</mi></math>'),
        (r"1 \text{ if } z", '1" if "z', None),
        (r"\frac{0{,}5^2}{3}", 'frac(attach(0","5, t: 2), 3)', None),
        (r"-3", "minus 3", '<math><mo form="prefix">−</mo><mn>3</mn></math>'),
        (r"{h^{(1)}}^2", "attach(attach(h, t: paren.l 1 paren.r), t: 2)", None),
    ],
)
def test_formulas_in_three_languages(tex: str, typst: str, mml: str | None) -> None:
    assert typst_math(tex) == typst
    if mml is not None:
        assert mathml(tex) == mml


def test_a_formula_of_another_kind_is_refused() -> None:
    for tex in (r"\unknown{x}", r"\frac{1", r"\left(x", "x}", "§"):
        with pytest.raises(TexError):
            parse_tex(tex)
