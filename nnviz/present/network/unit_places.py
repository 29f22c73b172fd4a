"""How a unit is drawn in the room of its row: as a disc or a plate, with its texts at their places (pure geometry)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.present.places.label import Label, Rect, centered, mono_width, tex_width

# The smallest type of figures, and the height of their rectangles as a part of their size.
SMALL, HEIGHT = 11.0, 1.25
PILL, TAG = 18.0, 16.0  # heights of the delta under a unit and of a bias
DELTA_CHARACTERS, BIAS_CHARACTERS = 8, (8, 6)
PLATE = 20.0
PLATE_FIGURE, PLATE_CHARACTERS = 12.0, 8
LEAST_ROW = 22.0  # with less room for each unit, a layer is drawn as a heat strip
# A disc from ROOMY on has z above its activation; from LARGE on in larger type.
LARGEST, LARGE, ROOMY, ONE_LINE = 44.0, 37.0, 33.0, 24.0
ABOVE = {True: 26.0, False: 22.0}  # the room of the name of a roomy disc, and of a smaller one
UNDER = 25.0  # the room of the delta
PLATE_ABOVE, PLATE_DELTA, PLATE_BIAS = 18.0, 20.0, 17.0
AIR = 4.0  # between the rows
LEVELS = 4  # of narrowness
MAPS, MAP_GAP = (26.0, 22.0, 18.0, 14.0), 5.0  # the largest radius of a map beside a plate by level, and its distance


@dataclass(frozen=True)
class Words:
    """What the layout needs to know of the notation: the widths of its names, in em or in characters."""

    name: float = 1.6  # em of the widest name of a unit
    high: float = 1.05  # em of the highest
    bias: int = 1  # characters
    loop_bias: int = 0  # characters; 0 without recurrent layers
    gradient: int = 1
    error: float = 7.0  # em of the formula of the error
    of_inputs: bool = False  # whether inputs have a gradient under them, as neurons have a delta
    has_maps: bool = False  # whether hidden neurons have a map, inside of a disc or beside a plate


@dataclass(frozen=True)
class UnitStyle:
    """How the units of a layer are drawn.

    `radius` is the disc's, or half the height of a plate `plate` wide. `name` is the size of the name, inside of the
    plate if `inside`. `figure` is the size of the activation. `delta` is below, right
    or shared with the activation; `bias` is at the corner, under the delta, shared with the delta, or none, and has at
    most `bias_characters`. `map_radius` is that of the map beside a plate, 0 without one.
    """

    radius: float
    plate: float
    name: float
    inside: bool
    figure: float
    has_z: bool
    delta: str
    bias: str
    bias_characters: int
    map_radius: float = 0.0

    @property
    def figures(self) -> float:
        """The width that the figure of a plate needs."""
        return mono_width(PLATE_CHARACTERS, self.figure) + 10.0

    @property
    def above(self) -> float:
        """The room over the center, down from the top of the row."""
        if self.inside:
            return self.radius
        return self.radius + (PLATE_ABOVE if self.plate else ABOVE[self.has_z])

    @property
    def below(self) -> float:
        """The room under the center."""
        if self.inside:
            return self.radius
        if not self.plate:
            return self.radius + UNDER
        return self.radius + PLATE_DELTA + (PLATE_BIAS if self.bias == "under" else 0.0)


@dataclass(frozen=True)
class UnitTexts:
    """The texts of a unit; empty ones are not shown. `loop_bias` is the one of the layer's loop.

    `figure` says what the text `a` is, if it is not the activation, and `letter` what `delta` is.
    """

    name: str
    z: str
    a: str
    figure: str = "a"
    delta: str = ""
    letter: str = "δ"
    bias: str = ""
    loop_bias: str = ""


def unit_style(row: float, level: int, words: Words, most: float = LARGEST) -> UnitStyle | None:
    """Return the style of units in rows of a height; None if only a strip fits.

    The higher the `level`, from 0 to 3, the narrower the units: biases have fewer characters, then no room of their
    own, and at last deltas beside plates have none. `most` is the largest radius.
    """
    largest = (ABOVE[True] - 1.0) / words.high
    style = UnitStyle(
        radius=0.0,
        plate=0.0,
        name=min(20.0, largest),
        inside=False,
        figure=15.0,
        has_z=True,
        delta="below",
        bias="corner" if level < 2 else "shared",
        bias_characters=BIAS_CHARACTERS[min(level, 1)],
    )
    radius = min(most, (row - ABOVE[True] - UNDER - AIR) / 2)
    if radius >= ROOMY:
        return replace(style, radius=radius, figure=15.0 if radius >= LARGE else 13.0)
    radius = min(most, ROOMY - 1, (row - ABOVE[False] - UNDER - AIR) / 2)
    if radius >= ONE_LINE:
        size = 13.0 if radius >= 29.0 else 12.0 if radius >= 26.0 else SMALL
        return replace(
            style, radius=radius, name=min(16.0, (ABOVE[False] - 1.0) / words.high), figure=size, has_z=False
        )
    plate = replace(style, radius=PLATE / 2, figure=PLATE_FIGURE, has_z=False)
    plate = replace(plate, plate=plate.figures, name=min(15.0, (PLATE_ABOVE - 1.0) / words.high))
    plate = replace(plate, map_radius=min(MAPS[level], (row - AIR) / 2) if words.has_maps else 0.0)
    if row >= PLATE_ABOVE + PLATE + PLATE_DELTA:
        under = row >= PLATE_ABOVE + PLATE + PLATE_DELTA + PLATE_BIAS and level < LEVELS - 1
        return replace(plate, bias="under" if under else "shared")
    if row < LEAST_ROW:
        return None
    delta = "right" if level < LEVELS - 1 else "shared"
    return _with_name_inside(replace(plate, inside=True, delta=delta, bias="shared"), words, 14.0)


def narrowed(style: UnitStyle, words: Words) -> UnitStyle:
    """Return a plate with its name inside, as narrow as legible type allows."""
    return _with_name_inside(replace(style, inside=True, delta="shared", figure=SMALL), words, 12.0)


def _with_name_inside(plate: UnitStyle, words: Words, most: float) -> UnitStyle:
    name = min(most, PLATE / words.high)
    return replace(plate, name=name, plate=plate.figures + name * words.name + 4.0)


def reach(style: UnitStyle, words: Words, is_input: bool) -> tuple[float, float]:
    """Return how far a unit and its texts reach to the left and to the right of its center."""
    half = max(style.radius, style.plate / 2, 0.0 if style.inside else words.name * style.name / 2)
    if is_input and not words.of_inputs:
        return half, half
    beside = style.plate / 2 + MAP_GAP + 2 * style.map_radius if style.map_radius else 0.0
    pill = delta_width(style) / 2
    left = right = max(half, pill) if style.delta == "below" else half
    if style.delta == "right":
        right = half + AIR + 2 * pill
    if is_input:
        return left, right
    if style.bias == "corner":
        left = max(left, 0.3 * style.radius + bias_width(style, words.bias))
        if words.loop_bias:
            right = max(right, 0.3 * style.radius + bias_width(style, words.loop_bias))
    if style.bias == "under":
        wide = bias_width(style, words.bias) + (bias_width(style, words.loop_bias) + AIR if words.loop_bias else 0.0)
        left, right = max(left, wide / 2), max(right, wide / 2)
    return max(left, beside), right


def delta_width(style: UnitStyle) -> float:
    """Return the width that is reserved for a delta, with its symbol."""
    return mono_width(DELTA_CHARACTERS + 2, SMALL) + 12.0


def bias_width(style: UnitStyle, symbol: int) -> float:
    """Return the width that is reserved for a bias whose symbol has a number of characters."""
    return mono_width(symbol + 1 + style.bias_characters, SMALL) + 8.0


def unit_rects(style: UnitStyle, x: float, y: float, words: Words, is_input: bool) -> tuple[Rect, ...]:
    """Return the rectangles that are reserved for a unit and its texts."""
    body = plate_rect(style, x, y) or centered(x, y, 2 * style.radius, 2 * style.radius)
    rects = [body]
    if style.map_radius:
        rects.append(map_rect(style, x, y))
    if not style.inside:
        rects.append(_name_rect(style, x, y, words.name * style.name))
    if style.delta != "shared" and (words.of_inputs or not is_input):
        rects.append(_delta_rect(style, x, y, delta_width(style)))
    if is_input:
        return tuple(rects)
    for symbol, side in ((words.bias, -1), (words.loop_bias, 1)):
        if symbol and style.bias in ("corner", "under"):
            rects.append(_bias_rect(style, x, y, bias_width(style, symbol), side, words.loop_bias > 0))
    return tuple(rects)


def unit_labels(style: UnitStyle, x: float, y: float, texts: UnitTexts) -> tuple[Label, ...]:
    """Return the texts of a unit with their places."""
    labels = []
    wide = tex_width(texts.name, style.name)
    if style.inside:
        left = x - style.plate / 2 + 5.0
        labels.append(Label("name", texts.name, (left, y - PLATE / 2, wide, PLATE), style.name))
    else:
        labels.append(Label("name", texts.name, _name_rect(style, x, y, wide), style.name))
    middle = x if not style.inside else x + (style.plate - style.figures) / 2
    if style.has_z and texts.z:
        labels.append(_figure("z", texts.z, x, y - 0.31 * style.radius, SMALL))
        labels.append(_figure("a", texts.a, x, y + 0.33 * style.radius, style.figure))
    elif texts.a:
        labels.append(_figure(texts.figure, texts.a, middle, y, style.figure))
    if texts.delta and style.delta != "shared":
        text = f"{texts.letter} {texts.delta}"
        rect = _delta_rect(style, x, y, mono_width(len(text), SMALL) + 12.0)
        labels.append(Label("delta", text, rect, SMALL))
    for role, text, side in (("bias", texts.bias, -1), ("loop bias", texts.loop_bias, 1)):
        if text:
            rect = _bias_rect(style, x, y, mono_width(len(text), SMALL) + 8.0, side, bool(texts.loop_bias))
            labels.append(Label(role, text, rect, SMALL))
    return tuple(labels)


def plate_rect(style: UnitStyle, x: float, y: float) -> Rect | None:
    """Return the plate of a unit; None if it is drawn as a disc."""
    return centered(x, y, style.plate, 2 * style.radius) if style.plate else None


def map_rect(style: UnitStyle, x: float, y: float) -> Rect:
    """Return the square around the map of a unit: the disc itself, or at the left of its plate."""
    if not style.plate:
        return centered(x, y, 2 * style.radius, 2 * style.radius)
    aside = style.plate / 2 + MAP_GAP + style.map_radius
    return centered(x - aside, y, 2 * style.map_radius, 2 * style.map_radius)


def wide_plate(labels: tuple[Label, ...], radius: float, x: float, y: float) -> Rect | None:
    """Return the plate under the figures of a disc that are wider than the disc at their height; None if they fit."""
    for label in labels:
        left, top, width, height = label.rect
        if label.role in ("z", "a"):
            edge = max(abs(top - y), abs(top + height - y)) - 0.2 * height
            chord = 2 * max(radius * radius - edge * edge, 0.0) ** 0.5
            if width > chord + 2.0:
                return (left - 5.0, top - 1.0, width + 10.0, height + 2.0)
    return None


def _figure(role: str, text: str, x: float, y: float, size: float) -> Label:
    return Label(role, text, centered(x, y, mono_width(len(text), size), HEIGHT * size), size)


def _name_rect(style: UnitStyle, x: float, y: float, width: float) -> Rect:
    high = (PLATE_ABOVE if style.plate else ABOVE[style.has_z]) - 1.0
    return (x - width / 2, y - style.radius - 0.5 - high, width, high)


def _delta_rect(style: UnitStyle, x: float, y: float, width: float) -> Rect:
    if style.delta == "right":
        return (x + style.plate / 2 + AIR, y - PILL / 2, width, PILL)
    return (x - width / 2, y + style.radius + (2.0 if style.plate else 6.0), width, PILL)


def _bias_rect(style: UnitStyle, x: float, y: float, width: float, side: int, both: bool) -> Rect:
    """Return the place of a bias: at the left (side -1) of a disc's lower rim, or under the delta; a loop's right."""
    if style.bias == "corner":
        edge = x + side * max(0.3 * style.radius, 0.82 * style.radius - width / 2)
        under = 0.33 * style.radius + HEIGHT * style.figure / 2 if style.has_z else 0.0
        top = y + max(0.75 * style.radius - TAG / 2 + 1.0, under + 1.0)
        return (edge - width if side < 0 else edge, top, width, TAG)
    if style.bias == "under":
        top = y + style.radius + PLATE_DELTA + 1.0
        if not both:
            return (x - width / 2, top, width, TAG)
        return (x - AIR / 2 - width if side < 0 else x + AIR / 2, top, width, TAG)
    return _delta_rect(style, x, y, width)  # where the delta is not known yet
