"""Presentation mode: the stage in a window of its own, its controls, and the lecturer's view."""
