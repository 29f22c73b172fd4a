"""Lessons: files of a network, its data, a document's conventions and notation, and the figures it prints."""
