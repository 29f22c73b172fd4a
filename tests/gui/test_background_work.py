"""Work between the window's events: it belongs to one owner, ends when that changes, and fails once."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from nnviz.gui.kit.background_work import BackgroundWork, cancel_long_work


def counting(most: int, seen: list[int]) -> Iterator[int]:
    for number in range(most):
        seen.append(number)
        yield number
    return "done"


def made(parent: QObject, told: list[object], **settings: object) -> BackgroundWork:
    """Work that yields after each item, and notes what it tells."""
    return BackgroundWork(
        parent,
        report=lambda item: told.append(("report", item)),
        end=lambda result: told.append(("end", result)),
        leave=lambda: told.append("left"),
        slice_seconds=0.0,
        **settings,
    )


def test_work_goes_on_between_events_and_tells_its_end(qtbot) -> None:
    parent, told, seen = QObject(), [], []
    work = made(parent, told)
    work.begin(counting(5, seen), parent)
    assert seen == []
    qtbot.waitUntil(lambda: not work.is_under_way)
    assert (seen, told) == ([0, 1, 2, 3, 4], [("end", "done")])


def test_a_short_work_ends_at_once(qtbot) -> None:
    parent, told, seen = QObject(), [], []
    work = BackgroundWork(parent, end=told.append, slice_seconds=10)
    work.begin(counting(3, seen), at_once=True)
    assert told == ["done"]
    assert not work.is_under_way


def test_work_of_another_owner_is_dropped_and_new_work_replaces_the_old(qtbot) -> None:
    parent, told, seen = QObject(), [], []
    work = made(parent, told)
    one, other = object(), object()
    work.begin(counting(1000, seen), one)
    work.keep_for(one)
    assert work.is_under_way
    work.keep_for(other)
    assert not work.is_under_way
    later: list[int] = []
    work.begin(counting(1000, seen), one)
    work.begin(counting(3, later), other)
    qtbot.waitUntil(lambda: not work.is_under_way)
    assert (seen, later, told) == ([], [0, 1, 2], [("end", "done")])


def test_a_pause_keeps_the_work(qtbot) -> None:
    parent, told, seen = QObject(), [], []
    work = made(parent, told)
    work.begin(counting(1000, seen), parent)
    qtbot.waitUntil(lambda: len(seen) > 3)
    work.pause()
    count = len(seen)
    QTest.qWait(0)
    assert len(seen) == count
    work.resume()
    work.finish()
    assert len(seen) == 1000


def test_long_work_is_cancelled_and_short_work_is_not(qtbot) -> None:
    parent, told, seen = QObject(), [], []
    long, short = made(parent, told, report_every=0.0), made(parent, told, report_every=1000.0)
    long.begin(counting(10**6, seen))
    short.begin(counting(10**6, []))
    assert not cancel_long_work(parent)
    qtbot.waitUntil(lambda: long.is_long)
    assert cancel_long_work(parent)
    assert (told[0], told[-1]) == (("report", 0), "left")
    assert not long.is_under_way
    assert short.is_under_way
    short.drop()


def test_an_error_ends_the_work_wherever_it_is_raised(qtbot) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise MemoryError("no room")

    def fail(_: object) -> None:
        raise KeyError("a planted mistake")

    parent = QObject()
    works = [
        (BackgroundWork(parent, slice_seconds=0.0), failing(), MemoryError),
        (BackgroundWork(parent, slice_seconds=0.0, report=fail, report_every=0.0), counting(9, []), KeyError),
        (BackgroundWork(parent, slice_seconds=0.0, end=fail), counting(2, []), KeyError),
    ]
    for work, of, kind in works:
        with qtbot.captureExceptions() as errors:
            work.begin(of)
            qtbot.waitUntil(lambda errors=errors: bool(errors))
            QTest.qWait(5)
        assert [found for found, _, _ in errors] == [kind]
        assert not work.is_under_way


def test_work_that_drops_itself_does_nothing_more(qtbot) -> None:
    parent, seen = QObject(), []
    work = BackgroundWork(parent)

    def own() -> Iterator[int]:
        for number in range(5):
            seen.append(number)
            if number == 2:
                work.drop()
            yield number

    work.begin(own(), at_once=True)
    QTest.qWait(0)
    assert seen == [0, 1, 2]
    assert not work.is_under_way
