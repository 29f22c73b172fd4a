"""A gradient check in small pieces between the window's events, so that even a large network blocks nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from nnviz.engine.gradcheck import Difference, check_in_pieces
from nnviz.engine.record import PassRecord
from nnviz.gui.kit.background_work import BackgroundWork

PIECE_MS = 5  # of work at a time
REST_MS = 250  # how long a record must stay the same before it is checked, during training
REPORT_MS = 120  # between two reports
AT_ONCE = 50_000  # parameters times examples up to which the first piece is computed at once


class CheckRun(QObject):
    """A comparison of gradients with central differences, record after record.

    `progressed` is emitted when more parameters have been compared, and at the end. `differences` holds the results
    for the current record by flat index.
    """

    progressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.differences: dict[int, Difference] = {}
        self._record: PassRecord | None = None
        self._queue: deque[int] = deque()
        self._busy: set[int] = set()  # the parameter being compared, if any
        self._since_record = QElapsedTimer()
        self._work = BackgroundWork(
            self,
            report=lambda _: self.progressed.emit(),
            end=lambda _: self.progressed.emit(),
            leave=self.cancel,
            slice_seconds=PIECE_MS / 1000,
            report_every=REPORT_MS / 1000,
        )

    @property
    def record(self) -> PassRecord | None:
        """The record being checked."""
        return self._record

    @property
    def running(self) -> bool:
        """True while parameters remain to be compared."""
        return bool(self._queue or self._busy)

    @property
    def waiting(self) -> bool:
        """True while it waits for the weights to stop changing."""
        return self.running and not self.differences and self._work.is_waiting

    @property
    def asked(self) -> int:
        """The number of parameters requested, compared or not."""
        return len(self.differences) + len(self._busy) + len(self._queue)

    def start(self, record: PassRecord, parameters: Iterable[int]) -> None:
        """Drop all results and compare these parameters of another record."""
        hurried = self._since_record.isValid() and self._since_record.elapsed() < REST_MS
        self._since_record.start()
        self._record, self.differences = record, {}
        self._queue = deque(parameters)
        self._busy.clear()
        small = record.architecture.parameter_count * len(record.examples) * record.time_steps <= AT_ONCE
        if small and not hurried:
            self._work.begin(self._comparing(record), record, at_once=True)
        else:
            self._work.begin(self._comparing(record), record, delay=REST_MS if hurried else 0)
            self.progressed.emit()

    def keep_for(self, record: PassRecord) -> None:
        """Drop the results and the remaining parameters unless they are of this record."""
        if self._record is not None and record is not self._record:
            self._record, self.differences = None, {}
            self.cancel()

    def ask(self, parameters: Iterable[int]) -> None:
        """Compare these parameters too, after the others."""
        waiting = set(self._queue)
        self._queue.extend(index for index in parameters if index not in self.differences and index not in waiting)
        self.resume()

    def ask_first(self, parameter: int) -> None:
        """Compare this parameter next, unless it has been compared."""
        known = parameter in self.differences or parameter in self._busy
        if not known and not (self._queue and self._queue[0] == parameter):
            self._queue.appendleft(parameter)
            self.resume()

    def resume(self) -> None:
        """Continue after a pause, or with newly requested parameters."""
        if not self.running or self._record is None:
            return
        if self._work.is_under_way:
            self._work.resume()
        else:
            self._work.begin(self._comparing(self._record), self._record)

    def pause(self) -> None:
        """Stop until `resume` is called; keep the results."""
        self._work.pause()

    def cancel(self) -> None:
        """Drop the remaining parameters; keep the results."""
        self._work.drop()
        self._queue.clear()
        self._busy.clear()
        self.progressed.emit()

    def _next(self) -> Iterator[int]:
        while self._queue:
            index = self._queue.popleft()
            if index not in self.differences:
                self._busy.add(index)
                yield index

    def _comparing(self, record: PassRecord) -> Iterator[None]:
        """Compare the requested parameters, one forward pass over the batch at a time."""
        try:
            for difference in check_in_pieces(record, self._next()):
                if difference is not None:
                    self._busy.clear()
                    self.differences[difference.parameter] = difference
                yield
        except Exception:
            self._queue.clear()
            self._busy.clear()
            raise
