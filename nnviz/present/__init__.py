"""From a session to data to draw, without Qt."""
