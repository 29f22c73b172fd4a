"""Walks in the window: opening and playing them, films of them, recording what is done live, and the walk editor."""
