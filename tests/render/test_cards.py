"""Step cards and bands: laid out for a width and a scale, inside their room, and the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import go_to, step
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.core.palette import load_palette
from nnviz.present.words.card import Card, Chip, card
from nnviz.present.words.card_blocks import band_of, card_blocks
from nnviz.render.cards.band_painter import BAND_HEIGHT, LEAST, band_height, draw_band, lay_out_band
from nnviz.render.cards.card_layout import FORMULA_SIZES, SMALLEST, CardLayout, lay_out_card
from nnviz.render.cards.card_painter import Selection, draw_card, paint_card
from nnviz.tracing.steps import Grain, Kind, Quantity
from tests.render.images import image_of, pixels

STAGE = (1920.0, 1080.0)


def sessions(name: str, grain: Grain, count: int = 12) -> Iterator[Session]:
    """Sessions at some steps of a lesson's pass, from the first to the last."""
    session = replace(start_session(load(name)), grain=grain)
    yield session
    length = session.trace.length(grain)
    for index in sorted({round(i * (length - 1) / (count - 1)) for i in range(count)}):
        yield go_to(session, session.trace.step(grain, index).end)


def cards(name: str, grain: Grain) -> Iterator[Card]:
    yield from (card(session) for session in sessions(name, grain))


def koehn(steps: int) -> Card:
    session = start_session(load("koehn"))
    for _ in range(steps):
        session = step(session)
    return card(session)


def places(layout: CardLayout) -> list[QRectF]:
    """What must not overlap: texts, chips, and the ink of formula rows."""
    rows = []
    for row in layout.formulas:
        formula, size = row.formula, row.size
        top = row.origin - QPointF(0, formula.ascent * size)
        rows.append(QRectF(top.x(), top.y(), formula.width * size, (formula.ascent + formula.descent) * size))
    lines = [
        line.naturalTextRect().translated(text.rect.topLeft())
        for text in layout.texts
        for line in map(text.layout.lineAt, range(text.layout.lineCount()))
    ]
    return [*lines, *rows, *(chip.rect for chip in layout.chips)]


def assert_tidy(layout: CardLayout, bounds: QRectF) -> None:
    found = places(layout)
    for rect in found:
        assert bounds.contains(rect.adjusted(1, 1, -1, -1)), (rect, bounds)
    for first, second in combinations(found, 2):
        assert not first.adjusted(1, 1, -1, -1).intersects(second.adjusted(1, 1, -1, -1)), (first, second)


@pytest.mark.parametrize("width", [330, 446, 640])
@pytest.mark.parametrize("name", ["koehn", "krzeminski-rnn", "softmax-deep", "from-scratch"])
def test_nothing_on_a_card_overlaps_or_leaves_it(qapp: object, name: str, width: int) -> None:
    for grain in (Grain.NEURON, Grain.LAYER):
        for shown in cards(name, grain):
            layout = lay_out_card(shown, width)
            cut = [row for row in layout.formulas if row.is_cut]
            assert not cut or width < 400, [row.tex for row in cut]
            if not cut:
                assert_tidy(layout, QRectF(0, 0, width, layout.height))


def test_a_card_in_a_low_room_is_tighter(qapp: object) -> None:
    free = lay_out_card(koehn(12), 446)
    assert free.height == free.wanted
    assert lay_out_card(koehn(12), 446, 1.0, free.height).height == free.height
    low = lay_out_card(koehn(12), 446, 1.0, free.height - 20)
    assert low.height <= free.height - 20
    assert low.wanted == free.height
    assert min(row.size for row in low.formulas) == FORMULA_SIZES["numbers"], (
        "the result moves beside the numbers first"
    )
    lower = lay_out_card(koehn(12), 446, 1.0, 40)
    assert min(row.size for row in lower.formulas) < FORMULA_SIZES["numbers"]
    for layout in (low, lower):
        assert_tidy(layout, QRectF(0, 0, 446, layout.height))
        assert [text.text for text in layout.texts] == [text.text for text in free.texts]


