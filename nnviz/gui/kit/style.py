"""The look of the window: Qt's Fusion style with the palette of nnviz, enlarged in presentation mode."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QStyleOptionComplex,
    QStyleOptionHeader,
    QStyleOptionMenuItem,
    QStyleOptionSlider,
    QStyleOptionTab,
    QToolTip,
    QWidget,
)

from nnviz.gui.kit.buttons import RADIUS, RING
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font

TEXT_SIZE = 13.0  # logical pixels at scale 1

_M = QStyle.PixelMetric
# metrics that grow with the type; line widths and frames stay thin
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

_P = QStyle.PrimitiveElement
_S = QStyle.SubControl
_C = QStyle.ControlElement
_NOT_SORTED = QStyleOptionHeader.SortIndicator.None_
THIN_METRICS = {_M.PM_ScrollBarExtent: 11, _M.PM_DockWidgetSeparatorExtent: 3}
INDICATORS = frozenset((_P.PE_IndicatorCheckBox, _P.PE_IndicatorRadioButton))
BUTTONS = frozenset((_P.PE_PanelButtonCommand, _P.PE_PanelButtonTool))
POPUPS = frozenset((_P.PE_FrameMenu, _P.PE_PanelMenu, _P.PE_PanelTipLabel))
# the gap between two cards serves as the handle; tabs of docks are drawn on the window's background
UNDRAWN = frozenset(
    (
        *(_P.PE_IndicatorDockWidgetResizeHandle, _P.PE_FrameTabBarBase, _P.PE_PanelScrollAreaCorner),
        *(_P.PE_IndicatorTabTearLeft, _P.PE_IndicatorTabTearRight),
    )
)
FRAMED_CONTROLS = frozenset((QStyle.ComplexControl.CC_ComboBox, QStyle.ComplexControl.CC_SpinBox))


def apply_theme(app: QApplication, palette: Palette, scale: float = 1.0) -> None:
    """Apply the theme's colours, the typeface and the scale to the whole application.

    Widgets follow with the next events. Views update those with their own font or colours (plots, formulas).
    """
    style = app.style()
    if not isinstance(style, ScaledStyle) or style.scale != scale:
        style = ScaledStyle(scale)
        app.setStyle(style)
        style.setParent(app)  # keeps the Python object alive, which Qt does not
    style.edge = palette.control_edge
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
    # Fusion draws a shadow of disabled text in Light; it must not be visible
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
    """Return "dark" if that is the system's color scheme, or else "light"."""
    return "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


def _outline(painter: QPainter, option: QStyleOption, role: QPalette.ColorRole, radius: float) -> None:
    """Paint the outline of a control in the theme's colour; Fusion's is invisible on a dark window."""
    focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(option.palette.color(QPalette.ColorRole.Accent if focused else role))
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def _draw_button(painter: QPainter, option: QStyleOption, scale: float, edge: str) -> None:
    """Paint the ground of a button: flat and rounded, with a ring if it has the keyboard focus, or else an edge."""
    role, state, flag = QPalette.ColorRole, option.state, QStyle.StateFlag
    fills = ((flag.State_Sunken, role.Mid), (flag.State_On, role.Highlight), (flag.State_MouseOver, role.Midlight))
    fill = next((color for wanted, color in fills if state & wanted and state & flag.State_Enabled), role.Button)
    ring = RING / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(option.palette.color(fill))
    focused = bool(state & flag.State_HasFocus)
    has_edge = bool(edge) and fill == role.Button and bool(state & flag.State_Enabled)
    outline = QPen(QColor(edge)) if has_edge else QPen(Qt.PenStyle.NoPen)
    painter.setPen(QPen(option.palette.color(role.Accent), RING) if focused else outline)
    painter.drawRoundedRect(QRectF(option.rect).adjusted(ring, ring, -ring, -ring), RADIUS * scale, RADIUS * scale)
    painter.restore()


def _draw_window_frame(painter: QPainter, option: QStyleOption) -> None:
    """Paint the frame of a floating panel, which has none from the window manager."""
    painter.save()
    painter.setBrush(option.palette.color(QPalette.ColorRole.Window))
    painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Dark), 2))
    painter.drawRect(QRectF(option.rect).adjusted(1, 1, -1, -1))
    painter.restore()


