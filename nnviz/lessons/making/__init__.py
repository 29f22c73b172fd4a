"""Lessons that are made, not read: from values, from a few words on the command line, and their text as TOML."""