def test_a_card_has_room_for_controls(qapp: object) -> None:
    free, gapped = lay_out_card(koehn(12), 446), lay_out_card(koehn(12), 446, gap=90)
    assert gapped.height == free.height + 90
    assert gapped.gap.height() == 90
    for rect in places(gapped):
        assert not gapped.gap.adjusted(0, 3, 0, -3).intersects(rect)


def test_twice_the_scale_is_twice_the_size(qapp: object) -> None:
    one, two = lay_out_card(koehn(12), 446), lay_out_card(koehn(12), 892, 2.0)
    assert two.height == pytest.approx(2 * one.height, rel=0.15)  # large type is narrower, and may take a line less
    assert two.texts[0].rect.height() == pytest.approx(2 * one.texts[0].rect.height(), abs=2)
    assert [row.size for row in two.formulas] == pytest.approx([2 * row.size for row in one.formulas])


def test_a_long_row_shrinks_and_is_cut_off(qapp: object) -> None:
    layout = lay_out_card(koehn(1), 150)
    row = next(row for row in layout.formulas if row.role == "symbols")
    assert row.size == FORMULA_SIZES["symbols"] * SMALLEST
    assert row.is_cut
    image = image_of((150, round(layout.height)), "light", lambda p, r: paint_card(p, layout, load_palette("light")))
    assert image.pixelColor(round(row.rect.right()) - 1, round(row.origin.y()) - 4) == QColor(
        load_palette("light").card
    )


def test_operands_texts_and_chips_are_found_where_they_are(qapp: object) -> None:
    layout = lay_out_card(koehn(12), 446)
    numbers = next(row for row in layout.formulas if row.role == "numbers")
    for operand in (1, 2, 3):
        for rect in numbers.rects_of(operand):
            assert layout.operand_at(rect.center()) == operand
    assert layout.operand_at(QPointF(1, 1)) == 0
    chip = layout.chip_at(layout.chips[0].rect.center())
    assert chip is not None
    assert (chip.chip.state, chip.panel) == ("exact", "lesson")
    title = layout.texts[1]
    assert layout.text_at(title.rect.center()) is title
    assert title.position_at(title.rect.topLeft() + QPointF(0, 4)) == 0
    assert title.position_at(title.rect.bottomRight() + QPointF(0, 9)) == len(title.text)
    assert title.text[: title.position_at(title.rect.topLeft() + QPointF(60, 9))] in ("Weigh", "Weight")


def test_a_card_is_painted_the_same_each_time(qapp: object) -> None:
    def drawn(shown: Card, theme: str, width: int) -> object:
        return image_of((width, 330), theme, lambda p, r: draw_card(p, r, shown, load_palette(theme)))

    first = drawn(koehn(12), "dark", 446)
    drawn(koehn(1), "light", 300)
    drawn(koehn(12), "dark", 445)
    assert drawn(koehn(12), "dark", 446) == first
    assert drawn(koehn(13), "dark", 446) != first


def test_a_highlight_and_a_selection_are_painted(qapp: object) -> None:
    palette = load_palette("light")
    layout = lay_out_card(koehn(12), 446)
    plain, lit, chosen = (
        image_of((446, 330), "light", lambda p, _, more=more: paint_card(p, layout, palette, *more))
        for more in ((), (2,), (0, Selection(1, 0, 6)))
    )
    assert plain != lit
    selection = QColor(palette.selection)
    marked = (pixels(chosen)[:, :, 2::-1] == selection.getRgb()[:3]).all(axis=2)
    title = layout.texts[1].rect
    assert marked.sum() > 200
    assert {int(y) for y in marked.nonzero()[0]} <= set(range(int(title.top()) - 1, int(title.bottom()) + 2))


