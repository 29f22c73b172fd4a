"""The training strip: it shows a state, tells the user's gestures, and fits into a narrow window."""

from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nnviz.engine.optimizers import OPTIMIZERS, Rates
from nnviz.engine.schedule import RateSchedule
from nnviz.engine.training import TrainingSettings
from nnviz.gui.views.chrome.controls import parse_rate
from nnviz.gui.views.training.training_strip import OPTIMIZER_TITLES, StripState, TrainingStrip
from nnviz.present.core.palette import load_palette
from nnviz.tables.numerals import NumeralError

STATE = StripState(epoch=4812, loss=0.00413, accuracy=1.0, examples=4, settings=TrainingSettings(rates=Rates(0.12345)))


@pytest.fixture
def strip(qtbot: QtBot) -> TrainingStrip:
    strip = TrainingStrip()
    qtbot.addWidget(strip)
    strip.set_theme(load_palette("light"), 1.0)
    strip.render_state(STATE)
    strip.resize(880, 44)
    strip.show()
    return strip


def type_rate(qtbot: QtBot, strip: TrainingStrip, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    strip.rate.setFocus()
    strip.rate.selectAll()
    qtbot.keyClicks(strip.rate, text)
    qtbot.keyClick(strip.rate, key)


def test_readouts(strip: TrainingStrip):
    assert strip.epoch.text.replace("\N{NARROW NO-BREAK SPACE}", " ") == "4 812"
    assert strip.loss.text == "0.00413"
    assert strip.accuracy.text == "4 / 4"
    assert strip.rate.text() == "0.12345"
    strip.render_state(replace(STATE, accuracy=None, loss=None))
    assert (strip.accuracy.text, strip.loss.text) == ("—", "—")
    strip.render_state(replace(STATE, accuracy=0.5, examples=200))
    assert strip.accuracy.text.startswith("50.0")


def test_showing_a_state_tells_nothing(qtbot: QtBot, strip: TrainingStrip):
    settings = TrainingSettings(optimizer="adam", rates=Rates(0.0004), update_after=3)
    with qtbot.assertNotEmitted(strip.settings_changed):
        strip.render_state(replace(STATE, settings=settings, examples=10))
    assert strip.optimizer.currentText() == "Adam"
    assert strip.mini_batch.value() == 3
    assert strip.mini_batch.isVisible()
    assert strip.batch_size.current() == 2
    assert strip.rate.text() == "0.0004"


def test_the_three_buttons(qtbot: QtBot, strip: TrainingStrip):
    for button, signal in (
        (strip.train, strip.train_toggled),
        (strip.one_epoch, strip.epoch_requested),
        (strip.reset, strip.reset_requested),
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_train_turns_into_pause(strip: TrainingStrip):
    assert strip.train.accessibleName() == "Train"
    assert "(T)" in strip.train.toolTip()
    strip.render_state(replace(STATE, running=True))
    assert strip.train.accessibleName() == "Pause"
    assert "(T)" in strip.train.toolTip()


@pytest.mark.parametrize(
    ("text", "rate"), [("0.123456789", 0.123456789), ("1e-4", 1e-4), ("3", 3.0), (" 0,5 ", 0.5), ("1e300", 1e300)]
)
def test_a_learning_rate_keeps_all_its_digits(qtbot: QtBot, strip: TrainingStrip, text: str, rate: float):
    with qtbot.waitSignal(strip.settings_changed) as told:
        type_rate(qtbot, strip, text)
    assert told.args[0] == replace(STATE.settings, rates=Rates(rate))
    assert float(strip.rate.text()) == rate


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "nan", "inf", "1e999", "0.1.2"])
def test_a_wrong_learning_rate_is_marked_and_changes_nothing(qtbot: QtBot, strip: TrainingStrip, text: str):
    with pytest.raises(NumeralError):
        parse_rate(text)
    with qtbot.assertNotEmitted(strip.settings_changed):
        strip.rate.setFocus()
        strip.rate.selectAll()
        qtbot.keyClick(strip.rate, Qt.Key.Key_Delete)
        type_rate(qtbot, strip, text)
    assert strip.rate.is_wrong
    assert "0.12345" in strip.rate.toolTip()
    qtbot.keyClick(strip.rate, Qt.Key.Key_Escape)
    assert not strip.rate.is_wrong
    assert strip.rate.text() == "0.12345"