def _is_flat(option: QStyleOption) -> bool:
    """Return whether a button is drawn without a ground until the mouse is over it."""
    raised, hot = QStyle.StateFlag.State_AutoRaise, QStyle.StateFlag.State_MouseOver
    focused = QStyle.StateFlag.State_HasFocus
    return bool(option.state & raised) and not option.state & (hot | focused)


def _draw_rubber_band(painter: QPainter, option: QStyleOption) -> None:
    """Paint the place where a panel that is being dragged would be docked."""
    accent = QColor(option.palette.color(QPalette.ColorRole.Accent))
    wash = QColor(accent)
    wash.setAlphaF(0.22)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(accent, 3))
    painter.setBrush(wash)
    painter.drawRoundedRect(QRectF(option.rect).adjusted(3, 3, -3, -3), 9.0, 9.0)
    painter.restore()


def _scroll_bar_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """Return the rectangle of a part of the slim scroll bar, which has no arrows."""
    whole = option.rect
    if part == _S.SC_ScrollBarGroove:
        return whole
    upright = option.orientation == Qt.Orientation.Vertical
    length = whole.height() if upright else whole.width()
    span = option.maximum - option.minimum
    size = length if span <= 0 else max(28, length * option.pageStep // (span + option.pageStep))
    size = min(size, length)
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, length - size, option.upsideDown
    )
    before, after = (0, start), (start + size, length)
    ranges = {
        _S.SC_ScrollBarSlider: (start, start + size),
        _S.SC_ScrollBarSubPage: before,
        _S.SC_ScrollBarAddPage: after,
    }
    first, last = ranges.get(part, (0, 0))
    if upright:
        return QRect(whole.left(), whole.top() + first, whole.width(), last - first)
    return QRect(whole.left() + first, whole.top(), last - first, whole.height())


def _draw_scroll_bar(painter: QPainter, option: QStyleOptionSlider) -> None:
    """Paint a scroll bar as a rounded slider on the background of the scrolled widget."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Base))
    slider = QRectF(_scroll_bar_part(option, _S.SC_ScrollBarSlider)).adjusted(2.5, 2.5, -2.5, -2.5)
    hot = bool(option.state & QStyle.StateFlag.State_MouseOver) or bool(option.state & QStyle.StateFlag.State_Sunken)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(option.palette.color(QPalette.ColorRole.PlaceholderText if hot else QPalette.ColorRole.Mid))
    corner = min(slider.width(), slider.height()) / 2
    painter.drawRoundedRect(slider, corner, corner)
    painter.restore()


def _draw_tab(painter: QPainter, option: QStyleOptionTab, scale: float) -> None:
    """Paint a tab of docks that share an area: the front one as a small card, the others as muted text."""
    front = bool(option.state & QStyle.StateFlag.State_Selected)
    hot = bool(option.state & QStyle.StateFlag.State_MouseOver) or bool(option.state & QStyle.StateFlag.State_HasFocus)
    role = QPalette.ColorRole
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if front or hot:
        painter.setPen(option.palette.color(role.Mid) if front else Qt.PenStyle.NoPen)
        painter.setBrush(option.palette.color(role.Base if front else role.Midlight))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(6.5, 2.5, 0.5, -3.5), 6.0, 6.0)
    painter.setPen(option.palette.color(role.WindowText if front else role.PlaceholderText))
    painter.setFont(ui_font(12 * scale, QFont.Weight.DemiBold if front else QFont.Weight.Normal))
    text = option.text.replace("&", "")
    painter.drawText(option.rect.adjusted(6, 0, 0, -1), int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()


def _is_rule(option: QStyleOption) -> bool:
    """Return whether an entry of a menu is a separator without a title."""
    separator = QStyleOptionMenuItem.MenuItemType.Separator
    return isinstance(option, QStyleOptionMenuItem) and option.menuItemType == separator and not option.text


def _draw_rule(painter: QPainter, option: QStyleOption) -> None:
    """Paint the line between two groups of a menu; Fusion's is invisible on black."""
    middle = option.rect.center().y()
    painter.setPen(option.palette.color(QPalette.ColorRole.Mid))
    painter.drawLine(option.rect.left() + 5, middle, option.rect.right() - 5, middle)