def test_the_blocks_of_a_card(qapp: object) -> None:
    blocks = card_blocks(koehn(12))
    assert [type(block).__name__ for block in blocks] == [
        *("TextBlock", "TextBlock", "FormulaBlock", "FormulaBlock", "FormulaBlock", "ChipBlock", "TextBlock")
    ]
    told = card(choose(start_session(load("koehn")), "delta", "descent"))
    assert [type(block).__name__ for block in card_blocks(told)][:2] == ["TextBlock"] * 2
    with_problem = replace(koehn(12), chips=(Chip("dead", "problem"),), change_parts=("a → b",))
    assert [block.panel for block in band_of(with_problem).chips] == ["health", "conventions"]


@pytest.mark.parametrize("name", lesson_names())
def test_the_numbers_of_a_band_are_large(qapp: object, name: str) -> None:
    """At least 4.5 % of the height of a stage of 1080 pixels, on one line if they fit; nothing overlaps."""
    width, height = STAGE
    scale = height / 540
    for shown in cards(name, Grain.NEURON):
        tall = band_height(shown, width, scale)
        layout = lay_out_band(shown, width, tall, scale)
        assert_tidy(layout, QRectF(0, 0, width, tall))
        assert all(row.size >= 0.045 * height for row in layout.formulas), shown.title
        words = [text.text for text in layout.texts]
        assert words == [shown.title, shown.text], "the sentence is never cut while there is room"


@pytest.mark.parametrize("name", lesson_names())
def test_a_band_of_the_usual_height_has_large_numbers_at_each_step(qapp: object, name: str) -> None:
    """Sums have fewer terms and matrices fewer rows there, instead of numbers below 4.5 % of the stage's height."""
    width, height = STAGE
    scale = height / 540
    for grain in (Grain.TERM, Grain.NEURON, Grain.LAYER):
        for shown in cards(name, grain):
            layout = lay_out_band(shown, width, BAND_HEIGHT * scale, scale)
            assert_tidy(layout, QRectF(0, 0, width, BAND_HEIGHT * scale))
            assert all(row.size >= 0.045 * height for row in layout.formulas), (grain, shown.title)


def test_a_matrix_is_written_on_one_line_where_the_room_is_low(qapp: object) -> None:
    session = replace(start_session(load("eleven-lines")), grain=Grain.LAYER)
    ends = [step.end for step in session.trace.at(Grain.LAYER)]
    shown = card(replace(session, position=ends[9]))
    assert shown.formula is not None
    assert shown.formula.flat_result.startswith(r"\left[\left[")
    assert shown.formula.flat_result.endswith(r"\cdots\right]"), "the other rows"
    layout = lay_out_band(shown, 1920, 236, 2.0)
    assert layout.formulas[-1].tex == shown.formula.flat_result


def test_a_missing_connection_is_a_dot_on_one_line_too() -> None:
    hidden = "{units=4,activation='sigmoid',bias=false,mask=[[0,1,1,1],[1,1,1,1],[1,1,1,1]]}"
    layers = f"network.layers=[{hidden},{{units=1,activation='sigmoid',bias=false}}]"
    session = start_session(load("eleven-lines", [layers, "network.init.scheme=xavier"]))
    gradients = next(step for step in session.trace.at(Grain.LAYER) if step.quantity == Quantity(Kind.DW, 0))
    shown = card(replace(session, grain=Grain.LAYER, position=gradients.end)).formula
    assert shown is not None
    assert shown.flat_result.startswith(r"\left[\left[\cdot")
    assert shown.flat_result.count(r"\cdot,") == 1


def test_a_formula_that_fits_is_on_one_line(qapp: object) -> None:
    layout = lay_out_band(koehn(12), 1920, 236, 2.0)
    assert len({row.origin.y() for row in layout.formulas}) == 1
    assert [row.role for row in layout.formulas] == ["symbols", "equals", "numbers", "equals", "result"]
    assert layout.chips[0].rect.right() == pytest.approx(1920 - 60)
    narrow = lay_out_band(koehn(12), 1000, 300, 2.0)
    assert len({row.origin.y() for row in narrow.formulas}) > 1


