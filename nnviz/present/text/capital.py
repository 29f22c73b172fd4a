"""The first letter of a sentence."""

from __future__ import annotations


def capital(text: str) -> str:
    """Return a text with a capital first letter; its other letters stay as they are, as in "ReLU" or "NaN"."""
    return f"{text[:1].upper()}{text[1:]}"
