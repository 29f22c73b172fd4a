"""The notes of the lecturer's view: what the step means, what the page has wrong, and what comes next."""

from __future__ import annotations

from nnviz.debugger.state.session import Session
from nnviz.present.words.card import card
from nnviz.present.words.printed_places import is_reached, place_of_erratum


def lecturer_notes(session: Session, following: Session | None) -> str:
    """Return the notes on a session's step; `following` is the session after the next step, if there is one."""
    lines = [card(session).text, *_errata(session)]
    if following is not None and following.step is not None:
        lines.append(f"Next: {card(following).title}.")
    return "\n\n".join(line for line in lines if line)


def _errata(session: Session) -> list[str]:
    """Return the errata of the document at the session's step."""
    found = []
    for erratum in session.lesson.errata:
        place = place_of_erratum(erratum)
        if place is not None and is_reached(session, place):
            found.append(f"Erratum, {erratum.where}: {erratum.text}")
    return found