def test_the_same_learning_rate_is_no_change(qtbot: QtBot, strip: TrainingStrip):
    with qtbot.assertNotEmitted(strip.settings_changed):
        type_rate(qtbot, strip, "0.123450")
    assert strip.rate.text() == "0.12345"


def test_a_state_does_not_overwrite_what_is_being_typed(qtbot: QtBot, strip: TrainingStrip):
    with qtbot.waitActive(strip):
        strip.activateWindow()
    strip.rate.setFocus()
    strip.rate.selectAll()
    qtbot.keyClicks(strip.rate, "0.9")
    strip.render_state(replace(STATE, epoch=4813, settings=replace(STATE.settings, optimizer="adam")))
    assert strip.rate.text() == "0.9"


def test_update_after(qtbot: QtBot, strip: TrainingStrip):
    def click(index: int) -> None:
        place: QPoint = strip.batch_size.center_of(index).toPoint()
        qtbot.mouseClick(strip.batch_size, Qt.MouseButton.LeftButton, pos=place)

    assert not strip.mini_batch.isVisible()
    for index, choice in ((1, "batch"), (2, 2)):
        with qtbot.waitSignal(strip.settings_changed) as told:
            click(index)
        assert told.args[0].update_after == choice
        strip.render_state(replace(STATE, settings=told.args[0]))
    with qtbot.waitSignal(strip.settings_changed) as told:
        strip.mini_batch.stepUp()
    assert told.args[0].update_after == 3
    assert strip.mini_batch.maximum() == STATE.examples


def test_update_after_by_keys(qtbot: QtBot, strip: TrainingStrip):
    with qtbot.waitSignal(strip.settings_changed) as told:
        qtbot.keyClick(strip.batch_size, Qt.Key.Key_Right)
    assert told.args[0].update_after == "batch"
    with qtbot.assertNotEmitted(strip.settings_changed):
        qtbot.keyClick(strip.batch_size, Qt.Key.Key_Left)


def test_every_optimizer_can_be_chosen(qtbot: QtBot, strip: TrainingStrip):
    assert set(OPTIMIZER_TITLES) == set(OPTIMIZERS)
    titles = [strip.optimizer.itemText(i) for i in range(strip.optimizer.count())]
    assert titles == list(OPTIMIZER_TITLES.values())
    assert titles[:4] == ["SGD", "Momentum", "RMSprop", "Adam"]
    strip.optimizer.setFocus()
    with qtbot.waitSignal(strip.settings_changed) as told:
        qtbot.keyClick(strip.optimizer, Qt.Key.Key_Down)
    assert told.args[0].optimizer == "momentum"


def test_a_message_and_its_resume_button(qtbot: QtBot, strip: TrainingStrip):
    assert not strip.message.isVisible()
    low = strip.minimumSizeHint().height()
    strip.render_state(replace(STATE, message="The training process stopped unexpectedly.", problem=True, resume=True))
    assert strip.message.isVisible()
    assert strip.minimumSizeHint().height() == low, "it is placed outside the strip, so that nothing moves"
    with qtbot.waitSignal(strip.train_toggled):
        qtbot.mouseClick(strip.message.resume, Qt.MouseButton.LeftButton)
    strip.render_state(replace(STATE, message="Finished 10 000 epochs"))
    assert not strip.message.resume.isVisible()
    strip.render_state(STATE)
    assert not strip.message.isVisible()
    assert strip.minimumSizeHint().height() == low


@pytest.mark.parametrize("width", [620, 700, 800, 880, 1200])
@pytest.mark.parametrize("update_after", ["example", 3])
def test_nothing_is_clipped(qtbot: QtBot, strip: TrainingStrip, width: int, update_after: str | int):
    long = replace(STATE, epoch=1_234_567, loss=1e-7, settings=replace(STATE.settings, update_after=update_after))
    strip.render_state(long)
    strip.resize(width, strip.heightForWidth(width))
    qtbot.waitUntil(lambda: strip.width() == width)
    shown = [widget for widget in strip.findChildren(QWidget) if widget.isVisible() and widget.width() > 0]
    rects = [(widget, widget.rect().translated(widget.mapTo(strip, QPoint()))) for widget in shown]
    for widget, rect in rects:
        assert strip.rect().contains(rect), widget
    controls = [strip.train, strip.one_epoch, strip.reset, strip.epoch, strip.loss, strip.accuracy]
    controls += [strip.rate, strip.batch_size, strip.mini_batch, strip.optimizer]
    places = [rect for widget, rect in rects if widget in controls]
    assert len(places) == len(controls) - (0 if strip.mini_batch.isVisible() else 1)
    for i, rect in enumerate(places):
        assert not any(rect.intersects(other) for other in places[i + 1 :])


