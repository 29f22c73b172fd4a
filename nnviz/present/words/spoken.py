"""A step in words, as a screen reader says it."""

from __future__ import annotations

from nnviz.present.words.card import Card


def spoken(card: Card) -> str:
    """Return a card in words: place, title, formula, what has changed, and the explanation."""
    formula = "" if card.formula is None else ", ".join(text for text in card.formula.texts() if text)
    changed = f" Changed: {card.change}." if card.change else ""
    return f"{card.where}. {card.title}. {formula}.{changed} {card.text} {card.note}".rstrip()
