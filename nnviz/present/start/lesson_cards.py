"""The cards of the start page as data: bundled lessons and recent files, with topics, search and scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.debugger.state.prediction import Score
from nnviz.present.start.lesson_drawing import LessonDrawing, draw_network, drawing_of

if TYPE_CHECKING:
    from nnviz.lessons.lesson import Lesson
    from nnviz.lessons.summaries import Summary

ALL = "All"
RECENT = "Recent files"
WALKS = "Walks"
SAVED_SESSION, SAVED_WALK = "A saved session.", "A walk."
# The topics of the bundled lessons, from the easiest; a topic of the user's own lessons follows them by its name.
TOPICS = (
    *("First steps", "Classic examples", "Backward pass", "Training"),
    *("Recurrent", "Softmax", "As printed", "Large networks", WALKS),
)


@dataclass(frozen=True)
class LessonCard:
    """A card: `opens` is the lesson's name or the file. `note` is the score, `problem` why the file cannot be read."""

    opens: str
    title: str
    source: str
    summary: str
    topics: tuple[str, ...] = ()
    note: str = ""
    drawing: LessonDrawing | None = None
    problem: str = ""

    @property
    def spoken(self) -> str:
        """The card in words for a screen reader."""
        parts = (self.title, self.source, self.problem or self.summary, self.note)
        return " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)


def bundled_cards(summaries: Iterable[Summary]) -> tuple[LessonCard, ...]:
    """Return the cards of the bundled lessons, the easiest first, with drawings whose weights are not known yet."""
    return tuple(
        LessonCard(
            lesson.name,
            lesson.title,
            lesson.source,
            lesson.summary,
            lesson.topics,
            drawing=draw_network(lesson.sizes, lesson.recurrent),
        )
        for lesson in sorted(summaries, key=_difficulty)
    )


def walk_card(name: str, title: str, scenes: int, lesson: Summary) -> LessonCard:
    """Return the card of a bundled walk, with the network of its lesson."""
    return LessonCard(
        name,
        title,
        f"Walk · {lesson.title}",
        f"{scenes} scenes, shown on the whole screen.",
        (WALKS,),
        drawing=draw_network(lesson.sizes, lesson.recurrent),
    )


def _difficulty(lesson: Summary) -> tuple[int, int, str]:
    return _rank(lesson.topics[0] if lesson.topics else ""), sum(lesson.sizes), lesson.name


def _rank(topic: str) -> int:
    return TOPICS.index(topic) if topic in TOPICS else len(TOPICS)


def card_of_file(path: str, is_session: bool, is_walk: bool = False) -> LessonCard:
    """Return the card of a recent file before it is read."""
    place = Path(path)
    summary = SAVED_SESSION if is_session else SAVED_WALK if is_walk else ""
    return LessonCard(path, place.name, str(place.parent), summary, (RECENT,))


def card_of_lesson(card: LessonCard, lesson: Lesson) -> LessonCard:
    """Return a card with what its loaded lesson says; the card of a file keeps its folder."""
    if RECENT not in card.topics:
        return replace(card, drawing=drawing_of(lesson))
    topics = (RECENT, *lesson.topics)
    return replace(card, title=lesson.title, summary=lesson.summary, topics=topics, drawing=drawing_of(lesson))


def faulty_card(card: LessonCard, problem: str) -> LessonCard:
    """Return the card of a file that cannot be read."""
    return LessonCard(card.opens, card.title, card.source, "", card.topics, problem=problem)


def with_scores(cards: Iterable[LessonCard], scores: Mapping[str, Score]) -> tuple[LessonCard, ...]:
    """Return the cards with the learner's scores, which are kept by the names of lessons."""
    return tuple(replace(card, note=score_note(scores.get(_name(card), ()))) for card in cards)


def _name(card: LessonCard) -> str:
    return Path(card.opens).stem if RECENT in card.topics else card.opens


def score_note(score: Score) -> str:
    """Return how many of the values asked for were predicted correctly; empty if none was asked for."""
    asked = sum(tally.asked for _, tally in score)
    return f"{sum(tally.right for _, tally in score)} / {asked} predicted" if asked else ""


def topics_of(cards: Sequence[LessonCard]) -> tuple[str, ...]:
    """Return the filters: all, recent files, then the topics of the cards."""
    found = {topic for card in cards for topic in card.topics}
    recent = (RECENT,) if RECENT in found else ()
    return (ALL, *recent, *sorted(found - {RECENT}, key=lambda topic: (_rank(topic), topic)))


def matching(cards: Iterable[LessonCard], topic: str, words: str) -> tuple[LessonCard, ...]:
    """Return the cards that have a topic and in which each of the words occurs."""
    wanted = words.casefold().split()
    return tuple(card for card in cards if (topic == ALL or topic in card.topics) and _has(card, wanted))


def _has(card: LessonCard, wanted: Sequence[str]) -> bool:
    text = " ".join((card.opens, card.title, card.source, card.summary, *card.topics)).casefold()
    return all(word in text for word in wanted)
