"""The tables of a page: every shape, formula, paint and outline once, and sequences as changes from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from typing import Any

from nnviz.formats.pictures.shapes import (
    MONO,
    DiscShape,
    FormulaShape,
    GroupShape,
    PathShape,
    RectShape,
    Shape,
    TextShape,
)
from nnviz.formats.pictures.svg_writer import DROP
from nnviz.present.places.glyphs import GlyphFormula, glyph_formula

Entry = list[Any]
ANCHORS = {"start": 0, "middle": 1, "end": 2}
_MONO_WEIGHTS = 10  # styles of text: weight / 100, and 10 more in the typeface of the window


class EntryTable:
    """Entries that are written once and referred to by their places."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def keep(self, key: Hashable, entry: Any) -> int:
        """Return the place of an entry that is already made."""
        return self.place(key, lambda: entry)

    def place(self, key: Hashable, make: Callable[[], Any]) -> int:
        """Return the place of an entry, which is made if it is new."""
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = len(self.entries)
            self.entries.append(make())
        return found


class PageTables:
    """The tables of a page, which grow while its frames are written."""

    def __init__(self) -> None:
        self.paints, self.glyphs, self.formulas, self.shapes = EntryTable(), EntryTable(), EntryTable(), EntryTable()
        self.paint("")

    def paint(self, paint: str) -> int:
        """Return the place of a paint; that of none is 0."""
        return self.paints.keep(paint, paint)

    def formula(self, tex: str) -> int:
        """Return the place of a formula."""
        return self.formulas.place(tex, lambda: self._formula(glyph_formula(tex)))

    def shape(self, shape: Shape, number: int) -> int:
        """Return the place of a shape that shows a number, which is 0 for none."""
        entry = _trimmed(self._shape(shape, number))
        return self.shapes.keep(tuple(entry), entry)

    def _formula(self, formula: GlyphFormula) -> Entry:
        """Return a formula: measures in 1/1000 em, speech, text, and runs of glyphs of one operand, size and line."""
        runs: list[Entry] = []
        for glyph in formula.glyphs:
            a, _, _, d, x, y = glyph.place
            outline: Any = [glyph.outline, round(glyph.stroke)] if glyph.stroke else glyph.outline
            place = self.glyphs.keep((glyph.outline, glyph.stroke), outline)
            head = [glyph.operand, round(1000 * a), round(1000 * d), round(y)]
            if not runs or runs[-1][:4] != head:
                runs.append(head)
            runs[-1] += [place, round(x)]
        measures = [round(1000 * size) for size in (formula.width, formula.ascent, formula.descent)]
        text = "" if formula.glyphs or formula.text == formula.speech else formula.text
        return [*measures, formula.speech, text, *runs]

    def _shape(self, shape: Shape, number: int) -> Entry:
        paint = self.paint
        match shape:
            case RectShape():
                rect = map(_short, (*shape.rect, shape.radius))
                ink = [paint(shape.fill), paint(shape.stroke), _short(shape.width)]
                return [0, *rect, *ink, number, shape.dash]
            case DiscShape():
                ink = [paint(shape.fill), paint(shape.stroke), _short(shape.width)]
                return [1, _short(shape.x), _short(shape.y), _short(shape.radius), *ink, number, shape.dash]
            case PathShape():
                return [2, shape.d, paint(shape.fill), paint(shape.stroke), _short(shape.width), number, shape.dash]
            case TextShape():
                style = shape.weight // 100 + (0 if shape.face == MONO else _MONO_WEIGHTS)
                place = [_short(shape.x), _short(shape.y + DROP * shape.size), _short(shape.size)]
                return [3, shape.text, *place, paint(shape.paint), style, ANCHORS[shape.anchor], number]
            case FormulaShape():
                place = [_short(shape.x), _short(shape.y), _short(shape.size)]
                return [4, self.formula(shape.tex), *place, paint(shape.paint), number]
            case GroupShape():
                raise ValueError("a page places its shapes itself")


def changes(sequences: Sequence[Sequence[int]]) -> list[Entry]:
    """Return sequences as changes from each to the next: [start, how many are removed, what is inserted …]."""
    before: Sequence[int] = ()
    made = []
    for sequence in sequences:
        made.append(_changed(before, sequence))
        before = sequence
    return made


def _changed(before: Sequence[int], after: Sequence[int]) -> Entry:
    """Return the changes from one sequence to another, the last place first."""
    if before == after:
        return []
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [[i, j - i, *after[k:m]] for kind, i, j, k, m in reversed(found) if kind != "equal"]


def _trimmed(entry: Entry) -> Entry:
    """Return an entry without the empty values at its end."""
    while entry and entry[-1] in (0, ""):
        entry = entry[:-1]
    return entry


def _short(number: float) -> float:
    """Return a coordinate, to a tenth."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded
