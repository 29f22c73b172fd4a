"""Sentences: captions, the step card, and what the panels say, each in one file."""