def test_a_formula_struck_through_stays_so_in_the_band(qapp: object) -> None:
    shown = koehn(12)
    assert shown.formula is not None
    wrong = r"\cancel{\Delta W = 0}\quad{\scriptstyle\text{as printed}}"
    rows = (wrong, *shown.formula.symbol_rows)
    struck = replace(shown, formula=replace(shown.formula, symbol_rows=rows))
    for way in band_of(struck).ways[:-1]:
        assert way[0][0].rows == (wrong,)
        assert way[-1][-1].role == "result"
    layout = lay_out_band(struck, 1920, 300, 2.0)
    assert layout.formulas[0].tex == wrong
    assert layout.formulas[0].origin.y() < layout.formulas[1].origin.y()
    assert_tidy(layout, QRectF(0, 0, 1920, 300))
    assert band_of(shown).ways[0][0][0].rows == (shown.formula.symbols_line,)


def test_a_band_is_drawn_in_its_rectangle_with_its_phase(qapp: object) -> None:
    palette = load_palette("dark")
    image = image_of((1000, 300), "light", lambda p, _: draw_band(p, QRectF(100, 50, 800, 200), koehn(12), palette))
    inside = image.copy(100, 50, 800, 200)
    assert inside.pixelColor(1, 100) == QColor(palette.backward)
    assert inside.pixelColor(700, 190) == QColor(palette.card)
    outside = {image.pixelColor(x, y).name() for x in range(0, 1000, 7) for y in (10, 40, 260, 290)}
    assert outside == {load_palette("light").card}


def test_a_band_before_the_first_step_has_the_lesson(qapp: object) -> None:
    layout = lay_out_band(koehn(0), 1920, 236, 2.0)
    assert [text.text for text in layout.texts] == [koehn(0).title, koehn(0).text]
    assert layout.formulas == ()


def test_the_caption_of_a_walk_is_never_shortened_and_stays_large(qapp: object) -> None:
    for at in (12, 20):
        shown = replace(koehn(at), is_captioned=True, text="Error terms go back through the weights. " * 5)
        layout = lay_out_band(shown, 1280, BAND_HEIGHT * 4 / 3, 4 / 3)
        assert_tidy(layout, QRectF(0, 0, 1280, BAND_HEIGHT * 4 / 3))
        assert layout.texts[1].text == shown.text
        assert layout.texts[1].layout.font().pixelSize() >= 0.026 * 720 - 0.5


def test_a_wrong_formula_beside_the_correct_one_comes_after_the_result(qapp: object) -> None:
    shown = koehn(12)
    assert shown.formula is not None
    row = rf"{shown.formula.symbol_rows[0]}\qquad \Delta W = \cancel{{\mu}}"
    ways = band_of(replace(shown, formula=replace(shown.formula, symbol_rows=(row,)))).ways
    assert [block.role for block in ways[0][0]] == ["symbols", "numbers", "result", "symbols"]
    assert [len(way) for way in ways[:2]] == [1, 2], "or above it"
    layout = lay_out_band(replace(shown, formula=replace(shown.formula, symbol_rows=(row,))), 1920, 300, 2.0)
    assert "cancel" in layout.formulas[0].tex or "cancel" in layout.formulas[-1].tex


def test_in_a_low_band_the_sentence_gives_way(qapp: object) -> None:
    """It has fewer sentences, then an ellipsis, and at last no room beside the formula; its type stays large."""
    shown = koehn(20)
    low = lay_out_band(shown, 1280, 132, 1.34)
    assert low.texts[1].text.endswith(".")
    assert shown.text.startswith(low.texts[1].text)
    assert low.texts[1].text != shown.text
    lower = lay_out_band(shown, 900, 168, 1.8)
    assert lower.texts[1].text.endswith("…")
    assert shown.text.startswith(lower.texts[1].text[:-1])
    for layout in (low, lower):
        assert layout.formulas
        assert layout.texts[1].layout.font().pixelSize() >= 0.86 * 14.5 * (layout.scale / 1.12)
    alone = lay_out_band(shown, 900, 132, 1.8)
    assert [text.role for text in alone.texts] == ["title"]
    assert all(row.size >= LEAST * 1.8 for row in alone.formulas)
