"""The guide in the window: contents, text, search, and how it is opened."""
