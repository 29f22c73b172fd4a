"""Lessons: files with a network, its data, and a document's conventions, notation, printed results and errata."""