def _draw_header(painter: QPainter, option: QStyleOption) -> None:
    """Paint the background of a table's column title: flat, with a line under it."""
    painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Base))
    painter.setPen(option.palette.color(QPalette.ColorRole.Mid))
    painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())


_ICONS_OF_DIALOGS = QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons
_MASK_OF_RUBBER_BAND = QStyle.StyleHint.SH_RubberBand_Mask  # the middle of one is painted as well


class ScaledStyle(QProxyStyle):
    """Fusion with its own outlines, and with indicators, scroll bars, icons and margins scaled by `scale`."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__("Fusion")
        self.scale = scale
        self.edge = ""  # the color of the outlines of buttons

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        size = THIN_METRICS.get(metric) or super().pixelMetric(metric, option, widget)
        # a negative size means that Qt computes the metric elsewhere
        if self.scale == 1.0 or size <= 0 or metric not in SCALED_METRICS:
            return size
        return round(size * self.scale)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,
    ) -> int:
        if hint is _ICONS_OF_DIALOGS or hint is _MASK_OF_RUBBER_BAND:  # thousands of calls while a window opens
            return 0
        return super().styleHint(hint, option, widget, returnData)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        sub: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        if control == QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            return _scroll_bar_part(option, sub)
        return super().subControlRect(control, option, sub, widget)  # type: ignore[arg-type]  # the stub lacks None

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element in UNDRAWN or (element == _P.PE_FrameFocusRect and isinstance(widget, QAbstractButton)):
            return  # a button has a ring
        if element == _P.PE_Frame:  # of a list or a text of several lines
            _outline(painter, option, QPalette.ColorRole.Mid, 2.0)
            return
        if element == _P.PE_FrameDockWidget:
            _draw_window_frame(painter, option)
            return
        if element in BUTTONS:
            if element == _P.PE_PanelButtonCommand or not _is_flat(option):
                _draw_button(painter, option, self.scale, self.edge)
            return
        super().drawPrimitive(element, option, painter, widget)
        if element in INDICATORS:
            round_one = element == _P.PE_IndicatorRadioButton
            radius = option.rect.width() / 2 if round_one else 2.0
            _outline(painter, option, QPalette.ColorRole.Dark, radius)
        elif element == _P.PE_FrameLineEdit:
            _outline(painter, option, QPalette.ColorRole.Mid, 2.0)
        elif element in POPUPS:
            _outline(painter, option, QPalette.ColorRole.Mid, 0.0)

    def _draw_menu_title(self, painter: QPainter, option: QStyleOptionMenuItem) -> None:
        """Paint a title of the menu bar, without the line that Fusion has below it."""
        role, align = QPalette.ColorRole, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
        is_open = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, option.palette.color(role.Highlight if is_open else role.Window))
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        text_role = role.HighlightedText if is_open else role.WindowText
        self.drawItemText(painter, option.rect, int(align), option.palette, enabled, option.text, text_role)

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element == _C.CE_TabBarTab and isinstance(option, QStyleOptionTab):
            _draw_tab(painter, option, self.scale)
        elif element == _C.CE_MenuBarItem and isinstance(option, QStyleOptionMenuItem):
            self._draw_menu_title(painter, option)
        elif element == _C.CE_MenuItem and _is_rule(option):
            _draw_rule(painter, option)
        elif element == _C.CE_MenuBarEmptyArea:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Window))
        elif element == _C.CE_RubberBand:
            _draw_rubber_band(painter, option)
        elif element in (_C.CE_HeaderSection, _C.CE_HeaderEmptyArea):
            _draw_header(painter, option)
        else:
            super().drawControl(element, option, painter, widget)

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        rect = super().subElementRect(element, option, widget)  # type: ignore[arg-type]  # the stub lacks None
        sorted_by = isinstance(option, QStyleOptionHeader) and option.sortIndicator != _NOT_SORTED
        if element == QStyle.SubElement.SE_HeaderLabel and sorted_by:
            rect.setRight(rect.right() - round(14 * self.scale))  # room for the arrow
        return rect

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control == QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            _draw_scroll_bar(painter, option)
            return
        super().drawComplexControl(control, option, painter, widget)
        if control in FRAMED_CONTROLS:
            _outline(painter, option, QPalette.ColorRole.Mid, 2.0)
