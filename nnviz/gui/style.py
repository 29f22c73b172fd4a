"""How the window looks: Fusion under our own palette, and larger in presentation mode."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleOption, QToolTip, QWidget

from nnviz.gui.fonts import ui_font
from nnviz.present.palette import Palette

TEXT_SIZE = 13.0  # logical pixels at scale 1

_M = QStyle.PixelMetric
# what must grow with the type; line widths and frames stay thin
SCALED_METRICS = frozenset(
    (
        *(_M.PM_IndicatorWidth, _M.PM_IndicatorHeight),
        *(_M.PM_ExclusiveIndicatorWidth, _M.PM_ExclusiveIndicatorHeight),
        *(_M.PM_CheckBoxLabelSpacing, _M.PM_RadioButtonLabelSpacing),
        *(_M.PM_ScrollBarExtent, _M.PM_ScrollBarSliderMin),
        *(_M.PM_SliderThickness, _M.PM_SliderControlThickness, _M.PM_SliderLength),
        *(_M.PM_SmallIconSize, _M.PM_LargeIconSize, _M.PM_ButtonIconSize, _M.PM_ToolBarIconSize),
        *(_M.PM_ListViewIconSize, _M.PM_TabBarIconSize, _M.PM_MessageBoxIconSize),
        *(_M.PM_ButtonMargin, _M.PM_MenuButtonIndicator, _M.PM_HeaderMargin, _M.PM_HeaderMarkSize),
        *(_M.PM_TabBarTabHSpace, _M.PM_TabBarTabVSpace, _M.PM_TabBarScrollButtonWidth),
        *(_M.PM_ToolBarItemSpacing, _M.PM_ToolBarExtensionExtent, _M.PM_DockWidgetTitleMargin),
        *(_M.PM_LayoutLeftMargin, _M.PM_LayoutTopMargin, _M.PM_LayoutRightMargin, _M.PM_LayoutBottomMargin),
        *(_M.PM_LayoutHorizontalSpacing, _M.PM_LayoutVerticalSpacing),
        *(_M.PM_TreeViewIndentation, _M.PM_SplitterWidth, _M.PM_TextCursorWidth),
    )
)


def apply_theme(app: QApplication, palette: Palette, scale: float = 1.0) -> None:
    """Give the whole application the theme's colours, our typeface and everything `scale` times its size.

    Widgets that hold a font or colours of their own (plots, formulas) are themed anew by their views.
    """
    style = app.style()
    if not isinstance(style, ScaledStyle) or style.scale != scale:
        style = ScaledStyle(scale)
        app.setStyle(style)
        style.setParent(app)  # keeps the Python half alive: Qt alone would let it be collected
    colors = qt_palette(palette)
    app.setPalette(colors)
    QToolTip.setPalette(colors)
    font = ui_font(TEXT_SIZE * scale)
    app.setFont(font)
    QToolTip.setFont(font)


def qt_palette(palette: Palette) -> QPalette:
    """Return the theme as a QPalette, every role of the groups Active, Inactive and Disabled set."""
    role = QPalette.ColorRole
    colors = {
        role.Window: palette.window,
        role.WindowText: palette.text,
        role.Base: palette.card,
        role.AlternateBase: palette.window,
        role.Text: palette.text,
        role.PlaceholderText: palette.faint,
        role.Button: palette.control,
        role.ButtonText: palette.control_text,
        role.BrightText: palette.differs,
        role.Light: palette.control_active,
        role.Midlight: palette.control_hover,
        role.Mid: palette.border,
        role.Dark: palette.faint,
        role.Shadow: "#000000",
        role.Highlight: palette.selection,
        role.HighlightedText: palette.text,
        role.Accent: palette.forward,
        role.Link: palette.positive,
        role.LinkVisited: palette.backward,
        role.ToolTipBase: palette.card,
        role.ToolTipText: palette.text,
    }
    # Light is what Fusion etches disabled text with: it must not show
    texts = (role.WindowText, role.Text, role.ButtonText, role.HighlightedText)
    disabled = dict.fromkeys(texts, palette.faint)
    disabled |= {role.Light: palette.control, role.Highlight: palette.border, role.Accent: palette.faint}
    result = QPalette()
    for color_role, color in colors.items():
        result.setColor(QPalette.ColorGroup.All, color_role, QColor(color))
    for color_role, color in disabled.items():
        result.setColor(QPalette.ColorGroup.Disabled, color_role, QColor(color))
    return result


def system_scheme(app: QApplication) -> str:
    """Return "dark" where the system asks for it, "light" where it asks for that or does not say."""
    return "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


class ScaledStyle(QProxyStyle):
    """Fusion whose indicators, scroll bars, icons and margins are `scale` times as large."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__("Fusion")
        self.scale = scale

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        size = super().pixelMetric(metric, option, widget)
        # a negative size is Qt's way to say "ask elsewhere"
        if self.scale == 1.0 or size <= 0 or metric not in SCALED_METRICS:
            return size
        return round(size * self.scale)