def test_wide_enough_it_is_one_line_high(strip: TrainingStrip):
    assert strip.heightForWidth(880) <= 44
    assert strip.heightForWidth(620) > 44


def test_readouts_grow_and_do_not_shrink(strip: TrainingStrip):
    strip.render_state(replace(STATE, epoch=123_456_789))
    wide = strip.epoch.sizeHint().width()
    strip.render_state(replace(STATE, epoch=1))
    assert strip.epoch.sizeHint().width() == wide


def test_tab_walks_through_the_controls_and_each_has_a_name(qtbot: QtBot, strip: TrainingStrip):
    order = [strip.train, strip.one_epoch, strip.reset, strip.rate, strip.batch_size, strip.optimizer]
    with qtbot.waitActive(strip):
        strip.activateWindow()
    strip.train.setFocus()
    for widget in order:
        assert strip.focusWidget() is widget
        assert widget.accessibleName()
        assert widget is strip.batch_size or widget.toolTip()
        qtbot.keyClick(widget, Qt.Key.Key_Tab)


def type_constant(qtbot: QtBot, strip: TrainingStrip, name: str, text: str) -> None:
    field = strip.numbers.fields[name]
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_constants_of_an_optimizer_are_fields_as_its_row_declares_them(
    qtbot: QtBot, strip: TrainingStrip, name: str
):
    strip.render_state(replace(STATE, settings=replace(STATE.settings, optimizer=name)))
    constants = OPTIMIZERS[name].all_constants
    assert [*strip.numbers.fields][: len(constants)] == [constant.name for constant in constants]
    for constant in constants:
        field = strip.numbers.fields[constant.name]
        assert float(field.text()) == constant.default
        assert constant.description in field.toolTip()
        with qtbot.waitSignal(strip.settings_changed) as told:
            type_constant(qtbot, strip, constant.name, "0.25")
        assert told.args[0].rates == replace(STATE.settings.rates, **{constant.name: 0.25})
        strip.render_state(replace(strip.state, settings=strip.state.settings))
        strip.numbers.show_settings(strip.state.settings)


def test_a_schedule_of_the_rate_brings_its_constants(qtbot: QtBot, strip: TrainingStrip):
    numbers = strip.numbers
    strip.render_state(STATE)
    assert [numbers.fields[name].isHidden() for name in ("clip", "decay", "decay_every")] == [False, True, True]
    with qtbot.waitSignal(strip.settings_changed) as told:
        numbers.schedule.setCurrentIndex(numbers.schedule.findText("Inverse"))
        numbers.schedule.activated.emit(numbers.schedule.currentIndex())
    assert told.args[0].rate_schedule == RateSchedule("inverse")
    assert not numbers.fields["decay"].isHidden()
    with qtbot.waitSignal(strip.settings_changed) as told:
        type_constant(qtbot, strip, "decay", "0.25")
    assert told.args[0].rate_schedule == RateSchedule("inverse", 0.25)


def test_a_half_typed_constant_is_dropped_when_the_window_is_deleted(qtbot: QtBot):
    window = QWidget()
    strip = TrainingStrip()
    strip.setParent(window)
    strip.set_theme(load_palette("light"), 1.0)
    strip.render_state(STATE)
    window.show()
    field, menu = strip.numbers.fields["clip"], strip.numbers.menu()
    menu.popup(QPoint(10, 10))
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "-")
    with qtbot.captureExceptions() as errors:
        shiboken6.delete(window)
    assert not errors


def test_a_wrong_constant_is_marked_and_not_told(qtbot: QtBot, strip: TrainingStrip):
    strip.render_state(replace(STATE, settings=replace(STATE.settings, optimizer="adam")))
    with qtbot.assertNotEmitted(strip.settings_changed):
        type_constant(qtbot, strip, "beta1", "1.5")
    field = strip.numbers.fields["beta1"]
    assert "at least 0 and below 1" in field.toolTip()
    assert field.text() == "1.5"
