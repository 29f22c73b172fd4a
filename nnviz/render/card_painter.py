"""stub"""


def draw_band(painter, rect, card, palette, scale):
    painter.fillRect(rect, palette.card)
