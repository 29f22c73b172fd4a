"""The regions of the stage: which parts a layout shows, and their rectangles for any size."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.present.places.label import Rect

# The layouts, with their titles in menus.
LAYOUTS = {
    "network": "Network",
    "graph": "Computation graph",
    "code": "Network and NumPy",
    "network+plots": "Network and plots",
    "plots": "Plots",
    "text": "Text",
}
DEFAULT_LAYOUT = "network"
# Layouts of plots: they have a caption and the progress of the run where the others have the formula and the timeline.
PLOTTED = ("network+plots", "plots")

# Heights below are for a stage of this height, and proportional for others.
HEIGHT = 1080.0
MARGIN = 60.0
TITLE_SIZE, HEADLINE_SIZE, SENTENCE_SIZE, FORMULA_SIZE = 28.5, 36.0, 28.5, 52.0
SMALLEST_NUMBER, SMALLER_NUMBER = 24.0, 17.5  # the first is 2.2 % of the height
PICTURE_TYPE = 11.0  # the smallest type of a picture, in its own units
_TITLE_BOTTOM, _BAND_TOP, _BAND_BOTTOM, _LINE_TOP, _LINE_BOTTOM = 74.0, 731.0, 1008.0, 1018.0, 1058.0
_CAPTION_TOP, _GAP, _SIDE = 902.0, 24.0, 8.0
LEAST_TYPE, MOST_TYPE = 0.7, 1.6  # the range of the user's scale


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The rectangles of a stage in pixels; None for what its layout does not show.

    `unit` is the size of a pixel of a stage 1080 pixels high, `type_scale` that of its type with the user's own scale.
    """

    unit: float
    type_scale: float
    title: Rect
    line: Rect
    network: Rect | None = None
    graph: Rect | None = None
    code: Rect | None = None
    loss: Rect | None = None
    boundary: Rect | None = None
    band: Rect | None = None
    caption: Rect | None = None
    text: Rect | None = None

    @property
    def picture_scale(self) -> float:
        """The pixels of a unit of a picture, so that its smallest number is 2.2 % of the stage's height.

        Beside plots the network has fewer numbers, and they are smaller.
        """
        return self.type_scale * (SMALLEST_NUMBER if self.band is not None else SMALLER_NUMBER) / PICTURE_TYPE


def regions(layout: str, width: float, height: float, scale: float = 1.0) -> Regions:
    """Return the regions of a stage of a layout; `scale` is the user's own scale of the type."""
    scale = min(max(scale, LEAST_TYPE), MOST_TYPE)
    unit = min(height / HEIGHT, width / (HEIGHT * 4 / 3))
    type_scale = unit * scale
    margin = MARGIN * unit
    band_top = height - (HEIGHT - _BAND_BOTTOM) * unit - (_BAND_BOTTOM - _BAND_TOP) * type_scale
    caption_top = height - (HEIGHT - _CAPTION_TOP) * unit - 30.0 * (type_scale - unit)
    top = _TITLE_BOTTOM * unit
    line_top = height - (HEIGHT - _LINE_TOP) * unit
    parts: dict[str, Rect] = {}
    if layout == "text":
        parts["text"] = (margin, top, width - 2 * margin, line_top - top)
    elif layout in PLOTTED:
        parts["caption"] = (margin, caption_top, width - 2 * margin, line_top - caption_top)
        parts |= _plots(layout, width, unit, top, caption_top)
    else:
        parts["band"] = (0.0, band_top, width, height - (HEIGHT - _BAND_BOTTOM) * unit - band_top)
        side = _SIDE * unit
        room = (side, top, width - 2 * side, band_top - top)
        if layout == "code":
            share = 0.56 * width
            parts["network"] = (room[0], top, share - room[0], room[3])
            gap = _GAP * unit
            parts["code"] = (share + gap, top + gap, width - margin - share - gap, room[3] - 2 * gap)
        else:
            parts[layout] = room
    return Regions(
        unit=unit,
        type_scale=type_scale,
        title=(margin, 20.0 * unit, width - 2 * margin, (_TITLE_BOTTOM - 20.0) * unit),
        line=(margin, line_top, width - 2 * margin, (_LINE_BOTTOM - _LINE_TOP) * unit),
        **parts,
    )


def _plots(layout: str, width: float, unit: float, top: float, bottom: float) -> dict[str, Rect]:
    """Return network, loss and boundary: the plots one over the other at the right, or large beside each other."""
    margin, gap = MARGIN * unit, _GAP * unit
    top, bottom = top + 0.7 * gap, bottom - gap
    if layout == "network+plots":
        left, height = 0.6 * width, (bottom - top - gap) / 2
        wide = width - margin - left
        return {
            "network": (margin / 2, top, left - gap - margin / 2, bottom - top),
            "loss": (left, top, wide, height),
            "boundary": (left, top + height + gap, wide, height),
        }
    left, wide = 0.34 * width, (width - margin - 0.34 * width - gap) / 2
    return {
        "network": (margin / 2, top, left - gap - margin / 2, bottom - top),
        "loss": (left, top, wide, bottom - top),
        "boundary": (left + wide + gap, top, wide, bottom - top),
    }


def area(rect: Rect | None) -> float:
    """Return the area of a region; 0 for one that is not shown."""
    return 0.0 if rect is None else rect[2] * rect[3]
