"""Every theme can be read by every eye: contrast of text, distance under colour blindness."""

import itertools
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from nnviz.present.core.palette import (
    PHASES,
    Palette,
    blend,
    contrast,
    load_palette,
    luminance,
    palette_names,
    parse_palette,
)
from nnviz.resources import read_text

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Ottosson 2020: linear RGB to cone responses, their cube roots to Oklab
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
CODE = ("code_keyword", "code_number", "code_name", "code_operator", "code_comment", "code_line_number")
SIGNS = ("positive", "negative")
CHIPS = ("matched", "differs", "convention")
WASHES = tuple(f"{phase}_wash" for phase in PHASES)

# (what is read, what it is read on)
TEXT_PAIRS = (
    *itertools.product(("text", "muted", "control_text"), ("window", "card", "control", "control_hover")),
    *itertools.product(("text", "muted"), ("control_active", "selection", *WASHES)),
    ("faint", "card"),
    *itertools.product(PHASES, ("card", "window")),
    *((phase, f"{phase}_wash") for phase in PHASES),
    *itertools.product(SIGNS, ("card",)),
    *itertools.product(("on_accent",), (*PHASES, *SIGNS)),
    *itertools.product(CHIPS, ("card",)),
    *((chip, f"{chip}_wash") for chip in CHIPS),
    *itertools.product(("why",), ("card", "window", "why_wash")),
    *itertools.product(("text", "muted"), ("why_wash",)),
    *itertools.product(CODE, ("card", *WASHES)),
)


@pytest.fixture(params=palette_names())
def palette(request: pytest.FixtureRequest) -> Palette:
    return load_palette(request.param)


def seen(color: str, eye: str) -> np.ndarray:
    """The Oklab place of a colour as an eye sees it."""
    srgb = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return OKLAB @ np.cbrt(CONES @ np.clip(EYES[eye] @ linear, 0, 1))


def distance(a: str, b: str, eye: str) -> float:
    """Oklab distance; about 0.02 is just noticeable side by side."""
    return float(np.linalg.norm(seen(a, eye) - seen(b, eye)))


def test_the_three_themes_are_there():
    assert set(palette_names()) == {"light", "dark", "high-contrast"}
    assert [load_palette(name).dark for name in ("light", "dark", "high-contrast")] == [False, True, True]


@pytest.mark.parametrize("pair", TEXT_PAIRS, ids=" on ".join)
def test_text_is_legible(palette: Palette, pair: tuple[str, str]):
    ink, ground = (getattr(palette, role) for role in pair)
    assert contrast(ink, ground) >= (7.0 if palette.name == "high-contrast" else 4.5)


def test_marks_stand_out_from_the_card(palette: Palette):
    for mark in (*palette.series, palette.breakpoint):
        assert contrast(mark, palette.card) >= 3.0, mark


@pytest.mark.parametrize("eye", EYES)
def test_phases_stay_apart(palette: Palette, eye: str):
    for a, b in itertools.combinations(PHASES, 2):
        assert distance(getattr(palette, a), getattr(palette, b), eye) >= 0.08, (a, b)


@pytest.mark.parametrize("eye", EYES)
def test_what_is_asked_about_stays_apart_from_the_step_and_the_weights(palette: Palette, eye: str):
    for role in (*PHASES, *SIGNS, "text"):
        assert distance(palette.why, getattr(palette, role), eye) >= 0.08, role


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("kind", ["", "_edge", "_region"])
def test_signs_stay_clearly_apart(palette: Palette, eye: str, kind: str):
    positive, negative = (getattr(palette, sign + kind) for sign in SIGNS)
    assert distance(positive, negative, eye) >= (0.22 if not kind else 0.12)


@pytest.mark.parametrize("eye", EYES)
def test_regions_stand_apart_from_the_middle_of_their_ramp(palette: Palette, eye: str):
    for sign in SIGNS:
        assert distance(getattr(palette, f"{sign}_region"), palette.neutral_region, eye) >= 0.2


@pytest.mark.parametrize("eye", EYES)
def test_series_stay_apart(palette: Palette, eye: str):
    for a, b in itertools.combinations(palette.series, 2):
        assert distance(a, b, eye) >= 0.06, (a, b)


def test_a_reached_cell_differs_from_one_not_reached(palette: Palette):
    for phase in PHASES:
        strong, soft = getattr(palette, phase), getattr(palette, f"{phase}_soft")
        assert abs(seen(strong, "normal")[0] - seen(soft, "normal")[0]) >= 0.2


def test_contrast_by_hand():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)
    assert contrast("#123456", "#123456") == 1.0
    assert luminance("#ff0000") == pytest.approx(0.2126)


def test_blend_by_hand():
    assert blend("#000000", "#ffffff", 0.5) == "#808080"
    assert blend("#102030", "#405060", 0.0) == "#102030"
    assert blend("#102030", "#405060", 1.0) == "#405060"


def test_a_palette_is_frozen(palette: Palette):
    with pytest.raises(FrozenInstanceError):
        palette.card = "#000000"  # type: ignore[misc]


def test_an_unknown_theme_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match=r"there is no theme '../light'; known are dark, high-contrast, light"):
        load_palette("../light")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('forward = "', 'forwrd = "', r"forwrd is unknown \(did you mean forward\?\); forward is missing"),
        ('"#f6f7f9"', '"#f6f7f980"', "window must be a colour"),
        ('"#f6f7f9"', "7", "window must be a colour .* not 7"),
        ("dark = false", 'dark = "no"', "dark must be true or false"),
        ('series = ["#0b6bcb", ', "series = [", "series must be 6 colours"),
        ("[data]", '[data]\ncard = "#ffffff"', "card is defined twice"),
        ("[phases]", "[phases", "theme broken: .*line"),
    ],
)
def test_a_wrong_theme_is_refused_in_one_line(old: str, new: str, message: str):
    text = read_text("themes", "light.toml")
    assert old in text
    with pytest.raises(ValueError, match=message) as caught:
        parse_palette("broken", text.replace(old, new, 1))
    assert "\n" not in str(caught.value)
