"""The views of the start page."""
