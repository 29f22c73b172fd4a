"""Worksheets: a pass as a solution that a teacher hands out, as a document, and its writers."""
