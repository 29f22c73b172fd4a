"""Building a network in the window: each change makes another lesson, which can be undone."""
