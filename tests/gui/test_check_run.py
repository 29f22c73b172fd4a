"""The gradient check in pieces: it never holds the window up, it can be paused and cancelled, and it finds the same."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.gradcheck import check_gradients, check_in_pieces
from nnviz.gui.views.panels import check_run
from nnviz.gui.views.panels.check_run import CheckRun
from nnviz.lessons.catalog import load


@pytest.fixture
def session() -> Session:
    return start_session(load("graph-20-50-10"))


def test_pieces_find_what_the_whole_finds_one_forward_pass_at_a_time(session: Session) -> None:
    pieces = list(check_in_pieces(session.record, (3, 5)))
    assert pieces == [*[None] * 6, pieces[6], *[None] * 6, pieces[13]]
    assert (pieces[6], pieces[13]) == check_gradients(session.record, (3, 5))


def test_a_small_record_is_known_at_once_and_a_run_of_all_goes_on_between_events(
    qtbot: QtBot, session: Session
) -> None:
    run = CheckRun()
    run.start(start_session(load("koehn")).record, range(9))
    assert not run.running
    assert sorted(run.differences) == list(range(9))
    other = CheckRun()
    other.start(session.record, range(1560))
    assert other.running
    assert len(other.differences) < 1560
    qtbot.waitUntil(lambda: not other.running)
    found = tuple(other.differences[index] for index in range(1560))
    assert found == check_gradients(session.record, range(1560))


def test_what_is_asked_for_first_is_known_first(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_run, "AT_ONCE", 0)
    run = CheckRun()
    run.start(session.record, range(100))
    run.ask_first(1500)
    qtbot.waitUntil(lambda: bool(run.differences))
    assert next(iter(run.differences)) == 1500
    qtbot.waitUntil(lambda: not run.running)
    assert len(run.differences) == 101


def test_a_pause_keeps_what_is_known_and_a_cancel_is_content_with_it(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_run, "PIECE_MS", 0)
    run = CheckRun()
    run.start(session.record, range(1560))
    qtbot.waitUntil(lambda: len(run.differences) > 3)
    run.pause()
    known = dict(run.differences)
    qtbot.wait(0)
    assert run.differences == known
    assert run.running
    run.resume()
    qtbot.waitUntil(lambda: len(run.differences) > len(known))
    run.cancel()
    assert not run.running
    assert run.asked == len(run.differences) < 1560


def test_records_that_follow_each_other_wait_until_one_stands_still(qtbot: QtBot) -> None:
    run = CheckRun()
    koehn, sgd = start_session(load("koehn")).record, start_session(load("krzeminski-sgd")).record
    run.start(koehn, range(9))
    run.start(sgd, range(13))
    assert run.waiting
    assert run.differences == {}
    qtbot.waitUntil(lambda: not run.running)
    assert len(run.differences) == 13
    assert run.record is sgd
