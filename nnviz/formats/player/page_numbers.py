"""The numbers of a page: each with its name, its value, where it becomes known, and what it was computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from nnviz.debugger.state.session import Session
from nnviz.debugger.why import one_number, position_of, start_trail
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import digits
from nnviz.present.words.why_text import WhyCard, why_card
from nnviz.tracing.steps import Quantity

GIVEN = -1  # the position of a number that is given to the pass


@dataclass
class PageNumbers:
    """A table of the numbers of every pass on a page; it grows while frames are written."""

    entries: list[list[Any]] = field(default_factory=list)
    passes: list[Session] = field(default_factory=list)
    _places: dict[tuple[int, Quantity], int] = field(default_factory=dict)

    def pass_of(self, session: Session) -> int:
        """Return the index of the pass of a session."""
        for index, other in enumerate(self.passes):
            same = other.trace is session.trace and other.notation == session.notation
            if same and other.convention == session.convention:
                return index
        self.passes.append(replace(session, position=session.trace.end, predicting=None, why=None, selection=None))
        return len(self.passes) - 1

    def place(self, session: Session, quantity: Quantity | None) -> int:
        """Return the place of a number, from 1, and add it with all that it was computed from; 0 for none."""
        if quantity is None:
            return 0
        of_pass = self.pass_of(session)
        quantity = one_number(session.trace, quantity)
        found = self._places.get((of_pass, quantity))
        return self._added(of_pass, quantity) if found is None else found

    def _added(self, of_pass: int, quantity: Quantity) -> int:
        """Add a number and, level by level, those that it was computed from; return its place."""
        first, waiting = len(self.entries) + 1, [quantity]
        while waiting:
            waiting = [part for number in waiting for part in self._add(of_pass, number)]
        self._fill(first)
        return first

    def _add(self, of_pass: int, quantity: Quantity) -> Iterable[Quantity]:
        """Add one number; return what it was computed from. Its parts are filled in when they have their places."""
        if (of_pass, quantity) in self._places:
            return ()
        session = self.passes[of_pass]
        card = why_card(start_trail(session, quantity))
        assert card is not None
        at = position_of(session.trace, quantity)
        self.entries.append(self._entry(of_pass, card, GIVEN if at is None else at, quantity))
        self._places[of_pass, quantity] = len(self.entries)
        return [part.quantity for part in card.factors if part.quantity.example is None]

    def _entry(self, of_pass: int, card: WhyCard, at: int, quantity: Quantity) -> list[Any]:
        voice = voice_of(self.passes[of_pass])
        parts = [
            part.quantity if part.quantity.example is None else f"{part.symbol} = {part.value}" for part in card.factors
        ]
        exact = digits(voice.number(quantity))
        return [card.title, card.symbol, card.value, at, card.text, parts, card.more, of_pass, exact]

    def _fill(self, first: int) -> None:
        """Replace the quantities among the parts of the numbers from a place on by their places."""
        for entry in self.entries[first - 1 :]:
            parts, of_pass = entry[5], entry[7]
            entry[5] = [self._places[of_pass, part] if isinstance(part, Quantity) else part for part in parts]
