"""The layout of a recurrent layer's loop on the computation graph: below its z, with the label above its a."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nnviz.present.places.label import Rect

Point = tuple[float, float]
# The size of a box.
Size = tuple[float, float]

# A recurrent layer's z has a longer sum to name, and five arrows that come to it from below.
NARROWEST_LOOP = 300.0
BOX_GAP, ROW_GAP = 12.0, 24.0
LATER_WIDTH = 190.0
# The distance from the top of the row's room to its boxes, in which the arrows turn.
TURN = 34.0
_TURN_BACK, _TURN_FORWARD = 8.0, 20.0
# How far labels beside the chain's arrows extend under z; between them is the channel of the arrows from below.
_CARRY_REACH, _STRAIGHT_REACH = 48.0, 106.0
# The position of each arrow in the channel, from left to right, measured from its middle.
PAST, BACK_TO_W_H, W_H, B_H, BACK_TO_B_H = -40.0, -20.0, 0.0, 20.0, 40.0


@dataclass(frozen=True)
class LoopPlaces:
    """A recurrent layer's further boxes: its previous state, W_h and b_h; `later` is the label above its a.

    `channel` is the x in the middle of the arrows into z, `turn` the y at which the room for their turns begins.
    """

    past: Rect
    W_h: Rect
    b_h: Rect
    later: Rect
    channel: float
    turn: float

    @property
    def left(self) -> float:
        """The left edge of the row."""
        return self.past[0]

    @property
    def right(self) -> float:
        """The right edge of the row."""
        return self.b_h[0] + self.b_h[2]

    def moved(self, right: float) -> LoopPlaces:
        """Return the same places further right."""
        rects = {
            field.name: (value[0] + right, *value[1:])
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), tuple)
        }
        return LoopPlaces(**rects, channel=self.channel + right, turn=self.turn)

    def past_path(self, bottom: float) -> tuple[Point, ...]:
        """Return the arrow from the previous state to z, whose bottom is given."""
        x, y = self.past[0] + self.past[2] - 30.0, self.turn + _TURN_FORWARD
        return ((x, self.past[1]), (x, y), (self.channel + PAST, y), (self.channel + PAST, bottom))

    def weight_path(self, bottom: float) -> tuple[Point, ...]:
        """Return the arrow from W_h to z."""
        return ((self.channel + W_H, self.W_h[1]), (self.channel + W_H, bottom))

    def weight_path_back(self, bottom: float) -> tuple[Point, ...]:
        """Return the arrow from z back to W_h."""
        return ((self.channel + BACK_TO_W_H, bottom), (self.channel + BACK_TO_W_H, self.W_h[1]))

    def bias_path(self, bottom: float) -> tuple[Point, ...]:
        """Return the arrow from b_h to z."""
        x, y = self.b_h[0] + 26.0, self.turn + _TURN_FORWARD
        return ((x, self.b_h[1]), (x, y), (self.channel + B_H, y), (self.channel + B_H, bottom))

    def bias_path_back(self, bottom: float) -> tuple[Point, ...]:
        """Return the arrow from z back to b_h; it turns above the other one, so that they do not cross."""
        x, y = self.b_h[0] + 52.0, self.turn + _TURN_BACK
        return ((self.channel + BACK_TO_B_H, bottom), (self.channel + BACK_TO_B_H, y), (x, y), (x, self.b_h[1]))


def loop_places(z_width: float, slope_reach: float, turn: float, past: Size, W_h: Size, b_h: Size) -> LoopPlaces:
    """Return the loop of a layer whose z begins at x = 0; its row is below the height `turn`.

    `slope_reach` is how far the label under the gap after z extends under z.
    """
    channel = (_CARRY_REACH + z_width - max(slope_reach, _STRAIGHT_REACH)) / 2
    top = turn + TURN
    left = channel - W_h[0] / 2
    return LoopPlaces(
        past=(left - BOX_GAP - past[0], top, *past),
        W_h=(left, top, *W_h),
        b_h=(left + W_h[0] + BOX_GAP, top, *b_h),
        later=(0.0, 0.0, 0.0, 0.0),
        channel=channel,
        turn=turn,
    )
