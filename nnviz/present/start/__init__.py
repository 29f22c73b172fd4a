"""The start page: its lesson cards, their small drawings, and the last session, as plain data."""
