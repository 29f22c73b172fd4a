"""Walks: a lesson in scenes, read from a file, played as moments, checked, recorded and written."""
