"""stub"""


def draw_curve(painter, rect, plots, palette, scale):
    painter.fillRect(rect, palette.card)


def draw_boundary(painter, rect, plots, palette, scale):
    painter.fillRect(rect, palette.card)
