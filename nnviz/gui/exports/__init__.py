"""Exports from the window: the dialog, the work in slices, and the picture on the clipboard."""
