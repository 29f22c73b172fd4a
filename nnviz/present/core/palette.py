"""The colours of a theme as data: the purpose of each, read from a file and checked, and their contrast."""

import difflib
import re
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache

from nnviz.resources import read_text, resource_names

PHASES = ("forward", "error", "backward", "update")
SERIES = 6  # colours that colour-blind people can distinguish; more would be too similar

_COLOR = re.compile(r"#[0-9a-f]{6}")


def theme_title(name: str) -> str:
    """Return a theme's name as menus show it."""
    return name.replace("-", " ").capitalize()


def palette_names() -> tuple[str, ...]:
    """Return the names of all themes, sorted."""
    return resource_names("themes", ".toml")


@lru_cache
def load_palette(name: str) -> "Palette":
    """Return the theme called `name`; raises ValueError, one line, if it is missing or wrong."""
    if name not in palette_names():
        raise ValueError(f"there is no theme {name!r}; known are {', '.join(palette_names())}")
    return parse_palette(name, read_text("themes", f"{name}.toml"))


def parse_palette(name: str, text: str) -> "Palette":
    """Return the palette that a theme file's `text` describes.

    Tables only group the keys for the reader. Raises ValueError, one line that names all that is wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"theme {name}: {error}") from None
    values: dict[str, object] = {}
    faults = []
    for key, value in table.items():
        for role, color in value.items() if isinstance(value, dict) else ((key, value),):
            if role in values:
                faults.append(f"{role} is defined twice")
            values[role] = color
    roles = {field.name: field.type for field in fields(Palette) if field.name != "name"}
    faults += [_unknown(role, roles) for role in values if role not in roles]
    faults += [f"{role} is missing" for role in roles if role not in values]
    faults += [fault for role in roles if role in values and (fault := _fault(role, values[role]))]
    if faults:
        raise ValueError(f"theme {name}: {'; '.join(faults)}")
    values["series"] = tuple(values["series"])  # type: ignore[arg-type]  # _fault has checked that it is a list
    return Palette(name=name, **values)  # type: ignore[arg-type]  # _fault has checked each value


def blend(a: str, b: str, t: float) -> str:
    """Return the opaque colour at the fraction `t` of the way from `a` to `b`, blended in sRGB."""
    return "#" + "".join(f"{round(x + (y - x) * t):02x}" for x, y in zip(_channels(a), _channels(b), strict=True))


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1, 1.4.3)."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of a "#rrggbb" colour, 0 to 1 (WCAG 2.1)."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _unknown(role: str, roles: dict[str, object]) -> str:
    near = difflib.get_close_matches(role, roles, n=1)
    return f"{role} is unknown" + (f" (did you mean {near[0]}?)" if near else "")


def _fault(role: str, value: object) -> str:
    """Return what is wrong with a role's value; empty if nothing is."""
    if role == "dark":
        return "" if isinstance(value, bool) else "dark must be true or false"
    if role == "series":
        good = isinstance(value, list) and len(value) == SERIES and all(map(_is_color, value))
        return "" if good else f'series must be {SERIES} colours "#rrggbb"'
    return "" if _is_color(value) else f'{role} must be a colour "#rrggbb" in lower case, not {value!r}'


def _is_color(value: object) -> bool:
    return isinstance(value, str) and _COLOR.fullmatch(value) is not None


@dataclass(frozen=True)
class Palette:
    """All colours of a theme, opaque "#rrggbb" strings.

    Text is readable (at least 4.5:1) on `card`. `text` and `muted` are also readable on window, controls, selection and
    washes; a phase on its wash; `on_accent` on the phases and signs; a chip's colour on its wash.
    """

    name: str
    dark: bool

    window: str  # behind the cards
    card: str  # behind what is read
    border: str
    grid: str  # lines of a plot
    text: str
    muted: str  # labels, explanations
    faint: str  # shapes, ticks; on cards only
    code_line_number: str
    control: str  # a button, a field
    control_edge: str  # its outline, as its ground where that is seen well enough
    control_hover: str
    control_active: str  # the chosen part of a segmented control
    control_text: str
    selection: str  # behind selected rows and text
    on_accent: str  # text on a strong colour
    breakpoint: str  # a mark, never text

    # the strong colour is for text and lit marks, soft for what the timeline has not reached, wash for halos
    forward: str
    forward_soft: str
    forward_wash: str
    error: str
    error_soft: str
    error_wash: str
    backward: str
    backward_soft: str
    backward_wash: str
    update: str
    update_soft: str
    update_wash: str

    # the number looked up, and its factors: text and rings; the background of the selected one
    why: str
    why_wash: str

    # signs of weights: text and highlighted edges, other edges, ends and middle of the decision boundary
    positive: str
    negative: str
    positive_edge: str
    negative_edge: str
    positive_region: str
    negative_region: str
    neutral_region: str

    # chips that compare a value with the printed result
    matched: str
    matched_wash: str
    differs: str
    differs_wash: str
    convention: str
    convention_wash: str

    series: tuple[str, ...]  # classes and runs, SERIES of them

    code_keyword: str
    code_number: str
    code_name: str
    code_operator: str
    code_comment: str

    def color_of(self, paint: str) -> str:
        """Return the color of a paint: of a role, of `series3`, or of "a b 25", a mixed with 25 % of b."""
        ground, *mix = paint.split()
        color = self._role(ground)
        return blend(color, self._role(mix[0]), int(mix[1]) / 100) if mix else color

    def _role(self, name: str) -> str:
        number = name.removeprefix("series")
        return self.series[int(number)] if number.isdecimal() else str(getattr(self, name))
