"""A gradient check in small pieces between the window's events, so that nothing freezes however large the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from nnviz.engine.gradcheck import Difference, check_in_pieces
from nnviz.engine.record import PassRecord

PIECE_MS = 5  # of work at a time
REST_MS = 250  # how long a record must stand still, where records follow each other (training)
TOLD_MS = 120  # between two reports
AT_ONCE = 50_000  # parameters times examples, up to which the first piece is worked on at once


class CheckRun(QObject):
    """Compares the parameters of one record after another; `progressed` tells that more is known, or all of it.

    `differences` holds what is known of the present record, by flat index.
    """

    progressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.differences: dict[int, Difference] = {}
        self._record: PassRecord | None = None
        self._queue: deque[int] = deque()
        self._busy: set[int] = set()  # the parameter that is being compared, if one is
        self._each: Iterator[Difference | None] | None = None
        self._since_record, self._since_told = QElapsedTimer(), QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._work)

    @property
    def record(self) -> PassRecord | None:
        """The record that is checked."""
        return self._record

    @property
    def running(self) -> bool:
        """Whether anything is still to be compared."""
        return bool(self._queue or self._busy)

    @property
    def waiting(self) -> bool:
        """Whether it waits for the weights to stand still."""
        return self.running and not self.differences and self._timer.interval() > 0

    @property
    def asked(self) -> int:
        """How many parameters have been asked for, compared or not."""
        return len(self.differences) + len(self._busy) + len(self._queue)

    def start(self, record: PassRecord, parameters: Iterable[int]) -> None:
        """Forget what was known and compare these parameters of another record."""
        hurried = self._since_record.isValid() and self._since_record.elapsed() < REST_MS
        self._since_record.start()
        self._record, self._each, self.differences = record, None, {}
        self._queue = deque(parameters)
        self._busy.clear()
        self._since_told.start()
        small = record.architecture.parameter_count * len(record.examples) * record.time_steps <= AT_ONCE
        if small and not hurried:
            self._work()
        else:
            self._timer.start(REST_MS if hurried else 0)
            self.progressed.emit()

    def ask(self, parameters: Iterable[int]) -> None:
        """Compare these too, when the others are done."""
        waiting = set(self._queue)
        self._queue.extend(index for index in parameters if index not in self.differences and index not in waiting)
        self.resume()

    def ask_first(self, parameter: int) -> None:
        """Compare this one next, if it is not known."""
        known = parameter in self.differences or parameter in self._busy
        if not known and not (self._queue and self._queue[0] == parameter):
            self._queue.appendleft(parameter)
            self.resume()

    def resume(self) -> None:
        """Go on, after a pause or where there is more to do."""
        if self.running and not self._timer.isActive():
            self._timer.start(0)

    def pause(self) -> None:
        """Do nothing until it is resumed; what is known is kept."""
        self._timer.stop()

    def cancel(self) -> None:
        """Be content with what is known."""
        self._timer.stop()
        self._queue.clear()
        self._busy.clear()
        self._each = None
        self.progressed.emit()

    def _next(self) -> Iterator[int]:
        while self._queue:
            index = self._queue.popleft()
            if index not in self.differences:
                self._busy.add(index)
                yield index

    def _work(self) -> None:
        """One piece: at least one forward pass over the batch, and as many more as there is time for."""
        if self._record is None:
            return
        clock = QElapsedTimer()
        clock.start()
        if self._each is None:
            self._each = check_in_pieces(self._record, self._next())
        for difference in self._each:
            if difference is not None:
                self._busy.clear()
                self.differences[difference.parameter] = difference
            if clock.elapsed() >= PIECE_MS:
                break
        else:
            self._each = None
        if self.running:
            self._timer.start(0)
        if not self.running or self._since_told.elapsed() >= TOLD_MS:
            self._since_told.start()
            self.progressed.emit()
